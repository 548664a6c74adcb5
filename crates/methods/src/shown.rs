//! Shown columns in words.

use crate::{Words, expr};
use types::{
    AggregateFunction, Arithmetic, Comparison, Expr, FrequencyField, GroupCell, Kind, ShownExpr, Table,
    TableBody,
};

impl Words<'_> {
    pub(crate) fn shown(&self, shown: &ShownExpr, table: &Table) -> String {
        let of = |inner: &ShownExpr| self.shown(inner, table);
        let all = |parts: &[ShownExpr], word: &str| parts.iter().map(&of).collect::<Vec<_>>().join(word);
        match shown {
            ShownExpr::Cell(cell) => self.cell(cell, table),
            ShownExpr::Shown(at) => {
                table.shown.get(*at as usize).map_or(String::new(), |column| format!("`{}`", column.name))
            }
            ShownExpr::Literal(value) => expr::literal(value, &types::Type::Unknown),
            ShownExpr::Arithmetic(operator, left, right) => {
                let sign = match operator {
                    Arithmetic::Add => "plus",
                    Arithmetic::Subtract => "minus",
                    Arithmetic::Multiply => "times",
                    Arithmetic::Divide => "divided by",
                };
                format!("({} {sign} {}), of released values", of(left), of(right))
            }
            ShownExpr::Compare(comparison, left, right) => {
                let sign = match comparison {
                    Comparison::Equal => "equal to",
                    Comparison::NotEqual => "different from",
                    Comparison::Less => "less than",
                    Comparison::LessOrEqual => "at most",
                    Comparison::Greater => "greater than",
                    Comparison::GreaterOrEqual => "at least",
                };
                format!("{} is {sign} {}", of(left), of(right))
            }
            ShownExpr::And(parts) => all(parts, " and "),
            ShownExpr::Or(parts) => format!("({})", all(parts, " or ")),
            ShownExpr::Not(inner) => format!("it is not so that {}", of(inner)),
            ShownExpr::IsKnown(inner) => format!("{} is released and known", of(inner)),
            ShownExpr::Fisher(part, counts) => {
                let part = match part {
                    types::FisherPart::OddsRatio => "the sample odds ratio",
                    types::FisherPart::P => "the two-sided probability",
                };
                let counts: Vec<String> = counts.iter().map(of).collect();
                format!("{part} of Fisher's exact test of the released counts ({})", counts.join("; "))
            }
            ShownExpr::Grpmax { record: _, cell } => format!(
                "{}, in the group with the greatest released allele frequency of the allele",
                self.cell(cell, table)
            ),
            ShownExpr::RegroupKey(at) => format!("the key `{}`", regrouped(*at, table)),
            ShownExpr::Regrouped { function, argument, filter } => {
                let filter = filter
                    .map_or(String::new(), |at| format!(", of those only where `{}`", regrouped(at, table)));
                match argument {
                    None => format!("the number of released rows of the group{filter}"),
                    Some(at) => format!(
                        "{} over the released rows of the group{filter}",
                        aggregated(*function, &format!("`{}`", regrouped(*at, table)))
                    ),
                }
            }
            ShownExpr::Previous { along, within: _, value } => format!(
                "{} in the row before, along `{}` and with the same other keys",
                of(value),
                self.key_name(*along, table)
            ),
        }
    }

    fn cell(&self, cell: &GroupCell, table: &Table) -> String {
        match cell {
            GroupCell::Key(at) => format!("the key `{}`", self.key_name(*at, table)),
            GroupCell::Nested(at) => table.nested.get(*at as usize).map_or(String::new(), |nested| {
                let columns: Vec<String> = nested
                    .columns
                    .iter()
                    .map(|(name, value)| format!("`{name}`: {}", self.value(value)))
                    .collect();
                format!("the {}, of each of which {}", self.rows(&nested.rows, true), columns.join(", "))
            }),
            GroupCell::Value(at) => match &table.body {
                TableBody::Rows { values } | TableBody::Frequency { values, .. } => {
                    values.get(*at as usize).map_or(String::new(), |value| self.value(value))
                }
                TableBody::Groups { .. } => String::new(),
            },
            GroupCell::Aggregate { function, argument, filter } => {
                let rows = &self.input.model.entity(table.row.entity).plural;
                let filter = filter.as_ref().map_or(String::new(), |filter| {
                    format!(", of those only where {}", self.condition(filter))
                });
                match (function, argument) {
                    (AggregateFunction::Count, None) => format!("the number of {rows}{filter}"),
                    (AggregateFunction::Count, Some(Expr { kind: Kind::Key(row), .. })) => {
                        let entity = self.input.model.entity(row.entity);
                        format!("the number of distinct {}{filter}", entity.plural)
                    }
                    (_, argument) => {
                        let argument =
                            argument.as_ref().map_or("rows".to_owned(), |argument| self.value(argument));
                        format!("{} over the {rows} of the group{filter}", aggregated(*function, &argument))
                    }
                }
            }
            GroupCell::Frequency { record, field } => {
                let name = match &table.body {
                    TableBody::Frequency { frequencies, .. } => {
                        frequencies.get(*record as usize).map_or("", |frequency| frequency.name.as_str())
                    }
                    TableBody::Rows { .. } | TableBody::Groups { .. } => "",
                };
                let of = if name.is_empty() { String::new() } else { format!(", of `{name}`") };
                format!("{}{of}", field_words(*field))
            }
        }
    }

    fn key_name<'t>(&self, at: u32, table: &'t Table) -> &'t str {
        let (first, then): (&[types::GroupKey], &[types::GroupKey]) = match &table.body {
            TableBody::Groups { keys, .. } => (keys, &[]),
            TableBody::Frequency { frequencies, pooled, .. } => (
                pooled.as_ref().map_or(&[], |pooled| pooled.keys.as_slice()),
                frequencies.first().map_or(&[], |frequency| frequency.keys.as_slice()),
            ),
            TableBody::Rows { .. } => return "",
        };
        first.iter().chain(then).nth(at as usize).map_or("", |key| key.name.as_str())
    }
}

