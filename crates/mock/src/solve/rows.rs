//! Rows: one more that passes its conditions, one that just misses one of them, as many as a count asks for.

use super::{FEW, Solver, WAYS, in_turn, spread};
use crate::days::{add_days, add_months};
use crate::draft::{At, Draft};
use crate::scope::{Place, Scope};
use jiff::civil::Date;
use model::ColumnId;
use types::{Count, Expr, Kind, Row, Rows, RowsSource, RowsStep, Type, Value};

/// A condition of a step that is to be something else than true.
#[derive(Clone, Copy)]
pub(crate) struct Off {
    step: usize,
    condition: usize,
    want: Option<bool>,
}

impl<'a> Solver<'a> {
    pub(super) fn has(
        &self,
        draft: &Draft,
        rows: &'a Rows,
        want: Option<bool>,
        is_so: bool,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        if want == Some(true) {
            if is_so {
                return vec![draft.clone()];
            }
            let added = self.far(|| self.add_row(draft, rows, None, None, scope));
            let told = || format!("has {}", self.told_rows(rows));
            return added.into_iter().map(|(way, _)| self.noted(way, told)).collect();
        }
        let mut nothing: Vec<Draft> =
            if want == Some(false) { self.assessed(draft, rows, scope) } else { vec![draft.clone()] };
        nothing.truncate(FEW);
        // Where nothing has to be near, no row is the plainest; every third person has one that nearly is such.
        let plain = !self.near.get() && draft.turn % 3 != 2;
        if want == Some(false) && is_so && plain {
            return vec![draft.clone()];
        }
        let mut each: Vec<Vec<Draft>> = Vec::new();
        for (step, of) in rows.steps.iter().enumerate() {
            for condition in 0..of.conditions.len() {
                let off = Off { step, condition, want };
                let ways = spread(&nothing, |way| {
                    self.add_row(way, rows, None, Some(off), scope).into_iter().map(|(way, _)| way).collect()
                });
                each.push(ways);
            }
        }
        let none = nothing.into_iter().map(|way| self.noted(way, || "nothing of the kind".to_owned()));
        let mut ways = in_turn(each);
        ways.truncate(WAYS - 1);
        ways.extend(none);
        if want.is_none() {
            ways.extend(self.not_assessed(draft, rows, scope));
        }
        ways
    }

    /// A count of rows.
    pub(super) fn counted(
        &self,
        draft: &Draft,
        (count, bound): (Count, i64),
        rows: &'a Rows,
        want: Option<bool>,
        is_so: bool,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let so_many = |number: i64| {
            let grounds = self.assessed(draft, rows, scope);
            let ways = self.far(|| spread(&grounds, |way| self.rows_more(way, rows, number, scope)));
            let told = || match number {
                0 => "nothing of the kind".to_owned(),
                1 => format!("1 {}", self.told_rows(rows)),
                number => format!("{number} times {}", self.told_rows(rows)),
            };
            ways.into_iter().map(|way| self.noted(way, told)).collect::<Vec<_>>()
        };
        match (count, want) {
            (_, Some(true)) if is_so && !self.near.get() => vec![draft.clone()],
            (Count::AtLeast | Count::Exactly, Some(true)) => so_many(bound),
            (Count::AtMost, Some(true)) => so_many(0),
            (Count::AtMost, Some(false)) => so_many(bound + 1),
            (Count::Exactly, Some(false)) => in_turn(vec![so_many(bound - 1), so_many(bound + 1)]),
            (Count::AtLeast, Some(false)) => {
                let mut each = vec![so_many((bound - 1).max(0)), self.apart(draft, rows, bound, scope)];
                // All but one of the rows, and one that is nearly such.
                let before = if bound > 1 { so_many(bound - 1) } else { vec![draft.clone()] };
                for (step, of) in rows.steps.iter().enumerate() {
                    for condition in 0..of.conditions.len() {
                        let off = Off { step, condition, want: Some(false) };
                        let ways = spread(&before, |way| {
                            let mut way = way.clone();
                            way.note = None;
                            let added = self.add_row(&way, rows, None, Some(off), scope);
                            added.into_iter().map(|(way, _)| way).collect()
                        });
                        each.push(ways);
                    }
                }
                in_turn(each)
            }
            (_, None) => {
                let mut ways = self.not_assessed(draft, rows, scope);
                let before = if bound > 1 { so_many(bound - 1) } else { vec![draft.clone()] };
                for (step, of) in rows.steps.iter().enumerate() {
                    for condition in 0..of.conditions.len() {
                        let off = Off { step, condition, want: None };
                        ways.extend(spread(&before, |way| {
                            let added = self.add_row(way, rows, None, Some(off), scope);
                            added.into_iter().map(|(way, _)| way).collect()
                        }));
                    }
                }
                ways
            }
        }
    }

