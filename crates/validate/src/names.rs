//! What every name stands for: tables of the text, tables of the warehouse, columns.
//!
//! Engines compare names without case, and a common table expression hides a table of the same name; both
//! are minded here. A table of the warehouse has the columns that the model declares and no others, so
//! physical row ids and columns that nobody labelled are out of reach.

use crate::demand::{Demand, TableLinkage};
use crate::tree::{Block, Body, Expr, Source, Statement};
use crate::violation::{Rule, Violations};
use std::collections::{BTreeMap, BTreeSet};

/// Tables that every warehouse has beside those of the model, with their columns.
const FIXED: &[(&str, &[&str])] = &[
    (
        "consent_event",
        &[
            "event_id",
            "subject_id",
            "sample_id",
            "kind",
            "actor",
            "effective_from",
            "effective_until",
            "recorded_at",
            "withdrawal_level",
            "supersedes",
        ],
    ),
    (
        "consent_scope",
        &["event_id", "branch", "polarity", "term", "disease", "region", "until_date", "party", "project"],
    ),
    ("ontology_term", &["system", "id", "label", "obsolete"]),
];

/// Of those the ones that say something of people.
const CONSENT: [&str; 2] = ["consent_event", "consent_scope"];

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// A table of the text, by its place.
    Table(usize),
    /// A table of the warehouse, by its declared name.
    Base(String),
}

/// The names of a statement.
pub(crate) struct Names<'a> {
    statement: &'a Statement,
    demand: &'a Demand,
    tables: BTreeMap<String, usize>,
}

