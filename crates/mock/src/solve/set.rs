//! Giving an expression a value, by choosing the one that it is computed from.

use super::candidates::{as_type, day, of};
use super::{FEW, Solver, WAYS, in_turn, spread};
use crate::days::{add_days, before_months, born, days_between};
use crate::draft::{At, Cell, Draft};
use crate::logic::ONE;
use crate::scope::{Place, Scope};
use model::ColumnId;
use types::{Arithmetic, Expr, Kind, Number, Row, Value};

impl<'a> Solver<'a> {
    /// Drafts in which an expression has a value, or is null. Of ways that differ below the value, such as the
    /// birthdays of an age, `high` asks for those first that make it nearly greater.
    pub(crate) fn set(
        &self,
        draft: &Draft,
        expr: &'a Expr,
        target: Cell,
        high: bool,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let same = |found: &Cell| match (found, &target) {
            (Some(one), Some(other)) => {
                crate::logic::order(&expr.ty, one, other).is_some_and(std::cmp::Ordering::is_eq)
            }
            (found, target) => found.is_none() && target.is_none(),
        };
        if target.is_some() && same(&self.asked.value(draft, expr, scope)) {
            return vec![draft.clone()];
        }
        let mut ways = match &target {
            Some(value) => self.given(draft, expr, value, high, scope),
            None => self.nothing(draft, expr, scope),
        };
        ways.retain(|way| same(&self.asked.value(way, expr, scope)));
        ways.truncate(WAYS);
        ways
    }

