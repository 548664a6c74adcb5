//! What a text must hold: the tables of the model with their paths to people, and the terms of consent.
//!
//! Made from the model and the grounds by this crate's own reading of them; the lowering makes its own.

use jiff::Timestamp;
use jiff::civil::Date;
use model::{ColumnType, Linkage, Model, RelationId};
use policy::Grounds;
use policy::consent::{Policy, Purpose};
use std::collections::BTreeMap;

/// The ancestors of a disease and itself, from the pinned ontology; `None` where it knows no such id.
pub type Above<'a> = &'a dyn Fn(&str) -> Option<Vec<String>>;

/// An engine whose text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// DuckDB 1.5.
    DuckDb,
    /// Postgres 15 and later.
    Postgres,
}

/// What a text must hold.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The engine.
    pub dialect: Dialect,
    /// The tables of the model.
    pub tables: Vec<TableDemand>,
    /// The table of people.
    pub people: PeopleDemand,
    /// The terms of consent.
    pub consent: ConsentDemand,
    /// What the result must be; `None` leaves its columns open.
    pub result: Option<ResultDemand>,
    /// Whether the result may be the consent decision about everybody, which only a steward may see.
    pub decisions: bool,
}

/// A table of the warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDemand {
    /// Its name in the warehouse.
    pub name: String,
    /// How its rows belong to people.
    pub linkage: TableLinkage,
    /// All its columns.
    pub columns: Vec<String>,
    /// Of those the ones that hold sets of ordinals; null is everybody.
    pub sets: Vec<String>,
    /// The days of its rows.
    pub dated: Option<DatedDemand>,
    /// A day that is not known before it comes: the death of a subject.
    pub known_from: Option<String>,
    /// Whether its rows exist because somebody carries them: alleles, and the records that hold them.
    pub carried: bool,
    /// Whether its rows are samples, which have consent of their own.
    pub sample: bool,
    /// Whether a row without a date hangs on a sample by every path, whose date counts instead.
    pub undated_through_sample: bool,
}

/// The columns with the days of a table's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedDemand {
    /// The day, or the first that it can be.
    pub start: String,
    /// The last day that it can be, where a day may be known in part.
    pub latest: Option<String>,
    /// The last day of what lasts.
    pub end: Option<String>,
}

/// How the rows of a table belong to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableLinkage {
    /// Nobody is in it.
    Public,
    /// Its rows are the people, by this key.
    Subject {
        /// The key.
        key: String,
    },
    /// Each path must lead to a permitted person; the first hop of each.
    Of {
        /// The hops, one per path. The rest of a path is demanded of the table that it leads to.
        paths: Vec<Hop>,
    },
    /// Counts of people that were made before.
    Aggregate,
}

/// The table of people, as consent reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleDemand {
    /// Its name in the warehouse.
    pub table: String,
    /// The column that tells people apart.
    pub key: String,
    /// The birthday, where there is a column for it.
    pub birth_date: Option<String>,
    /// The year of birth.
    pub birth_year: Option<String>,
    /// The day of death.
    pub death_date: Option<String>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The table that it leads to.
    pub table: String,
    /// Columns that are equal: of this table, of the other.
    pub on: Vec<(String, String)>,
}

/// The terms of consent.
#[derive(Clone, Debug)]
pub struct ConsentDemand {
    /// D.
    pub as_of: Date,
    /// U.
    pub used_on: Date,
    /// T.
    pub known_at: Timestamp,
    /// What everybody who is read must have consented to, all of it; nobody is permitted where it is empty.
    pub purposes: Vec<Purpose>,
    /// Purposes that conditions of the query may ask about.
    pub asked: Vec<Purpose>,
    /// The steward's parameters: majority and death.
    pub policy: Policy,
    /// For each disease of a purpose, itself and what is above it; no entry for an unknown one.
    pub above: BTreeMap<String, Vec<String>>,
}

/// What the result must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultDemand {
    /// How many columns it has.
    pub columns: usize,
    /// The names, in the text, of columns that tell its rows apart; the order must cover them.
    pub keys: Vec<String>,
    /// Whether it may list the people behind its numbers, for release to compare them.
    pub members: bool,
}