    /// `at least n of […]` and its like.
    pub(super) fn counted_of(
        &self,
        draft: &Draft,
        (count, bound): (Count, i64),
        parts: &'a [Expr],
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let number = match (count, want) {
            (_, Some(true)) => bound,
            (Count::AtMost | Count::Exactly, Some(false)) => bound + 1,
            (Count::AtLeast, Some(false)) => bound - 1,
            (_, None) => return Vec::new(),
        };
        let Ok(number) = usize::try_from(number) else { return Vec::new() };
        // Which of them are true differs from person to person.
        let first = draft.turn % parts.len().max(1);
        let order = (0..parts.len()).map(|at| (at + first) % parts.len());
        let wanted: Vec<(&'a Expr, Option<bool>)> =
            order.enumerate().map(|(nth, at)| (&parts[at], Some(nth < number))).collect();
        self.make_all(draft, wanted.into_iter(), scope)
    }

    /// Days that are, or are not, all within periods of observation.
    pub(super) fn observed(
        &self,
        draft: &Draft,
        subject: &Row,
        (from, to): (&'a Expr, &'a Expr),
        want: Option<bool>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(want) = want else { return self.set(draft, from, None, false, scope) };
        let mut ways = Vec::new();
        for way in spread(&self.ground(draft, from, scope), |way| self.ground(way, to, scope)) {
            let days = (self.asked.date(&way, from, scope), self.asked.date(&way, to, scope));
            let (Some(first), Some(last)) = days else { continue };
            let Some(person) = self.asked.at(&way, subject, scope) else { continue };
            let day = |day: Date, days: i64| add_days(day, days).unwrap_or(day);
            let more = i64::try_from(draft.turn % 200 * 5).unwrap_or(0);
            let periods: Vec<Vec<(Date, Option<Date>)>> = if want {
                vec![vec![(day(first, -more), Some(day(last, more)))], vec![(first, None)]]
            } else {
                let middle = day(first, crate::days::days_between(last, first).unwrap_or(0) / 2);
                vec![
                    vec![(day(first, 1), None)],
                    vec![(day(first, -30), Some(day(last, -1)))],
                    vec![(day(first, -30), Some(day(middle, -1))), (day(middle, 1), None)],
                    vec![],
                ]
            };
            for periods in periods {
                let mut way = way.clone();
                if periods.iter().all(|period| self.period(&mut way, person, *period)) {
                    let told = || match periods.as_slice() {
                        [] => "never observed".to_owned(),
                        [(first, None)] => format!("observed from {first}"),
                        [(first, Some(last))] => format!("observed from {first} to {last}"),
                        [(_, end), ..] => format!(
                            "not observed on the day after {}",
                            end.map_or_else(String::new, |end| end.to_string())
                        ),
                    };
                    ways.push(self.noted(way, told));
                }
            }
        }
        ways
    }

    /// A period of observation.
    fn period(&self, draft: &mut Draft, person: At, (first, last): (Date, Option<Date>)) -> bool {
        let model = self.asked.model;
        let Some(relation) = model.entity(draft.row(person).entity).observed_by else { return false };
        let Some(row) = draft.relate(model, person, relation) else { return false };
        let entity = model.entity(draft.row(row).entity);
        let Some(dated) = entity.dated_by else { return false };
        draft.put(row, dated.start, Some(Value::Date(first)));
        match (dated.end, last) {
            (Some(end), Some(last)) => draft.put(row, end, Some(Value::Date(last))),
            (Some(end), None) if entity.column(end).optional => draft.put(row, end, None),
            (Some(end), None) => draft.put(row, end, Some(Value::Date(self.asked.as_of))),
            (None, _) => {}
        }
        true
    }

    /// One more row that passes all conditions, or all but one; with the scope in which it is the last row.
    /// A date is that of the row, where it is given.
    pub(crate) fn add_row(
        &self,
        draft: &Draft,
        rows: &'a Rows,
        date: Option<Date>,
        off: Option<Off>,
        scope: &Scope<'a>,
    ) -> Vec<(Draft, Scope<'a>)> {
        let Some((draft, around)) = self.reached(draft, &rows.around, scope) else { return Vec::new() };
        let mut ways = vec![(draft, scope.clone(), around)];
        for (number, step) in rows.steps.iter().enumerate() {
            let mut next = Vec::new();
            let of_step = off.filter(|off| off.step == number);
            let dated = date.filter(|_| number + 1 == rows.steps.len());
            for (way, scope, from) in ways {
                for (mut way, inner, at) in self.created(&way, step, from, of_step, &scope) {
                    if let Some(date) = dated
                        && !self.place_on(&mut way, at, date)
                    {
                        continue;
                    }
                    // What is missed is chosen first: the other conditions may follow it.
                    let missed =
                        of_step.and_then(|off| Some((step.conditions.get(off.condition)?, off.want)));
                    let others = step
                        .conditions
                        .iter()
                        .enumerate()
                        .filter(|(at, _)| of_step.is_none_or(|off| off.condition != *at))
                        .map(|(_, condition)| condition);
                    // What is not known of a row may leave more than one of its conditions open.
                    let open = of_step.is_some_and(|off| off.want.is_none());
                    let fits = |way: &Draft, condition: &'a Expr| {
                        let truth = self.asked.truth(way, condition, &inner);
                        truth == Some(true) || (open && truth.is_none())
                    };
                    let mut made = self.make_all(&way, missed.into_iter(), &inner);
                    for condition in others.clone() {
                        made = self.far(|| {
                            spread(&made, |way| {
                                let ways = self.make(way, condition, Some(true), &inner);
                                let stays = ways.is_empty() && fits(way, condition);
                                if stays { vec![way.clone()] } else { ways }
                            })
                        });
                    }
                    made.retain(|way| {
                        missed.is_none_or(|(missed, want)| self.asked.truth(way, missed, &inner) == want)
                            && others.clone().all(|condition| fits(way, condition))
                    });
                    next.extend(made.into_iter().take(FEW).map(|way| (way, inner.clone(), at)));
                }
            }
            next.truncate(WAYS);
            ways = next;
        }
        ways.into_iter().map(|(way, scope, _)| (way, scope)).collect()
    }

