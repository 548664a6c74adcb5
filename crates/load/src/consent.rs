//! Consent events and scopes, and what consent asks of subjects and samples (consent-and-policy.md, 3.1).
//!
//! The four CSV files are one source: events name subjects and samples, scopes name events. Events are
//! append-only, so an id that is there is refused. What the rules of section 3 give a meaning is kept as
//! written: an end before the beginning is a window without days, a term that is not DUO is another
//! term, a void may name an event that nobody knows. What they do not know is refused: other kinds,
//! actors and levels, days that the calendar lacks, scopes of no event, events of nobody.

use crate::cell::{self, Cell};
use crate::input;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, hash_all, hash_file, transact};
use crate::stage::{Arrival, Cells, ColumnSpec, Place, Reference, Stage, TableSpec};
use crate::table::csv_error;
use engine::Store;
use model::{ColumnType, Model};
use std::path::{Path, PathBuf};

/// The table of events: `event_id, subject_id, sample_id, kind, actor, effective_from DATE,
/// effective_until DATE, recorded_at TIMESTAMP (UTC), withdrawal_level, supersedes`.
pub const EVENT: &str = "consent_event";
/// The table of scopes: `event_id, branch, polarity, term, disease, region, until_date DATE, party,
/// project`. Rows may repeat; their order means nothing.
pub const SCOPE: &str = "consent_scope";

pub(crate) const TABLES: [&str; 2] = [
    "create table if not exists consent_event (event_id VARCHAR not null, subject_id VARCHAR not null, sample_id VARCHAR, \
     kind VARCHAR not null, actor VARCHAR not null, effective_from DATE not null, effective_until DATE, \
     recorded_at TIMESTAMP not null, withdrawal_level VARCHAR, supersedes VARCHAR)",
    "create table if not exists consent_scope (event_id VARCHAR not null, branch VARCHAR not null, polarity VARCHAR not null, \
     term VARCHAR not null, disease VARCHAR, region VARCHAR, until_date DATE, party VARCHAR, project VARCHAR)",
];

/// The files; at least one.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// Columns of `consent_event`.
    pub events: Option<PathBuf>,
    /// Columns of `consent_scope`.
    pub scopes: Option<PathBuf>,
    /// `subject_id, birth_date, birth_year, death_date, jurisdiction`: subjects are made, or completed.
    pub subjects: Option<PathBuf>,
    /// `sample_id, subject_id, collected_on`: samples are made, or completed.
    pub samples: Option<PathBuf>,
}

/// Creates the tables that are missing.
pub fn create_tables(store: &mut dyn Store) -> engine::Result<()> {
    TABLES.iter().try_for_each(|table| store.execute(table))
}

/// Loads the files as one source.
///
/// # Errors
/// A file without its columns or with others; refused records, see the module.
pub fn load(
    store: &mut dyn Store,
    model: &Model,
    paths: &Paths,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let roles = [&paths.subjects, &paths.samples, &paths.events, &paths.scopes];
    let given: Vec<(usize, &PathBuf)> =
        roles.into_iter().enumerate().filter_map(|(role, path)| Some((role, path.as_ref()?))).collect();
    let Some((_, first)) = given.first() else {
        return Err(LoadError::file(Path::new("consent"), "none of the four files was given"));
    };
    create_tables(store).map_err(|error| LoadError::engine(first, error))?;
    let hashes = given
        .iter()
        .map(|(role, path)| Ok(format!("{role}:{}", hash_file(path)?)))
        .collect::<Result<Vec<_>, _>>()?;
    let name =
        |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let source = Source {
        kind: "consent",
        name: given.iter().map(|(_, path)| name(path)).collect::<Vec<_>>().join(", "),
        path: (*first).clone(),
        hash: hash_all(hashes.iter().map(String::as_str)),
    };
    transact(store, &source, rejects, |store, rejects| {
        let running =
            input::start(progress, &source.name, given.iter().map(|(_, path)| input::size(path)).sum());
        let keeps = rejects.keeps();
        let people = People::of(model, first)?;
        let samples = model.entities.iter().any(|entity| entity.name == "sample");
        if let (Some(path), false) = (&paths.samples, samples) {
            return Err(LoadError::file(path, format!("the model {} has no samples", model.name)));
        }
        let mut tables = vec![
            (TableSpec::of(model, &people.entity)?, Arrival::Merge),
            (event_spec(&people, samples), Arrival::New),
            (scope_spec(), Arrival::New),
        ];
        if samples {
            tables.push((TableSpec::of(model, "sample")?, Arrival::Merge));
        }
        let mut stage = Stage::open(store, first, keeps, tables)?;
        for (role, path) in &given {
            // Subjects, samples, events, scopes: their places in the stage.
            let table = [0, 3, 1, 2][*role];
            read(&mut stage, *role, table, &people, path, rejects, progress)?;
        }
        drop(running);
        let settled = stage.settle(rejects)?;
        Ok(Written { rows: settled.total(), notes: settled.notes })
    })
}

