//! The tables of made-up people: what a `test` block says, as rows of the warehouse that the model declares.
//!
//! What a test leaves open is filled in only where the warehouse cannot be without it: keys, links,
//! consent to everything, and for whoever has variants a sample of a call set that covers everything.
//! All else is null.

use eval::{Table, Tables};
use jiff::civil::date;
use model::{ColumnType, EntityId, Model};
use plan::Value;
use std::collections::BTreeMap;
use types::{Allele, MadeUp, MadeUpVariant, Test};

/// The general permission, NRES.
const NO_RESTRICTION: &str = "DUO:0000004";
/// Far behind the end of every contig.
const FAR: i64 = 1 << 31;
const CONTIGS: [&str; 25] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
    "20", "21", "22", "X", "Y", "MT",
];

type Row = BTreeMap<String, Value>;

/// Rows by table.
struct World<'m> {
    model: &'m Model,
    rows: BTreeMap<String, Vec<Row>>,
    /// Alleles with an identity, by their number.
    alleles: BTreeMap<Allele, i64>,
    variants: i64,
}

/// The tables that the people of a test stand in; a table of the model without any row is there too.
pub(crate) fn tables(model: &Model, test: &Test) -> Result<Tables, String> {
    let mut world = World { model, rows: BTreeMap::new(), alleles: BTreeMap::new(), variants: 0 };
    for (ordinal, person) in (0..).zip(&test.people) {
        world.person(person, ordinal);
    }
    if test.people.iter().any(|person| !person.variants.is_empty()) {
        world.call_sets(test);
    }
    world.finished()
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn row<const N: usize>(cells: [(&str, Value); N]) -> Row {
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn plain(value: &types::Value) -> Value {
    match value {
        types::Value::Bool(value) => Value::Bool(*value),
        types::Value::Int(value) => Value::Int(*value),
        types::Value::Number(value) => Value::Decimal(value.0),
        types::Value::Text(value) => text(value),
        types::Value::Date(value) => Value::Date(*value),
    }
}

impl World<'_> {
    fn add(&mut self, table: &str, row: Row) {
        self.rows.entry(table.to_owned()).or_default().push(row);
    }

    /// Adds a row of an entity by its name; a model without it has no such rows.
    fn add_to(&mut self, entity: &str, row: Row) {
        if let Some(id) = self.model.find(entity) {
            let table = self.model.entity(id).table.clone();
            self.add(&table, row);
        }
    }

    fn named(&self, entity: EntityId, values: &BTreeMap<model::ColumnId, types::Value>) -> Row {
        let declared = self.model.entity(entity);
        values.iter().map(|(column, value)| (declared.column(*column).name.clone(), plain(value))).collect()
    }

    fn person(&mut self, person: &MadeUp, ordinal: i64) {
        let Some(subject) = self.model.subject() else { return };
        let declared = self.model.entity(subject);
        let mut known = self.named(subject, &person.values);
        for key in &declared.key {
            known.insert(declared.column(*key).name.clone(), text(&person.name));
        }
        // A closed list that must have a value and has a word for "not known" says that.
        for column in &declared.columns {
            if let ColumnType::Enum { members, .. } = &column.ty
                && !column.optional
                && members.iter().any(|member| member == "unknown")
            {
                known.entry(column.name.clone()).or_insert_with(|| text("unknown"));
            }
        }
        let mut samples = Vec::new();
        for (number, made) in (1_i64..).zip(&person.rows) {
            let entity = self.model.entity(made.entity);
            let mut cells = self.named(made.entity, &made.values);
            let relation =
                declared.relations.iter().find(|relation| relation.many && relation.target == made.entity);
            for (here, there) in relation.iter().flat_map(|relation| &relation.on) {
                let value = known.get(&declared.column(*here).name).cloned().unwrap_or(Value::Null);
                cells.insert(entity.column(*there).name.clone(), value);
            }
            for key in &entity.key {
                let column = entity.column(*key);
                let made = if column.ty == ColumnType::Int {
                    Value::Int(number)
                } else {
                    text(format!("{}/{}/{number}", person.name, entity.name))
                };
                cells.entry(column.name.clone()).or_insert(made);
            }
            if entity.name == "sample"
                && let Some(Value::Text(sample)) = cells.get("sample_id")
            {
                samples.push(sample.clone());
            }
            let table = entity.table.clone();
            self.add(&table, cells);
        }
        let table = declared.table.clone();
        self.add(&table, known);
        self.consent(person);
        if !person.variants.is_empty() {
            let sample = samples.into_iter().next().unwrap_or_else(|| {
                let sample = format!("{}/sample", person.name);
                let cells = row([
                    ("sample_id", text(&sample)),
                    ("subject_id", text(&person.name)),
                    ("qc_passed", Value::Bool(true)),
                ]);
                self.add_to("sample", cells);
                sample
            });
            for call_set in 1..=2 {
                let cells = row([
                    ("call_set_id", Value::Int(call_set)),
                    ("ordinal", Value::Int(ordinal)),
                    ("sample_id", text(&sample)),
                ]);
                self.add_to("call_set_sample", cells);
            }
            for variant in &person.variants {
                self.variant(variant, ordinal);
            }
        }
    }

    fn consent(&mut self, person: &MadeUp) {
        let ever = Value::Date(date(1, 1, 1));
        let stated: Vec<Row> = if person.consents.is_empty() {
            vec![Row::new()]
        } else {
            let plain = |(name, value): (&String, &types::Value)| (name.clone(), plain(value));
            person.consents.iter().map(|event| event.values.iter().map(plain).collect()).collect()
        };
        for (number, said) in (0_i64..).zip(stated) {
            let event = format!("{}/consent/{number:05}", person.name);
            let or = |name: &str, otherwise: Value| said.get(name).cloned().unwrap_or(otherwise);
            let kind = or("kind", text("grant"));
            let grants = ["grant", "renew", "amend"].iter().any(|word| kind == text(*word));
            let cells = row([
                ("event_id", text(&event)),
                ("subject_id", text(&person.name)),
                ("kind", kind),
                ("actor", or("actor", text("self"))),
                ("effective_from", or("effective_from", ever.clone())),
                ("effective_until", or("effective_until", Value::Null)),
                ("recorded_at", Value::Instant(number)),
                ("withdrawal_level", or("withdrawal_level", Value::Null)),
            ]);
            self.add("consent_event", cells);
            if grants {
                let cells = row([
                    ("event_id", text(&event)),
                    ("branch", text("1")),
                    ("polarity", text("permit")),
                    ("term", or("term", text(NO_RESTRICTION))),
                    ("disease", or("disease", Value::Null)),
                    ("region", or("region", Value::Null)),
                    ("until_date", or("until_date", Value::Null)),
                ]);
                self.add("consent_scope", cells);
            }
        }
    }

    fn variant(&mut self, variant: &MadeUpVariant, ordinal: i64) {
        let of = |name: &str| {
            let id = self.model.find(name);
            let said: Row = variant
                .values
                .iter()
                .filter(|((entity, _), _)| Some(*entity) == id)
                .map(|((entity, column), value)| {
                    (self.model.entity(*entity).column(*column).name.clone(), plain(value))
                })
                .collect();
            said
        };
        let (of_variant, of_effect, of_call, of_gnomad) =
            (of("variant"), of("effect"), of("call"), of("gnomad"));
        let alleles: Vec<Option<Allele>> = if variant.alleles.is_empty() {
            vec![None]
        } else if variant.copies > 0 {
            variant.alleles.first().cloned().map(Some).into_iter().collect()
        } else {
            variant.alleles.iter().cloned().map(Some).collect()
        };
        for allele in alleles {
            let known = allele.as_ref().and_then(|allele| self.alleles.get(allele).copied());
            let (id, call_set) = match known {
                Some(id) => (id, 1 + i64::from(allele.is_some_and(|allele| allele.build == "GRCh37"))),
                None => self.new_variant(allele, &of_variant),
            };
            if known.is_none() && !of_gnomad.is_empty() {
                let mut cells = of_gnomad.clone();
                cells.insert("variant_id".to_owned(), Value::Int(id));
                cells.entry("release".to_owned()).or_insert_with(|| text("made up"));
                self.add_to("gnomad", cells);
            }
            if !of_effect.is_empty() {
                let mut cells = of_effect.clone();
                cells.insert("variant_id".to_owned(), Value::Int(id));
                cells.entry("reported".to_owned()).or_insert(Value::Bool(true));
                let number = self.rows.values().map(Vec::len).sum::<usize>();
                cells.entry("effect_id".to_owned()).or_insert_with(|| text(format!("effect/{number:09}")));
                self.add_to("effect", cells);
            }
            if variant.copies > 0 {
                let mut cells = of_call.clone();
                cells.extend(row([
                    ("call_set_id", Value::Int(call_set)),
                    ("variant_id", Value::Int(id)),
                    ("ordinal", Value::Int(ordinal)),
                    ("call", Value::Int(variant.copies)),
                ]));
                self.add_to("call", cells);
            }
        }
    }

    /// A row of the variant, and its site; gives its number and that of its call set.
    fn new_variant(&mut self, allele: Option<Allele>, said: &Row) -> (i64, i64) {
        self.variants += 1;
        let id = self.variants;
        let identity = allele.clone().unwrap_or_else(|| Allele {
            build: "GRCh38".to_owned(),
            contig: "1".to_owned(),
            position: 1_000_000 + 100 * id,
            reference: "A".to_owned(),
            alternate: "G".to_owned(),
        });
        if let Some(allele) = allele {
            self.alleles.insert(allele, id);
        }
        let (reference, alternate) = (identity.reference.len(), identity.alternate.len());
        let kind = match (reference, alternate) {
            (1, 1) => "snv",
            (one, other) if one == other => "mnv",
            (1, _) => "insertion",
            (_, 1) => "deletion",
            _ => "complex",
        };
        let length = i64::try_from(reference).unwrap_or(1);
        let mut cells = row([
            ("variant_id", Value::Int(id)),
            ("build", text(&identity.build)),
            ("contig", text(&identity.contig)),
            ("position", Value::Int(identity.position)),
            ("end_position", Value::Int(identity.position + length - 1)),
            ("ref", text(&identity.reference)),
            ("alt", text(&identity.alternate)),
            ("kind", text(kind)),
        ]);
        cells.extend(said.clone());
        let call_set = 1 + i64::from(identity.build == "GRCh37");
        self.add_to("variant", cells);
        let site = row([
            ("call_set_id", Value::Int(call_set)),
            ("variant_id", Value::Int(id)),
            ("filter", text("PASS")),
        ]);
        self.add_to("site", site);
        (id, call_set)
    }

    /// One call set per build, which covers everybody everywhere.
    fn call_sets(&mut self, test: &Test) {
        let people = test.people.iter().filter(|person| !person.variants.is_empty()).count();
        for (call_set, build) in [(1, "GRCh38"), (2, "GRCh37")] {
            let cells = row([
                ("call_set_id", Value::Int(call_set)),
                ("name", text("made up")),
                ("build", text(build)),
                ("people", Value::Int(i64::try_from(people).unwrap_or(i64::MAX))),
                ("source_hash", text(build)),
            ]);
            self.add_to("call_set", cells);
            for contig in CONTIGS {
                let cells = row([
                    ("call_set_id", Value::Int(call_set)),
                    ("contig", text(contig)),
                    ("start_position", Value::Int(1)),
                    ("end_position", Value::Int(FAR)),
                ]);
                self.add_to("coverage", cells);
            }
        }
    }

    fn finished(mut self) -> Result<Tables, String> {
        let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for id in self.model.ids() {
            let entity = self.model.entity(id);
            let names = entity.columns.iter().map(|column| column.name.clone()).collect();
            columns.insert(entity.table.clone(), names);
        }
        let own = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        columns.insert(
            "consent_event".to_owned(),
            own("event_id subject_id sample_id kind actor effective_from effective_until recorded_at withdrawal_level supersedes"),
        );
        columns.insert(
            "consent_scope".to_owned(),
            own("event_id branch polarity term disease region until_date party project"),
        );
        columns.insert("ontology_term".to_owned(), own("id system obsolete"));
        // No gene of a test is annotated, so nothing descends from an annotation.
        columns.insert("ontology_closure".to_owned(), own("system ancestor descendant"));
        let mut tables = Tables::default();
        for (table, columns) in columns {
            let rows = self.rows.remove(&table).unwrap_or_default();
            let rows = rows
                .into_iter()
                .map(|mut row| columns.iter().map(|name| row.remove(name).unwrap_or(Value::Null)).collect())
                .collect();
            tables.insert(&table, &Table { columns, rows }).map_err(|error| error.to_string())?;
        }
        Ok(tables)
    }
}
