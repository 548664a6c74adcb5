//! Shown columns in words.

use crate::literal::{compares, is, literal};
use crate::notes::Note;
use crate::table::{frequencies, keys_of};
use crate::value::operation;
use crate::{Words, listed};
use types::Fraction;
use types::{
    AggregateFunction, Arithmetic, Expr, FisherPart, FrequencyField, GroupCell, Kind, Shown, ShownExpr,
    Table, TableBody, Type,
};

impl Words<'_> {
    pub(crate) fn shown(&self, shown: &ShownExpr, table: &Table) -> String {
        let of = |inner: &ShownExpr| self.shown(inner, table);
        match shown {
            ShownExpr::Cell(cell) => self.cell(cell, table),
            ShownExpr::Shown(at) => {
                table.shown.get(*at as usize).map_or(String::new(), |column| format!("`{}`", column.name))
            }
            ShownExpr::Literal(value) => literal(value, &Type::Unknown),
            ShownExpr::Arithmetic(operator, left, right) => {
                self.note(Note::Arithmetic);
                format!("({} {} {})", of(left), operation(*operator), of(right))
            }
            ShownExpr::Compare(comparison, left, right) => {
                let (left, right) = match (&**left, &**right) {
                    (left, ShownExpr::Literal(bound)) => (of(left), literal(bound, &type_of(left, table))),
                    (ShownExpr::Literal(bound), right) => (literal(bound, &type_of(right, table)), of(right)),
                    (left, right) => (of(left), of(right)),
                };
                format!("{left} {} {right}", is(compares(*comparison)))
            }
            ShownExpr::And(parts) => parts.iter().map(of).collect::<Vec<_>>().join(" and "),
            ShownExpr::Or(parts) => format!("({})", parts.iter().map(of).collect::<Vec<_>>().join(" or ")),
            ShownExpr::Not(inner) => format!("it is not so that {}", of(inner)),
            ShownExpr::IsKnown(inner) => format!("{} is released and known", of(inner)),
            ShownExpr::Fisher(part, counts) => {
                let part = match part {
                    FisherPart::OddsRatio => "the sample odds ratio",
                    FisherPart::P => "the two-sided probability",
                };
                let [a, of_a, b, of_b] = counts.as_ref();
                format!(
                    "{part} of Fisher's exact test, on released counts, of {} out of {} against {} out of {}",
                    of(a),
                    of(of_a),
                    of(b),
                    of(of_b)
                )
            }
            ShownExpr::Grpmax { record, cell } => {
                let by: Vec<String> = frequencies(&table.body)
                    .get(*record as usize)
                    .map(|frequency| frequency.keys.iter().map(|key| format!("`{}`", key.name)).collect())
                    .unwrap_or_default();
                format!(
                    "{}, in the group of {} with the greatest released allele frequency of the allele above zero",
                    self.cell(cell, table),
                    listed(&by, "and")
                )
            }
            ShownExpr::RegroupKey(at) => format!("the key `{}`", regrouped_name(*at, table)),
            ShownExpr::Regrouped { function, argument, filter } => {
                let filter = filter.map_or(String::new(), |at| {
                    format!(", of those only where {}", self.regrouped(at, table))
                });
                match (function, argument) {
                    (_, None) => format!("the number of released rows of the group{filter}"),
                    (AggregateFunction::Share | AggregateFunction::Wilson, Some(at)) => {
                        let test = self.regrouped(*at, table);
                        share(self, *function, "released rows of the group", &test) + &filter
                    }
                    (_, Some(at)) => format!(
                        "{} over the released rows of the group{filter}",
                        aggregated(self, *function, &self.regrouped(*at, table))
                    ),
                }
            }
            ShownExpr::Previous { along, within, value } => {
                let same: Vec<String> =
                    within.iter().map(|at| format!("`{}`", self.key_name(*at, table))).collect();
                let same = if same.is_empty() {
                    String::new()
                } else {
                    format!(" with the same {}", listed(&same, "and"))
                };
                format!(
                    "{} in the row before, along `{}`{same} (missing in the first)",
                    of(value),
                    self.key_name(*along, table)
                )
            }
        }
    }

    fn cell(&self, cell: &GroupCell, table: &Table) -> String {
        match cell {
            GroupCell::Key(at) => format!("the key `{}`", self.key_name(*at, table)),
            GroupCell::Nested(at) => table.nested.get(*at as usize).map_or(String::new(), |nested| {
                let rows = self.rows(&nested.rows, true);
                let row = nested.rows.steps.last().map(|step| step.row.id);
                let columns: Vec<String> = nested
                    .columns
                    .iter()
                    .map(|(name, value)| format!("`{name}`, {}", self.within(row, || self.value(value))))
                    .collect();
                format!("the {rows}, and of each {}", listed(&columns, "and"))
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
                    (AggregateFunction::Share | AggregateFunction::Wilson, Some(test)) => {
                        share(self, *function, &format!("{rows} of the group"), &self.condition(test))
                            + &filter
                    }
                    (_, argument) => {
                        let argument =
                            argument.as_ref().map_or("rows".to_owned(), |argument| self.value(argument));
                        format!(
                            "{} over the {rows} of the group{filter}",
                            aggregated(self, *function, &argument)
                        )
                    }
                }
            }
            GroupCell::Frequency { record, field } => {
                let name = frequencies(&table.body)
                    .get(*record as usize)
                    .map_or("", |frequency| frequency.name.as_str());
                let of = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
                format!("{}{of}", field_words(*field))
            }
        }
    }

    fn key_name<'t>(&self, at: u32, table: &'t Table) -> &'t str {
        keys_of(&table.body).nth(at as usize).map_or("", |key| key.name.as_str())
    }

    /// A value of the released rows that are grouped once more.
    fn regrouped(&self, at: u32, table: &Table) -> String {
        regroup_value(at, table).map_or(String::new(), |value| self.shown(&value.value, table))
    }
}

