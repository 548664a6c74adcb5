//! One cohort or one table: its forms are walked here, and `rules` judges what was found.

use super::Checker;
use super::rules::Need;
use super::value::Inside;
use super::walk::{Found, Walk};
use crate::agreement::Level;
use crate::codes;
use crate::permitted::Receipt;
use diag::Diagnostic;
use model::{ColumnId, EntityId, RelationId};
use std::collections::{BTreeMap, BTreeSet};
use text::Range;
use types::{
    AggregateFunction, Cohort, CohortId, CohortSource, Expr, Frequency, GroupCell, Kind, Row, RowsSource,
    ShownExpr, Table, TableBody, TableId,
};

/// What came of an item.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Whether every agreement allows it.
    pub(super) allowed: bool,
    /// Whether it reads anything of people.
    pub(super) linked: bool,
    /// The cohorts that it uses.
    pub(super) stands_on: BTreeSet<CohortId>,
    /// The tables whose released values it uses.
    pub(super) tables: BTreeSet<TableId>,
    /// Linked entities and columns that it reads.
    pub(super) reads: BTreeMap<EntityId, BTreeSet<ColumnId>>,
    /// Purposes that it asks consent for, by name.
    pub(super) purposes: BTreeSet<String>,
    pub(super) receipts: Vec<Receipt>,
}

impl<'a> Checker<'a> {
    pub(super) fn cohort(&mut self, cohort: &Cohort) -> Judged {
        let mut walk = Walk::new(self.model, self.query);
        walk.find(Found::Rows(cohort.row.entity), cohort.range);
        if let CohortSource::Cohort(of) = cohort.source {
            walk.find(Found::Cohort(of), cohort.range);
        }
        if let Some(index) = &cohort.index {
            walk.index(cohort.row.id, index.date.range, None);
        }
        for rule in &cohort.rules {
            walk.test(&rule.condition);
        }
        for (_, date) in cohort.exit.iter().flat_map(|exit| &exit.dates) {
            walk.test(date);
        }
        if let Some(matched) = &cohort.matched {
            walk.enter(&matched.case, true);
            walk.find(Found::Cohort(matched.cases), matched.range);
            for key in &matched.keys {
                walk.test(&key.control);
                walk.test(&key.case);
            }
        }
        let before = self.diagnostics.len();
        self.judge(&walk, &[], before, &cohort.name, cohort.range)
    }

    pub(super) fn table(&mut self, table: &Table) -> Judged {
        let before = self.diagnostics.len();
        let mut walk = Walk::new(self.model, self.query);
        let people = walk.is_linked(table.row.entity);
        let alleles = self.model.find("variant") == Some(table.row.entity);
        walk.enter(&table.row, people);
        if people {
            walk.find(Found::Rows(table.row.entity), table.range);
        } else if alleles {
            // Alleles as a source are those that permitted people carry.
            walk.calls(table.range);
        } else {
            self.alleles_of_everybody(table);
        }
        if let Some(cohort) = table.cohort {
            walk.find(Found::Cohort(cohort), table.range);
        }
        let source = walk.found.len();
        // Rules may read the rows of `for each`, so these come first.
        for each in &table.each {
            walk.rows(&each.rows, table.range);
        }
        for rule in &table.rules {
            walk.test(&rule.condition);
        }
        let mut needs = Vec::new();
        match &table.body {
            TableBody::Rows { values } => {
                for value in values {
                    walk.value(value, Inside::Shown);
                }
                for nested in &table.nested {
                    walk.nested(nested, table.range);
                }
                Self::cells(table, &mut walk, &mut needs);
                if !walk.found.is_empty() || !walk.leaves.is_empty() {
                    let what = if people { "rows of people" } else { "a list of what people carry" };
                    needs.push(Need {
                        level: Level::Record,
                        what: what.to_owned(),
                        range: table.range,
                        rows: true,
                    });
                }
            }
            TableBody::Groups { keys, totals: _ } => {
                walk.keys(keys);
                Self::cells(table, &mut walk, &mut needs);
                if !walk.found.is_empty() && !people {
                    self.not_people(table, alleles);
                } else if people {
                    let what = "numbers of people".to_owned();
                    needs.push(Need { level: Level::Count, what, range: table.range, rows: false });
                }
            }
            TableBody::Frequency { frequencies, pooled, values, named: _ } => {
                for value in values {
                    walk.value(value, Inside::Shown);
                }
                if let Some(pooled) = pooled {
                    // Groups of alleles are made by what is public of them, as alleles are chosen by it.
                    for key in &pooled.keys {
                        walk.value(&key.value, Inside::Shown);
                    }
                }
                let of_people = walk.found.get(source..).and_then(<[_]>::first).map(|(_, range)| *range);
                if let Some(range) = of_people.or_else(|| walk.leaves.first().map(|leaf| leaf.range)) {
                    self.alleles_by_people(range);
                }
                for frequency in frequencies {
                    Self::frequency(frequency, &mut walk);
                    let what = "frequencies".to_owned();
                    needs.push(Need { level: Level::Aggregate, what, range: frequency.range, rows: false });
                }
                Self::cells(table, &mut walk, &mut needs);
            }
        }
        self.packed(table);
        self.judge(&walk, &needs, before, &table.name, table.range)
    }

