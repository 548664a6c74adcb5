//! The statements that check staged rows and move them.
//!
//! Each check inserts (record, reason) into the table of refusals. They are set operations over whole
//! tables, so a source of a million rows costs a few scans and no memory of ours.

use super::{Arrival, RECORD, RECORDS, REFUSED, Staged, list, say};
use crate::schema::{literal, name};
use crate::source::LoadError;
use arrow::array::StringArray;
use engine::Store;
use model::ColumnType;
use std::path::Path;

/// The checks of table number `at`.
pub(super) fn of(tables: &[Staged], at: usize) -> Vec<String> {
    let staged = &tables[at];
    let mut checks = Vec::new();
    if !staged.spec.key.is_empty() {
        checks.push(repeated(staged));
    }
    match staged.arrival {
        Arrival::New if staged.spec.key.is_empty() => {}
        Arrival::New => checks.push(present(staged)),
        Arrival::Merge => {
            checks.extend(contradictions(staged));
            checks.extend(incomplete(staged));
        }
        Arrival::Fill => checks.extend(incomplete(staged)),
    }
    for reference in &staged.spec.references {
        let on = pairs("o", &reference.keys, "i", &reference.columns);
        let given: Vec<String> =
            reference.columns.iter().map(|column| format!("i.{} is not null", name(column))).collect();
        let mut missing = vec![format!("not exists (select 1 from {} o where {on})", name(&reference.table))];
        // A staged row counts: it is refused later, and then this check runs again.
        if let Some(other) = tables.iter().find(|other| other.spec.table == reference.table) {
            missing.push(format!("not exists (select 1 from {} o where {on})", name(&other.incoming)));
        }
        checks.push(format!(
            "insert into {REFUSED} select i.{RECORD}, {} || {} || {} from {} i where {} and {}",
            say(&format!("{} ", reference.columns.join(", "))),
            words("i", &reference.columns),
            say(&format!(" names no {}", reference.what)),
            name(&staged.incoming),
            given.join(" and "),
            missing.join(" and ")
        ));
    }
    checks
}

/// Records that share a key with another record of the source. None of them is right by itself.
fn repeated(staged: &Staged) -> String {
    let key = &staged.spec.key;
    let columns = list("", key);
    let incoming = name(&staged.incoming);
    format!(
        "insert into {REFUSED} select i.{RECORD}, {} || {} || case when o.first = o.last then ' twice' else ' also at ' || r.file || ' line ' || cast(r.line as VARCHAR) end \
         from {incoming} i join (select {columns}, min({RECORD}) as first, max({RECORD}) as last from {incoming} group by {columns} having count(*) > 1) o \
         on {} join {RECORDS} r on r.{RECORD} = case when i.{RECORD} = o.first then o.last else o.first end",
        say(&format!("{} ", key.join(", "))),
        words("i", key),
        pairs("o", key, "i", key),
    )
}

fn present(staged: &Staged) -> String {
    let key = &staged.spec.key;
    format!(
        "insert into {REFUSED} select i.{RECORD}, {} || {} || ' is already in the warehouse' from {} i where exists (select 1 from {} o where {})",
        say(&format!("{} ", key.join(", "))),
        words("i", key),
        name(&staged.incoming),
        name(&staged.spec.table),
        pairs("o", key, "i", key),
    )
}

/// Values that differ from known ones of the same row.
fn contradictions(staged: &Staged) -> Vec<String> {
    let key = &staged.spec.key;
    let columns = staged.spec.columns.iter().filter(|column| !key.contains(&column.name));
    columns
        .map(|column| {
            let (here, there) = (known("i", column), known("o", column));
            let column = &column.name;
            format!(
                "insert into {REFUSED} select i.{RECORD}, {} || {} || {} || cast({here} as VARCHAR) || ' here and ' || cast({there} as VARCHAR) || ' in the warehouse' \
                 from {} i join {} o on {} where {here} is not null and {there} is not null and {here} <> {there}",
                say(&format!("{} ", key.join(", "))),
                words("i", key),
                say(&format!(": {column} is ")),
                name(&staged.incoming),
                name(&staged.spec.table),
                pairs("o", key, "i", key),
            )
        })
        .collect()
}

