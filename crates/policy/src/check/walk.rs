//! What an expression reads: every form of it, so that nothing read escapes.
//!
//! Two questions are asked of an expression. [`Walk::test`] finds all that it reads; that is what a condition or
//! the argument of an aggregate needs a grant for. [`Walk::value`], in `value`, finds what of it would leave.
//!
//! The labels that the type checker put on expressions are not trusted here: a column of a public table that is
//! reached from a person's row (the gene of a finding) tells of the person. So every row knows whether a linked
//! row lies on the way to it.

use super::value::Leaf;
use model::{ColumnId, ColumnLabel, EntityId, Linkage, Model, RelationId};
use std::collections::{BTreeMap, BTreeSet};
use text::Range;
use types::{CohortId, Expr, GroupKey, Inherited, Kind, Query, Row, RowId, Rows, RowsSource, TableId};

/// Where a row stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) entity: EntityId,
    /// Whether it is a person's row, or reached from one.
    pub(super) linked: bool,
    /// Public entities on the way from the linked row to this one, this one included.
    pub(super) through: Vec<EntityId>,
}

/// Something that is read of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Rows of a linked entity.
    Rows(EntityId),
    /// A column of a linked entity.
    Column(EntityId, ColumnId),
    /// The age of a subject.
    Age(EntityId),
    /// A column or the key of a public entity, reached from a linked row through these entities.
    Public(EntityId, Option<ColumnId>, Vec<EntityId>),
    /// The key of a linked row, other than to count rows.
    Key(EntityId),
    /// Consent at another date, or for a named purpose.
    Consent(Option<String>),
    /// Membership in a cohort.
    Cohort(CohortId),
    /// Something of which it cannot be said where it is read.
    Unplaced,
}

