//! The rows of a leg: found from the row around, with the value of their conditions, and joined back
//! by its key.

use crate::expr::{Expr, Type};
use crate::lower::block::{Block, Place, key_column};
use crate::lower::{Lowering, from};
use crate::step::{JoinKind, StepId};
use types::{Kind, Row, Rows, RowsSource};

/// A leg's rows: the step, and the names of the columns that identify the row around.
pub(crate) struct LegRows {
    pub(crate) step: StepId,
    pub(crate) key: Vec<(String, Type)>,
    /// The key of the row around, in the outer block.
    pub(super) outer: Vec<Expr>,
    /// Whether the conditions of all its rows are true.
    pub(super) certain: bool,
}

impl Lowering<'_> {
    /// The rows of a leg with the value of their conditions (`test`) and further columns, made of `reads`.
    pub(crate) fn leg_rows(
        &mut self,
        block: &mut Block,
        rows: &Rows,
        reads: &[&types::Expr],
        extra: impl FnOnce(&mut Self, &mut Block) -> Vec<(String, Expr)>,
    ) -> LegRows {
        for step in &rows.steps {
            self.entities.insert(step.row.id, step.row.entity);
            if let RowsSource::Episodes { .. } = &step.source {
                self.episodes.insert(step.row.id);
            }
        }
        let mut inner = self.leg_block(block, rows, reads);
        let around = inner.key.clone();
        // A leg inside this one is around each of these rows, not around the row that they are around.
        for step in &rows.steps {
            let own = match &step.source {
                RowsSource::Episodes { each_code, .. } => self.episode_key(&mut inner, &step.row, *each_code),
                RowsSource::Relation(..) | RowsSource::Carried { .. } | RowsSource::Inherited(_) => {
                    self.key_of(&mut inner, &step.row)
                }
            };
            inner.key.extend(own);
        }
        let mut tests = Vec::new();
        let mut filter = Vec::new();
        for step in &rows.steps {
            if let RowsSource::Inherited(_) = &step.source {
                tests.push(self.is_certain(&mut inner, &step.row));
            }
            for condition in &step.conditions {
                let test = self.expr(&mut inner, condition);
                if two_valued(self.model, condition) {
                    filter.push(test);
                } else {
                    // A row for which a condition is false is neither true nor unknown.
                    filter.push(Expr::IsTrue(Box::new(test.clone().not())).not());
                    tests.push(test);
                }
            }
        }
        let certain = tests.is_empty();
        let test = if certain { Expr::bool(true) } else { Expr::and(tests) };
        let more = extra(self, &mut inner);
        let mut key: Vec<(String, Type)> = Vec::new();
        let mut columns = Vec::new();
        for expr in around {
            let base = match &expr {
                Expr::Column { column, .. } => column.clone(),
                _ => "key".to_owned(),
            };
            let taken = |name: &String| key.iter().any(|(known, _)| known == name);
            let mut name = base.clone();
            let mut number = 2;
            while taken(&name)
                || matches!(name.as_str(), "test" | "value" | "day" | "kept" | "yes" | "unknown")
            {
                name = format!("{base}_{number}");
                number += 1;
            }
            key.push((name.clone(), expr.ty()));
            columns.push((name, expr));
        }
        columns.push(("test".to_owned(), test));
        columns.extend(more);
        let select = inner.select(columns, filter);
        let step = self.select(
            &step_name(&rows.words, "rows"),
            format!("{}, with what is asked of them", rows.words),
            select,
        );
        LegRows { step, key, outer: block.key.clone(), certain }
    }

    /// The block of a leg's rows: the rows around joined with them, or them alone where the rows around
    /// are needed only by key.
    pub(crate) fn leg_block(&mut self, block: &Block, rows: &Rows, reads: &[&types::Expr]) -> Block {
        let mut steps = rows.steps.iter();
        let Some(first) = steps.next() else { return block.clone() };
        let mut inner = match self.lazy_leg(block, rows, reads) {
            Some(inner) => inner,
            None => {
                let mut inner = block.clone();
                let legs = std::mem::take(&mut inner.legs);
                inner.joins.retain(|join| !legs.iter().any(|leg| leg == join.source.alias()));
                self.join_rows(&mut inner, &rows.around, &first.source, &first.row);
                inner
            }
        };
        let mut around = first.row.clone();
        for step in steps {
            self.join_rows(&mut inner, &around, &step.source, &step.row);
            around = step.row.clone();
        }
        inner
    }

    /// The rows alone, with the row around known by its key.
    pub(crate) fn lazy_leg(&mut self, block: &Block, rows: &Rows, reads: &[&types::Expr]) -> Option<Block> {
        let first = rows.steps.first()?;
        let only =
            block.rows.len() == 1 && block.rows.contains_key(&rows.around.id) && rows.around.hops.is_empty();
        if !only || block.index.contains_key(&rows.around.id) && of_member(rows, reads) {
            return None;
        }
        let entity = self.model.entity(rows.around.entity).clone();
        match &first.source {
            RowsSource::Relation(hops, relation) if hops.is_empty() => {
                let relation = entity.relation(*relation).clone();
                let target = self.model.entity(relation.target).clone();
                let step = self.guarded(relation.target);
                let alias = target.name.clone();
                let keys: Vec<(model::ColumnId, Expr)> = relation
                    .on
                    .iter()
                    .map(|(here, there)| (*here, key_column(&target, *there, &alias)))
                    .collect();
                let key = entity
                    .key
                    .iter()
                    .map(|key| keys.iter().find(|(column, _)| column == key).map(|(_, value)| value.clone()))
                    .collect::<Option<Vec<Expr>>>()?;
                Some(self.lazy_block(from(step, &alias), first.row.id, alias, &rows.around, keys, key))
            }
            RowsSource::Relation(..) | RowsSource::Episodes { .. } | RowsSource::Inherited(_) => None,
            RowsSource::Carried { call } => {
                let subject = self.model.subject() == Some(rows.around.entity);
                let carried = self.carried();
                let column = if subject { "subject_id" } else { "sample_id" };
                let key = Expr::column("carried", column, Type::Text);
                let keys = vec![(*entity.key.first()?, key.clone())];
                let mut inner = self.lazy_block(
                    from(carried, "carried"),
                    *call,
                    "carried".to_owned(),
                    &rows.around,
                    keys,
                    vec![key],
                );
                self.join_variant(&mut inner, &first.row, subject);
                Some(inner)
            }
        }
    }

    pub(crate) fn lazy_block(
        &mut self,
        source: crate::step::Source,
        row: types::RowId,
        alias: String,
        around: &Row,
        keys: Vec<(model::ColumnId, Expr)>,
        key: Vec<Expr>,
    ) -> Block {
        let mut inner = Block {
            from: source,
            joins: Vec::new(),
            rows: std::collections::BTreeMap::new(),
            index: std::collections::BTreeMap::new(),
            exits: std::collections::BTreeMap::new(),
            hops: Vec::new(),
            key,
            legs: Vec::new(),
        };
        inner.rows.insert(row, Place::Here(alias));
        inner.rows.insert(around.id, Place::Lazy { keys, entity: around.entity });
        inner
    }

    /// Joins many rows to a block.
    pub(crate) fn join_rows(&mut self, inner: &mut Block, around: &Row, source: &RowsSource, row: &Row) {
        match source {
            RowsSource::Relation(hops, relation) => {
                let mut at = around.clone();
                for hop in hops {
                    let target = self.model.entity(at.entity).relation(*hop).target;
                    at = at.hop(*hop, target);
                }
                let relation = self.model.entity(at.entity).relation(*relation).clone();
                let target = self.model.entity(relation.target).clone();
                let here: Vec<Expr> =
                    relation.on.iter().map(|(here, _)| self.column_of(inner, &at, *here)).collect();
                let step = self.guarded(relation.target);
                let alias = inner.alias(&target.name);
                let on = here
                    .into_iter()
                    .zip(&relation.on)
                    .map(|(here, (_, there))| Expr::equal(here, key_column(&target, *there, &alias)));
                let on = Expr::and(on);
                inner.join(JoinKind::Inner, from(step, &alias), on);
                inner.rows.insert(row.id, Place::Here(alias));
            }
            RowsSource::Episodes { of, gap, each_code } => {
                let mut outer = inner.clone();
                let leg = self.put_together(&mut outer, of, gap, *each_code);
                let alias = inner.alias("episode");
                let on =
                    leg.key.iter().zip(&leg.outer).map(|((name, ty), outer)| {
                        Expr::equal(Expr::column(&alias, name, *ty), outer.clone())
                    });
                let on = Expr::and(on);
                inner.join(JoinKind::Inner, from(leg.step, &alias), on);
                inner.rows.insert(row.id, Place::Here(alias));
            }
            RowsSource::Carried { call } => {
                let subject = self.model.subject() == Some(around.entity);
                let key =
                    self.key_of(inner, around).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
                let carried = self.carried();
                let alias = inner.alias("carried");
                let column = if subject { "subject_id" } else { "sample_id" };
                inner.join(
                    JoinKind::Inner,
                    from(carried, &alias),
                    Expr::equal(key, Expr::column(&alias, column, Type::Text)),
                );
                inner.rows.insert(*call, Place::Here(alias));
                self.join_variant(inner, row, subject);
            }
            RowsSource::Inherited(inherited) => self.join_candidates(inner, inherited, row),
        }
    }

    /// The variant beside a carried call; of a subject, in the chosen sample only.
    pub(crate) fn join_variant(&mut self, inner: &mut Block, row: &Row, chosen: bool) {
        let carried = inner.rows.values().find_map(|place| match place {
            Place::Here(alias) if alias.starts_with("carried") => Some(alias.clone()),
            Place::Here(_) | Place::Lazy { .. } => None,
        });
        let carried = carried.unwrap_or_else(|| "carried".to_owned());
        let step = self.guarded(row.entity);
        let alias = inner.alias("variant");
        let mut on = vec![Expr::equal(
            Expr::column(&alias, "variant_id", Type::Int),
            Expr::column(&carried, "variant_id", Type::Int),
        )];
        if chosen {
            on.push(Expr::column(&carried, "chosen", Type::Bool));
        }
        inner.join(JoinKind::Inner, from(step, &alias), Expr::and(on));
        inner.rows.insert(row.id, Place::Here(alias));
    }

    /// Joins a leg to the outer block by the key of its row.
    pub(super) fn join_leg(&mut self, block: &mut Block, leg: &LegRows, step: StepId) -> String {
        let name = self.steps.get(step.0 as usize).map_or_else(|| "leg".to_owned(), |step| step.name.clone());
        let alias = block.alias(&name);
        let on = leg
            .key
            .iter()
            .zip(&leg.outer)
            .map(|((name, ty), outer)| Expr::equal(Expr::column(&alias, name, *ty), outer.clone()));
        let on = Expr::and(on);
        block.join(JoinKind::Left, from(step, &alias), on);
        block.legs.push(alias.clone());
        alias
    }
}