/// For rows that only fill gaps: each column, and the query that counts values that differ from known ones.
pub(super) fn differing(staged: &Staged) -> Vec<(String, String)> {
    if staged.arrival != Arrival::Fill {
        return Vec::new();
    }
    let key = &staged.spec.key;
    let columns = staged.spec.columns.iter().filter(|column| !key.contains(&column.name));
    columns
        .map(|column| {
            let (here, there) = (known("i", column), known("o", column));
            let sql = format!(
                "select count(*) from {} i join {} o on {} where {here} <> {there}",
                name(&staged.incoming),
                name(&staged.spec.table),
                pairs("o", key, "i", key),
            );
            (format!("{}.{}", staged.spec.table, column.name), sql)
        })
        .collect()
}

/// New rows that lack a value which may not be null.
fn incomplete(staged: &Staged) -> Vec<String> {
    let key = &staged.spec.key;
    let demanded = staged
        .spec
        .columns
        .iter()
        .filter(|column| !column.optional && column.unknown().is_none() && !key.contains(&column.name));
    demanded
        .map(|column| {
            format!(
                "insert into {REFUSED} select i.{RECORD}, {} from {} i where i.{} is null and not exists (select 1 from {} o where {})",
                say(&format!("{} is missing", column.name)),
                name(&staged.incoming),
                name(&column.name),
                name(&staged.spec.table),
                pairs("o", key, "i", key),
            )
        })
        .collect()
}

/// The statements that move staged rows into their table, in the order in which they came; `row` is the
/// engine's word for the place of a row.
pub(super) fn moves(staged: &Staged, row: &str) -> Vec<String> {
    let spec = &staged.spec;
    let (table, incoming) = (name(&spec.table), name(&staged.incoming));
    let columns = list("", spec.columns.iter().map(|column| &column.name));
    let insert = |values: &str, condition: &str| {
        format!(
            "insert into {table} ({columns}) select {values} from {incoming} i {condition} order by i.{RECORD}, i.{row}"
        )
    };
    let value = |column: &super::ColumnSpec| match column.stored {
        Some(ty) => format!("cast(i.{} as {ty})", name(&column.name)),
        None => format!("i.{}", name(&column.name)),
    };
    match staged.arrival {
        Arrival::New => {
            let values: Vec<String> = spec.columns.iter().map(value).collect();
            vec![insert(&values.join(", "), "")]
        }
        Arrival::Merge | Arrival::Fill => {
            let on = pairs("o", &spec.key, "i", &spec.key);
            let mut moves = Vec::new();
            let others = || spec.columns.iter().filter(|column| !spec.key.contains(&column.name));
            if others().next().is_some() {
                let set: Vec<String> = others()
                    .map(|column| {
                        let value = format!(
                            "coalesce({}, {}, o.{})",
                            known("o", column),
                            known("i", column),
                            name(&column.name)
                        );
                        format!("{} = {value}", name(&column.name))
                    })
                    .collect();
                moves
                    .push(format!("update {table} as o set {} from {incoming} i where {on}", set.join(", ")));
            }
            let values: Vec<String> = spec
                .columns
                .iter()
                .map(|column| match column.unknown() {
                    Some(unknown) => format!("coalesce(i.{}, {})", name(&column.name), literal(unknown)),
                    None => value(column),
                })
                .collect();
            let absent = format!("where not exists (select 1 from {table} o where {on})");
            moves.push(insert(&values.join(", "), &absent));
            moves
        }
    }
}

/// What [`codes`] found.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// Old ids that are followed, for the report.
    pub(super) notes: Vec<String>,
    /// What follows them, and refuses codes.
    pub(super) statements: Vec<String>,
}

