//! Effects written on the variant (language.md, "Effects"): within one pair of parentheses or one
//! rule, `gene`, `impact`, `consequence` and `hgvs` are read from the same reported effect, and the
//! test holds if it holds for some effect; shown, they are those of the first such effect.

use super::Checker;
use super::expr::truth;
use crate::query::{EachOther, Expr, Kind, PickOrder, Row, Rows, RowsSource, RowsStep, Value};
use crate::ty::Type;
use model::ColumnLabel;
use text::Range;

/// A place in which all effect names mean the same effect.
#[derive(Clone, Debug)]
pub(crate) struct EffectScope {
    /// The variant.
    variant: Row,
    /// Its effect's row, once one was read.
    effect: Option<Row>,
}

impl EffectScope {
    pub(crate) fn new(variant: Row) -> EffectScope {
        EffectScope { variant, effect: None }
    }
}

/// Names of effect columns that may be written on the variant, and the column each reads.
pub(crate) const NAMES: [(&str, &str); 7] = [
    ("gene", "gene"),
    ("transcript", "transcript"),
    ("impact", "impact"),
    ("consequence", "consequence"),
    ("hgvs", "hgvs_c"),
    ("hgvs_c", "hgvs_c"),
    ("hgvs_p", "hgvs_p"),
];

impl Checker<'_> {
    /// A column of the reported effect of a variant's row, if `word` is one.
    pub(crate) fn effect_column(&mut self, variant: &Row, word: &str, range: Range) -> Option<Expr> {
        let (_, column) = NAMES.iter().find(|(name, _)| *name == word)?;
        let entity = self.model().find("effect")?;
        if self.model().entity(variant.entity).name != "variant" {
            return None;
        }
        let column = self.model().entity(entity).find_column(column)?;
        let at = self.effects.iter().rposition(|scope| scope.variant == *variant)?;
        let row = match self.effects[at].effect.clone() {
            Some(row) => row,
            None => {
                let row = Row { id: self.fresh_row(), hops: Vec::new(), entity };
                self.effects[at].effect = Some(row.clone());
                row
            }
        };
        Some(self.column(&row, column, range))
    }

    /// Closes a scope around a condition: it holds if it holds for some reported effect.
    pub(crate) fn close_effects(&mut self, scope: EffectScope, condition: Expr) -> Expr {
        let Some(effect) = scope.effect else { return condition };
        let (label, range) = (condition.label, condition.range);
        match self.effects_of(&scope.variant, effect, vec![condition], range) {
            Some(rows) => truth(label, Kind::Has(Box::new(rows)), range),
            None => truth(label, Kind::Null, range),
        }
    }

    /// Closes a scope around a shown value: that of the first effect for which `conditions` hold.
    pub(crate) fn first_effect(
        &mut self,
        scope: EffectScope,
        value: Expr,
        conditions: &[(Row, Expr)],
    ) -> Expr {
        let Some(effect) = scope.effect else { return value };
        let (label, range, ty) = (value.label, value.range, value.ty.clone());
        let same: Vec<Expr> =
            conditions.iter().map(|(row, condition)| replaced(condition, row, &effect)).collect();
        let by = self.severity(&effect, range);
        match self.effects_of(&scope.variant, effect, same, range) {
            Some(rows) => Expr {
                kind: Kind::Pick {
                    rows: Box::new(rows),
                    order: PickOrder { by, descending: false, nth: 1 },
                    value: Box::new(value),
                },
                ty,
                label,
                range,
            },
            None => Expr { kind: Kind::Null, ty, label, range },
        }
    }

    /// The place of an effect among those of its variant, the most severe first. What is equally severe goes
    /// by gene, then transcript, upwards: so this counts upwards too.
    fn severity(&mut self, effect: &Row, range: Range) -> Option<Box<Expr>> {
        let column = self.model().entity(effect.entity).find_column("impact")?;
        let impact = self.column(effect, column, range);
        let Type::Enum(list) = &impact.ty else { return None };
        let int = |at: usize| Expr {
            kind: Kind::Literal(Value::Int(i64::try_from(at).unwrap_or(i64::MAX))),
            ty: Type::Int,
            label: ColumnLabel::Public,
            range,
        };
        let arms = list.members.iter().rev().enumerate().map(|(at, member)| {
            let is = Kind::InValues(Box::new(impact.clone()), vec![Value::Text(member.clone())]);
            (truth(ColumnLabel::Public, is, range), int(at))
        });
        let kind = Kind::Case(arms.collect(), Box::new(int(list.members.len())));
        Some(Box::new(Expr { kind, ty: Type::Int, label: ColumnLabel::Public, range }))
    }

    /// The reported effects of a variant for which all conditions hold.
    fn effects_of(
        &mut self,
        variant: &Row,
        effect: Row,
        mut conditions: Vec<Expr>,
        range: Range,
    ) -> Option<Rows> {
        let relation = self.model().entity(variant.entity).find_relation("effects")?;
        let reported = self.model().entity(effect.entity).find_column("reported")?;
        let reported = self.column(&effect, reported, range);
        conditions.insert(0, Expr { ty: Type::Bool, label: ColumnLabel::Public, ..reported });
        let around = Row { id: variant.id, hops: Vec::new(), entity: self.frame_entity(variant) };
        Some(Rows {
            around,
            steps: vec![RowsStep {
                source: RowsSource::Relation(variant.hops.clone(), relation),
                row: effect,
                conditions,
                bounds: Vec::new(),
            }],
            each_other: EachOther::default(),
            words: "effects".to_owned(),
        })
    }

    fn frame_entity(&self, row: &Row) -> model::EntityId {
        self.frames.iter().find(|frame| frame.row.id == row.id).map_or(row.entity, |frame| frame.row.entity)
    }
}

/// The conditions on effects inside a rule: what stands in `close_effects`'s [`Kind::Has`].
pub(crate) fn effect_conditions(rule: &Expr) -> Vec<(Row, Expr)> {
    match &rule.kind {
        Kind::Has(rows) if rows.words == "effects" && rows.steps.len() == 1 => {
            let step = &rows.steps[0];
            step.conditions.iter().skip(1).map(|condition| (step.row.clone(), condition.clone())).collect()
        }
        Kind::And(parts) => parts.iter().flat_map(effect_conditions).collect(),
        _ => Vec::new(),
    }
}

/// The same condition on another row.
fn replaced(expr: &Expr, from: &Row, to: &Row) -> Expr {
    super::rewrite::rows(expr, &|row: &Row| {
        if row.id == from.id {
            Row { id: to.id, hops: row.hops.clone(), entity: row.entity }
        } else {
            row.clone()
        }
    })
}