    /// A new row of a step, in each way in which there can be one.
    fn created(
        &self,
        draft: &Draft,
        step: &'a RowsStep,
        from: At,
        off: Option<Off>,
        scope: &Scope<'a>,
    ) -> Vec<(Draft, Scope<'a>, At)> {
        let model = self.asked.model;
        match &step.source {
            RowsSource::Relation(hops, relation) => {
                let mut way = draft.clone();
                let mut from = from;
                for hop in hops {
                    let found = way.related(model, from, *hop).into_iter().next();
                    match found.or_else(|| way.relate(model, from, *hop)) {
                        Some(at) => from = at,
                        None => return Vec::new(),
                    }
                }
                match way.relate(model, from, *relation) {
                    Some(at) => vec![(way, scope.with(step.row.id, Place::Row(at)), at)],
                    None => Vec::new(),
                }
            }
            RowsSource::Carried { call } => self.carry(draft, step, *call, off, scope),
            RowsSource::Episodes { of, gap, each_code } => {
                let mut ways = Vec::new();
                for (way, _) in self.add_row(draft, of, None, None, scope) {
                    for found in self.asked.episodes(&way, of, gap, *each_code, scope) {
                        let Place::Episode { row, .. } = found else { continue };
                        ways.push((way.clone(), scope.with(step.row.id, found), row));
                    }
                }
                ways
            }
            RowsSource::Inherited(_) => {
                self.cannot(
                    "candidates of inheritance are not solved: they need parents with genotypes of their own",
                );
                Vec::new()
            }
        }
    }

    /// An allele that the person carries: one that is there already and is as it should be, or a new one.
    fn carry(
        &self,
        draft: &Draft,
        step: &'a RowsStep,
        call: types::RowId,
        off: Option<Off>,
        scope: &Scope<'a>,
    ) -> Vec<(Draft, Scope<'a>, At)> {
        let model = self.asked.model;
        let (Some(variant), Some(calls)) = (self.asked.entity("variant"), self.asked.entity("call")) else {
            return Vec::new();
        };
        let Some(id) = model.entity(variant).find_column("variant_id") else { return Vec::new() };
        let Some(draft) = self.with_sample(draft) else { return Vec::new() };
        let carried: Vec<At> = self.asked.carried(&draft).into_iter().map(|(variant, _)| variant).collect();
        let mut offered: Vec<(Draft, At)> = Vec::new();
        for at in draft.of(variant).filter(|at| !carried.contains(at)) {
            let inner = scope.with(step.row.id, Place::Row(at));
            let fits = step.conditions.iter().enumerate().all(|(number, condition)| {
                let want = off.filter(|off| off.condition == number).map_or(Some(true), |off| off.want);
                self.asked.truth(&draft, condition, &inner) == want
            });
            if fits {
                offered.push((draft.clone(), at));
            }
        }
        let most = offered.len();
        let mut offered = super::candidates::turned(offered, draft.turn % most.max(1));
        offered.truncate(3);
        let mut new = draft.clone();
        let at = new.create(model, variant, &[]);
        offered.push((new, at));
        let mut ways = Vec::new();
        for (mut way, at) in offered {
            let cell = |name: &str, value: Value| {
                model.entity(calls).find_column(name).map(|column| (column, Some(value)))
            };
            let Some(number) = way.cell(at, id) else { continue };
            let cells: Vec<(ColumnId, Option<Value>)> = [
                cell("call_set_id", Value::Int(1)),
                cell("variant_id", number),
                cell("ordinal", Value::Int(way.number - 1)),
            ]
            .into_iter()
            .flatten()
            .collect();
            let beside = way.create(model, calls, &cells);
            let inner = scope.with(call, Place::Row(beside)).with(step.row.id, Place::Row(at));
            ways.push((way, inner, at));
        }
        ways
    }

