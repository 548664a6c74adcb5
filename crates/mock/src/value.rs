//! What an expression is for a draft, in three-valued logic: null is unknown.
//!
//! It guides the search and is believed by nobody: what was made is asked of `eval` afterwards. Of the forms
//! that no search makes (released values of another table, candidates of inheritance) the value is unknown.

use crate::days::{add_days, add_months, age, days_between};
use crate::draft::{At, Cell, Draft};
use crate::logic::{ONE, and, arithmetic, decided, holds, in_codes, not, number, order};
use crate::scope::{Asked, Place, Scope};
use jiff::civil::Date;
use model::Linkage;
use std::cmp::Ordering;
use types::{
    AggregateFunction, Bound, CohortId, Count, EachOther, Exit, ExitPart, Expr, Kind, Number, Row, Rows,
    RowsSource, Type, Value,
};

/// A row that a condition kept, or may have kept.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) place: Place,
    /// `None`: it is not known whether its conditions hold.
    pub(crate) holds: Option<bool>,
}

impl<'a> Asked<'a> {
    /// The truth of a condition.
    pub(crate) fn truth(&self, draft: &Draft, expr: &'a Expr, scope: &Scope<'a>) -> Option<bool> {
        match self.value(draft, expr, scope) {
            Some(Value::Bool(value)) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn date(&self, draft: &Draft, expr: &'a Expr, scope: &Scope<'a>) -> Option<Date> {
        match self.value(draft, expr, scope) {
            Some(Value::Date(value)) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn int(&self, draft: &Draft, expr: &'a Expr, scope: &Scope<'a>) -> Option<i64> {
        match self.value(draft, expr, scope) {
            Some(Value::Int(value)) => Some(value),
            _ => None,
        }
    }

    /// The row of the draft that a row of the query is; `None` where a relation leads to nothing.
    pub(crate) fn at(&self, draft: &Draft, row: &Row, scope: &Scope<'a>) -> Option<At> {
        let (Place::Row(mut at) | Place::Episode { row: mut at, .. }) = scope.place(row.id)?;
        for hop in &row.hops {
            at = draft.related(self.model, at, *hop).into_iter().find(|at| self.is_there(draft, *at))?;
        }
        Some(at)
    }

    /// Whether a row is there for a query as of D.
    pub(crate) fn is_there(&self, draft: &Draft, at: At) -> bool {
        let entity = self.model.entity(draft.row(at).entity);
        let Some(dated) = entity.dated_by.filter(|_| entity.linkage != Linkage::Public) else { return true };
        !matches!(draft.cell(at, dated.start), Some(Value::Date(day)) if day > self.as_of)
    }

    /// A cell as the query sees it: what happened after D is not known.
    pub(crate) fn cell(&self, draft: &Draft, at: At, column: model::ColumnId) -> Cell {
        let value = draft.cell(at, column)?;
        let entity = self.model.entity(draft.row(at).entity);
        let bounded = entity.life.death_date == Some(column)
            || (entity.linkage != Linkage::Public
                && entity.dated_by.is_some_and(|dated| dated.end == Some(column)));
        match value {
            Value::Date(day) if bounded && day > self.as_of => None,
            value => Some(value),
        }
    }

    /// The value of an expression.
    pub(crate) fn value(&self, draft: &Draft, expr: &'a Expr, scope: &Scope<'a>) -> Cell {
        let value = |inner: &'a Expr| self.value(draft, inner, scope);
        let truth = |inner: &'a Expr| self.truth(draft, inner, scope);
        match &expr.kind {
            Kind::Literal(value) => Some(value.clone()),
            Kind::Null | Kind::InTable { .. } => None,
            Kind::Column(row, column) => {
                let at = self.at(draft, row, scope)?;
                self.cell(draft, at, *column)
            }
            Kind::Key(row) => {
                let at = self.at(draft, row, scope)?;
                let key = self.model.entity(draft.row(at).entity).key.first()?;
                draft.cell(at, *key)
            }
            Kind::Index(row) => value(scope.index(*row)?),
            Kind::Exit(row, part) => {
                let (date, reason) = self.exit(draft, scope.exit(*row)?, scope.index(*row), scope)?;
                Some(match part {
                    ExitPart::Date => Value::Date(date),
                    ExitPart::Reason => Value::Text(reason.to_owned()),
                })
            }
            Kind::Episode(row, bound) => match (scope.place(row.id)?, bound) {
                (Place::Episode { started, .. }, Bound::Started) => Some(Value::Date(started)),
                (Place::Episode { ended, .. }, Bound::Ended) => ended.map(Value::Date),
                (Place::Row(_), _) => None,
            },
            Kind::And(parts) => and(parts.iter().map(truth)).map(Value::Bool),
            Kind::Or(parts) => not(and(parts.iter().map(|part| not(truth(part))))).map(Value::Bool),
            Kind::Not(inner) => not(truth(inner)).map(Value::Bool),
            Kind::Compare(comparison, left, right) => {
                let order = order(&left.ty, &value(left)?, &value(right)?)?;
                Some(Value::Bool(holds(*comparison, order)))
            }
            Kind::CompareQuantity { comparison, value: quantity, unit, in_units } => {
                let Some(Value::Text(unit)) = value(unit) else { return None };
                let (_, bound) = in_units.iter().find(|(name, _)| *name == unit)?;
                let order = number(&value(quantity)?)?.cmp(bound);
                Some(Value::Bool(holds(*comparison, order)))
            }
            Kind::InCodes(code, test) => {
                let is = matches!(value(code), Some(Value::Text(code)) if in_codes(test, &code));
                Some(Value::Bool(is))
            }
            Kind::InGeneCodes { code, gene, annotation } => {
                let (Some(Value::Text(code)), Some(Value::Text(gene))) = (value(code), value(gene)) else {
                    return Some(Value::Bool(false));
                };
                let known = draft.of(annotation.entity).any(|at| {
                    let term = draft.cell(at, annotation.code);
                    draft.cell(at, annotation.gene) == Some(Value::Text(gene.clone()))
                        && matches!(term, Some(Value::Text(term)) if self.vocabulary.descendants_or_self(&term).contains(&code))
                });
                Some(Value::Bool(known))
            }
            Kind::InValues(inner, values) => {
                let found = value(inner)?;
                Some(Value::Bool(
                    values.iter().any(|one| order(&inner.ty, &found, one) == Some(Ordering::Equal)),
                ))
            }
            Kind::IsAllele(row, alleles) => {
                let at = self.at(draft, row, scope)?;
                let allele = draft.allele(self.model, at);
                Some(Value::Bool(allele.is_some_and(|allele| alleles.contains(&allele))))
            }
            Kind::InRegion(row, region) => {
                let at = self.at(draft, row, scope)?;
                let is = draft.allele(self.model, at).is_some_and(|allele| {
                    let last = allele.position + i64::try_from(allele.reference.len()).unwrap_or(1) - 1;
                    allele.build == region.build
                        && allele.contig == region.contig
                        && region.positions.is_none_or(|(from, to)| allele.position <= to && last >= from)
                });
                Some(Value::Bool(is))
            }
            Kind::InCohort(row, cohort) => {
                let at = self.at(draft, row, scope)?;
                Some(Value::Bool(self.is_member(draft, at, *cohort)))
            }
            Kind::IsKnown(inner) => Some(Value::Bool(value(inner).is_some())),
            Kind::OrElse(inner, otherwise) => Some(value(inner).unwrap_or_else(|| otherwise.clone())),
            Kind::Case(arms, otherwise) => {
                let arm = arms.iter().find(|(when, _)| truth(when) == Some(true));
                value(arm.map_or(otherwise, |(_, then)| then))
            }
            Kind::Arithmetic(operator, left, right) => {
                arithmetic(*operator, &value(left)?, &value(right)?, expr.ty == Type::Int)
            }
            Kind::ToDecimal(inner) => number(&value(inner)?).map(Value::Number),
            Kind::InUnit(inner, _) => value(inner),
            Kind::AddDays(day, days) => {
                let (day, days) = (self.date(draft, day, scope)?, self.int(draft, days, scope)?);
                add_days(day, days).map(Value::Date)
            }
            Kind::AddMonths(day, months) => {
                let (day, months) = (self.date(draft, day, scope)?, self.int(draft, months, scope)?);
                add_months(day, months).map(Value::Date)
            }
            Kind::DaysBetween(later, earlier) => {
                let (later, earlier) = (self.date(draft, later, scope)?, self.date(draft, earlier, scope)?);
                days_between(later, earlier).map(Value::Int)
            }
            Kind::AgeAt(row, day) => {
                let at = self.at(draft, row, scope)?;
                self.age(draft, at, self.date(draft, day, scope)?).map(Value::Int)
            }
            Kind::Zygosity(row) => {
                let at = self.at(draft, row, scope)?;
                let column = self.model.entity(draft.row(at).entity).find_column("call")?;
                Some(Value::Text(match draft.cell(at, column) {
                    Some(Value::Int(2)) => "homozygous".to_owned(),
                    Some(Value::Int(1)) | None => "heterozygous".to_owned(),
                    Some(_) => return None,
                }))
            }
            Kind::MonthOf(day) => self.date(draft, day, scope).map(|day| Value::Date(day.first_of_month())),
            Kind::YearOf(day) => self.date(draft, day, scope).map(|day| Value::Int(i64::from(day.year()))),
            Kind::Band(inner, width) => {
                let found = match value(inner)? {
                    Value::Int(found) => found,
                    other => i64::try_from(number(&other)?.0.div_euclid(ONE)).ok()?,
                };
                let low = found.div_euclid(*width) * width;
                let most = match &expr.ty {
                    Type::Band { width, bands } => (bands - 1) * width,
                    _ => i64::MAX,
                };
                Some(Value::Int(low.min(most)))
            }
            Kind::Has(rows) => self.has(draft, rows, scope).map(Value::Bool),
            Kind::Counted(count, bound, rows) => {
                self.counted(draft, (*count, *bound), rows, scope).map(Value::Bool)
            }
            Kind::CountedOf(count, bound, parts) => {
                let truths: Vec<Option<bool>> = parts.iter().map(truth).collect();
                let of = |wanted| {
                    i64::try_from(truths.iter().filter(|one| **one == wanted).count()).unwrap_or(i64::MAX)
                };
                decided(*count, *bound, of(Some(true)), of(None)).map(Value::Bool)
            }
            Kind::Pick { rows, order, value: of } => {
                let picked = self.picked(draft, rows, order, scope)?;
                self.value(draft, of, &picked.scope)
            }
            Kind::Aggregate { function, rows, argument, filter } => {
                self.aggregate(draft, *function, rows, argument.as_deref(), filter.as_deref(), scope)
            }
            Kind::Observed { subject, from, to } => {
                let at = self.at(draft, subject, scope)?;
                let (from, to) = (self.date(draft, from, scope)?, self.date(draft, to, scope)?);
                Some(Value::Bool(self.observed(draft, at, from, to)))
            }
            Kind::ConsentValid { at, purpose, .. } => {
                let day = match at {
                    None => self.as_of,
                    Some(at) => match self.date(draft, at, scope) {
                        Some(day) => day,
                        None => return Some(Value::Bool(false)),
                    },
                };
                let consent = &draft.consent;
                let is = consent.from <= day
                    && consent.withdrawn.is_none_or(|until| day < until)
                    && (purpose.is_none() || consent.limits.is_empty());
                Some(Value::Bool(is))
            }
        }
    }

    /// Whether a person passes all rules of a cohort, of whom a match or a draw may still take only some.
    pub(crate) fn is_member(&self, draft: &Draft, at: At, cohort: CohortId) -> bool {
        crate::scope::chain(self.query, cohort).into_iter().all(|id| {
            let Some(of) = self.query.cohorts.get(id.0 as usize) else { return false };
            self.members(draft, at, id).iter().any(|scope| {
                of.rules.iter().all(|rule| self.truth(draft, &rule.condition, scope) == Some(true))
            })
        })
    }

    /// The scopes in which a person's rules of a cohort are read: one, or one per event; none where there is no
    /// index date.
    pub(crate) fn members(&self, draft: &Draft, at: At, cohort: CohortId) -> Vec<Scope<'a>> {
        let Some(of) = self.query.cohorts.get(cohort.0 as usize) else { return Vec::new() };
        let scope = Scope::default().member(self, of.row.id, Place::Row(at), Some(cohort));
        match &of.index {
            None => vec![scope],
            Some(index) => match &index.rows {
                None if self.date(draft, &index.date, &scope).is_some() => vec![scope],
                None => Vec::new(),
                Some(rows) => {
                    let mut found = self.found(draft, rows, &scope);
                    found.retain(|row| {
                        row.holds == Some(true) && self.date(draft, &index.date, &row.scope).is_some()
                    });
                    found.into_iter().map(|row| row.scope).collect()
                }
            },
        }
    }

    /// Completed years of a person at a day.
    fn age(&self, draft: &Draft, at: At, day: Date) -> Option<i64> {
        let life = self.model.entity(draft.row(at).entity).life;
        let died = match life.death_date.and_then(|column| self.cell(draft, at, column)) {
            Some(Value::Date(died)) => died,
            _ => Date::MAX,
        };
        match life.birth_date.and_then(|column| self.cell(draft, at, column)) {
            Some(Value::Date(birth)) => age(birth, day.min(died)),
            _ => None,
        }
    }

    /// The day and the reason of an exit.
    fn exit(
        &self,
        draft: &Draft,
        exit: &'a Exit,
        index: Option<&'a Expr>,
        scope: &Scope<'a>,
    ) -> Option<(Date, &'a str)> {
        let index = match index {
            Some(index) => self.date(draft, index, scope)?,
            None => Date::MIN,
        };
        let mut found: Option<(Date, &'a str)> = None;
        for (reason, date) in &exit.dates {
            let Some(day) = self.date(draft, date, scope) else { continue };
            if day >= index && day <= self.as_of && found.is_none_or(|(least, _)| day < least) {
                found = Some((day, reason));
            }
        }
        Some(found.unwrap_or((self.as_of, types::AS_OF)))
    }

    /// The rows of the last step whose conditions are not false.
    pub(crate) fn found(&self, draft: &Draft, rows: &'a Rows, scope: &Scope<'a>) -> Vec<Found<'a>> {
        let Some(around) = self.at(draft, &rows.around, scope) else { return Vec::new() };
        let mut found = vec![Found { scope: scope.clone(), place: Place::Row(around), holds: Some(true) }];
        for step in &rows.steps {
            let mut next = Vec::new();
            for before in found {
                let mut offered: Vec<(Scope<'a>, Place)> = Vec::new();
                let (Place::Row(from) | Place::Episode { row: from, .. }) = before.place;
                match &step.source {
                    RowsSource::Relation(hops, relation) => {
                        let mut from = Some(from);
                        for hop in hops {
                            from = from
                                .and_then(|from| draft.related(self.model, from, *hop).into_iter().next());
                        }
                        for at in from.into_iter().flat_map(|from| draft.related(self.model, from, *relation))
                        {
                            if self.is_there(draft, at) {
                                offered
                                    .push((before.scope.with(step.row.id, Place::Row(at)), Place::Row(at)));
                            }
                        }
                    }
                    RowsSource::Carried { call } => {
                        for (variant, at) in self.carried(draft) {
                            let scope = before.scope.with(*call, Place::Row(at));
                            offered.push((scope.with(step.row.id, Place::Row(variant)), Place::Row(variant)));
                        }
                    }
                    RowsSource::Episodes { of, gap, each_code } => {
                        for place in self.episodes(draft, of, gap, *each_code, &before.scope) {
                            offered.push((before.scope.with(step.row.id, place), place));
                        }
                    }
                    RowsSource::Inherited(_) => {}
                }
                for (scope, place) in offered {
                    let truths = step.conditions.iter().map(|condition| self.truth(draft, condition, &scope));
                    let holds = and(truths.chain([before.holds]));
                    if holds != Some(false) {
                        next.push(Found { scope, place, holds });
                    }
                }
            }
            found = next;
        }
        found
    }

    /// The alleles of which the person has a known copy, each with its call.
    pub(crate) fn carried(&self, draft: &Draft) -> Vec<(At, At)> {
        let (Some(call), Some(variant)) = (self.entity("call"), self.entity("variant")) else {
            return Vec::new();
        };
        let calls = self.model.entity(call);
        let (Some(copies), Some(of)) = (calls.find_column("call"), calls.find_column("variant_id")) else {
            return Vec::new();
        };
        let Some(id) = self.model.entity(variant).find_column("variant_id") else { return Vec::new() };
        draft
            .of(call)
            .filter(|at| matches!(draft.cell(*at, copies), None | Some(Value::Int(1 | 2 | 5))))
            .filter_map(|at| {
                let wanted = draft.cell(at, of)?;
                Some((draft.of(variant).find(|row| draft.cell(*row, id).as_ref() == Some(&wanted))?, at))
            })
            .collect()
    }

    /// Whether the person has a sample that speaks for the genotype.
    pub(crate) fn is_assessed(&self, draft: &Draft) -> bool {
        let (Some(sample), Some(member)) = (self.entity("sample"), self.entity("call_set_sample")) else {
            return false;
        };
        let passed = self.model.entity(sample).find_column("qc_passed");
        draft.of(member).next().is_some()
            && draft.of(sample).any(|at| {
                self.is_there(draft, at)
                    && passed.is_none_or(|column| draft.cell(at, column) != Some(Value::Bool(false)))
            })
    }

    fn has(&self, draft: &Draft, rows: &'a Rows, scope: &Scope<'a>) -> Option<bool> {
        let found = self.found(draft, rows, scope);
        if found.iter().any(|row| row.holds == Some(true)) {
            return Some(true);
        }
        (found.is_empty() && !self.is_open_ended(draft, rows, scope)).then_some(false)
    }

    /// Whether the absence of rows says nothing: a bound is not known, or nobody looked.
    fn is_open_ended(&self, draft: &Draft, rows: &'a Rows, scope: &Scope<'a>) -> bool {
        let carried = rows.steps.iter().any(|step| matches!(step.source, RowsSource::Carried { .. }));
        (carried && !self.is_assessed(draft))
            || rows
                .steps
                .first()
                .is_some_and(|step| step.bounds.iter().any(|bound| self.value(draft, bound, scope).is_none()))
    }

    fn counted(
        &self,
        draft: &Draft,
        (count, bound): (Count, i64),
        rows: &'a Rows,
        scope: &Scope<'a>,
    ) -> Option<bool> {
        let found = self.found(draft, rows, scope);
        let open = self.is_open_ended(draft, rows, scope);
        let number = |found: usize| i64::try_from(found).unwrap_or(i64::MAX);
        let sure: Vec<&Found<'a>> = found.iter().filter(|row| row.holds == Some(true)).collect();
        let known = number(self.together(draft, rows, &sure, scope));
        let all: Vec<&Found<'a>> = found.iter().collect();
        let possible = if open { i64::MAX } else { number(self.together(draft, rows, &all, scope)) };
        decided(count, bound, known, possible.saturating_sub(known))
    }

    /// How many of these rows count together.
    fn together(&self, draft: &Draft, rows: &'a Rows, found: &[&Found<'a>], scope: &Scope<'a>) -> usize {
        let EachOther { different_days, within } = &rows.each_other;
        if !different_days && within.is_none() {
            return found.len();
        }
        let mut days: Vec<Date> = found.iter().filter_map(|row| self.day(draft, row.place)).collect();
        days.sort();
        if *different_days {
            days.dedup();
        }
        let Some(within) = within else { return days.len() };
        let until = |first: Date| {
            let length = self.int(draft, within, scope)?;
            if within.ty == Type::Months { add_months(first, length) } else { add_days(first, length) }
        };
        let counts = days.iter().map(|first| {
            until(*first).map_or(0, |last| days.iter().filter(|day| *day >= first && **day <= last).count())
        });
        counts.max().unwrap_or(0)
    }

    /// The day of a row.
    pub(crate) fn day(&self, draft: &Draft, place: Place) -> Option<Date> {
        match place {
            Place::Episode { started, .. } => Some(started),
            Place::Row(at) => {
                let dated = self.model.entity(draft.row(at).entity).dated_by?;
                match draft.cell(at, dated.start)? {
                    Value::Date(day) => Some(day),
                    _ => None,
                }
            }
        }
    }

    /// The row that a pick picks.
    pub(crate) fn picked(
        &self,
        draft: &Draft,
        rows: &'a Rows,
        order: &'a types::PickOrder,
        scope: &Scope<'a>,
    ) -> Option<Found<'a>> {
        let mut found = self.found(draft, rows, scope);
        found.retain(|row| row.holds == Some(true));
        let mut keyed: Vec<(Option<Cell>, Found<'a>)> = found
            .into_iter()
            .map(|row| {
                let key = match &order.by {
                    Some(by) => self.value(draft, by, &row.scope),
                    None => self.day(draft, row.place).map(Value::Date),
                };
                (key.map(Some), row)
            })
            .collect();
        keyed.sort_by(|(one, _), (other, _)| match (one, other) {
            (Some(one), Some(other)) if order.descending => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        });
        let place = usize::try_from(order.nth - 1).ok()?;
        keyed.into_iter().nth(place).map(|(_, row)| row)
    }

    fn aggregate(
        &self,
        draft: &Draft,
        function: AggregateFunction,
        rows: &'a Rows,
        argument: Option<&'a Expr>,
        filter: Option<&'a Expr>,
        scope: &Scope<'a>,
    ) -> Cell {
        let mut found = self.found(draft, rows, scope);
        found.retain(|row| {
            row.holds == Some(true)
                && filter.is_none_or(|filter| self.truth(draft, filter, &row.scope) == Some(true))
        });
        let mut values: Vec<Value> = match argument {
            None => return Some(Value::Int(i64::try_from(found.len()).unwrap_or(i64::MAX))),
            Some(argument) => {
                found.iter().filter_map(|row| self.value(draft, argument, &row.scope)).collect()
            }
        };
        values.sort();
        let sum = || values.iter().try_fold(0_i128, |sum, value| sum.checked_add(number(value)?.0));
        match function {
            AggregateFunction::Count => {
                values.dedup();
                Some(Value::Int(i64::try_from(values.len()).unwrap_or(i64::MAX)))
            }
            AggregateFunction::Min => values.first().cloned(),
            AggregateFunction::Max => values.last().cloned(),
            AggregateFunction::Sum if values.is_empty() => None,
            AggregateFunction::Sum => sum().map(|sum| Value::Number(Number(sum))),
            AggregateFunction::Mean => {
                let count = i128::try_from(values.len()).ok().filter(|count| *count > 0)?;
                sum().map(|sum| Value::Number(Number(sum / count)))
            }
            AggregateFunction::Median => {
                let middle = values.get(values.len() / 2)?;
                number(middle).map(Value::Number)
            }
            AggregateFunction::Quantile(_) | AggregateFunction::Share | AggregateFunction::Wilson => None,
        }
    }

    /// Whether periods without a gap hold every day.
    fn observed(&self, draft: &Draft, at: At, from: Date, to: Date) -> bool {
        let Some(relation) = self.model.entity(draft.row(at).entity).observed_by else { return false };
        let mut periods: Vec<(Date, Date)> = draft
            .related(self.model, at, relation)
            .into_iter()
            .filter_map(|period| {
                let dated = self.model.entity(draft.row(period).entity).dated_by?;
                let day = |column| match draft.cell(period, column) {
                    Some(Value::Date(day)) => Some(day),
                    _ => None,
                };
                Some((day(dated.start)?, dated.end.and_then(day).unwrap_or(Date::MAX)))
            })
            .collect();
        periods.sort();
        let mut seen: Option<(Date, Date)> = None;
        for (first, last) in periods {
            seen = match seen {
                Some((start, end))
                    if end == Date::MAX || add_days(end, 1).is_some_and(|next| first <= next) =>
                {
                    Some((start, end.max(last)))
                }
                Some((start, end)) if start <= from && to <= end => return true,
                _ => Some((first, last)),
            };
        }
        seen.is_some_and(|(start, end)| start <= from && to <= end)
    }

    /// Rows put together that overlap or have at most a gap between them.
    pub(crate) fn episodes(
        &self,
        draft: &Draft,
        of: &'a Rows,
        gap: &'a Expr,
        each_code: bool,
        scope: &Scope<'a>,
    ) -> Vec<Place> {
        let mut rows: Vec<(Option<String>, Date, Option<Date>, At)> = Vec::new();
        for row in self.found(draft, of, scope).into_iter().filter(|row| row.holds == Some(true)) {
            let Place::Row(at) = row.place else { continue };
            let entity = self.model.entity(draft.row(at).entity);
            let (Some(dated), Some(started)) = (entity.dated_by, self.day(draft, row.place)) else {
                continue;
            };
            let ended = match dated.end {
                None => Some(started),
                Some(column) => match self.cell(draft, at, column) {
                    Some(Value::Date(day)) => Some(day.max(started)),
                    _ => None,
                },
            };
            let code =
                entity.coded_by.filter(|_| each_code).and_then(|column| match draft.cell(at, column) {
                    Some(Value::Text(code)) => Some(code),
                    _ => None,
                });
            rows.push((code, started, ended, at));
        }
        rows.sort();
        let bridged = |ended: Date| {
            let length = self.int(draft, gap, scope)?;
            let last =
                if gap.ty == Type::Months { add_months(ended, length) } else { add_days(ended, length) };
            last.and_then(|last| add_days(last, 1))
        };
        let mut all: Vec<(Option<String>, Date, Option<Date>, At)> = Vec::new();
        for (code, started, ended, at) in rows {
            if let Some((of, _, open, _)) = all.last_mut()
                && *of == code
                && open.is_none_or(|last| bridged(last).is_some_and(|last| started <= last))
            {
                *open = match (*open, ended) {
                    (Some(one), Some(other)) => Some(one.max(other)),
                    _ => None,
                };
                continue;
            }
            all.push((code, started, ended, at));
        }
        all.into_iter().map(|(_, started, ended, row)| Place::Episode { row, started, ended }).collect()
    }
}