/// The name of a value of the released rows that are grouped once more.
fn regrouped(at: u32, table: &Table) -> &str {
    let values = table.regroup.as_ref().map_or(&[][..], |regroup| regroup.values.as_slice());
    values.get(at as usize).map_or("", |value| value.name.as_str())
}

/// An aggregate of a value, without what it is taken over.
pub(crate) fn aggregated(function: AggregateFunction, argument: &str) -> String {
    match function {
        AggregateFunction::Count => format!("the number of distinct values of {argument}"),
        AggregateFunction::Sum => format!("the sum of known values of {argument}"),
        AggregateFunction::Mean => format!("the mean of known values of {argument}"),
        AggregateFunction::Median => {
            format!("the median of known values of {argument} (of an even number the mean of the middle two)")
        }
        AggregateFunction::Min => format!("the least known value of {argument}"),
        AggregateFunction::Max => format!("the greatest known value of {argument}"),
        AggregateFunction::Share => format!("the share of yes among the known answers to {argument}"),
        AggregateFunction::Wilson => {
            format!("the 95 % Wilson interval of the share of yes among the known answers to {argument}")
        }
    }
}

fn field_words(field: FrequencyField) -> &'static str {
    match field {
        FrequencyField::Ac => "the number of copies of the allele",
        FrequencyField::An => "the number of known alleles of any kind over all eligible samples",
        FrequencyField::Af => "the allele frequency, copies over known alleles",
        FrequencyField::Het => "the number of people with one copy of two",
        FrequencyField::Hom => "the number of people with two copies of two",
        FrequencyField::Hemi => "the number of people with the one copy that is expected",
        FrequencyField::Carriers => "the number of people with at least one copy",
        FrequencyField::Missing => "the number of eligible people without a full call",
        FrequencyField::CallRate => "the share of eligible people who are fully called",
        FrequencyField::People => "the number of eligible people",
        FrequencyField::CarrierFrequency => "the share of eligible people with at least one copy",
        FrequencyField::HardyWeinberg => {
            "the exact probability of the genotypes seen under Hardy-Weinberg equilibrium"
        }
        FrequencyField::ExcessHet => "the exact one-sided probability of as many heterozygous people or more",
        FrequencyField::Faf95 => {
            "the largest frequency whose Poisson 95 % upper tail lies below the copies seen; 0 for one copy or none"
        }
    }
}