    /// The person with a sample whose genotypes are known.
    pub(crate) fn with_sample(&self, draft: &Draft) -> Option<Draft> {
        let model = self.asked.model;
        let mut draft = draft.clone();
        if self.asked.is_assessed(&draft) {
            return Some(draft);
        }
        let (sample, member) = (self.asked.entity("sample")?, self.asked.entity("call_set_sample")?);
        let person = draft.subject(model)?;
        let relation = model.entity(draft.row(person).entity).find_relation("samples")?;
        let column = |entity, name: &str| model.entity(entity).find_column(name);
        let (id, passed) = (column(sample, "sample_id")?, column(sample, "qc_passed")?);
        let usable = |draft: &Draft, at: At| {
            self.asked.is_there(draft, at)
                && (draft.is_open(at, passed) || draft.cell(at, passed) == Some(Value::Bool(true)))
        };
        let found = draft.of(sample).find(|at| usable(&draft, *at));
        let at = match found {
            Some(at) => at,
            None if draft.of(sample).next().is_none() => draft.relate(model, person, relation)?,
            // A person whose sample is to have failed keeps it.
            None => return None,
        };
        if draft.is_open(at, passed) {
            draft.put(at, passed, Some(Value::Bool(true)));
        }
        let cells = [
            (column(member, "call_set_id")?, Some(Value::Int(1))),
            (column(member, "ordinal")?, Some(Value::Int(draft.number - 1))),
            (column(member, "sample_id")?, draft.cell(at, id)),
        ];
        draft.create(model, member, &cells);
        Some(draft)
    }

    /// Rows so that there are so many, each on a day of its own and near enough to the others where they must be.
    pub(super) fn rows_more(
        &self,
        draft: &Draft,
        rows: &'a Rows,
        number: i64,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let there = self.asked.found(draft, rows, scope).into_iter().filter(|row| row.holds == Some(true));
        let days: Vec<Date> = there.clone().filter_map(|row| self.asked.day(draft, row.place)).collect();
        let known = i64::try_from(there.count()).unwrap_or(i64::MAX);
        let mut ways: Vec<(Draft, Option<Date>)> = vec![(draft.clone(), days.first().copied())];
        let related = rows.each_other.different_days || rows.each_other.within.is_some();
        for nth in known..number.min(known + 50) {
            let mut next: Vec<(Draft, Option<Date>)> = Vec::new();
            for (way, first) in &ways {
                let dates: Vec<Option<Date>> = match first {
                    Some(first) if related => {
                        let away = 1 + i64::try_from(way.turn % 20).unwrap_or(0);
                        [away * nth, -away * nth].into_iter().map(|days| add_days(*first, days)).collect()
                    }
                    _ => vec![None],
                };
                for date in dates {
                    let mut way = way.clone();
                    if date.is_none() {
                        way.turn += usize::try_from(nth).unwrap_or(0);
                    }
                    for (mut added, inner) in
                        self.add_row(&way, rows, date, None, scope).into_iter().take(FEW)
                    {
                        added.turn = draft.turn;
                        let last = rows.steps.last().and_then(|step| inner.place(step.row.id));
                        if related
                            && first.is_none()
                            && let Some(Place::Row(at)) = last
                        {
                            for dated in self.dated(&added, at) {
                                let day = self.asked.day(&dated, Place::Row(at));
                                next.push((dated, day));
                            }
                        } else {
                            next.push((added, *first));
                        }
                    }
                }
            }
            next.truncate(WAYS);
            ways = next;
        }
        ways.into_iter().map(|(way, _)| way).collect()
    }