impl<'a> Names<'a> {
    /// Reads the names of the tables of a text.
    pub(crate) fn new(statement: &'a Statement, demand: &'a Demand) -> Names<'a> {
        let mut tables = BTreeMap::new();
        for (place, table) in statement.tables.iter().enumerate() {
            tables.entry(table.name.to_lowercase()).or_insert(place);
        }
        Names { statement, demand, tables }
    }

    /// The place of a table of the text.
    pub(crate) fn table(&self, name: &str) -> Option<usize> {
        self.tables.get(&name.to_lowercase()).copied()
    }

    /// What a name stands for inside the table at a place.
    pub(crate) fn relation(&self, name: &str, place: usize) -> Option<Relation> {
        if let Some(at) = self.table(name) {
            return (at <= place).then_some(Relation::Table(at));
        }
        self.base(name).map(Relation::Base)
    }

    fn base(&self, name: &str) -> Option<String> {
        if let Some(table) = self.demand.table(name) {
            return Some(table.name.clone());
        }
        FIXED.iter().find(|(fixed, _)| fixed.eq_ignore_ascii_case(name)).map(|(fixed, _)| (*fixed).to_owned())
    }

    /// Whether a table of the warehouse says something of people.
    pub(crate) fn is_linked(&self, base: &str) -> bool {
        match self.demand.table(base) {
            Some(table) => table.linkage != TableLinkage::Public,
            None => CONSENT.contains(&base),
        }
    }

    /// The tables of the warehouse without people that are read, in byte order.
    pub(crate) fn public(&self) -> Vec<String> {
        let blocks = self.statement.tables.iter().enumerate();
        let sources = blocks.flat_map(|(place, table)| {
            table.body.blocks().iter().flat_map(Block::sources).map(move |source| (place, source))
        });
        let bases = sources.filter_map(|(place, source)| match self.relation(&source.name, place) {
            Some(Relation::Base(base)) if !self.is_linked(&base) => Some(base),
            Some(Relation::Base(_) | Relation::Table(_)) | None => None,
        });
        bases.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// The columns of what a name stands for.
    fn columns(&self, relation: &Relation) -> Vec<&str> {
        match relation {
            Relation::Table(at) => {
                self.statement.tables.get(*at).map(|table| table.body.columns()).unwrap_or_default()
            }
            Relation::Base(name) => match self.demand.table(name) {
                Some(table) => table.columns.iter().map(String::as_str).collect(),
                None => FIXED
                    .iter()
                    .find(|(fixed, _)| fixed == name)
                    .map(|(_, columns)| columns.to_vec())
                    .unwrap_or_default(),
            },
        }
    }

    /// Checks every name of the text.
    pub(crate) fn check(&self, violations: &mut Violations) {
        let mut seen = BTreeSet::new();
        for (place, table) in self.statement.tables.iter().enumerate() {
            if !seen.insert(table.name.to_lowercase()) {
                violations.add(Rule::Source, &table.name, "Two tables of the text have this name.");
            }
            let mut columns = BTreeSet::new();
            if !table.body.columns().iter().all(|column| columns.insert(column.to_lowercase())) {
                violations.add(Rule::Column, &table.name, "Two of its columns have the same name.");
            }
            for (nth, block) in table.body.blocks().iter().enumerate() {
                if block.items.len() != columns.len() {
                    violations.add(
                        Rule::Column,
                        &table.name,
                        "Its blocks have different numbers of columns.",
                    );
                }
                let union = matches!(table.body, Body::UnionAll(_));
                self.block(block, place, union && nth > 0, &table.name, violations);
            }
        }
        let result = &self.statement.result;
        match self.table(&result.table) {
            None => violations.add(
                Rule::Source,
                "",
                format!("The result reads {}, which is no table of the text.", result.table),
            ),
            Some(at) => {
                let known = self.columns(&Relation::Table(at));
                for column in &result.columns {
                    if !known.contains(&column.as_str()) {
                        violations.add(Rule::Column, "", format!("{} has no column {column}.", result.table));
                    }
                }
            }
        }
    }

    fn block(&self, block: &Block, place: usize, may_recur: bool, table: &str, violations: &mut Violations) {
        let mut scope: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut aliases = BTreeSet::new();
        let mut rounds = 0;
        for source in block.sources() {
            if !aliases.insert(source.alias.to_lowercase()) {
                violations.add(
                    Rule::Column,
                    table,
                    format!("Two relations of a block are called {}.", source.alias),
                );
            }
            match self.relation(&source.name, place) {
                None => violations.add(Rule::Source, table, unknown(source)),
                Some(Relation::Table(at)) if at == place => {
                    rounds += 1;
                    if !may_recur || rounds > 1 {
                        violations.add(
                            Rule::Source,
                            table,
                            "It reads itself outside the second half of a recursion.",
                        );
                    }
                    scope.insert(&source.alias, self.columns(&Relation::Table(at)));
                }
                Some(relation) => {
                    scope.insert(&source.alias, self.columns(&relation));
                }
            }
        }
        if block.from.is_none() && block.filter != Some(Expr::Bool(false)) {
            violations.add(Rule::Source, table, "A block reads nothing, and is not the one without rows.");
        }
        for root in block.expressions() {
            self.expr(root, &scope, place, table, violations);
        }
    }

    fn expr<'e>(
        &self,
        expr: &'e Expr,
        scope: &BTreeMap<&'e str, Vec<&'e str>>,
        place: usize,
        table: &str,
        violations: &mut Violations,
    ) where
        'a: 'e,
    {
        match expr {
            Expr::Column(source, column)
                if !scope.get(source.as_str()).is_some_and(|columns| columns.contains(&column.as_str())) =>
            {
                violations.add(Rule::Column, table, format!("{source}.{column} is no column of its block."));
            }
            Expr::InTable { table: read, columns, .. } => match self.table(read) {
                Some(at) if at < place => {
                    let known = self.columns(&Relation::Table(at));
                    for column in columns {
                        if !known.contains(&column.as_str()) {
                            violations.add(Rule::Column, table, format!("{read} has no column {column}."));
                        }
                    }
                }
                Some(_) | None => violations.add(
                    Rule::Source,
                    table,
                    format!("A membership reads {read}, which is no table of the text before it."),
                ),
            },
            Expr::Call(call) if call.name == "list_transform" => {
                if let [Expr::List(rows), Expr::Lambda(row, body)] = call.arguments.as_slice()
                    && let [Expr::Row(fields)] = rows.as_slice()
                {
                    for (_, value) in fields {
                        self.expr(value, scope, place, table, violations);
                    }
                    let mut inside = scope.clone();
                    inside.insert(row, fields.iter().map(|(name, _)| name.as_str()).collect());
                    self.expr(body, &inside, place, table, violations);
                    return;
                }
            }
            _ => {}
        }
        for part in expr.parts() {
            self.expr(part, scope, place, table, violations);
        }
    }
}

fn unknown(source: &Source) -> String {
    format!("{} is neither a table of the model nor a table of the text before it.", source.name)
}
