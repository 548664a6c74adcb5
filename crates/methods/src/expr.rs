//! Expressions in words: a clause for a condition, a noun for a value.

use crate::{Words, is_zero, listed};
use model::ColumnId;
use types::{Allele, Arithmetic, Bound, Comparison, Count, ExitPart, Expr, Kind, Row, TableId, Type, Value};

impl Words<'_> {
    /// A condition as a clause that is true or false: "the sex of the subject is female".
    pub(crate) fn condition(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::And(parts) => parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().join(" and "),
            Kind::Or(parts) => parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().join(" or "),
            Kind::Not(inner) => match &inner.kind {
                Kind::Has(rows) => format!("there is no {}", self.rows(rows, false)),
                Kind::Column(row, column) if inner.ty == Type::Bool => {
                    format!("{} is not true", self.column(row, *column))
                }
                Kind::IsKnown(value) => format!("{} is not known", self.value(value)),
                _ => format!("it is not so that {}", self.part(inner)),
            },
            Kind::Compare(comparison, left, right) => self.compared(*comparison, left, right),
            Kind::CompareQuantity { comparison, value, unit: _, in_units } => {
                let bounds: Vec<String> =
                    in_units.iter().map(|(unit, number)| format!("{number} {unit}")).collect();
                format!(
                    "{}, in the unit of its row, is {} {} (in any other unit it is unknown)",
                    self.value(value),
                    compares(*comparison, false),
                    listed(&bounds, "or")
                )
            }
            Kind::InCodes(code, test) => format!("{} is {}", self.value(code), self.codes(test)),
            Kind::InGeneCodes { code, gene, annotation: _ } => format!(
                "{} is one of the phenotypes that {} is annotated with, or below one of them",
                self.value(code),
                self.value(gene)
            ),
            Kind::InValues(value, values) => {
                let values: Vec<String> = values.iter().map(|one| literal(one, &value.ty)).collect();
                format!("{} is {}", self.value(value), listed(&values, "or"))
            }
            Kind::IsAllele(row, all) => format!("{} is {}", self.row(row), alleles(all)),
            Kind::InRegion(row, region) => {
                let positions = region
                    .positions
                    .map_or(String::new(), |(from, to)| format!(":{from}-{to}, both ends included"));
                format!("{} overlaps {}:chr{}{positions}", self.row(row), region.build, region.contig)
            }
            Kind::InCohort(row, id) => {
                format!("{} is a member of cohort `{}`", self.row(row), self.cohort_name(*id))
            }
            Kind::InTable { value, table, column } => {
                let (table, column) = self.column_of(*table, *column);
                format!(
                    "{} is among the released values of column `{column}` of table `{table}` (unknown where it is missing, and where it is not among them while that table withholds a value of the column or pools groups in `other`)",
                    self.value(value)
                )
            }
            Kind::IsKnown(value) => format!("{} is known", self.value(value)),
            Kind::Has(rows) => format!("there is at least one {}", self.rows(rows, false)),
            Kind::Counted(count, bound, rows) => {
                format!("there are {} {bound} {}", counts(*count), self.rows(rows, true))
            }
            Kind::CountedOf(count, bound, parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!("({})", self.condition(part))).collect();
                format!("{} {bound} of these are true: {}", counts(*count), parts.join(", "))
            }
            Kind::Observed { subject: _, from, to } => format!(
                "the person is observed on every day from {} to {}, both included, in one observation period or in several without a gap",
                self.value(from),
                self.value(to)
            ),
            Kind::ConsentValid { row, at, purpose } => {
                let at = at.as_ref().map_or(String::new(), |at| format!(" on {}", self.value(at)));
                let purpose =
                    purpose.as_ref().map_or(String::new(), |name| format!(" for the purpose `{name}`"));
                format!("consent of {} is valid{at}{purpose}", self.row(row))
            }
            Kind::Literal(Value::Bool(value)) => if *value { "always" } else { "never" }.to_owned(),
            Kind::Null
            | Kind::Literal(_)
            | Kind::Column(..)
            | Kind::Key(_)
            | Kind::Index(_)
            | Kind::Exit(..)
            | Kind::Episode(..)
            | Kind::OrElse(..)
            | Kind::Case(..)
            | Kind::Arithmetic(..)
            | Kind::ToDecimal(_)
            | Kind::AddDays(..)
            | Kind::AddMonths(..)
            | Kind::DaysBetween(..)
            | Kind::AgeAt(..)
            | Kind::Zygosity(_)
            | Kind::MonthOf(_)
            | Kind::YearOf(_)
            | Kind::Band(..)
            | Kind::Pick { .. }
            | Kind::Aggregate { .. } => format!("{} is true", self.value(expr)),
        }
    }

    /// A condition inside another one.
    fn part(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::And(_) | Kind::Or(_) | Kind::CountedOf(..) => format!("({})", self.condition(expr)),
            _ => self.condition(expr),
        }
    }

    fn compared(&self, comparison: Comparison, left: &Expr, right: &Expr) -> String {
        let dates = left.ty == Type::Date;
        format!("{} is {} {}", self.value(left), compares(comparison, dates), self.value(right))
    }

    /// A value as a noun: "the age in completed years on 2026-01-01".
    pub(crate) fn value(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Literal(value) => literal(value, &expr.ty),
            Kind::Null => "an unknown value".to_owned(),
            Kind::Column(row, column) => self.column(row, *column),
            Kind::Key(row) => self.row(row),
            Kind::Index(_) => "the index date".to_owned(),
            Kind::Exit(_, ExitPart::Date) => "the exit date".to_owned(),
            Kind::Exit(_, ExitPart::Reason) => "the reason of the exit".to_owned(),
            Kind::Episode(_, Bound::Started) => "the first day of the episode".to_owned(),
            Kind::Episode(_, Bound::Ended) => "the last day of the episode".to_owned(),
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
                let sign = match operator {
                    Arithmetic::Add => "plus",
                    Arithmetic::Subtract => "minus",
                    Arithmetic::Multiply => "times",
                    Arithmetic::Divide => "divided by",
                };
                format!("({} {sign} {})", self.value(left), self.value(right))
            }
            Kind::ToDecimal(inner) => self.value(inner),
            Kind::AddDays(date, length) | Kind::AddMonths(date, length) => self.moved(date, length),
            Kind::DaysBetween(later, earlier) => {
                format!("the number of days from {} to {}", self.value(earlier), self.value(later))
            }
            Kind::AgeAt(_, date) => format!("the age in completed years on {}", self.value(date)),
            Kind::Zygosity(_) => "the zygosity of the call".to_owned(),
            Kind::MonthOf(date) => format!("the calendar month of {}", self.value(date)),
            Kind::YearOf(date) => format!("the calendar year of {}", self.value(date)),
            Kind::Band(number, width) => {
                format!(
                    "the band of {width} (lower bound included, upper excluded) that holds {}",
                    self.value(number)
                )
            }
            Kind::Pick { rows, order, value } => self.picked(rows, order, value),
            Kind::Aggregate { function, rows, argument, filter } => {
                let only = filter.as_ref().map_or(String::new(), |filter| {
                    format!(", of those only where {}", self.condition(filter))
                });
                let rows = self.rows(rows, true);
                match argument {
                    None => format!("the number of {rows}{only}"),
                    Some(argument) => {
                        format!(
                            "{} over the {rows}{only}",
                            crate::shown::aggregated(*function, &self.value(argument))
                        )
                    }
                }
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
        let unit = if length.ty == Type::Days { "days" } else { "calendar months" };
        let day = self.value(date);
        match &length.kind {
            Kind::Literal(Value::Int(0)) => day,
            Kind::Literal(Value::Int(number)) if *number < 0 => format!("{} {unit} before {day}", -number),
            Kind::Literal(Value::Int(number)) => format!("{number} {unit} after {day}"),
            _ => format!("{day} moved by {}", self.value(length)),
        }
    }

    /// The names of a table and of one of its columns.
    fn column_of(&self, table: TableId, column: u32) -> (&str, &str) {
        let Some(table) = self.query.tables.get(table.0 as usize) else { return ("", "") };
        let column = table.shown.get(column as usize).map_or("", |shown| shown.name.as_str());
        (&table.name, column)
    }

    /// The row by the name of its entity and the relations that lead to it.
    pub(crate) fn row(&self, row: &Row) -> String {
        format!("the {}", self.input.model.entity(row.entity).name)
    }

    fn column(&self, row: &Row, column: ColumnId) -> String {
        let entity = self.input.model.entity(row.entity);
        format!("the {} of the {}", entity.column(column).name.replace('_', " "), entity.name)
    }
}

