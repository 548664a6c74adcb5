//! Guards: the only way from a plan to a linked table.
//!
//! The guard of a table joins it with the guards along each of its paths, so that a row exists only
//! where the rows that it hangs on exist, down to a permitted subject (or sample). `as of D` bounds
//! events here, and the cut-off of a subject or sample hides rows that are not dated before it
//! (consent-and-policy.md 3.4, language.md section 4).

use super::{Lowering, block_of, from};
use crate::expr::{Comparison, Expr, Function, Type};
use crate::step::{Join, JoinKind, Select, Source, StepId};
use model::{ColumnType, Entity, EntityId, Linkage, RelationId};

/// The hidden column of a guard: rows must be dated before it.
pub(crate) const CUT_OFF: &str = "cut_off";

impl Lowering<'_> {
    /// The step through which an entity is read: its columns, and for linked ones `cut_off`.
    pub(crate) fn guarded(&mut self, id: EntityId) -> StepId {
        if let Some(step) = self.guards.get(&id) {
            return *step;
        }
        let entity = self.model.entity(id).clone();
        let step = self.at_agreement(|lowering| match &entity.linkage {
            Linkage::Public | Linkage::Aggregate => lowering.public(&entity),
            Linkage::Subject => lowering.subject_guard(&entity),
            Linkage::Of(paths) => lowering.linked_guard(&entity, paths),
        });
        self.guards.insert(id, step);
        step
    }

    fn public(&mut self, entity: &Entity) -> StepId {
        let source = if entity.linkage == Linkage::Public {
            Source::Public { table: entity.table.clone(), alias: entity.name.clone() }
        } else {
            Source::Linked { table: entity.table.clone(), alias: entity.name.clone() }
        };
        let mut columns = columns(entity, &[]);
        // Sets of people are not read here; only whether they are left out, which means everyone.
        for column in entity.columns.iter().filter(|column| column.ty == ColumnType::Bytes) {
            columns.push((
                format!("{}_by_all", column.name),
                Expr::column(&entity.name, &column.name, Type::Text).is_null(),
            ));
        }
        let select = block_of(source, columns);
        self.select(&entity.plural, format!("{}: no row is of one person", entity.plural), select)
    }

    fn subject_guard(&mut self, entity: &Entity) -> StepId {
        let permitted = self.permitted();
        let key = entity.key.first().map_or("subject_id", |key| entity.column(*key).name.as_str());
        let as_of = Expr::date(self.as_of());
        // A death after D is not known at D.
        let mut replaced = Vec::new();
        if let Some(death) = entity.life.death_date {
            let name = entity.column(death).name.clone();
            let value = Expr::column(&entity.name, &name, Type::Date);
            replaced.push((
                name,
                Expr::Case {
                    arms: vec![(Expr::at_most(value.clone(), as_of), value)],
                    otherwise: Box::new(Expr::null(Type::Date)),
                },
            ));
        }
        let mut columns = columns(entity, &replaced);
        columns.push((CUT_OFF.to_owned(), Expr::column("permitted", CUT_OFF, Type::Date)));
        let select = Select {
            joins: vec![Join {
                kind: JoinKind::Inner,
                source: from(permitted, "permitted"),
                on: Expr::equal(
                    Expr::column("permitted", "subject_id", Type::Text),
                    Expr::column(&entity.name, key, Type::Text),
                ),
            }],
            ..block_of(Source::Linked { table: entity.table.clone(), alias: entity.name.clone() }, columns)
        };
        self.select(&entity.plural, "people who are permitted", select)
    }

    fn linked_guard(&mut self, entity: &Entity, paths: &[Vec<RelationId>]) -> StepId {
        let mut joins = Vec::new();
        let mut cut_offs = Vec::new();
        let mut through_sample = entity.name == "sample";
        for path in paths {
            let Some(first) = path.first() else { continue };
            let relation = entity.relation(*first).clone();
            let target = self.model.entity(relation.target).clone();
            through_sample |= self.passes_sample(entity, path);
            let step = self.guarded(relation.target);
            let alias = relation.name.clone();
            let on = relation.on.iter().map(|(here, there)| {
                let (here, there) = (entity.column(*here), target.column(*there));
                Expr::equal(
                    Expr::column(&alias_of(entity, &alias), &here.name, of_column(&here.ty)),
                    Expr::column(&alias, &there.name, of_column(&there.ty)),
                )
            });
            joins.push(Join { kind: JoinKind::Inner, source: from(step, &alias), on: Expr::and(on) });
            cut_offs.push(Expr::column(&alias, CUT_OFF, Type::Date));
        }
        let table_alias = alias_of(entity, "");
        if entity.name == "sample" {
            let permitted = self.permitted_sample();
            joins.push(Join {
                kind: JoinKind::Inner,
                source: from(permitted, "permitted"),
                on: Expr::equal(
                    Expr::column("permitted", "sample_id", Type::Text),
                    Expr::column(&table_alias, "sample_id", Type::Text),
                ),
            });
            cut_offs.push(Expr::column("permitted", CUT_OFF, Type::Date));
        }
        let cut_off = match cut_offs.len() {
            1 => cut_offs.remove(0),
            _ => Expr::Call(Function::Least, cut_offs),
        };
        let mut filter = Vec::new();
        let mut replaced = Vec::new();
        let as_of = Expr::date(self.as_of());
        match entity.dated_by {
            Some(dated) => {
                let start = entity.column(dated.start).name.clone();
                let start = Expr::column(&table_alias, &start, Type::Date);
                // A row without a date stays under `as of`, and does not exist under a cut-off.
                filter.push(Expr::Or(vec![
                    start.clone().is_null(),
                    Expr::at_most(start.clone(), as_of.clone()),
                ]));
                // A partial date is before a cut-off when all of it is.
                let last = dated.latest.map_or(start, |latest| {
                    Expr::column(&table_alias, &entity.column(latest).name, Type::Date)
                });
                filter.push(Expr::Or(vec![cut_off.clone().is_null(), Expr::less(last, cut_off.clone())]));
                if let Some(end) = dated.end {
                    let name = entity.column(end).name.clone();
                    let value = Expr::column(&table_alias, &name, Type::Date);
                    replaced.push((
                        name,
                        Expr::Case {
                            arms: vec![(Expr::compare(Comparison::LessOrEqual, value.clone(), as_of), value)],
                            otherwise: Box::new(Expr::null(Type::Date)),
                        },
                    ));
                }
            }
            // The sample's own row exists only where its date is before the cut-off.
            None if through_sample => {}
            None => filter.push(cut_off.clone().is_null()),
        }
        let mut columns = columns(entity, &replaced);
        for (_, expr) in &mut columns {
            rename(expr, &entity.name, &table_alias);
        }
        columns.push((CUT_OFF.to_owned(), cut_off));
        let select = Select {
            joins,
            filter: (!filter.is_empty()).then(|| Expr::and(filter)),
            ..block_of(Source::Linked { table: entity.table.clone(), alias: table_alias }, columns)
        };
        self.select(
            &entity.plural,
            format!("{} of permitted people, as of the date of the question", entity.plural),
            select,
        )
    }

    fn passes_sample(&self, entity: &Entity, path: &[RelationId]) -> bool {
        let mut at = entity.clone();
        for step in path {
            let target = at.relation(*step).target;
            at = self.model.entity(target).clone();
            if at.name == "sample" {
                return true;
            }
        }
        false
    }
}