/// Whether anything that is asked of the rows reads the index date or the exit of the row around.
fn of_member(rows: &Rows, reads: &[&types::Expr]) -> bool {
    let mut uses = false;
    let mut visit = |expr: &types::Expr| uses |= matches!(expr.kind, Kind::Index(_) | Kind::Exit(..));
    types::each_expr_of_rows(rows, &mut visit);
    for read in reads {
        types::each_expr(read, &mut visit);
    }
    uses
}

/// Conditions that are never unknown: they filter, and need no place among the tests.
fn two_valued(model: &model::Model, expr: &types::Expr) -> bool {
    match &expr.kind {
        Kind::InCodes(..)
        | Kind::InGeneCodes { .. }
        | Kind::IsAllele(..)
        | Kind::InRegion(..)
        | Kind::InCohort(..)
        | Kind::IsKnown(_) => true,
        Kind::Not(inner) => two_valued(model, inner),
        Kind::Column(row, column) => {
            row.hops.is_empty() && !model.entity(row.entity).column(*column).optional
        }
        Kind::And(parts) | Kind::Or(parts) => parts.iter().all(|part| two_valued(model, part)),
        _ => false,
    }
}

pub(super) fn key_columns(leg: &LegRows, alias: &str) -> Vec<(String, Expr)> {
    leg.key.iter().map(|(name, ty)| (name.clone(), Expr::column(alias, name, *ty))).collect()
}

pub(super) fn key_exprs(leg: &LegRows, alias: &str) -> Vec<Expr> {
    leg.key.iter().map(|(name, ty)| Expr::column(alias, name, *ty)).collect()
}

/// A step's name from the words of the query: `treatments_counted`.
pub(super) fn step_name(words: &str, what: &str) -> String {
    let word: String =
        words.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("{word}_{what}")
}
