//! Comparisons, memberships in lists, alleles and regions: one side is known, or is made so, and the other is
//! solved for the value nearest to it on the wanted side.

use super::candidates::{shown, turned};
use super::{Solver, in_turn};
use crate::days::add_days;
use crate::draft::Draft;
use crate::scope::Scope;
use types::{Allele, Comparison, Expr, Kind, Number, Region, Row, Type, Value};

impl<'a> Solver<'a> {
    pub(super) fn compare(
        &self,
        draft: &Draft,
        (comparison, left, right): (Comparison, &'a Expr, &'a Expr),
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(want) = want else { return self.unknown(draft, left, right, scope) };
        let wanted = if want { comparison } else { turned_round(comparison) };
        let mut ways = Vec::new();
        for (free, bound, wanted) in [(left, right, wanted), (right, left, mirrored(wanted))] {
            if matches!(free.kind, Kind::Literal(_)) {
                continue;
            }
            for way in self.ground(draft, bound, scope).into_iter().take(4) {
                let Some(at) = self.asked.value(&way, bound, scope) else { continue };
                // Above a lower bound the least is nearest, below an upper one the greatest.
                let high = matches!(wanted, Comparison::Less | Comparison::LessOrEqual);
                for value in turned(self.beside(&free.ty, wanted, &at), if want { draft.turn } else { 0 }) {
                    let made = self.set(&way, free, Some(value.clone()), high, scope);
                    let told = || format!("{} {}", named(self, free), shown(&free.ty, &value));
                    ways.extend(made.into_iter().map(|way| self.noted(way, told)));
                }
            }
            if !ways.is_empty() {
                break;
            }
        }
        ways
    }

    /// One of two values not known.
    fn unknown(&self, draft: &Draft, left: &'a Expr, right: &'a Expr, scope: &Scope<'a>) -> Vec<Draft> {
        let mut ways = Vec::new();
        for side in [left, right].into_iter().filter(|side| !matches!(side.kind, Kind::Literal(_))) {
            let made = self.set(draft, side, None, false, scope);
            let told = || format!("{} not known", named(self, side));
            ways.extend(made.into_iter().map(|way| self.noted(way, told)));
        }
        ways
    }

    /// A quantity against a bound, in one of the units in which the bound is known.
    pub(super) fn quantity(
        &self,
        draft: &Draft,
        (comparison, value, unit, in_units): (Comparison, &'a Expr, &'a Expr, &[(String, Number)]),
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(want) = want else { return self.unknown(draft, value, unit, scope) };
        let wanted = if want { comparison } else { turned_round(comparison) };
        // The unit that was written has the roundest bound.
        let mut units: Vec<&(String, Number)> = in_units.iter().collect();
        units.sort_by_key(|(name, bound)| (bound.to_string().len(), name.clone()));
        units.dedup_by_key(|(_, bound)| *bound);
        let high = matches!(wanted, Comparison::Less | Comparison::LessOrEqual);
        let mut each = Vec::new();
        for (name, bound) in turned(units, if want { draft.turn } else { 0 }).into_iter().take(3) {
            let mut ways = Vec::new();
            for way in self.set(draft, unit, Some(Value::Text(name.clone())), false, scope) {
                let near = self.beside(&Type::Decimal, wanted, &Value::Number(*bound));
                for number in turned(near, if want { draft.turn } else { 0 }) {
                    let made = self.set(&way, value, Some(number.clone()), high, scope);
                    let told = || format!("{} {} {name}", named(self, value), shown(&Type::Decimal, &number));
                    ways.extend(made.into_iter().map(|way| self.noted(way, told)));
                }
            }
            each.push(ways);
        }
        in_turn(each)
    }

    pub(super) fn in_values(
        &self,
        draft: &Draft,
        inner: &'a Expr,
        values: &[Value],
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let values = match want {
            Some(true) => turned(values.to_vec(), draft.turn).into_iter().map(Some).collect(),
            Some(false) => self.others(&inner.ty, values).into_iter().map(Some).collect(),
            None => vec![None],
        };
        let mut ways = Vec::new();
        for value in values {
            let told = || match &value {
                Some(value) => format!("{} {}", named(self, inner), shown(&inner.ty, value)),
                None => format!("{} not known", named(self, inner)),
            };
            let made = self.set(draft, inner, value.clone(), false, scope);
            ways.extend(made.into_iter().map(|way| self.noted(way, told)));
        }
        ways
    }