fn regrouped_name(at: u32, table: &Table) -> &str {
    regroup_value(at, table).map_or("", |value| value.name.as_str())
}

fn regroup_value(at: u32, table: &Table) -> Option<&Shown> {
    table.regroup.as_ref()?.values.get(at as usize)
}

/// The type of a value, as far as a bound beside it needs it for its unit.
fn type_of(shown: &ShownExpr, table: &Table) -> Type {
    match shown {
        ShownExpr::Shown(at) => table.shown.get(*at as usize).map(|column| column.ty.clone()),
        ShownExpr::Cell(cell) | ShownExpr::Grpmax { cell, record: _ } => cell_type(cell, table),
        ShownExpr::Previous { value, along: _, within: _ } => Some(type_of(value, table)),
        ShownExpr::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right) => {
            let (left, right) = (type_of(left, table), type_of(right, table));
            (left == right).then_some(left)
        }
        ShownExpr::RegroupKey(at) => regroup_value(*at, table).map(|value| value.ty.clone()),
        ShownExpr::Regrouped { function, argument, filter: _ } => match function {
            AggregateFunction::Share => Some(Type::Percent),
            AggregateFunction::Count | AggregateFunction::Wilson => None,
            AggregateFunction::Sum
            | AggregateFunction::Mean
            | AggregateFunction::Median
            | AggregateFunction::Quantile(_)
            | AggregateFunction::Min
            | AggregateFunction::Max => {
                argument.and_then(|at| regroup_value(at, table)).map(|value| value.ty.clone())
            }
        },
        ShownExpr::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide, ..)
        | ShownExpr::Literal(_)
        | ShownExpr::Compare(..)
        | ShownExpr::And(_)
        | ShownExpr::Or(_)
        | ShownExpr::Not(_)
        | ShownExpr::IsKnown(_)
        | ShownExpr::Fisher(..) => None,
    }
    .unwrap_or(Type::Unknown)
}

fn cell_type(cell: &GroupCell, table: &Table) -> Option<Type> {
    match cell {
        GroupCell::Nested(_) => None,
        GroupCell::Key(at) => keys_of(&table.body).nth(*at as usize).map(|key| key.value.ty.clone()),
        GroupCell::Value(at) => match &table.body {
            TableBody::Rows { values } | TableBody::Frequency { values, .. } => {
                values.get(*at as usize).map(|value| value.ty.clone())
            }
            TableBody::Groups { .. } => None,
        },
        GroupCell::Aggregate { function: AggregateFunction::Share, .. } => Some(Type::Percent),
        GroupCell::Aggregate { function: AggregateFunction::Count, .. } => None,
        GroupCell::Aggregate { argument, .. } => argument.as_ref().map(|argument| argument.ty.clone()),
        GroupCell::Frequency { field, .. } => match field {
            FrequencyField::Af
            | FrequencyField::CallRate
            | FrequencyField::Faf95
            | FrequencyField::CarrierFrequency => Some(Type::Percent),
            FrequencyField::Ac
            | FrequencyField::An
            | FrequencyField::Het
            | FrequencyField::Hom
            | FrequencyField::Hemi
            | FrequencyField::Carriers
            | FrequencyField::Missing
            | FrequencyField::People
            | FrequencyField::HardyWeinberg
            | FrequencyField::ExcessHet => None,
        },
    }
}

/// A share, or its interval, of rows for which something is true.
pub(crate) fn share(words: &Words<'_>, function: AggregateFunction, rows: &str, test: &str) -> String {
    words.note(Note::Share);
    let interval = if function == AggregateFunction::Wilson { "the 95 % interval of " } else { "" };
    format!("{interval}the share of the {rows} for which {test}")
}

/// An aggregate of a value, without what it is taken over.
pub(crate) fn aggregated(words: &Words<'_>, function: AggregateFunction, argument: &str) -> String {
    words.note(match function {
        AggregateFunction::Median => Note::Median,
        AggregateFunction::Quantile(_) => Note::Quantile,
        AggregateFunction::Share | AggregateFunction::Wilson => Note::Share,
        AggregateFunction::Count
        | AggregateFunction::Sum
        | AggregateFunction::Mean
        | AggregateFunction::Min
        | AggregateFunction::Max => Note::Known,
    });
    match function {
        AggregateFunction::Count => format!("the number of distinct values of {argument}"),
        AggregateFunction::Sum => format!("the sum of {argument}"),
        AggregateFunction::Mean => format!("the mean of {argument}"),
        AggregateFunction::Median => format!("the median of {argument}"),
        AggregateFunction::Quantile(share) => format!("the {} % quantile of {argument}", percent(share)),
        AggregateFunction::Min => format!("the least of {argument}"),
        AggregateFunction::Max => format!("the greatest of {argument}"),
        AggregateFunction::Share => format!("the share of yes to {argument}"),
        AggregateFunction::Wilson => format!("the 95 % interval of the share of yes to {argument}"),
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
            "the exact probability of the genotypes seen under Hardy-Weinberg equilibrium (diploid calls; on X outside the pseudoautosomal regions women only)"
        }
        FrequencyField::ExcessHet => "the exact one-sided probability of as many heterozygous people or more",
        FrequencyField::Faf95 => {
            "the largest frequency whose Poisson 95 % upper tail lies below the copies seen; 0 for one copy or none"
        }
    }
}

/// `2.5`, of a share of 0.025.
fn percent(share: Fraction) -> String {
    let (whole, rest) = (share.parts() / 100, share.parts() % 100);
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{}", format!("{rest:02}").trim_end_matches('0'))
    }
}