pub(super) struct Walk<'a> {
    pub(super) model: &'a Model,
    pub(super) query: &'a Query,
    rows: BTreeMap<RowId, Place>,
    /// All that is read, with its place in the text.
    pub(super) found: Vec<(Found, Range)>,
    /// All that leaves.
    pub(super) leaves: Vec<Leaf>,
    /// The group keys, each with what of it leaves.
    pub(super) keys: Vec<(GroupKey, Vec<Leaf>)>,
    /// Linked entities that any row on the way belongs to: each has a guard.
    pub(super) guarded: Vec<EntityId>,
    /// Tables whose released values are used.
    pub(super) tables: BTreeSet<TableId>,
    /// How deep index dates and cohorts have been followed: no deeper than there are cohorts.
    pub(super) depth: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(model: &'a Model, query: &'a Query) -> Walk<'a> {
        let mut walk = Walk {
            model,
            query,
            rows: BTreeMap::new(),
            found: Vec::new(),
            leaves: Vec::new(),
            keys: Vec::new(),
            guarded: Vec::new(),
            tables: BTreeSet::new(),
            depth: 0,
        };
        // A named rule of a cohort is a column of its rows, and may still speak of the cohort's own row.
        for cohort in &query.cohorts {
            let place = Place { entity: cohort.row.entity, linked: true, through: Vec::new() };
            walk.rows.insert(cohort.row.id, place.clone());
            // A member of a matched cohort was chosen by the keys of cases too.
            if let Some(matched) = &cohort.matched {
                walk.rows.insert(matched.case.id, place);
            }
        }
        walk
    }

    /// Enters the row of a source.
    pub(super) fn enter(&mut self, row: &Row, linked: bool) {
        self.rows.insert(row.id, Place { entity: row.entity, linked, through: Vec::new() });
    }

    pub(super) fn find(&mut self, found: Found, range: Range) {
        if let Found::Rows(entity) | Found::Column(entity, _) | Found::Key(entity) = &found
            && self.model.is_derived(*entity)
        {
            // What the compiler makes of genotypes tells of genotypes; the rest of it was found where it is read.
            return self.calls(range);
        }
        if let Found::Rows(entity) | Found::Column(entity, _) | Found::Age(entity) | Found::Key(entity) =
            &found
        {
            self.guard(*entity);
        }
        self.found.push((found, range));
    }

    pub(super) fn guard(&mut self, entity: EntityId) {
        if !self.guarded.contains(&entity) && !self.model.is_derived(entity) {
            self.guarded.push(entity);
        }
    }

    pub(super) fn is_linked(&self, entity: EntityId) -> bool {
        self.model.entity(entity).linkage != Linkage::Public
    }

    /// Reads the calls of the people: what carried alleles and frequencies are made of.
    pub(super) fn calls(&mut self, range: Range) {
        let call = self.model.find("call");
        match call.and_then(|call| Some((call, self.model.entity(call).find_column("call")?))) {
            Some((call, column)) => self.find(Found::Column(call, column), range),
            None => self.find(Found::Unplaced, range),
        }
    }

    /// Where a row stands, after its to-one steps.
    pub(super) fn place(&mut self, row: &Row, range: Range) -> Option<Place> {
        let Some(mut place) = self.rows.get(&row.id).cloned() else {
            self.find(Found::Unplaced, range);
            return None;
        };
        for hop in &row.hops {
            place = self.step(place, *hop, range)?;
        }
        Some(place)
    }

    /// The row that a relation leads to. Keys that join people's rows need no grant; one that leads from a
    /// person to public rows does, for these say what it is.
    fn step(&mut self, from: Place, relation: RelationId, range: Range) -> Option<Place> {
        let entity = self.model.entity(from.entity);
        if relation.0 as usize >= entity.relations.len() {
            self.find(Found::Unplaced, range);
            return None;
        }
        let relation = entity.relation(relation);
        let (target, from_people) = (relation.target, self.is_linked(from.entity));
        let mut through = from.through;
        if self.is_linked(target) {
            self.guard(target);
            let made_before = self.model.entity(target).linkage == Linkage::Aggregate;
            if !from_people || relation.many || made_before {
                self.find(Found::Rows(target), range);
            }
            through.clear();
            return Some(Place { entity: target, linked: true, through });
        }
        if from_people {
            for (own, _) in &relation.on {
                if entity.column(*own).label != ColumnLabel::Identifier {
                    self.find(Found::Column(from.entity, *own), range);
                }
            }
        }
        if from.linked {
            through.push(target);
        }
        Some(Place { entity: target, linked: from.linked, through })
    }

    fn all(&mut self, exprs: &[Expr]) {
        for expr in exprs {
            self.test(expr);
        }
    }

    fn column(&mut self, row: &Row, column: ColumnId, range: Range) {
        let Some(place) = self.place(row, range) else { return };
        if self.is_linked(place.entity) {
            self.find(Found::Column(place.entity, column), range);
        } else if place.linked {
            self.find(Found::Public(place.entity, Some(column), place.through), range);
        }
    }

    /// Finds all that an expression reads.
    pub(super) fn test(&mut self, expr: &Expr) {
        let range = expr.range;
        match &expr.kind {
            Kind::Literal(_) | Kind::Null => {}
            Kind::Column(row, column) => self.column(row, *column, range),
            Kind::Key(row) => {
                let Some(place) = self.place(row, range) else { return };
                if self.is_linked(place.entity) {
                    self.find(Found::Key(place.entity), range);
                } else if place.linked {
                    self.find(Found::Public(place.entity, None, place.through), range);
                }
            }
            Kind::Index(row) => self.index(*row, range, None),
            Kind::Exit(row, part) => self.exit(*row, *part, range, None),
            Kind::Episode(row, bound) => self.episode(row, *bound, range),
            Kind::And(parts) | Kind::Or(parts) | Kind::CountedOf(_, _, parts) => self.all(parts),
            Kind::Not(inner)
            | Kind::InCodes(inner, _)
            | Kind::InValues(inner, _)
            | Kind::IsKnown(inner)
            | Kind::OrElse(inner, _)
            | Kind::ToDecimal(inner)
            | Kind::InUnit(inner, _)
            | Kind::MonthOf(inner)
            | Kind::YearOf(inner)
            | Kind::Band(inner, _) => self.test(inner),
            Kind::Compare(_, left, right)
            | Kind::Arithmetic(_, left, right)
            | Kind::AddDays(left, right)
            | Kind::AddMonths(left, right)
            | Kind::DaysBetween(left, right) => {
                self.test(left);
                self.test(right);
            }
            Kind::InGeneCodes { code, gene, annotation: _ } => {
                self.test(code);
                self.test(gene);
            }
            Kind::CompareQuantity { comparison: _, value, unit, in_units: _ } => {
                self.test(value);
                self.test(unit);
            }
            Kind::IsAllele(row, _) | Kind::InRegion(row, _) => {
                let Some(place) = self.place(row, range) else { return };
                if self.is_linked(place.entity) {
                    self.find(Found::Unplaced, range);
                } else if place.linked {
                    self.find(Found::Public(place.entity, None, place.through), range);
                }
            }
            Kind::InCohort(row, cohort) => {
                self.place(row, range);
                self.find(Found::Cohort(*cohort), range);
            }
            // What was released of the table tells nothing more; only the value that is looked for is read.
            Kind::InTable { value, table, column: _ } => {
                self.tables.insert(*table);
                self.test(value);
            }
            Kind::Case(arms, otherwise) => {
                for (when, then) in arms {
                    self.test(when);
                    self.test(then);
                }
                self.test(otherwise);
            }
            Kind::AgeAt(row, date) => {
                if let Some(place) = self.place(row, range) {
                    self.find(Found::Age(place.entity), range);
                }
                self.test(date);
            }
            Kind::Zygosity(row) => {
                self.place(row, range);
                self.calls(range);
            }
            Kind::Has(rows) | Kind::Counted(_, _, rows) => self.rows(rows, range),
            Kind::Pick { rows, order, value } => {
                self.picked(rows, order, range);
                self.test(value);
            }
            Kind::Aggregate { function: _, rows, argument, filter } => {
                self.rows(rows, range);
                if let Some(argument) = argument.as_deref() {
                    self.counted(argument);
                }
                if let Some(filter) = filter {
                    self.test(filter);
                }
            }
            Kind::Observed { subject, from, to } => {
                self.place(subject, range);
                self.observed(range);
                self.test(from);
                self.test(to);
            }
            Kind::ConsentValid { row, at, purpose } => {
                self.place(row, range);
                // Without a date and a purpose it is what the guard asks anyway.
                if at.is_some() || purpose.is_some() {
                    self.find(Found::Consent(purpose.clone()), range);
                }
                if let Some(at) = at {
                    self.test(at);
                }
            }
        }
    }

    /// The argument of an aggregate: a key there counts rows, and is not read.
    pub(super) fn counted(&mut self, argument: &Expr) {
        match &argument.kind {
            Kind::Key(row) => {
                self.place(row, argument.range);
            }
            _ => self.test(argument),
        }
    }

    /// Many rows around one.
    pub(super) fn rows(&mut self, rows: &Rows, range: Range) {
        let Some(mut place) = self.place(&rows.around, range) else { return };
        for step in &rows.steps {
            match &step.source {
                // Put together from rows around the same row: it reads what they read, and their days.
                RowsSource::Episodes { of, gap, each_code } => {
                    self.rows(of, range);
                    self.test(gap);
                    let last = of.steps.last().and_then(|last| self.rows.get(&last.row.id).cloned());
                    let Some(last) = last else { return self.find(Found::Unplaced, range) };
                    place = last;
                    self.days_of(&place, range);
                    let code = self.model.entity(place.entity).coded_by.filter(|_| *each_code);
                    if let Some(code) = code.filter(|_| self.is_linked(place.entity)) {
                        self.find(Found::Column(place.entity, code), range);
                    }
                }
                RowsSource::Relation(hops, relation) => {
                    for hop in hops.iter().chain([relation]) {
                        let Some(next) = self.step(place, *hop, range) else { return };
                        place = next;
                    }
                }
                RowsSource::Carried { call } => {
                    self.calls(range);
                    if let Some(entity) = self.model.find("call") {
                        let call_place = Place { entity, linked: true, through: Vec::new() };
                        self.rows.insert(*call, call_place);
                    }
                    place = Place { entity: step.row.entity, linked: true, through: vec![step.row.entity] };
                }
                RowsSource::Inherited(inherited) => {
                    self.inherited(inherited);
                    place = Place { entity: step.row.entity, linked: true, through: Vec::new() };
                }
            }
            self.rows.insert(step.row.id, place.clone());
            self.all(&step.conditions);
            self.all(&step.bounds);
        }
        let each_other = &rows.each_other;
        if each_other.different_days || each_other.within.is_some() {
            self.date_of(&place, range);
        }
        if let Some(within) = &each_other.within {
            self.test(within);
        }
    }

    /// A day of an episode.
    fn episode(&mut self, row: &Row, bound: types::Bound, range: Range) {
        let Some(place) = self.place(row, range) else { return };
        match self.model.entity(place.entity).dated_by {
            Some(dated) => self.column(row, day_of(dated, bound), range),
            None => self.find(Found::Unplaced, range),
        }
    }

    /// Both declared days of a row.
    fn days_of(&mut self, place: &Place, range: Range) {
        self.date_of(place, range);
        if let Some(end) = self.model.entity(place.entity).dated_by.and_then(|dated| dated.end)
            && self.is_linked(place.entity)
        {
            self.find(Found::Column(place.entity, end), range);
        }
    }

    /// Candidates of a child: genotypes of the child, of its parents and of its family.
    fn inherited(&mut self, inherited: &Inherited) {
        let range = inherited.range;
        for row in [&inherited.child, &inherited.mother, &inherited.father] {
            self.place(row, range);
        }
        self.rows(&inherited.alleles, range);
        let mut columns = vec!["phased", "phase_set", "haplotype"];
        columns.extend(inherited.depth.map(|_| "depth"));
        if let Some(call) = self.model.find("call") {
            for column in columns {
                match self.model.entity(call).find_column(column) {
                    Some(column) => self.find(Found::Column(call, column), range),
                    None => self.find(Found::Unplaced, range),
                }
            }
        }
        for (row, condition) in &inherited.genes {
            let through = self.model.find("variant").into_iter().chain([row.entity]).collect();
            self.rows.insert(row.id, Place { entity: row.entity, linked: true, through });
            self.test(condition);
        }
        if let Some(affected) = inherited.affected {
            self.find(Found::Cohort(affected), range);
            // Who belongs to the family.
            let subject = inherited.child.entity;
            match self.model.entity(subject).find_column("family") {
                Some(family) => self.find(Found::Column(subject, family), range),
                None => self.find(Found::Unplaced, range),
            }
        }
        for row in [&inherited.transmission, &inherited.relative] {
            self.rows.insert(row.id, Place { entity: row.entity, linked: true, through: Vec::new() });
        }
        for rule in inherited.rules() {
            self.test(rule);
        }
    }

    /// The declared date of a row.
    fn date_of(&mut self, place: &Place, range: Range) {
        if let Some(dated) = self.model.entity(place.entity).dated_by
            && self.is_linked(place.entity)
        {
            for column in [Some(dated.start), dated.latest].into_iter().flatten() {
                self.find(Found::Column(place.entity, column), range);
            }
        }
    }

    /// Rows of which one is picked, by their date where nothing else is said. That ties are broken by the other
    /// columns needs no grant: it makes the choice the same every time, and tells nothing.
    pub(super) fn picked(&mut self, rows: &Rows, order: &types::PickOrder, range: Range) {
        self.rows(rows, range);
        if let Some(by) = &order.by {
            self.test(by);
        } else {
            let place = rows.steps.last().and_then(|step| self.rows.get(&step.row.id).cloned());
            if let Some(place) = place {
                self.date_of(&place, range);
            }
        }
    }

    fn observed(&mut self, range: Range) {
        let Some((entity, _)) = self.model.observation() else {
            self.find(Found::Unplaced, range);
            return;
        };
        self.find(Found::Rows(entity), range);
        if let Some(dated) = self.model.entity(entity).dated_by {
            for column in [Some(dated.start), dated.end].into_iter().flatten() {
                self.find(Found::Column(entity, column), range);
            }
        }
    }
}

/// The column that a day of an episode is read from.
pub(super) fn day_of(dated: model::Dated, bound: types::Bound) -> ColumnId {
    match bound {
        types::Bound::Started => dated.start,
        types::Bound::Ended => dated.end.unwrap_or(dated.start),
    }
}
