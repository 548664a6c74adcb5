//! Whether a warehouse is what its model declares: tables, columns, types, keys, relations, members.
//!
//! What is declared is verified on the data, because the compiler relies on it: a to-one relation that
//! is not one would multiply rows, and a row whose way to a person is broken belongs to nobody. The
//! findings count rows and never show one. This is the steward's and the loader's tool; it asks the
//! warehouse itself and not the language.

use super::{Tables, literal, quoted, texts};
use crate::trouble::Result;
use engine::Reader;
use model::{ColumnType, Entity, Linkage, Model, Relation};
use std::collections::BTreeMap;

/// A way in which the warehouse is not what the model says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// What is wrong, a sentence without a full stop.
    pub what: String,
}

/// All differences, in the order of the model.
pub(crate) fn conform(model: &Model, reader: &mut dyn Reader) -> Result<Vec<Difference>> {
    let mut there = Tables::new();
    for column in reader.columns()? {
        there.entry(column.table).or_default().insert(column.column, column.ty);
    }
    let mut differences = Vec::new();
    let mut sound = Vec::new();
    for id in model.ids() {
        let entity = model.entity(id);
        let before = differences.len();
        shape(entity, there.get(&entity.table), &mut differences);
        sound.push(differences.len() == before);
    }
    for (id, fine) in model.ids().zip(&sound) {
        let entity = model.entity(id);
        // The data of a table that has another shape cannot be asked about.
        if !fine {
            continue;
        }
        keys(entity, reader, &mut differences)?;
        values(entity, reader, &mut differences)?;
        for relation in entity.relations.iter().filter(|relation| !relation.many) {
            if sound.get(relation.target.0 as usize) == Some(&true) {
                to_one(model, entity, relation, reader, &mut differences)?;
            }
        }
    }
    genotypes(model, &sound, reader, &mut differences)?;
    Ok(differences)
}

/// What a question would look for in vain: the first of its tables, or of their columns, that the
/// warehouse has not or has in another type. Columns that no model declares are no lack.
pub(crate) fn lack<'a>(
    model: &Model,
    there: &Tables,
    read: impl IntoIterator<Item = &'a str>,
) -> Option<Difference> {
    read.into_iter().find_map(|table| {
        let Some(present) = there.get(table) else {
            return Some(Difference { table: table.to_owned(), what: "the table is missing".into() });
        };
        let mut differences = Vec::new();
        if let Some(id) = model.ids().find(|id| model.entity(*id).table == table) {
            columns(model.entity(id), present, &mut differences);
        }
        differences.into_iter().next()
    })
}

/// One sample speaks for a person, and one call set for a sample at an allele (language.md section 4).
///
/// Nobody's consent is asked here, so people whom no query counts are counted too.
fn genotypes(
    model: &Model,
    sound: &[bool],
    reader: &mut dyn Reader,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let is_sound = |name: &str| model.find(name).is_some_and(|id| sound.get(id.0 as usize) == Some(&true));
    if !["sample", "call_set_sample", "site"].into_iter().all(is_sound) {
        return Ok(());
    }
    let mut say = |table: &str, what: String| {
        differences.push(Difference { table: table.to_owned(), what });
    };
    let sql = "with called as (select subject_id, collected_on from sample \
               where coalesce(qc_passed, true) and sample_id in (select sample_id from call_set_sample)), \
               newest as (select subject_id, max(collected_on) as collected_on from called group by subject_id) \
               select cast(count(*) as varchar) from (select called.subject_id from called \
               join newest on newest.subject_id = called.subject_id \
               and newest.collected_on is not distinct from called.collected_on \
               group by called.subject_id having count(*) > 1) as tied";
    if let Some(count) = number(reader, sql)? {
        say(
            "sample",
            format!(
                "{count} people have several samples with genotypes that are equally new and did not fail; no \
                 query counts these people until `collected_on` or `qc_passed` says which sample speaks"
            ),
        );
    }
    // Call sets of different chromosomes share samples and no allele.
    let sql = "with again as (select call_set_id, sample_id from call_set_sample where sample_id in \
               (select sample_id from call_set_sample group by sample_id having count(*) > 1)), \
               pair as (select distinct one.sample_id, one.call_set_id as first_set, other.call_set_id as second_set \
               from again as one join again as other on one.sample_id = other.sample_id \
               and one.call_set_id < other.call_set_id), \
               sets as (select distinct first_set, second_set from pair), \
               meeting as (select distinct first_set, second_set from sets \
               join site as a on a.call_set_id = sets.first_set \
               join site as b on b.call_set_id = sets.second_set and b.variant_id = a.variant_id) \
               select cast(count(distinct sample_id) as varchar) from pair join meeting \
               on meeting.first_set = pair.first_set and meeting.second_set = pair.second_set";
    if let Some(count) = number(reader, sql)? {
        say(
            "call_set_sample",
            format!(
                "{count} samples are in several call sets that record the same alleles; where they do, the call \
                 set that was loaded last is read"
            ),
        );
    }
    Ok(())
}

fn shape(entity: &Entity, there: Option<&BTreeMap<String, String>>, differences: &mut Vec<Difference>) {
    let Some(there) = there else {
        differences.push(Difference { table: entity.table.clone(), what: "the table is missing".into() });
        return;
    };
    columns(entity, there, differences);
    for name in there.keys().filter(|name| entity.find_column(name).is_none()) {
        let what = format!("the column {name} is not declared, so no query can reach it");
        differences.push(Difference { table: entity.table.clone(), what });
    }
}

