//! What tells something of everybody in a group, when nearly everybody in it has the same (release rule 4).
//!
//! That nine in ten of a group are women is no secret of theirs; that nine in ten carry a virus is one of each. So a
//! key or a condition is a fact when it reads anything but columns that the model labels `quasi`, `general` or `public`:
//! rows of people, codes, genotypes, cohorts, and columns that are sensitive.

use super::Lowering;
use super::groups::{KeyPlan, label_column, raw_of};
use crate::expr::Type;
use crate::shape::{Cell, Fact, Raw};
use model::ColumnLabel;
use types::{Expr, GroupCell, GroupKey, Kind};

impl Lowering<'_> {
    /// What an expression tells, if it is a fact.
    pub(crate) fn fact(&self, value: &Expr) -> Option<Fact> {
        let mut sensitive = false;
        types::each_expr(value, &mut |inner| sensitive |= self.is_sensitive(inner));
        let fact = if value.ty == types::Type::Bool { Fact::Truth } else { Fact::Value };
        sensitive.then_some(fact)
    }

    /// Keys that are facts, by the raw columns of their labels.
    pub(crate) fn facts(
        &self,
        keys: &[GroupKey],
        plans: &[KeyPlan],
        columns: &[(String, Type)],
    ) -> Vec<(Raw, Fact)> {
        let raw = |plan: &KeyPlan| raw_of(columns, &label_column(plan));
        keys.iter().zip(plans).filter_map(|(key, plan)| Some((raw(plan), self.fact(&key.value)?))).collect()
    }

    /// Numbers of people for whom a condition that is a fact holds, each with those of whom it is asked.
    pub(crate) fn parts<'c>(
        &self,
        cells: impl Iterator<Item = &'c GroupCell>,
        cell: &dyn Fn(&GroupCell) -> Cell,
        everybody: Raw,
    ) -> Vec<(Raw, Raw)> {
        let mut parts = Vec::new();
        for group_cell in cells {
            let GroupCell::Aggregate { argument, filter, .. } = group_cell else { continue };
            let is_fact =
                |asked: &Option<Expr>| asked.as_ref().is_some_and(|asked| self.fact(asked).is_some());
            let people = match cell(group_cell) {
                Cell::Share { yes_people, known_people, .. }
                | Cell::Wilson { yes_people, known_people, .. } => {
                    if is_fact(argument) {
                        parts.push((yes_people, known_people));
                    }
                    known_people
                }
                Cell::People(people)
                | Cell::Count { people, .. }
                | Cell::Sum { people, .. }
                | Cell::Mean { people, .. }
                | Cell::Quantile { people, .. } => people,
                Cell::Key(_)
                | Cell::Value(_)
                | Cell::Pseudonym(_)
                | Cell::Nested(_)
                | Cell::Frequency { .. } => {
                    continue;
                }
            };
            if is_fact(filter) {
                parts.push((people, everybody));
            }
        }
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    fn is_sensitive(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Column(row, column) => match self.model.entity(row.entity).column(*column).label {
                ColumnLabel::Quasi | ColumnLabel::General | ColumnLabel::Public => false,
                ColumnLabel::Sensitive | ColumnLabel::Identifier => true,
            },
            Kind::Literal(_)
            | Kind::Null
            | Kind::Index(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InValues(..)
            | Kind::IsKnown(_)
            | Kind::Case(..)
            | Kind::OrElse(..)
            | Kind::Arithmetic(..)
            | Kind::AddDays(..)
            | Kind::AddMonths(..)
            | Kind::DaysBetween(..)
            | Kind::AgeAt(..)
            | Kind::MonthOf(_)
            | Kind::YearOf(_)
            | Kind::Band(..)
            | Kind::ToDecimal(_)
            | Kind::InUnit(..) => false,
            // Rows of people, and what is known by them.
            _ => true,
        }
    }
}