    /// Whose alleles are counted, and in which groups.
    fn frequency(frequency: &Frequency, walk: &mut Walk<'a>) {
        walk.enter(&frequency.row, true);
        walk.calls(frequency.range);
        walk.find(Found::Rows(frequency.row.entity), frequency.range);
        if let Some(cohort) = frequency.cohort {
            walk.find(Found::Cohort(cohort), frequency.range);
        }
        for condition in &frequency.conditions {
            walk.test(condition);
        }
        walk.keys(&frequency.keys);
    }

    /// Every cell that is shown, tested after `show`, or ordered by.
    fn cells(table: &Table, walk: &mut Walk<'a>, needs: &mut Vec<Need>) {
        let all = table.shown.iter().map(|shown| (&shown.value, shown.range));
        let kept = table.kept.iter().map(|kept| (kept, table.range));
        let order = table.order.iter().map(|(key, _)| (key, table.range));
        let regrouped = table.regroup.iter().flat_map(|regroup| &regroup.values);
        let regrouped = regrouped.map(|value| (&value.value, value.range));
        for (shown, range) in all.chain(kept).chain(order).chain(regrouped) {
            cells_of(shown, &mut |cell| match cell {
                GroupCell::Key(_)
                | GroupCell::Value(_)
                | GroupCell::Nested(_)
                | GroupCell::Frequency { .. } => {}
                GroupCell::Aggregate { function, argument, filter } => {
                    if let Some(argument) = argument {
                        walk.counted(argument);
                    }
                    if let Some(filter) = filter {
                        walk.test(filter);
                    }
                    let level = level_of(*function, argument.as_ref());
                    needs.push(Need {
                        level,
                        what: aggregate_words(*function).to_owned(),
                        range,
                        rows: false,
                    });
                }
            });
        }
    }

    fn not_people(&mut self, table: &Table, alleles: bool) {
        let diagnostic = Diagnostic::error(
            codes::NOT_PEOPLE,
            format!("table `{}` groups rows that are not people", table.name),
            table.range,
            if alleles { "groups of alleles" } else { "groups of public rows" },
        )
        .note("a group is released when enough people are in it, and these rows are of nobody in particular");
        self.diagnostics.push(if alleles {
            diagnostic.help("write `frequency among …` instead of `group by`: it counts the people")
        } else {
            diagnostic.help("take the table from people: `from subjects`")
        });
    }