/// Of all columns of codes whose system is loaded: old ids are followed to the terms that took their
/// place, and codes that the release lacks are refused.
pub(super) fn codes(store: &mut dyn Store, source: &Path, staged: &Staged) -> Result<Codes, LoadError> {
    let fail = |error| LoadError::engine(source, error);
    let mut found = Codes::default();
    for column in &staged.spec.columns {
        let ColumnType::Code(system) = &column.ty else { continue };
        let Some(version) = loaded(store, system).map_err(fail)? else { continue };
        let (incoming, column) = (name(&staged.incoming), name(&column.name));
        let system = literal(system);
        let new = crate::ontology::SUCCESSOR;
        let followed = format!(
            "select i.{column}, s.term, count(*) from {incoming} i join {new} s on s.system = {system} and s.id = i.{column} group by i.{column}, s.term order by i.{column}, s.term"
        );
        for batch in store.query(&followed).map_err(fail)? {
            let text = |at: usize| batch.column(at).as_any().downcast_ref::<StringArray>();
            let counts = batch.column(2).as_any().downcast_ref::<arrow::array::Int64Array>();
            let (Some(old), Some(term), Some(counts)) = (text(0), text(1), counts) else { continue };
            for row in 0..batch.num_rows() {
                let note = format!(
                    "{} became {} {} times, as {version} says",
                    old.value(row),
                    term.value(row),
                    counts.value(row)
                );
                found.notes.push(note);
            }
        }
        let follow = format!(
            "update {incoming} as i set {column} = s.term from {new} s where s.system = {system} and s.id = i.{column}"
        );
        let term = crate::ontology::TERM;
        let obsolete = format!(
            "insert into {REFUSED} select i.{RECORD}, i.{column} || ' (' || t.label || ')' || {} from {incoming} i join {term} t on t.system = {system} and t.id = i.{column} where t.obsolete",
            say(&format!(" is obsolete in {version} and has no replacement"))
        );
        let unknown = format!(
            "insert into {REFUSED} select i.{RECORD}, i.{column} || {} from {incoming} i where i.{column} is not null and not exists (select 1 from {term} t where t.system = {system} and t.id = i.{column})",
            say(&format!(" is not in {version}"))
        );
        found.statements.extend([follow, obsolete, unknown]);
    }
    Ok(found)
}

/// System and version, in words, of the loaded release; none where none is.
fn loaded(store: &mut dyn Store, system: &str) -> engine::Result<Option<String>> {
    let table = crate::ontology::ONTOLOGY;
    if store.columns()?.iter().all(|column| column.table != table) {
        return Ok(None);
    }
    let found = store.query(&format!("select version from {table} where system = {}", literal(system)))?;
    for batch in &found {
        if let Some(versions) = batch.column(0).as_any().downcast_ref::<StringArray>()
            && batch.num_rows() > 0
        {
            return Ok(Some(format!("{system} {}", versions.value(0))));
        }
    }
    Ok(None)
}

/// `a.x = b.y and …`.
fn pairs(a: &str, left: &[String], b: &str, right: &[String]) -> String {
    let equal = |(x, y): (&String, &String)| format!("{a}.{} = {b}.{}", name(x), name(y));
    left.iter().zip(right).map(equal).collect::<Vec<_>>().join(" and ")
}

/// The values of columns as one text.
fn words(table: &str, columns: &[String]) -> String {
    let text = |column: &String| format!("cast({table}.{} as VARCHAR)", name(column));
    columns.iter().map(text).collect::<Vec<_>>().join(" || ', ' || ")
}

/// The value of a column, null where its member `unknown` says that it is not known.
fn known(table: &str, column: &super::ColumnSpec) -> String {
    let value = format!("{table}.{}", name(&column.name));
    match column.unknown() {
        Some(unknown) => format!("nullif({value}, {})", literal(unknown)),
        None => value,
    }
}