/// The alias of the table itself; never that of one of its relations.
fn alias_of(entity: &Entity, _relation: &str) -> String {
    if entity.relations.iter().any(|relation| relation.name == entity.name) {
        format!("this_{}", entity.name)
    } else {
        entity.name.clone()
    }
}

fn rename(expr: &mut Expr, from: &str, to: &str) {
    if let Expr::Column { source, .. } = expr
        && source == from
    {
        to.clone_into(source);
    }
}

/// All columns of an entity, some replaced.
fn columns(entity: &Entity, replaced: &[(String, Expr)]) -> Vec<(String, Expr)> {
    entity
        .columns
        .iter()
        .filter(|column| column.ty != ColumnType::Bytes)
        .map(|column| {
            let value = replaced.iter().find(|(name, _)| *name == column.name).map_or_else(
                || Expr::column(&entity.name, &column.name, of_column(&column.ty)),
                |(_, value)| value.clone(),
            );
            (column.name.clone(), value)
        })
        .collect()
}

/// The type of a column's values in a plan.
pub(crate) fn of_column(ty: &ColumnType) -> Type {
    match ty {
        ColumnType::Int => Type::Int,
        ColumnType::Decimal | ColumnType::Percent => Type::Decimal,
        ColumnType::Bool => Type::Bool,
        ColumnType::Date => Type::Date,
        ColumnType::Id
        | ColumnType::Text
        | ColumnType::Enum { .. }
        | ColumnType::Code(_)
        | ColumnType::Gene
        | ColumnType::Bytes => Type::Text,
    }
}
