//! The tables of a warehouse that hold the people who were made, as a loader takes them.

use crate::draft::{Cell, Consent, Draft, Made};
use crate::fill::entity_of_table;
use jiff::Timestamp;
use jiff::civil::Date;
use model::{ColumnId, Entity, Model};
use plan::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The general permission, NRES.
const NO_RESTRICTION: &str = "DUO:0000004";
/// Far behind the end of every contig.
const FAR: i64 = 1 << 31;
const CONTIGS: [&str; 25] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
    "20", "21", "22", "X", "Y", "MT",
];
const EVENTS: [&str; 10] = [
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
];
const SCOPES: [&str; 9] =
    ["event_id", "branch", "polarity", "term", "disease", "region", "until_date", "party", "project"];

/// A table that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name in the warehouse.
    pub name: String,
    /// The entity that has it; none for the two tables of consent.
    pub entity: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
}

type Row = BTreeMap<String, Value>;

/// The tables of people, in an order in which each row's references are there before it.
pub(crate) fn tables(model: &Model, shared: &[Rc<Made>], people: &[&Draft]) -> Vec<Table> {
    let mut all = World { model, rows: BTreeMap::new() };
    for row in shared {
        all.row(row, BTreeMap::new());
    }
    let mut ordinal = 0;
    for person in people {
        let ordinals = member(model, person).then(|| {
            ordinal += 1;
            ordinal - 1
        });
        all.person(person, ordinals);
    }
    all.genotypes(ordinal);
    all.finished()
}

/// Whether a person has genotypes.
fn member(model: &Model, person: &Draft) -> bool {
    model.find("call_set_sample").is_some_and(|entity| person.of(entity).next().is_some())
}

struct World<'m> {
    model: &'m Model,
    rows: BTreeMap<String, Vec<Row>>,
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn plain(value: &Cell) -> Value {
    match value {
        None => Value::Null,
        Some(types::Value::Bool(value)) => Value::Bool(*value),
        Some(types::Value::Int(value)) => Value::Int(*value),
        Some(types::Value::Number(value)) => Value::Decimal(value.0),
        Some(types::Value::Text(value)) => text(value),
        Some(types::Value::Date(value)) => Value::Date(*value),
    }
}