    pub(super) fn is_allele(
        &self,
        draft: &Draft,
        row: &Row,
        alleles: &[Allele],
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(at) = self.asked.at(draft, row, scope) else { return Vec::new() };
        let wanted: Vec<Allele> = match want {
            Some(true) => turned(alleles.to_vec(), draft.turn),
            // The base beside it, changed.
            Some(false) => alleles.iter().take(1).map(|allele| beside(allele, alleles)).collect(),
            None => Vec::new(),
        };
        let mut ways = Vec::new();
        for allele in wanted {
            // A row of the same identity is another one: rows of an allele are not made twice.
            if draft.variant(self.asked.model, &allele).is_some() {
                continue;
            }
            let mut way = draft.clone();
            if way.identify(self.asked.model, at, &allele) {
                ways.push(self.noted(way, || allele.written()));
            }
        }
        ways
    }

    pub(super) fn in_region(
        &self,
        draft: &Draft,
        row: &Row,
        region: &Region,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(at) = self.asked.at(draft, row, scope) else { return Vec::new() };
        let (from, to) = region.positions.unwrap_or((1_000_000, 2_000_000));
        let places: Vec<i64> = match want {
            Some(true) => (0..50).map(|step| from + step).chain([to]).filter(|place| *place <= to).collect(),
            Some(false) if region.positions.is_some() => vec![to + 1, from - 1],
            Some(false) | None => Vec::new(),
        };
        let mut ways = Vec::new();
        for position in places.into_iter().filter(|place| *place > 0) {
            let allele = Allele {
                build: region.build.clone(),
                contig: region.contig.clone(),
                position,
                reference: "A".to_owned(),
                alternate: "G".to_owned(),
            };
            let mut way = draft.clone();
            if way.variant(self.asked.model, &allele).is_none() && way.identify(self.asked.model, at, &allele)
            {
                ways.push(self.noted(way, || allele.written()));
            }
            if ways.len() >= 3 {
                break;
            }
        }
        ways
    }

    /// A permission on a day, or for a purpose.
    pub(super) fn consent(
        &self,
        draft: &Draft,
        at: Option<&'a Expr>,
        named_purpose: bool,
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let mut ways = Vec::new();
        let days = match at {
            None => vec![(draft.clone(), self.asked.as_of)],
            Some(at) => self
                .ground(draft, at, scope)
                .into_iter()
                .filter_map(|way| self.asked.date(&way, at, scope).map(|day| (way, day)))
                .collect(),
        };
        for (way, day) in days {
            if want == Some(true) {
                ways.push(way);
                continue;
            }
            if named_purpose && way.consent.limits.is_empty() {
                let mut limited = way.clone();
                limited.consent.limits = vec!["DUO:0000018"];
                ways.push(self.noted(limited, || "permits no use for profit".to_owned()));
            }
            if let Some(next) = add_days(day, 1).filter(|next| *next <= self.asked.as_of) {
                let mut later = way.clone();
                later.consent.from = next;
                ways.push(self.noted(later, || format!("permits from {next} on")));
            }
            if at.is_none() && !named_purpose {
                let mut withdrawn = way;
                withdrawn.consent.withdrawn = Some(self.asked.as_of);
                ways.push(
                    self.noted(withdrawn, || format!("took the permission back on {}", self.asked.as_of)),
                );
            }
        }
        ways
    }
}

/// What a value is of, as people say it.
pub(super) fn named(solver: &Solver<'_>, expr: &Expr) -> String {
    match &expr.kind {
        Kind::Column(row, column) => {
            let entity = solver.asked.model.entity(row.entity);
            format!("{}.{}", entity.name, entity.column(*column).name)
        }
        Kind::AgeAt(..) => "age".to_owned(),
        Kind::Index(_) => "index".to_owned(),
        Kind::Zygosity(_) => "zygosity".to_owned(),
        Kind::AddDays(inner, _)
        | Kind::AddMonths(inner, _)
        | Kind::OrElse(inner, _)
        | Kind::ToDecimal(inner)
        | Kind::InUnit(inner, _)
        | Kind::MonthOf(inner)
        | Kind::YearOf(inner)
        | Kind::Pick { value: inner, .. } => named(solver, inner),
        _ => format!("`{}`", (solver.words)(expr.range)),
    }
}

/// A change of one base beside an allele, which is none of the others.
fn beside(allele: &Allele, others: &[Allele]) -> Allele {
    let last = allele.position + i64::try_from(allele.reference.len()).unwrap_or(1);
    let mut other =
        Allele { position: last, reference: "A".to_owned(), alternate: "G".to_owned(), ..allele.clone() };
    while others.contains(&other) {
        other.position += 1;
    }
    other
}

fn turned_round(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}
