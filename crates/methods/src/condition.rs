//! Conditions as clauses that are true, false or unknown.

use crate::literal::{alleles, compares, compares_dates, counts, is, literal};
use crate::notes::Note;
use crate::{Words, listed};
use types::{Comparison, Expr, Kind, Number, TableId, Type, Value};

impl Words<'_> {
    /// "its `value` is at least 7 mmol/L".
    pub(crate) fn condition(&self, expr: &Expr) -> String {
        self.note(Note::Unknown);
        match &expr.kind {
            Kind::And(parts) => self.all(parts.iter().collect()),
            Kind::Or(parts) => parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().join(" or "),
            Kind::Not(inner) => self.negated(inner),
            Kind::Compare(comparison, left, right) => self.compared(*comparison, left, right),
            Kind::CompareQuantity { comparison, value, unit, in_units } => format!(
                "{}, in the unit that {} names, {} {} (any other unit, or none, is unknown)",
                self.value(value),
                self.value(unit),
                is(compares(*comparison)),
                bounds(in_units)
            ),
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
                let positions = region.positions.map_or(String::new(), |(from, to)| {
                    format!(":{from}-{to} (1-based, both ends included)")
                });
                format!("{} overlaps {}:chr{}{positions}", self.row(row), region.build, region.contig)
            }
            Kind::InCohort(row, id) => {
                format!("{} is a member of cohort `{}`", self.row(row), self.cohort_name(*id))
            }
            Kind::InTable { value, table, column } => {
                self.note(Note::Released);
                let (table, column) = self.column_of(*table, *column);
                format!(
                    "{} is among the released values of column `{column}` of table `{table}` (unknown where it is missing, and where it is not among them while that table withholds a value of the column or pools values in `other`)",
                    self.value(value)
                )
            }
            Kind::IsKnown(value) => format!("{} is known", self.value(value)),
            Kind::Has(rows) => {
                self.note(Note::Existence);
                format!("there is at least one {}{}", self.rows(rows, false), self.unless_assessed(rows))
            }
            Kind::Counted(count, bound, rows) => {
                self.note(Note::Counting);
                let many = *bound != 1;
                let verb = if many { "are" } else { "is" };
                format!(
                    "there {verb} {} {bound} {}{}",
                    counts(*count),
                    self.rows(rows, many),
                    self.unless_assessed(rows)
                )
            }
            Kind::CountedOf(count, bound, parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!("({})", self.condition(part))).collect();
                format!("{} {bound} of these {} are true: {}", counts(*count), parts.len(), parts.join(", "))
            }
            Kind::Observed { subject, from, to } => format!(
                "{} is observed on every day from {} to {}, both included, in one observation period or in several without a gap",
                self.row(subject),
                self.value(from),
                self.value(to)
            ),
            Kind::ConsentValid { row, at, purpose } => {
                let for_purpose = purpose.as_ref().map_or(String::new(), |name| self.purpose(name));
                match at {
                    Some(at) => {
                        self.note(Note::Consent);
                        format!(
                            "the consent of {} is valid on {}{for_purpose}",
                            self.row(row),
                            self.value(at)
                        )
                    }
                    None => format!("the consent of {} is valid{for_purpose}", self.row(row)),
                }
            }
            Kind::Literal(Value::Bool(value)) => if *value { "always" } else { "never" }.to_owned(),
            Kind::Case(arms, otherwise) => self.decided(arms, otherwise),
            Kind::Null => "this is unknown".to_owned(),
            Kind::Literal(_)
            | Kind::Column(..)
            | Kind::Key(_)
            | Kind::Index(_)
            | Kind::Exit(..)
            | Kind::Episode(..)
            | Kind::OrElse(..)
            | Kind::Arithmetic(..)
            | Kind::ToDecimal(_)
            | Kind::InUnit(..)
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

    /// All of several conditions; the two ends of a window are said together.
    pub(crate) fn all(&self, conditions: Vec<&Expr>) -> String {
        let mut flat = Vec::new();
        for condition in conditions {
            flatten(condition, &mut flat);
        }
        let mut words = Vec::new();
        let mut at = 0;
        while let Some(one) = flat.get(at) {
            at += 1;
            if let Some(window) = flat.get(at).and_then(|next| self.window(one, next)) {
                words.push(window);
                at += 1;
            } else {
                words.push(self.part(one));
            }
        }
        self.note(Note::Unknown);
        words.join(" and ")
    }

    /// A lower and an upper bound of one date.
    fn window(&self, lower: &Expr, upper: &Expr) -> Option<String> {
        let (Kind::Compare(from, date, first), Kind::Compare(to, same, last)) = (&lower.kind, &upper.kind)
        else {
            return None;
        };
        if date.ty != Type::Date || date.kind != same.kind {
            return None;
        }
        let from = match from {
            Comparison::Greater => "excluded",
            Comparison::GreaterOrEqual => "included",
            Comparison::Equal | Comparison::NotEqual | Comparison::Less | Comparison::LessOrEqual => {
                return None;
            }
        };
        let to = match to {
            Comparison::Less => "excluded",
            Comparison::LessOrEqual => "included",
            Comparison::Equal | Comparison::NotEqual | Comparison::Greater | Comparison::GreaterOrEqual => {
                return None;
            }
        };
        Some(format!(
            "{} lies from {} ({from}) to {} ({to})",
            self.value(date),
            self.value(first),
            self.value(last)
        ))
    }

    /// A condition inside another one.
    pub(crate) fn part(&self, expr: &Expr) -> String {
        if is_compound(expr) { format!("({})", self.condition(expr)) } else { self.condition(expr) }
    }

    fn negated(&self, inner: &Expr) -> String {
        match &inner.kind {
            Kind::Has(rows) => {
                self.note(Note::Existence);
                format!("there is no {}{}", self.rows(rows, false), self.unless_assessed(rows))
            }
            Kind::IsKnown(value) => format!("{} is not known", self.value(value)),
            Kind::Column(..) => format!("{} is false", self.value(inner)),
            Kind::InCodes(code, test) => format!("{} is none of {}", self.value(code), self.codes(test)),
            Kind::InValues(value, values) => {
                let values: Vec<String> = values.iter().map(|one| literal(one, &value.ty)).collect();
                format!("{} is none of {}", self.value(value), listed(&values, "and"))
            }
            Kind::IsAllele(row, all) => format!("{} is not {}", self.row(row), alleles(all)),
            Kind::InCohort(row, id) => {
                format!("{} is no member of cohort `{}`", self.row(row), self.cohort_name(*id))
            }
            Kind::Not(inner) => self.condition(inner),
            Kind::And(_)
            | Kind::Or(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InRegion(..)
            | Kind::InGeneCodes { .. }
            | Kind::InTable { .. }
            | Kind::Counted(..)
            | Kind::CountedOf(..)
            | Kind::Observed { .. }
            | Kind::ConsentValid { .. }
            | Kind::Null
            | Kind::Literal(_)
            | Kind::Key(_)
            | Kind::Index(_)
            | Kind::Exit(..)
            | Kind::Episode(..)
            | Kind::OrElse(..)
            | Kind::Case(..)
            | Kind::Arithmetic(..)
            | Kind::ToDecimal(_)
            | Kind::InUnit(..)
            | Kind::AddDays(..)
            | Kind::AddMonths(..)
            | Kind::DaysBetween(..)
            | Kind::AgeAt(..)
            | Kind::Zygosity(_)
            | Kind::MonthOf(_)
            | Kind::YearOf(_)
            | Kind::Band(..)
            | Kind::Pick { .. }
            | Kind::Aggregate { .. } => format!("it is not so that {}", self.part(inner)),
        }
    }

    fn compared(&self, comparison: Comparison, left: &Expr, right: &Expr) -> String {
        if left.ty == Type::Date {
            return format!("{} is {} {}", self.value(left), compares_dates(comparison), self.value(right));
        }
        if let (Type::Enum(list), false) =
            (&left.ty, matches!(comparison, Comparison::Equal | Comparison::NotEqual))
        {
            return format!(
                "{} {} {} (in the order {})",
                self.value(left),
                is(compares(comparison)),
                self.value(right),
                list.members.join(" < ")
            );
        }
        format!("{} {} {}", self.value(left), is(compares(comparison)), self.value(right))
    }

    /// A condition that is another one for other rows.
    fn decided(&self, arms: &[(Expr, Expr)], otherwise: &Expr) -> String {
        if let Some(words) = self.units_by_code(arms, otherwise) {
            return words;
        }
        let arms: Vec<String> = arms
            .iter()
            .map(|(when, then)| format!("where {}: {}", self.condition(when), self.answer(then)))
            .collect();
        format!("the first that applies decides ({}; otherwise: {})", arms.join("; "), self.answer(otherwise))
    }

    fn answer(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Literal(Value::Bool(true)) => "yes".to_owned(),
            Kind::Literal(Value::Bool(false)) => "no".to_owned(),
            Kind::Null => "unknown".to_owned(),
            _ => self.condition(expr),
        }
    }

    /// A bound in several units, with those that a declared conversion adds for rows of some codes.
    fn units_by_code(&self, arms: &[(Expr, Expr)], otherwise: &Expr) -> Option<String> {
        let Kind::CompareQuantity { comparison, value, unit, in_units } = &otherwise.kind else {
            return None;
        };
        let mut words = bounds(in_units);
        for (when, then) in arms {
            let (Kind::InCodes(code, test), Kind::CompareQuantity { in_units: more, .. }) =
                (&when.kind, &then.kind)
            else {
                return None;
            };
            let more: Vec<(String, Number)> =
                more.iter().filter(|one| !in_units.contains(one)).cloned().collect();
            words += &format!(
                " or, where {} is {}, by the conversion that the model declares, {}",
                self.value(code),
                self.codes(test),
                bounds(&more)
            );
        }
        Some(format!(
            "{}, in the unit that {} names, {} {words} (any other unit, or none, is unknown)",
            self.value(value),
            self.value(unit),
            is(compares(*comparison)),
        ))
    }

    /// A purpose by its name, and what it is.
    fn purpose(&self, name: &str) -> String {
        match self.input.permitted.grounds().purposes.get(name) {
            Some(purpose) => format!(" for the purpose `{name}` ({purpose})"),
            None => format!(" for the purpose `{name}`"),
        }
    }

    /// The names of a table and of one of its columns.
    fn column_of(&self, table: TableId, column: u32) -> (&str, &str) {
        let Some(table) = self.query.tables.get(table.0 as usize) else { return ("", "") };
        let column = table.shown.get(column as usize).map_or("", |shown| shown.name.as_str());
        (&table.name, column)
    }
}

/// Whether a condition needs parentheses beside another.
fn is_compound(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::And(_) | Kind::Or(_) | Kind::CountedOf(..))
}

fn flatten<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match &expr.kind {
        Kind::And(parts) => parts.iter().for_each(|part| flatten(part, into)),
        _ => into.push(expr),
    }
}

/// `7 mmol/L or 7000 umol/L`
fn bounds(in_units: &[(String, Number)]) -> String {
    let bounds: Vec<String> = in_units.iter().map(|(unit, number)| format!("{number} {unit}")).collect();
    listed(&bounds, "or")
}