fn compares(comparison: Comparison, dates: bool) -> &'static str {
    match (comparison, dates) {
        (Comparison::Equal, false) => "equal to",
        (Comparison::NotEqual, false) => "different from",
        (Comparison::Less, false) => "less than",
        (Comparison::LessOrEqual, false) => "at most",
        (Comparison::Greater, false) => "greater than",
        (Comparison::GreaterOrEqual, false) => "at least",
        (Comparison::Equal, true) => "on",
        (Comparison::NotEqual, true) => "on another day than",
        (Comparison::Less, true) => "before (and not on)",
        (Comparison::LessOrEqual, true) => "on or before",
        (Comparison::Greater, true) => "after (and not on)",
        (Comparison::GreaterOrEqual, true) => "on or after",
    }
}

pub(crate) fn counts(count: Count) -> &'static str {
    match count {
        Count::AtLeast => "at least",
        Count::AtMost => "at most",
        Count::Exactly => "exactly",
    }
}

/// A literal with the unit of its type.
pub(crate) fn literal(value: &Value, ty: &Type) -> String {
    let bare = match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(number) => match ty {
            Type::Percent => {
                number.scale(100, 1).map_or_else(|| number.to_string(), |percent| percent.to_string())
            }
            _ => number.to_string(),
        },
        Value::Text(text) => text.clone(),
        Value::Date(date) if *ty == Type::Month => date.strftime("%Y-%m").to_string(),
        Value::Date(date) => date.to_string(),
    };
    match ty {
        Type::Percent => format!("{bare} %"),
        Type::Age => format!("{bare} years"),
        Type::Days => format!("{bare} days"),
        Type::Months => format!("{bare} calendar months"),
        Type::Quantity(unit) => format!("{bare} {unit}"),
        Type::Text => format!("\"{bare}\""),
        Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::QuantityOf(_)
        | Type::Date
        | Type::Month
        | Type::Enum(_)
        | Type::Code(_)
        | Type::Gene
        | Type::Id
        | Type::Allele
        | Type::Band { .. }
        | Type::Interval
        | Type::Unknown => bare,
    }
}

/// Alleles by build, contig, position, reference and alternate.
pub(crate) fn alleles(all: &[Allele]) -> String {
    let words: Vec<String> = all
        .iter()
        .map(|allele| {
            format!(
                "{}:chr{}:{}:{}:{}",
                allele.build, allele.contig, allele.position, allele.reference, allele.alternate
            )
        })
        .collect();
    listed(&words, "or")
}