    /// A source of public rows tells nothing of people only if its rows are there whatever people carry. Rows
    /// that must name an allele of the warehouse (its effects, sites, frequencies) are not; of others, such as
    /// those of a whole release, which of them the warehouse has must not be read.
    fn alleles_of_everybody(&mut self, table: &Table) {
        let Some(variant) = self.model.find("variant") else { return };
        let entity = self.model.entity(table.row.entity);
        let named = entity.find_column("variant_id");
        let mut at = named.filter(|column| !entity.column(*column).optional).map(|_| table.range);
        let leads = |hops: &[RelationId]| {
            let mut from = table.row.entity;
            hops.iter().any(|hop| {
                from = self.model.entity(from).relations.get(hop.0 as usize).map_or(from, |hop| hop.target);
                from == variant
            })
        };
        let values: &[Expr] = match &table.body {
            TableBody::Rows { values } => values,
            TableBody::Groups { .. } | TableBody::Frequency { .. } => &[],
        };
        for expr in table.rules.iter().map(|rule| &rule.condition).chain(values) {
            types::each_expr(expr, &mut |inner| {
                let own = |row: &Row| row.id == table.row.id;
                let reads = match &inner.kind {
                    Kind::Column(row, column) => {
                        own(row) && (leads(&row.hops) || row.hops.is_empty() && Some(*column) == named)
                    }
                    Kind::Key(row) | Kind::IsAllele(row, _) | Kind::InRegion(row, _) => {
                        own(row) && leads(&row.hops)
                    }
                    Kind::Has(rows)
                    | Kind::Counted(_, _, rows)
                    | Kind::Pick { rows, .. }
                    | Kind::Aggregate { rows, .. } => {
                        own(&rows.around)
                            && (leads(&rows.around.hops)
                                || rows.steps.iter().any(|step| match &step.source {
                                    RowsSource::Relation(hops, relation) => {
                                        let hops: Vec<RelationId> =
                                            hops.iter().chain([relation]).copied().collect();
                                        leads(&hops)
                                    }
                                    // Of what is put together it is not asked through which rows.
                                    RowsSource::Carried { .. }
                                    | RowsSource::Episodes { .. }
                                    | RowsSource::Inherited(_) => true,
                                }))
                    }
                    _ => false,
                };
                if reads && at.is_none() {
                    at = Some(inner.range);
                }
            });
        }
        let Some(range) = at else { return };
        let rows = &entity.plural;
        self.diagnostics.push(
            Diagnostic::error(
                codes::ALLELES_OF_EVERYBODY,
                format!("this would tell which alleles the warehouse has, with {rows} as the source"),
                range,
                "known from everybody, also from those who did not consent",
            )
            .note("`variants` as a source holds the alleles that permitted people carry; other rows of alleles do not know of consent")
            .help("take the table `from variants`: their effects and public annotation are read from there"),
        );
    }

    fn alleles_by_people(&mut self, range: Range) {
        self.diagnostics.push(
            Diagnostic::error(
                codes::NOT_PEOPLE,
                "alleles of a frequency table are chosen and shown by what is publicly known of them",
                range,
                "read of people",
            )
            .note("that an allele is listed would tell of the people for whom this is true")
            .help("say it of the people: `frequency among subjects (…)`"),
        );
    }
}

pub(super) fn cells_of<'e>(shown: &'e ShownExpr, see: &mut impl FnMut(&'e GroupCell)) {
    match shown {
        ShownExpr::Cell(cell) => see(cell),
        ShownExpr::Grpmax { record: _, cell } => see(cell),
        ShownExpr::Fisher(_, counts) => {
            for count in counts.iter() {
                cells_of(count, see);
            }
        }
        // Released values are read from `Regroup::values`, which are judged where they stand.
        ShownExpr::Shown(_)
        | ShownExpr::Literal(_)
        | ShownExpr::RegroupKey(_)
        | ShownExpr::Regrouped { .. } => {}
        ShownExpr::Arithmetic(_, left, right) | ShownExpr::Compare(_, left, right) => {
            cells_of(left, see);
            cells_of(right, see);
        }
        ShownExpr::And(parts) | ShownExpr::Or(parts) => {
            for part in parts {
                cells_of(part, see);
            }
        }
        ShownExpr::Not(inner)
        | ShownExpr::IsKnown(inner)
        | ShownExpr::Previous { along: _, within: _, value: inner } => cells_of(inner, see),
    }
}

/// The level of an aggregate over the rows of a group.
fn level_of(function: AggregateFunction, argument: Option<&Expr>) -> Level {
    match function {
        AggregateFunction::Count => Level::Count,
        // A number of events is written as a sum of numbers of events per person.
        AggregateFunction::Sum => match argument.map(|argument| &argument.kind) {
            Some(Kind::Aggregate { function: AggregateFunction::Count, .. }) => Level::Count,
            Some(_) | None => Level::Aggregate,
        },
        AggregateFunction::Mean
        | AggregateFunction::Median
        | AggregateFunction::Quantile(_)
        | AggregateFunction::Share
        | AggregateFunction::Wilson => Level::Aggregate,
        // The value of one person.
        AggregateFunction::Min | AggregateFunction::Max => Level::Record,
    }
}

fn aggregate_words(function: AggregateFunction) -> &'static str {
    match function {
        AggregateFunction::Count => "numbers of people or events",
        AggregateFunction::Sum => "a sum",
        AggregateFunction::Mean => "a mean",
        AggregateFunction::Median => "a median",
        AggregateFunction::Quantile(_) => "a quantile",
        AggregateFunction::Min => "a least value",
        AggregateFunction::Max => "a greatest value",
        AggregateFunction::Share => "a share",
        AggregateFunction::Wilson => "an interval of a share",
    }
}