impl Demand {
    /// What a query on these grounds demands of its text.
    pub fn new(model: &Model, grounds: &Grounds, dialect: Dialect, above: Above<'_>) -> Demand {
        let purposes: Vec<Purpose> = grounds.purpose.iter().chain(&grounds.agreed).cloned().collect();
        let asked: Vec<Purpose> = grounds.purposes.values().cloned().collect();
        let diseases = purposes.iter().chain(&asked).flat_map(|purpose| purpose.aim.diseases());
        let above = diseases.filter_map(|id| Some((id.to_owned(), above(id)?))).collect();
        Demand {
            dialect,
            tables: model.ids().map(|id| table(model, id)).chain([closure()]).collect(),
            people: people(model),
            consent: ConsentDemand {
                as_of: grounds.as_of.unwrap_or(grounds.used_on),
                used_on: grounds.used_on,
                known_at: grounds.known_at,
                purposes,
                asked,
                policy: grounds.consent,
                above,
            },
            result: None,
            decisions: false,
        }
    }

    /// The same, and this of the result.
    #[must_use]
    pub fn with_result(self, result: ResultDemand) -> Demand {
        Demand { result: Some(result), ..self }
    }

    /// The table of a name; engines compare names without case.
    pub(crate) fn table(&self, name: &str) -> Option<&TableDemand> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

/// Who descends from whom in the ontologies of the warehouse: public, and of every warehouse.
fn closure() -> TableDemand {
    TableDemand {
        name: "ontology_closure".to_owned(),
        columns: ["system", "ancestor", "descendant"].map(str::to_owned).to_vec(),
        sets: Vec::new(),
        dated: None,
        known_from: None,
        carried: false,
        sample: false,
        undated_through_sample: false,
        linkage: TableLinkage::Public,
    }
}

fn people(model: &Model) -> PeopleDemand {
    let Some(id) = model.subject() else { return PeopleDemand::default() };
    let entity = model.entity(id);
    let column = |id: model::ColumnId| entity.column(id).name.clone();
    PeopleDemand {
        table: entity.table.clone(),
        key: entity.key.first().copied().map(column).unwrap_or_default(),
        birth_date: entity.life.birth_date.map(column),
        birth_year: entity.life.birth_year.map(column),
        death_date: entity.life.death_date.map(column),
    }
}

fn table(model: &Model, id: model::EntityId) -> TableDemand {
    let entity = model.entity(id);
    let column = |id: model::ColumnId| entity.column(id).name.clone();
    let linkage = match &entity.linkage {
        Linkage::Public => TableLinkage::Public,
        Linkage::Aggregate => TableLinkage::Aggregate,
        Linkage::Subject => {
            TableLinkage::Subject { key: entity.key.first().map(|key| column(*key)).unwrap_or_default() }
        }
        Linkage::Of(paths) => TableLinkage::Of {
            paths: paths.iter().filter_map(|path| hop(model, id, *path.first()?)).collect(),
        },
    };
    let through_sample = match &entity.linkage {
        Linkage::Of(paths) => !paths.is_empty() && paths.iter().all(|path| meets_sample(model, id, path)),
        Linkage::Public | Linkage::Subject | Linkage::Aggregate => false,
    };
    let dies = entity.life.death_date.filter(|_| entity.linkage == Linkage::Subject);
    TableDemand {
        name: entity.table.clone(),
        columns: entity.columns.iter().map(|column| column.name.clone()).collect(),
        sets: entity
            .columns
            .iter()
            .filter(|column| column.ty == ColumnType::Bytes)
            .map(|column| column.name.clone())
            .collect(),
        dated: entity.dated_by.map(|dated| DatedDemand {
            start: column(dated.start),
            latest: dated.latest.map(column),
            end: dated.end.map(column),
        }),
        known_from: dies.map(column),
        // What must name an allele of the warehouse lists such alleles too: effects, sites, frequencies.
        carried: entity.find_column("variant_id").is_some_and(|column| !entity.column(column).optional),
        sample: entity.name == "sample",
        undated_through_sample: entity.dated_by.is_none() && through_sample,
        linkage,
    }
}

fn hop(model: &Model, from: model::EntityId, by: RelationId) -> Option<Hop> {
    let entity = model.entity(from);
    let relation = entity.relations.get(by.0 as usize)?;
    let target = model.entity(relation.target);
    let on = relation
        .on
        .iter()
        .map(|(here, there)| (entity.column(*here).name.clone(), target.column(*there).name.clone()));
    Some(Hop { table: target.table.clone(), on: on.collect() })
}

fn meets_sample(model: &Model, from: model::EntityId, path: &[RelationId]) -> bool {
    let mut at = from;
    path.iter().any(|by| {
        at = model.entity(at).relation(*by).target;
        model.entity(at).name == "sample"
    })
}