    /// As many rows as are asked for that do not count together: all on one day, or the last a day too late.
    fn apart(&self, draft: &Draft, rows: &'a Rows, number: i64, scope: &Scope<'a>) -> Vec<Draft> {
        let mut each = Vec::new();
        let Some(first) = add_days(self.asked.as_of, -1500) else { return Vec::new() };
        let several = |dates: Vec<Date>| {
            let mut ways = vec![draft.clone()];
            for date in dates {
                ways = self.far(|| {
                    spread(&ways, |way| {
                        let added = self.add_row(way, rows, Some(date), None, scope);
                        added.into_iter().map(|(way, _)| way).collect()
                    })
                });
            }
            ways
        };
        let count = usize::try_from(number.min(50)).unwrap_or(0);
        if rows.each_other.different_days {
            let ways = several(vec![first; count]).into_iter();
            each.push(
                ways.map(|way| self.noted(way, || format!("all {number} on one day, {first}"))).collect(),
            );
        }
        if let Some(within) = &rows.each_other.within
            && let Some(length) = self.asked.int(draft, within, scope)
        {
            let last =
                if within.ty == Type::Months { add_months(first, length) } else { add_days(first, length) };
            if let Some(last) = last.and_then(|last| add_days(last, 1)) {
                let days = (0..count.saturating_sub(1))
                    .filter_map(|nth| add_days(first, i64::try_from(nth).ok()?))
                    .chain([last]);
                let ways = several(days.collect()).into_iter();
                each.push(
                    ways.map(|way| self.noted(way, || format!("on {first} and on {last}, a day too late")))
                        .collect(),
                );
            }
        }
        in_turn(each)
    }

    /// A row with a date.
    fn dated(&self, draft: &Draft, at: At) -> Vec<Draft> {
        if self.asked.day(draft, Place::Row(at)).is_some() {
            return vec![draft.clone()];
        }
        let shift = i64::try_from(draft.turn % 300).unwrap_or(0);
        [400, 120]
            .into_iter()
            .filter_map(|back| {
                let mut way = draft.clone();
                let day = add_days(self.asked.as_of, -back - shift)?;
                self.place_on(&mut way, at, day).then_some(way)
            })
            .collect()
    }

    /// Gives a row its day.
    fn place_on(&self, draft: &mut Draft, at: At, day: Date) -> bool {
        let Some(dated) = self.asked.model.entity(draft.row(at).entity).dated_by else { return false };
        for column in [Some(dated.start), dated.latest].into_iter().flatten() {
            if !draft.is_open(at, column) {
                return false;
            }
            draft.put(at, column, Some(Value::Date(day)));
        }
        true
    }

    /// The person in whom the absence of such rows says something.
    fn assessed(&self, draft: &Draft, rows: &'a Rows, scope: &Scope<'a>) -> Vec<Draft> {
        let mut ways = vec![draft.clone()];
        if rows.steps.iter().any(|step| matches!(step.source, RowsSource::Carried { .. })) {
            ways = self.with_sample(draft).into_iter().collect();
        }
        for bound in rows.steps.first().iter().flat_map(|step| &step.bounds) {
            ways = spread(&ways, |way| self.ground(way, bound, scope));
        }
        ways
    }

    /// The person of whom nobody knows whether there are such rows.
    fn not_assessed(&self, draft: &Draft, rows: &'a Rows, scope: &Scope<'a>) -> Vec<Draft> {
        let mut ways = Vec::new();
        if rows.steps.iter().any(|step| matches!(step.source, RowsSource::Carried { .. }))
            && !self.asked.is_assessed(draft)
        {
            ways.push(self.noted(draft.clone(), || "no genotypes".to_owned()));
        }
        for bound in rows.steps.first().iter().flat_map(|step| &step.bounds) {
            let made = self.set(draft, bound, None, false, scope).into_iter();
            ways.extend(made.map(|way| self.noted(way, || "not looked for".to_owned())));
        }
        ways
    }

    /// Rows as they are written.
    fn told_rows(&self, rows: &Rows) -> String {
        let Some(step) = rows.steps.last() else { return rows.words.clone() };
        let name = &self.asked.model.entity(step.row.entity).name;
        let codes = step.conditions.iter().find_map(|condition| match &condition.kind {
            Kind::InCodes(_, test) => self.inside(test).into_iter().next(),
            _ => None,
        });
        match codes {
            Some(code) => format!("{name} in {code}"),
            None => name.clone(),
        }
    }
}
