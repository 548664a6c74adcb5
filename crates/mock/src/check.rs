//! What was made is asked of the reference interpreter: whoever was made to pass a rule passes it, whoever was
//! made to miss it does not.
//!
//! Each item is asked once per rule, with the rules up to it and no others, by the same plan that a warehouse
//! would run, guards and all. Matches and draws are left out: whom they take depends on everybody.

use crate::goals::{Goal, Item};
use crate::tables::Table as MadeTable;
use eval::{Table, Tables};
use jiff::Timestamp;
use jiff::civil::Date;
use model::{ColumnType, Model};
use plan::Value;
use policy::{Context, PolicySet};
use std::collections::{BTreeMap, BTreeSet};
use types::{
    CohortId, CohortSource, Expr, GroupCell, Kind, MEMBERS, Query, Row, Shown, ShownExpr, TableBody, Type,
};

/// Keys of the rows that pass the first rules of an item, by the item and how many rules.
pub(crate) type Passed = BTreeMap<(Item, usize), BTreeSet<String>>;

/// What a check stands on.
pub(crate) struct Judge<'a> {
    pub(crate) query: &'a Query,
    pub(crate) model: &'a Model,
    pub(crate) policy: &'a PolicySet,
    pub(crate) above: &'a dyn Fn(&str) -> Option<Vec<String>>,
    pub(crate) as_of: Date,
}

impl Judge<'_> {
    /// Who passes the first rules of each item, for every number of rules. An item that cannot be asked is not
    /// in it.
    pub(crate) fn passed(&self, made: &[MadeTable]) -> Result<Passed, String> {
        let mut query = self.query.clone();
        query.uses = None;
        query.tests.clear();
        query.reports.clear();
        for cohort in &mut query.cohorts {
            cohort.matched = None;
            cohort.draw = None;
        }
        let mut names: Vec<(String, Item, usize)> = Vec::new();
        let kept = query.tables.len();
        for at in 0..self.query.cohorts.len() {
            let Some(id) = u32::try_from(at).ok().map(CohortId) else { continue };
            self.cohorts(id, &mut query, &mut names);
        }
        for at in 0..kept {
            self.tables(at, &mut query, &mut names);
        }
        if self.query.tables_read.is_empty() {
            query.tables.drain(..kept);
        }
        let context =
            Context { model: self.model, used_on: self.as_of, known_at: Timestamp::MAX, test: true };
        let (permitted, _) = policy::check(query, self.policy, &context);
        let mut passed = Passed::new();
        let Some(permitted) = permitted else { return Ok(passed) };
        let tables = self.rows(made)?;
        for (name, item, rules) in names {
            let none = plan::ReleasedColumns::new();
            let lowered = plan::lower_item(&permitted, self.model, &self.above, &name, &none);
            let Some((plan, _)) = lowered else { continue };
            let rows = eval::run(&plan, &tables).map_err(|error| format!("{name}: {error}"))?;
            let keys = rows.rows.iter().filter_map(|row| match row.first() {
                Some(Value::Text(key)) => Some(key.clone()),
                Some(Value::Int(key)) => Some(key.to_string()),
                _ => None,
            });
            passed.insert((item, rules), keys.collect());
        }
        Ok(passed)
    }

    /// A copy of a cohort for each number of its rules, and a table of the members of each.
    fn cohorts(&self, id: CohortId, query: &mut Query, names: &mut Vec<(String, Item, usize)>) {
        let Some(whole) = query.cohorts.get(id.0 as usize).cloned() else { return };
        let before = usize::from(whole.index.is_some());
        for steps in 0..=before + whole.rules.len() {
            let mut cohort = whole.clone();
            cohort.name = format!("{} up to {steps}", whole.name);
            cohort.rules.truncate(steps.saturating_sub(before));
            if steps < before {
                cohort.index = None;
            }
            if cohort.exit.as_ref().is_some_and(|exit| exit.after > cohort.rules.len())
                || cohort.index.is_none()
            {
                let inherits = matches!(cohort.source, CohortSource::Cohort(_)) && whole.index.is_none();
                if !inherits || cohort.exit.as_ref().is_some_and(|exit| exit.after > cohort.rules.len()) {
                    cohort.exit = None;
                }
            }
            let Ok(at) = u32::try_from(query.cohorts.len()) else { return };
            let name = format!("{MEMBERS}{}", cohort.name);
            query.cohorts.push(cohort);
            if let Some(table) = types::members(query, CohortId(at), self.model) {
                query.tables.push(table);
                names.push((name, Item::Cohort(id), steps));
            }
        }
    }

    /// A copy of a table for each number of its rules, which shows the keys of its rows.
    fn tables(&self, at: usize, query: &mut Query, names: &mut Vec<(String, Item, usize)>) {
        let Some(whole) = self.query.tables.get(at) else { return };
        for rules in 0..=whole.rules.len() {
            let mut table = whole.clone();
            table.name = format!("{} up to {rules}", whole.name);
            table.rules.truncate(rules);
            table.each.retain(|each| each.after <= rules);
            table.body = TableBody::Rows { values: vec![self.key(&whole.row, whole.range)] };
            table.nested.clear();
            table.shown = vec![Shown {
                name: "key".to_owned(),
                value: ShownExpr::Cell(GroupCell::Value(0)),
                ty: Type::Id,
                range: whole.range,
            }];
            table.kept.clear();
            table.order.clear();
            table.limit = None;
            table.regroup = None;
            names.push((table.name.clone(), Item::Table(at), rules));
            query.tables.push(table);
        }
    }

    /// The first column of the key of a row.
    fn key(&self, row: &Row, range: text::Range) -> Expr {
        let entity = self.model.entity(row.entity);
        let first = entity.key.first().map(|id| (*id, entity.column(*id)));
        match first {
            Some((id, column)) if self.model.subject() != Some(row.entity) => Expr {
                kind: Kind::Column(row.clone(), id),
                ty: if column.ty == ColumnType::Int { Type::Int } else { Type::Id },
                label: column.label,
                range,
            },
            _ => Expr {
                kind: Kind::Key(row.clone()),
                ty: Type::Id,
                label: model::ColumnLabel::Identifier,
                range,
            },
        }
    }

    /// The tables of the people, and the empty ones that every question reads.
    fn rows(&self, made: &[MadeTable]) -> Result<Tables, String> {
        let mut tables = Tables::default();
        let own = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (name, columns) in
            [("ontology_term", "id system obsolete"), ("ontology_closure", "system ancestor descendant")]
        {
            let table = Table { columns: own(columns), rows: Vec::new() };
            tables.insert(name, &table).map_err(|error| error.to_string())?;
        }
        for table in made {
            let rows = Table { columns: table.columns.clone(), rows: table.rows.clone() };
            tables.insert(&table.name, &rows).map_err(|error| error.to_string())?;
        }
        Ok(tables)
    }
}

/// Whether a row did what it was made for; `None` where the item could not be asked. Who permits nothing is
/// `nowhere`: in no step of any item.
pub(crate) fn held(
    passed: &Passed,
    item: Item,
    rules: usize,
    goal: Goal,
    nowhere: bool,
    key: &str,
) -> Option<bool> {
    let of = |rules| passed.get(&(item, rules)).map(|keys| keys.contains(key));
    match goal {
        Goal::Pass | Goal::Value(_) => of(rules),
        Goal::Miss(rule) => Some(of(rule)? != nowhere && !of(rule + 1)?),
    }
}
