//! Values as nouns.

use crate::literal::literal;
use crate::notes::Note;
use crate::{RowName, Words};
use model::{ColumnId, ColumnType};
use types::{Arithmetic, Bound, ExitPart, Expr, Kind, Row, RowId, Type, Value};

impl Words<'_> {
    /// "the age of the subject on 2026-01-01".
    pub(crate) fn value(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Literal(value) => literal(value, &expr.ty),
            Kind::Null => "a missing value".to_owned(),
            Kind::Column(row, column) => self.column(row, *column),
            Kind::Key(row) => self.row(row),
            Kind::Index(_) => "the index date".to_owned(),
            Kind::Exit(_, ExitPart::Date) => "the exit date".to_owned(),
            Kind::Exit(_, ExitPart::Reason) => "the reason of the exit".to_owned(),
            Kind::Episode(row, Bound::Started) => self.day_of("the first day", row),
            Kind::Episode(row, Bound::Ended) => self.day_of("the last day", row),
            Kind::OrElse(value, otherwise) => format!(
                "{} (an absent record counts as {})",
                self.value(value),
                if is_zero(otherwise) { "0".to_owned() } else { literal(otherwise, &value.ty) }
            ),
            Kind::Case(arms, otherwise) => {
                let arms: Vec<String> = arms
                    .iter()
                    .map(|(when, then)| format!("{} where {}", self.value(then), self.condition(when)))
                    .collect();
                format!("the first that applies of: {}; otherwise {}", arms.join("; "), self.value(otherwise))
            }
            Kind::Arithmetic(operator, left, right) => {
                format!("({} {} {})", self.value(left), operation(*operator), self.value(right))
            }
            Kind::ToDecimal(inner) => self.value(inner),
            Kind::InUnit(number, unit) => format!("{} in {unit}", self.value(&quantity(number))),
            Kind::AddDays(date, length) | Kind::AddMonths(date, length) => self.moved(date, length),
            Kind::DaysBetween(later, earlier) => {
                format!("the number of days from {} to {}", self.value(earlier), self.value(later))
            }
            Kind::AgeAt(row, date) => {
                self.note(Note::Age);
                format!("the age of {} on {}", self.row(row), self.value(date))
            }
            Kind::Zygosity(row) => format!("the zygosity of {}", self.row(row)),
            Kind::MonthOf(date) => format!("the calendar month of {}", self.value(date)),
            Kind::YearOf(date) => format!("the calendar year of {}", self.value(date)),
            Kind::Band(number, width) => {
                format!(
                    "the band of {width} (lower end included, upper excluded) that holds {}",
                    self.value(number)
                )
            }
            Kind::Pick { rows, order, value } => self.picked(rows, order, value),
            Kind::Aggregate { function, rows, argument, filter } => {
                self.aggregate(*function, rows, argument.as_deref(), filter.as_deref())
            }
            Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InCodes(..)
            | Kind::InGeneCodes { .. }
            | Kind::InValues(..)
            | Kind::IsAllele(..)
            | Kind::InRegion(..)
            | Kind::InCohort(..)
            | Kind::InTable { .. }
            | Kind::IsKnown(_)
            | Kind::Has(_)
            | Kind::Counted(..)
            | Kind::CountedOf(..)
            | Kind::Observed { .. }
            | Kind::ConsentValid { .. } => format!("whether {}", self.condition(expr)),
        }
    }

    fn moved(&self, date: &Expr, length: &Expr) -> String {
        if length.ty == Type::Months {
            self.note(Note::Months);
        }
        let day = self.value(date);
        match &length.kind {
            Kind::Literal(Value::Int(0)) => day,
            Kind::Literal(Value::Int(number)) if *number < 0 => {
                format!("{} before {day}", literal(&Value::Int(-number), &length.ty))
            }
            Kind::Literal(value) => format!("{} after {day}", literal(value, &length.ty)),
            _ => format!("{day} moved by {}", self.value(length)),
        }
    }

    /// An end of an episode; one that goes on has no last day.
    fn day_of(&self, end: &str, episode: &Row) -> String {
        if self.here.get() == Some(episode.id) {
            format!("its {}", &end["the ".len()..])
        } else {
            format!("{end} of the episode")
        }
    }

    /// Names a row in scope.
    pub(crate) fn enter(&self, row: &Row) {
        self.rows.borrow_mut().insert(row.id, RowName::Of(row.entity));
    }

    /// Names the call beside a carried allele.
    pub(crate) fn enter_call(&self, call: RowId, of: RowId) {
        self.rows.borrow_mut().insert(call, RowName::CallOf(of));
    }

    /// The row: "it", "the subject", "its mother", "the call of it".
    pub(crate) fn row(&self, row: &Row) -> String {
        let model = self.input.model;
        let named = self.rows.borrow().get(&row.id).copied();
        let (mut text, mut entity) = match named {
            Some(RowName::Of(entity)) => (self.base(row.id), entity),
            Some(RowName::CallOf(of)) => {
                let text = match self.base(of) {
                    it if it == "it" => "its call".to_owned(),
                    other => format!("the call of {other}"),
                };
                (text, row.entity)
            }
            // A row that nothing named stands for itself.
            None => return format!("the {}", model.entity(row.entity).name),
        };
        for hop in &row.hops {
            let relation = model.entity(entity).relation(*hop);
            text = if text == "it" {
                format!("its {}", relation.name)
            } else {
                format!("the {} of {text}", relation.name)
            };
            entity = relation.target;
        }
        text
    }

    fn base(&self, id: RowId) -> String {
        if self.here.get() == Some(id) {
            return "it".to_owned();
        }
        let entity = |id: &RowId| match self.rows.borrow().get(id) {
            Some(RowName::Of(entity)) => Some(*entity),
            Some(RowName::CallOf(_)) | None => None,
        };
        let own = entity(&id);
        let like_here = own.is_some() && self.here.get().is_some_and(|here| entity(&here) == own);
        let name = own.map_or("row", |own| self.input.model.entity(own).name.as_str());
        if like_here { format!("the outer {name}") } else { format!("the {name}") }
    }

    fn column(&self, row: &Row, column: ColumnId) -> String {
        let column = self.input.model.entity(row.entity).column(column);
        let date = if column.ty == ColumnType::Date && !column.name.contains("date") { "date " } else { "" };
        match self.row(row) {
            it if it == "it" => format!("its {date}`{}`", column.name),
            other => format!("the {date}`{}` of {other}", column.name),
        }
    }
}

/// The sign between two numbers.
pub(crate) fn operation(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "plus",
        Arithmetic::Subtract => "minus",
        Arithmetic::Multiply => "times",
        Arithmetic::Divide => "divided by",
    }
}

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Int(0)) || matches!(value, Value::Number(number) if number.0 == 0)
}

/// What a number of a unit was taken from, without how it is computed.
fn quantity(number: &Expr) -> Expr {
    match &number.kind {
        Kind::Case(arms, _) => arms.first().map_or_else(|| number.clone(), |(_, then)| quantity(then)),
        Kind::Arithmetic(_, value, _) => quantity(value),
        _ => number.clone(),
    }
}