    pub(super) fn given(
        &self,
        draft: &Draft,
        expr: &'a Expr,
        target: &Value,
        high: bool,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let set =
            |draft: &Draft, inner: &'a Expr, value: Value| self.set(draft, inner, Some(value), high, scope);
        match &expr.kind {
            Kind::Column(row, column) => self.column(draft, row, *column, Some(target.clone()), scope),
            Kind::Index(row) => match scope.index(*row) {
                Some(index) => set(draft, index, target.clone()),
                None => Vec::new(),
            },
            Kind::ToDecimal(inner) => {
                let whole = of(target).and_then(|units| as_type(&inner.ty, Number(units)));
                whole.map_or_else(Vec::new, |value| set(draft, inner, value))
            }
            Kind::InUnit(inner, _) => set(draft, inner, target.clone()),
            Kind::OrElse(inner, otherwise) if otherwise == target => {
                let mut ways = self.set(draft, inner, None, high, scope);
                ways.extend(set(draft, inner, target.clone()));
                ways
            }
            Kind::OrElse(inner, _) => set(draft, inner, target.clone()),
            Kind::AddDays(inner, days) => {
                let Some(wanted) = day(target) else { return Vec::new() };
                if let Some(days) = self.asked.int(draft, days, scope) {
                    return add_days(wanted, -days)
                        .map_or_else(Vec::new, |day| set(draft, inner, Value::Date(day)));
                }
                let known = self.asked.date(draft, inner, scope).and_then(|day| days_between(wanted, day));
                known.map_or_else(Vec::new, |between| set(draft, days, Value::Int(between)))
            }
            Kind::AddMonths(inner, months) => {
                let (Some(wanted), Some(months)) = (day(target), self.asked.int(draft, months, scope)) else {
                    return Vec::new();
                };
                let days = before_months(wanted, months);
                days.into_iter().flat_map(|day| set(draft, inner, Value::Date(day))).collect()
            }
            Kind::DaysBetween(later, earlier) => {
                let Value::Int(between) = target else { return Vec::new() };
                let mut ways = Vec::new();
                for (free, bound, days) in [(later, earlier, *between), (earlier, later, -*between)] {
                    for way in self.ground(draft, bound, scope) {
                        let Some(from) = self.asked.date(&way, bound, scope) else { continue };
                        if let Some(day) = add_days(from, days) {
                            ways.extend(set(&way, free, Value::Date(day)));
                        }
                    }
                    if !ways.is_empty() {
                        break;
                    }
                }
                ways
            }
            Kind::AgeAt(row, at) => self.age(draft, row, at, target, high, scope),
            Kind::MonthOf(inner) => {
                let Some(first) = day(target) else { return Vec::new() };
                let days = [14, 0, 27].into_iter().filter_map(|days| add_days(first, days));
                days.flat_map(|day| set(draft, inner, Value::Date(day))).collect()
            }
            Kind::YearOf(inner) => {
                let Value::Int(year) = target else { return Vec::new() };
                let Ok(year) = i16::try_from(*year) else { return Vec::new() };
                let days = [(6, 15), (1, 1), (12, 31)];
                days.into_iter()
                    .filter_map(|(month, day)| jiff::civil::Date::new(year, month, day).ok())
                    .flat_map(|day| set(draft, inner, Value::Date(day)))
                    .collect()
            }
            Kind::Band(inner, width) => {
                let Value::Int(low) = target else { return Vec::new() };
                [low + width / 2, *low]
                    .into_iter()
                    .filter_map(|value| as_type(&inner.ty, Number::int(value)))
                    .flat_map(|value| set(draft, inner, value))
                    .collect()
            }
            Kind::Arithmetic(operator, left, right) => {
                self.computed(draft, (*operator, left, right), target, high, scope)
            }
            Kind::Case(arms, otherwise) => {
                let mut each = Vec::new();
                for at in 0..=arms.len() {
                    let before = arms.iter().take(at).map(|(when, _)| (when, Some(false)));
                    let (when, then) = match arms.get(at) {
                        Some((when, then)) => (Some(when), then),
                        None => (None, &**otherwise),
                    };
                    // What cannot be this value, whatever is chosen, is not tried.
                    if matches!(&then.kind, Kind::Literal(value) if value != target)
                        || matches!(then.kind, Kind::Null)
                    {
                        continue;
                    }
                    for way in self.reach_arm(draft, before, when, scope) {
                        each.push(set(&way, then, target.clone()));
                    }
                }
                in_turn(each)
            }
            Kind::Pick { rows, order, value } => {
                let mut ways = Vec::new();
                if let Some(picked) = self.asked.picked(draft, rows, order, scope) {
                    ways.extend(self.set(draft, value, Some(target.clone()), high, &picked.scope));
                }
                if ways.is_empty() {
                    // A date that the row is found by is chosen before what its windows say of it.
                    let date = self.is_own_date(rows, value).then(|| day(target)).flatten();
                    for (way, inner) in self.add_row(draft, rows, date, None, scope) {
                        ways.extend(self.set(&way, value, Some(target.clone()), high, &inner));
                    }
                }
                ways
            }
            Kind::Aggregate { rows, argument, filter, .. } => {
                let Some(argument) = argument else {
                    let Value::Int(count) = target else { return Vec::new() };
                    return self.rows_more(draft, rows, *count, scope);
                };
                let mut ways = Vec::new();
                for (way, inner) in self.add_row(draft, rows, None, None, scope) {
                    for way in self.set(&way, argument, Some(target.clone()), high, &inner) {
                        match filter {
                            Some(filter) => ways.extend(self.make(&way, filter, Some(true), &inner)),
                            None => ways.push(way),
                        }
                    }
                }
                ways
            }
            Kind::Zygosity(row) => {
                let copies = match target {
                    Value::Text(text) if text == "homozygous" => 2,
                    Value::Text(text) if text == "heterozygous" => 1,
                    _ => return Vec::new(),
                };
                let column = self.asked.model.entity(row.entity).find_column("call");
                column.map_or_else(Vec::new, |column| {
                    self.column(draft, row, column, Some(Value::Int(copies)), scope)
                })
            }
            Kind::Exit(row, _) => match scope.exit(*row) {
                Some(exit) => {
                    let dates = exit
                        .dates
                        .iter()
                        .filter(|(reason, _)| !matches!(target, Value::Text(wanted) if wanted != reason));
                    dates
                        .flat_map(|(_, date)| match day(target) {
                            Some(day) => set(draft, date, Value::Date(day)),
                            None => self.ground(draft, date, scope),
                        })
                        .collect()
                }
                None => Vec::new(),
            },
            _ => match target {
                Value::Bool(want) if expr.ty == types::Type::Bool => {
                    self.make(draft, expr, Some(*want), scope)
                }
                _ => Vec::new(),
            },
        }
    }