impl World<'_> {
    fn row(&mut self, row: &Made, change: Row) {
        let entity = self.model.entity(row.entity);
        let mut cells: Row =
            row.cells.iter().map(|(id, value)| (entity.column(*id).name.clone(), plain(value))).collect();
        cells.extend(change);
        self.rows.entry(entity.table.clone()).or_default().push(cells);
    }

    fn add(&mut self, entity: &str, cells: Row) {
        if let Some(id) = self.model.find(entity) {
            let table = self.model.entity(id).table.clone();
            self.rows.entry(table).or_default().push(cells);
        }
    }

    fn person(&mut self, person: &Draft, ordinal: Option<i64>) {
        let name = |row: &Made| self.model.entity(row.entity).name.clone();
        let rows: Vec<(String, Rc<Made>)> = person
            .rows()
            .iter()
            .filter(|row| !row.shared && self.model.entity(row.entity).linkage != model::Linkage::Public)
            .map(|row| (name(row), Rc::clone(row)))
            .collect();
        let male = self.is_male(person);
        for (entity, row) in rows {
            let mut change = Row::new();
            if let ("call" | "call_set_sample", Some(ordinal)) = (entity.as_str(), ordinal) {
                change.insert("ordinal".to_owned(), Value::Int(ordinal));
            }
            if entity == "call" {
                change.extend(self.call(person, &row, male));
            }
            self.row(&row, change);
        }
        self.consent(person);
    }

    fn is_male(&self, person: &Draft) -> bool {
        let Some(at) = person.subject(self.model) else { return false };
        let sex = self.model.entity(person.row(at).entity).find_column("sex");
        sex.and_then(|column| person.cell(at, column)) == Some(types::Value::Text("male".to_owned()))
    }

    /// The call set of a call, by the build of its allele, and how the one copy of a chromosome of which there is
    /// one is written.
    fn call(&self, person: &Draft, row: &Made, male: bool) -> Row {
        let entity = self.model.entity(row.entity);
        let of = |name: &str| entity.find_column(name).and_then(|id| row.cells.get(&id).cloned().flatten());
        let mut change = Row::new();
        let copies = match of("call") {
            Some(types::Value::Int(copies)) => copies,
            _ => 1,
        };
        change.insert("call".to_owned(), Value::Int(copies));
        let variant = self.model.find("variant").and_then(|entity| {
            let id = self.model.entity(entity).find_column("variant_id")?;
            let wanted = of("variant_id")?;
            person.of(entity).find(|at| person.cell(*at, id).as_ref() == Some(&wanted))
        });
        if let Some(allele) = variant.and_then(|at| person.allele(self.model, at)) {
            let set = 1 + i64::from(allele.build == "GRCh37");
            change.insert("call_set_id".to_owned(), Value::Int(set));
            let single = match allele.contig.as_str() {
                "MT" => true,
                "X" | "Y" => male,
                _ => false,
            };
            if single && matches!(copies, 1 | 2) {
                change.insert("call".to_owned(), Value::Int(5));
            }
        }
        change
    }

    /// One call set per build, which covers everybody everywhere and has a record of every allele.
    fn genotypes(&mut self, people: i64) {
        if people == 0 {
            return;
        }
        let of = |row: &Row, name: &str| row.get(name).cloned().unwrap_or(Value::Null);
        let variants: Vec<(Value, Value)> = self
            .rows
            .get("variant")
            .into_iter()
            .flatten()
            .map(|row| (of(row, "variant_id"), of(row, "build")))
            .collect();
        let builds = [("GRCh38", 1), ("GRCh37", 2)];
        for (build, set) in builds {
            if set == 2 && !variants.iter().any(|(_, of)| *of == text(build)) {
                continue;
            }
            if set == 2 {
                // Everybody who is in the one call set is in the other.
                let again: Vec<Row> =
                    self.rows.get("call_set_sample").into_iter().flatten().cloned().collect();
                for mut row in again {
                    row.insert("call_set_id".to_owned(), Value::Int(set));
                    self.add("call_set_sample", row);
                }
            }
            let cells = [
                ("call_set_id", Value::Int(set)),
                ("name", text("made up")),
                ("build", text(build)),
                ("people", Value::Int(people)),
                ("source_hash", text(build)),
            ];
            self.add("call_set", cells.map(|(name, value)| (name.to_owned(), value)).into());
            for contig in CONTIGS {
                let cells = [
                    ("call_set_id", Value::Int(set)),
                    ("contig", text(contig)),
                    ("start_position", Value::Int(1)),
                    ("end_position", Value::Int(FAR)),
                ];
                self.add("coverage", cells.map(|(name, value)| (name.to_owned(), value)).into());
            }
            for (variant, _) in variants.iter().filter(|(_, of)| *of == text(build)) {
                let cells = [
                    ("call_set_id", Value::Int(set)),
                    ("variant_id", variant.clone()),
                    ("filter", text("PASS")),
                ];
                self.add("site", cells.map(|(name, value)| (name.to_owned(), value)).into());
            }
        }
    }

    /// What the person permits; parents who were made beside a child permit the same.
    fn consent(&mut self, person: &Draft) {
        let Some(subject) = self.model.subject() else { return };
        let Some(key) = key(self.model.entity(subject)) else { return };
        let names = person.of(subject).filter_map(|at| match person.cell(at, key) {
            Some(types::Value::Text(name)) => Some(name),
            _ => None,
        });
        for name in names.collect::<Vec<_>>() {
            self.consent_of(&person.consent, &name);
        }
    }

    fn consent_of(&mut self, consent: &Consent, name: &str) {
        let mut events = vec![("grant", consent.from, NO_RESTRICTION)];
        if let Some(day) = consent.withdrawn {
            events.push(("withdraw", day, ""));
        }
        for (number, (kind, from, term)) in events.into_iter().enumerate() {
            let event = format!("{name}-consent-{}", number + 1);
            let level = if kind == "withdraw" { text("use") } else { Value::Null };
            let cells = [
                ("event_id", text(&event)),
                ("subject_id", text(name)),
                ("kind", text(kind)),
                ("actor", text("self")),
                ("effective_from", Value::Date(from)),
                ("recorded_at", instant(from)),
                ("withdrawal_level", level),
            ];
            let event_row = cells.map(|(name, value)| (name.to_owned(), value)).into();
            self.rows.entry("consent_event".to_owned()).or_default().push(event_row);
            if kind != "grant" {
                continue;
            }
            for term in [term].iter().chain(&consent.limits) {
                let cells = [
                    ("event_id", text(&event)),
                    ("branch", text("1")),
                    ("polarity", text("permit")),
                    ("term", text(*term)),
                ];
                let scope = cells.map(|(name, value)| (name.to_owned(), value)).into();
                self.rows.entry("consent_scope".to_owned()).or_default().push(scope);
            }
        }
    }

    fn finished(mut self) -> Vec<Table> {
        let mut all = Vec::new();
        for entity in ordered(self.model) {
            let columns: Vec<String> = entity.columns.iter().map(|column| column.name.clone()).collect();
            let rows = self.rows.remove(&entity.table).unwrap_or_default();
            all.push(table(&entity.table, Some(&entity.name), columns, rows));
        }
        for (name, columns) in [("consent_event", EVENTS.as_slice()), ("consent_scope", SCOPES.as_slice())] {
            let columns = columns.iter().map(|name| (*name).to_owned()).collect();
            let rows = self.rows.remove(name).unwrap_or_default();
            all.push(table(name, None, columns, rows));
        }
        debug_assert!(self.rows.keys().all(|name| entity_of_table(self.model, name).is_none()));
        all
    }
}

fn table(name: &str, entity: Option<&str>, columns: Vec<String>, rows: Vec<Row>) -> Table {
    let rows = rows
        .into_iter()
        .map(|mut row| columns.iter().map(|name| row.remove(name).unwrap_or(Value::Null)).collect())
        .collect();
    Table { name: name.to_owned(), entity: entity.map(str::to_owned), columns, rows }
}

/// The entities so that each comes after those that its rows name.
fn ordered(model: &Model) -> Vec<&Entity> {
    let mut left: Vec<(model::EntityId, &Entity)> = model.ids().map(|id| (id, model.entity(id))).collect();
    let mut done: Vec<model::EntityId> = Vec::new();
    let mut all = Vec::new();
    while !left.is_empty() {
        let ready = left.iter().position(|(id, entity)| {
            let named = entity.relations.iter().filter(|relation| !relation.many).map(|one| one.target);
            named.into_iter().all(|target| target == *id || done.contains(&target))
        });
        let (id, entity) = left.remove(ready.unwrap_or(0));
        done.push(id);
        all.push(entity);
    }
    all
}

/// The beginning of a day.
fn instant(day: Date) -> Value {
    let of = day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp().as_second());
    Value::Instant(of.unwrap_or(Timestamp::UNIX_EPOCH.as_second()))
}

/// The key column of an entity.
pub(crate) fn key(entity: &Entity) -> Option<ColumnId> {
    entity.key.first().copied()
}