/// Every declared column is there and has its type.
fn columns(entity: &Entity, there: &BTreeMap<String, String>, differences: &mut Vec<Difference>) {
    let mut say = |what: String| differences.push(Difference { table: entity.table.clone(), what });
    for column in &entity.columns {
        match there.get(&column.name) {
            None => say(format!("the column {} is missing", column.name)),
            Some(ty) if ty != column.ty.physical() => {
                say(format!("the column {} is {ty} and should be {}", column.name, column.ty.physical()));
            }
            Some(_) => {}
        }
    }
}

/// Keys are unique and known.
fn keys(entity: &Entity, reader: &mut dyn Reader, differences: &mut Vec<Difference>) -> Result<()> {
    let columns: Vec<String> = entity.key.iter().map(|id| quoted(&entity.column(*id).name)).collect();
    let key = columns.join(", ");
    let sql = format!(
        "select cast(count(*) as varchar) from (select {key} from {} group by {key} having count(*) > 1) as twice",
        quoted(&entity.table)
    );
    if let Some(count) = number(reader, &sql)? {
        let what = format!(
            "the key ({}) is not unique: {count} of its values stand in several rows",
            key.replace('"', "")
        );
        differences.push(Difference { table: entity.table.clone(), what });
    }
    Ok(())
}

/// Columns that may not be null are not, and enums hold their members only.
fn values(entity: &Entity, reader: &mut dyn Reader, differences: &mut Vec<Difference>) -> Result<()> {
    let table = quoted(&entity.table);
    for column in &entity.columns {
        let name = quoted(&column.name);
        if !column.optional {
            let sql = format!("select cast(count(*) as varchar) from {table} where {name} is null");
            if let Some(count) = number(reader, &sql)? {
                let what = format!("{} is null in {count} rows and is declared without `?`", column.name);
                differences.push(Difference { table: entity.table.clone(), what });
            }
        }
        if let ColumnType::Enum { members, .. } = &column.ty {
            let members: Vec<String> = members.iter().map(|member| literal(member)).collect();
            let sql = format!(
                "select cast(count(*) as varchar) from {table} where {name} is not null and {name} not in ({})",
                members.join(", ")
            );
            if let Some(count) = number(reader, &sql)? {
                let what = format!("{} holds something else than its members in {count} rows", column.name);
                differences.push(Difference { table: entity.table.clone(), what });
            }
        }
    }
    Ok(())
}

/// A to-one relation leads to one row, or, where it is optional, to none if it is not stated.
fn to_one(
    model: &Model,
    entity: &Entity,
    relation: &Relation,
    reader: &mut dyn Reader,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let target = model.entity(relation.target);
    let (table, other) = (quoted(&entity.table), quoted(&target.table));
    let own: Vec<String> = relation.on.iter().map(|(own, _)| quoted(&entity.column(*own).name)).collect();
    let theirs: Vec<String> =
        relation.on.iter().map(|(_, theirs)| quoted(&target.column(*theirs).name)).collect();
    let equal: Vec<String> =
        own.iter().zip(&theirs).map(|(own, theirs)| format!("b.{theirs} = a.{own}")).collect();
    let stated: Vec<String> = own.iter().map(|own| format!("a.{own} is not null")).collect();
    // Rows that state nothing are told by `values`, where the column is not optional.
    let sql = format!(
        "select cast(count(*) as varchar) from {table} as a where {} and not exists (select 1 from {other} as b where {})",
        stated.join(" and "),
        equal.join(" and ")
    );
    // An optional relation to what a row shares its own key with, such as annotation, may lead nowhere.
    let shares_key = relation.on.iter().all(|(own, _)| entity.key.contains(own));
    if !(relation.optional && shares_key)
        && let Some(count) = number(reader, &sql)?
    {
        let linked = match &entity.linkage {
            Linkage::Of(paths) => paths
                .iter()
                .any(|path| path.first().map(|id| &entity.relation(*id).name) == Some(&relation.name)),
            Linkage::Public | Linkage::Subject | Linkage::Aggregate => false,
        };
        let consequence = if linked { "; those rows belong to nobody and are never read" } else { "" };
        let what = format!(
            "{} names a {} that is not there in {count} rows{consequence}",
            relation.name, target.name
        );
        differences.push(Difference { table: entity.table.clone(), what });
    }
    // Where the other side is its whole key, `keys` has told.
    let whole_key = relation.on.len() == target.key.len()
        && relation.on.iter().all(|(_, theirs)| target.key.contains(theirs));
    if !whole_key {
        let columns = theirs.join(", ");
        let known: Vec<String> = theirs.iter().map(|column| format!("{column} is not null")).collect();
        let sql = format!(
            "select cast(count(*) as varchar) from (select {columns} from {other} where {} group by {columns} having count(*) > 1) as twice",
            known.join(" and ")
        );
        if let Some(count) = number(reader, &sql)? {
            let what = format!(
                "{} is declared as one {}, and {count} of its values name several",
                relation.name, target.name
            );
            differences.push(Difference { table: entity.table.clone(), what });
        }
    }
    Ok(())
}

/// A count that is not zero.
fn number(reader: &mut dyn Reader, sql: &str) -> Result<Option<String>> {
    let count = texts(reader, sql, 1)?.into_iter().flatten().next().unwrap_or_default();
    Ok((count != "0" && !count.is_empty()).then_some(count))
}