    /// Drafts in which an arm of a `case` is the one that counts: those before it are missed.
    fn reach_arm(
        &self,
        draft: &Draft,
        before: impl Iterator<Item = (&'a Expr, Option<bool>)>,
        when: Option<&'a Expr>,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let mut ways = self.make_all(draft, before, scope);
        if let Some(when) = when {
            ways = self.far(|| spread(&ways, |way| self.make(way, when, Some(true), scope)));
        }
        ways.truncate(FEW);
        ways
    }

    /// Drafts in which an expression is null.
    fn nothing(&self, draft: &Draft, expr: &'a Expr, scope: &Scope<'a>) -> Vec<Draft> {
        let as_it_is = || {
            let null = self.asked.value(draft, expr, scope).is_none();
            if null { vec![draft.clone()] } else { Vec::new() }
        };
        match &expr.kind {
            Kind::Column(row, column) => {
                let mut ways = if self.asked.at(draft, row, scope).is_some() {
                    self.column(draft, row, *column, None, scope)
                } else {
                    as_it_is()
                };
                if ways.is_empty() && !row.hops.is_empty() {
                    ways = as_it_is();
                }
                ways
            }
            Kind::Index(row) => match scope.index(*row) {
                Some(index) => self.nothing(draft, index, scope),
                None => Vec::new(),
            },
            Kind::AddDays(inner, _)
            | Kind::AddMonths(inner, _)
            | Kind::ToDecimal(inner)
            | Kind::InUnit(inner, _)
            | Kind::MonthOf(inner)
            | Kind::YearOf(inner)
            | Kind::Band(inner, _) => self.set(draft, inner, None, false, scope),
            Kind::DaysBetween(left, right) | Kind::Arithmetic(_, left, right) => {
                let mut ways = self.set(draft, left, None, false, scope);
                ways.extend(self.set(draft, right, None, false, scope));
                ways
            }
            Kind::AgeAt(row, at) => {
                let mut ways = Vec::new();
                let life = self.asked.model.entity(row.entity).life;
                if let Some(birth) = life.birth_date {
                    ways.extend(self.column(draft, row, birth, None, scope));
                }
                ways.extend(self.set(draft, at, None, false, scope));
                ways
            }
            Kind::Case(arms, otherwise) => {
                let mut ways = Vec::new();
                for at in 0..=arms.len() {
                    let before = arms.iter().take(at).map(|(when, _)| (when, Some(false)));
                    let (when, then) = match arms.get(at) {
                        Some((when, then)) => (Some(when), then),
                        None => (None, &**otherwise),
                    };
                    for way in self.reach_arm(draft, before, when, scope) {
                        ways.extend(match then.kind {
                            Kind::Null => vec![way],
                            Kind::Literal(_) => Vec::new(),
                            _ => self.set(&way, then, None, false, scope),
                        });
                    }
                }
                ways
            }
            Kind::Pick { rows, order, value } => {
                if let Some(picked) = self.asked.picked(draft, rows, order, scope) {
                    return self.set(draft, value, None, false, &picked.scope);
                }
                let mut ways = as_it_is();
                for (way, inner) in self.add_row(draft, rows, None, None, scope) {
                    ways.extend(self.set(&way, value, None, false, &inner));
                }
                ways
            }
            Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InValues(..)
            | Kind::Has(_)
            | Kind::Counted(..) => self.make(draft, expr, None, scope),
            _ => as_it_is(),
        }
    }

    /// Drafts in which an expression has some value.
    pub(super) fn ground(&self, draft: &Draft, expr: &'a Expr, scope: &Scope<'a>) -> Vec<Draft> {
        if self.asked.value(draft, expr, scope).is_some() {
            return vec![draft.clone()];
        }
        let mut ways = Vec::new();
        for value in self.plain(draft, expr) {
            ways.extend(self.set(draft, expr, Some(value), false, scope));
            if ways.len() >= FEW {
                break;
            }
        }
        ways.truncate(FEW);
        ways
    }

    /// The row of a query as a row of the draft, with the to-one rows on the way made where they are missing.
    pub(super) fn reached(&self, draft: &Draft, row: &Row, scope: &Scope<'a>) -> Option<(Draft, At)> {
        let (Place::Row(mut at) | Place::Episode { row: mut at, .. }) = scope.place(row.id)?;
        let mut draft = draft.clone();
        for hop in &row.hops {
            let found = draft.related(self.asked.model, at, *hop).into_iter().next();
            at = match found {
                Some(found) => found,
                None => draft.relate(self.asked.model, at, *hop)?,
            };
        }
        Some((draft, at))
    }

    /// A column of a row.
    fn column(
        &self,
        draft: &Draft,
        row: &Row,
        column: ColumnId,
        value: Cell,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some((mut draft, at)) = self.reached(draft, row, scope) else { return Vec::new() };
        let entity = self.asked.model.entity(draft.row(at).entity);
        if value.is_none() && !entity.column(column).optional {
            return Vec::new();
        }
        if !draft.is_open(at, column) {
            return if draft.cell(at, column) == value { vec![draft] } else { Vec::new() };
        }
        let mut ways = Vec::new();
        // A date that is known as an interval is a day here: both of its ends.
        let interval = entity.intervals.iter().find(|one| one.earliest == column || one.latest == column);
        if let Some(interval) = interval {
            let mut whole = draft.clone();
            for end in [interval.earliest, interval.latest] {
                if whole.is_open(at, end) {
                    whole.put(at, end, value.clone());
                }
            }
            ways.push(whole);
        }
        draft.put(at, column, value);
        ways.push(draft);
        ways
    }

    /// Completed years at a day, by the birthday.
    fn age(
        &self,
        draft: &Draft,
        row: &Row,
        at: &'a Expr,
        target: &Value,
        high: bool,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Value::Int(years) = target else { return Vec::new() };
        let Some(birth) = self.asked.model.entity(row.entity).life.birth_date else { return Vec::new() };
        let mut ways = Vec::new();
        for way in self.ground(draft, at, scope) {
            let Some(day) = self.asked.date(&way, at, scope) else { continue };
            let Some((first, last)) = born(*years, day) else { continue };
            let middle = add_days(first, days_between(last, first).unwrap_or(0) / 2).unwrap_or(first);
            // Who was born first is nearly a year older.
            let births = if high { [first, middle, last] } else { [last, middle, first] };
            for birth_date in births {
                ways.extend(self.column(&way, row, birth, Some(Value::Date(birth_date)), scope));
            }
        }
        // An age at a day of an event may also be reached by the day.
        if ways.is_empty()
            && let Some(Value::Date(born)) =
                self.asked.at(draft, row, scope).and_then(|person| draft.cell(person, birth))
        {
            let months = years.saturating_mul(12).saturating_add(if high { 11 } else { 0 });
            if let Some(day) = crate::days::add_months(born, months) {
                ways.extend(self.set(draft, at, Some(Value::Date(day)), high, scope));
            }
        }
        ways
    }

    /// A sum, difference, product or ratio, by one of its sides.
    fn computed(
        &self,
        draft: &Draft,
        (operator, left, right): (Arithmetic, &'a Expr, &'a Expr),
        target: &Value,
        high: bool,
        scope: &Scope<'a>,
    ) -> Vec<Draft> {
        let Some(wanted) = of(target) else { return Vec::new() };
        let mut ways = Vec::new();
        for (free, bound, is_left) in [(left, right, true), (right, left, false)] {
            if matches!(free.kind, Kind::Literal(_)) {
                continue;
            }
            for way in self.ground(draft, bound, scope) {
                let Some(known) = self.asked.value(&way, bound, scope).as_ref().and_then(of) else {
                    continue;
                };
                let exact = |value: Option<i128>, by: i128| match (value, by) {
                    (Some(_), 0) | (None, _) => None,
                    (Some(value), by) => value.checked_div(by),
                };
                let solved = match (operator, is_left) {
                    (Arithmetic::Add, _) => wanted.checked_sub(known),
                    (Arithmetic::Subtract, true) => wanted.checked_add(known),
                    (Arithmetic::Subtract, false) => known.checked_sub(wanted),
                    (Arithmetic::Multiply, _) => exact(wanted.checked_mul(ONE), known),
                    (Arithmetic::Divide, true) => wanted.checked_mul(known).map(|product| product / ONE),
                    (Arithmetic::Divide, false) => exact(known.checked_mul(ONE), wanted),
                };
                // A quotient that does not come out is one of its neighbours.
                for near in [0, 1, -1] {
                    let value = solved.and_then(|value| as_type(&free.ty, Number(value + near)));
                    if let Some(value) = value {
                        ways.extend(self.set(&way, free, Some(value), high, scope));
                    }
                }
            }
            if !ways.is_empty() {
                break;
            }
        }
        ways
    }

    /// Whether a value is the date that its row is found by.
    fn is_own_date(&self, rows: &types::Rows, value: &Expr) -> bool {
        let Some(last) = rows.steps.last() else { return false };
        let dated = self.asked.model.entity(last.row.entity).dated_by;
        matches!(&value.kind, Kind::Column(row, column)
            if *row == last.row && dated.is_some_and(|dated| dated.start == *column))
    }
}