/// The people of a model, and what it calls the columns of [`Paths::subjects`].
struct People {
    entity: String,
    table: String,
    key: String,
    names: [(&'static str, Option<String>); 5],
}

impl People {
    fn of(model: &Model, path: &Path) -> Result<People, LoadError> {
        let nobody = || LoadError::file(path, format!("the model {} has no people", model.name));
        let entity = model.subject().map(|id| model.entity(id)).ok_or_else(nobody)?;
        let name = |column: model::ColumnId| entity.column(column).name.clone();
        let key = entity.key.first().copied().map(name).ok_or_else(nobody)?;
        Ok(People {
            entity: entity.name.clone(),
            table: entity.table.clone(),
            names: [
                ("subject_id", Some(key.clone())),
                ("birth_date", entity.life.birth_date.map(name)),
                ("birth_year", entity.life.birth_year.map(name)),
                ("death_date", entity.life.death_date.map(name)),
                ("jurisdiction", entity.find_column("jurisdiction").map(name)),
            ],
            key,
        })
    }

    /// What the model calls a column of people; the same name where it has none, so that its values are
    /// told to be left out.
    fn name<'n>(&'n self, column: &'n str) -> &'n str {
        let found = self.names.iter().find(|(name, _)| *name == column);
        found.and_then(|(_, name)| name.as_deref()).unwrap_or(column)
    }
}

/// Columns of each role, those that may be empty with a question mark.
const COLUMNS: [&[&str]; 4] = [
    &["subject_id", "birth_date?", "birth_year?", "death_date?", "jurisdiction?"],
    &["sample_id", "subject_id", "collected_on?"],
    &[
        "event_id",
        "subject_id",
        "sample_id?",
        "kind",
        "actor",
        "effective_from",
        "effective_until?",
        "recorded_at",
        "withdrawal_level?",
        "supersedes?",
    ],
    &["event_id", "branch", "polarity", "term", "disease?", "region?", "until_date?", "party?", "project?"],
];

/// Stages all rows of one file.
fn read(
    stage: &mut Stage<'_>,
    role: usize,
    table: usize,
    people: &People,
    path: &Path,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<(), LoadError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input::open(path, progress)?);
    let header = crate::table::header(reader.headers().map_err(|error| csv_error(path, &error))?);
    let wanted = COLUMNS[role];
    let bare = |column: &'static str| column.trim_end_matches('?');
    let mut places: Vec<(&'static str, bool, usize)> = Vec::with_capacity(wanted.len());
    for column in wanted {
        let Some(at) = header.iter().position(|name| name == bare(column)) else {
            return Err(LoadError::line(path, 1, format!("the column {} is missing", bare(column))));
        };
        places.push((bare(column), column.ends_with('?'), at));
    }
    if let Some((at, other)) =
        header.iter().enumerate().find(|(at, _)| places.iter().all(|(_, _, place)| place != at))
    {
        let known: Vec<&str> = wanted.iter().map(|column| bare(column)).collect();
        let reason =
            format!("column {}, `{other}`, is not one of {}, or is there twice", at + 1, known.join(", "));
        return Err(LoadError::line(path, 1, reason));
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| csv_error(path, &error))? {
        let line = record.position().map_or(0, csv::Position::line);
        let text = record.iter().collect::<Vec<_>>().join(",");
        if record.len() != header.len() {
            let reason = format!("{} columns, the header has {}", record.len(), header.len());
            rejects.refuse(path, line, &reason, text.as_bytes())?;
            continue;
        }
        let cells = places
            .iter()
            .map(|(column, optional, at)| {
                let name = if role == 0 { people.name(column) } else { column };
                Ok((name, value(column, *optional, &record[*at])?))
            })
            .collect::<Result<Cells<'_>, String>>();
        match cells {
            Err(reason) => rejects.refuse(path, line, &reason, text.as_bytes())?,
            Ok(cells) => {
                stage.put_or_refuse(rejects, Place { file: path, line }, &text, vec![(table, cells)])?;
            }
        }
    }
    Ok(())
}

/// The value of a column, by the meaning that section 3 gives it.
fn value(column: &str, optional: bool, text: &str) -> Result<Cell, String> {
    if text.is_empty() {
        return if optional { Ok(Cell::Null) } else { Err(format!("{column} is missing")) };
    }
    let one_of = |members: &[&str]| {
        if members.contains(&text) {
            Ok(Cell::text(text))
        } else {
            Err(format!("{column}: `{text}` is not one of {}", members.join(", ")))
        }
    };
    match column {
        "birth_date" | "death_date" | "collected_on" | "effective_from" | "effective_until"
        | "until_date" => cell::date(text).map(Cell::Date).map_err(|reason| format!("{column}: {reason}")),
        "birth_year" => match text.parse::<i64>() {
            Ok(year) if text.len() == 4 && year > 0 => Ok(Cell::Int(year)),
            _ => Err(format!("{column}: `{text}` is not a year of four digits")),
        },
        "recorded_at" => instant(text).map(Cell::Text).map_err(|reason| format!("{column}: {reason}")),
        "kind" => one_of(&["grant", "renew", "amend", "suspend", "resume", "withdraw", "void"]),
        "actor" => one_of(&["self", "guardian", "proxy", "court", "system"]),
        "withdrawal_level" => one_of(&["contact", "access", "use"]),
        "polarity" => one_of(&["permit", "deny"]),
        _ => match cell::spreadsheet_error(text) {
            Some(error) => {
                Err(format!("{column}: `{error}` is an error that a spreadsheet left behind, not a value"))
            }
            None => Ok(Cell::text(text)),
        },
    }
}

/// An instant of UTC written `YYYY-MM-DDTHH:MM:SSZ`, perhaps with a fraction of up to six digits, as the
/// engine reads it.
fn instant(text: &str) -> Result<String, String> {
    let bad = || format!("`{text}` is not an instant of the form YYYY-MM-DDTHH:MM:SSZ");
    let plain = text.strip_suffix('Z').ok_or_else(bad)?;
    let (day, time) = plain.split_once('T').ok_or_else(bad)?;
    cell::date(day)?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if clock.len() != 8 || !digits(fraction) || fraction.len() > 6 {
        return Err(bad());
    }
    let parsed: jiff::civil::DateTime = plain.parse().map_err(|_| bad())?;
    // A leap second is read as the second before it by the library; say so rather than shift it.
    if clock.ends_with(":60") {
        return Err(bad());
    }
    Ok(parsed.strftime("%Y-%m-%d %H:%M:%S%.f").to_string())
}

/// The table of events. The instant is staged as text; the engine reads it when the row is moved.
fn event_spec(people: &People, samples: bool) -> TableSpec {
    let text = |name: &str, optional| ColumnSpec::of(name, ColumnType::Text, optional);
    let reference = |what: &str, column: &str, table: &str, key: &str| Reference {
        what: what.into(),
        columns: vec![column.into()],
        table: table.into(),
        keys: vec![key.into()],
    };
    let mut references = vec![reference(&people.entity, "subject_id", &people.table, &people.key)];
    if samples {
        references.push(reference("sample", "sample_id", "sample", "sample_id"));
        // A sample's event is an event of the person the sample is from.
        references.push(Reference {
            what: "sample of that subject".into(),
            columns: vec!["sample_id".into(), "subject_id".into()],
            table: "sample".into(),
            keys: vec!["sample_id".into(), "subject_id".into()],
        });
    }
    TableSpec {
        table: EVENT.into(),
        key: vec!["event_id".into()],
        columns: vec![
            text("event_id", false),
            text("subject_id", false),
            text("sample_id", true),
            text("kind", false),
            text("actor", false),
            ColumnSpec::of("effective_from", ColumnType::Date, false),
            ColumnSpec::of("effective_until", ColumnType::Date, true),
            // Instants are staged as the texts that they were read from.
            ColumnSpec { stored: Some("TIMESTAMP"), ..text("recorded_at", false) },
            text("withdrawal_level", true),
            text("supersedes", true),
        ],
        references,
    }
}

/// The table of scopes, whose rows have no key and may repeat.
fn scope_spec() -> TableSpec {
    let text = |name: &str, optional| ColumnSpec::of(name, ColumnType::Text, optional);
    TableSpec {
        table: SCOPE.into(),
        key: Vec::new(),
        columns: vec![
            text("event_id", false),
            text("branch", false),
            text("polarity", false),
            text("term", false),
            text("disease", true),
            text("region", true),
            ColumnSpec::of("until_date", ColumnType::Date, true),
            text("party", true),
            text("project", true),
        ],
        references: vec![Reference {
            what: "event".into(),
            columns: vec!["event_id".into()],
            table: EVENT.into(),
            keys: vec!["event_id".into()],
        }],
    }
}
