//! Changes to what hidden people contribute to a warehouse: the mutation operators of the
//! non-interference test. A hidden person is one whom no question may read; an answer that differs after
//! any of these changes has read a row of somebody who did not consent.
//!
//! The statements are made from the model, so that a table or a column added to it is changed too. Rows
//! are found by the declared path to their person, not by the guards that are tested. What a loader
//! derives from call sets (the list of alleles, their effects, the alleles that public releases are
//! joined to) is rebuilt where it would differ, since a question that counts such a table reads people.
//!
//! What no operator can see stands in ../../shared/research/security.md, 4.2: a wrong rule that treats all
//! people alike needs the second witness, and a cell below its threshold a recount.

use engine::Store;
use model::{Column, ColumnId, ColumnType, Entity, EntityId, Linkage, Model, RelationId};

/// A way to change what hidden people contribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// Their rows go, and with them what was derived of nobody else.
    Delete,
    /// Their numbers, days, codes and calls become others that also exist.
    Flip,
    /// Their values become extreme, empty or no members of their type.
    BadValue,
    /// Rows come whose person is null, alike to those of everybody.
    NullKeys,
    /// Their rows come twice.
    Duplicate,
    /// Further people come whom nobody may read: the hidden ones again, and everybody again without consent.
    NewPeople,
    /// Their rows have codes, texts and alleles that nobody else has.
    NovelCode,
    /// Only what the table of people says of them changes.
    FlipDemographics,
    /// Their consent is missing for another reason.
    OtherRefusal,
}

/// All of them.
pub const OPERATORS: [Operator; 9] = [
    Operator::Delete,
    Operator::Flip,
    Operator::BadValue,
    Operator::NullKeys,
    Operator::Duplicate,
    Operator::NewPeople,
    Operator::NovelCode,
    Operator::FlipDemographics,
    Operator::OtherRefusal,
];

/// Whom no question may read, whatever its date.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// Keys of people.
    pub people: Vec<String>,
    /// Keys of samples of other people, which have consent events of their own.
    pub samples: Vec<String>,
    /// Those of `people` who are hidden by their age: they are children of whom a guardian decided, so that their
    /// birth is part of their consent and stays as it is.
    pub by_age: Vec<String>,
}

/// Where the ordinals and numbers of added rows begin.
const FAR: i64 = 1_000_000;

/// Applies an operator to a warehouse that is open for loading.
pub(crate) fn apply(
    operator: Operator,
    hidden: &Hidden,
    model: &Model,
    store: &mut dyn Store,
) -> Result<(), String> {
    let linked: Vec<EntityId> = model
        .ids()
        .filter(|id| matches!(model.entity(*id).linkage, Linkage::Subject | Linkage::Of(_)))
        .collect();
    let mut run = |sql: String| store.execute(&sql).map_err(|error| format!("{}\n{sql}", error.detail));
    // Who is hidden is written down before anything moves.
    for id in &linked {
        let entity = model.entity(*id);
        run(format!(
            "create temp table {} as select rowid as place from {} where {}",
            set(entity),
            quoted(&entity.table),
            is_hidden(model, *id, hidden)
        ))?;
    }
    let at = |entity: &Entity| format!("rowid in (select place from {})", set(entity));
    for id in &linked {
        let entity = model.entity(*id);
        let table = quoted(&entity.table);
        let columns =
            |of: &dyn Fn(&Column) -> String| entity.columns.iter().map(of).collect::<Vec<_>>().join(", ");
        match operator {
            Operator::Delete => run(format!("delete from {table} where {}", at(entity)))?,
            Operator::Flip | Operator::BadValue | Operator::NovelCode | Operator::FlipDemographics => {
                if operator == Operator::FlipDemographics && entity.linkage != Linkage::Subject {
                    continue;
                }
                let to = match operator {
                    Operator::BadValue => bad,
                    Operator::NovelCode => novel,
                    _ => flipped,
                };
                let set: Vec<String> = values(entity)
                    .into_iter()
                    .filter_map(|column| Some((quoted(&column.name), to(entity, column)?)))
                    .map(|(name, value)| match entity.linkage {
                        Linkage::Subject if name.starts_with("\"birth_") => {
                            let kept = list(&hidden.by_age);
                            format!("{name} = case when subject_id in {kept} then {name} else {value} end")
                        }
                        _ => format!("{name} = {value}"),
                    })
                    .collect();
                if !set.is_empty() {
                    run(format!("update {table} set {} where {}", set.join(", "), at(entity)))?;
                }
            }
            Operator::NullKeys => {
                let links = links(model, *id);
                for column in &links {
                    run(format!("alter table {table} alter column {} drop not null", quoted(column)))?;
                }
                let row = columns(&|column| {
                    let name = quoted(&column.name);
                    if links.contains(&column.name) { format!("null as {name}") } else { name }
                });
                run(format!("insert into {table} select {row} from {table}"))?;
            }
            Operator::Duplicate => {
                run(format!("insert into {table} select * from {table} where {}", at(entity)))?;
            }
            Operator::NewPeople => {
                let renamed = |prefix: &str, far: i64| {
                    columns(&|column| {
                        let name = quoted(&column.name);
                        match column.ty {
                            ColumnType::Id => format!("'{prefix}-' || {name} as {name}"),
                            ColumnType::Int if column.name == "ordinal" => {
                                format!("{name} + {far} as {name}")
                            }
                            _ => name,
                        }
                    })
                };
                let (again, none) = (renamed("again", FAR), renamed("none", 2 * FAR));
                run(format!(
                    "insert into {table} select {again} from {table} where {} union all select {none} from {table}",
                    at(entity)
                ))?;
            }
            Operator::OtherRefusal => {}
        }
    }
    for sql in besides(operator, hidden) {
        run(sql)?;
    }
    for id in &linked {
        run(format!("drop table {}", set(model.entity(*id))))?;
    }
    Ok(())
}

/// What else an operator does: to consent, to alleles, to trios of two kinds of people.
fn besides(operator: Operator, hidden: &Hidden) -> Vec<String> {
    let people = list(&hidden.people);
    let mut all = Vec::new();
    match operator {
        Operator::Delete => {
            all.push(format!(
                "delete from consent_scope where event_id in (select event_id from consent_event where subject_id in {people})"
            ));
            all.push(format!("delete from consent_event where subject_id in {people}"));
            // A loader lists the alleles of its call sets, and joins releases to those.
            let carried = "select variant_id from genotype";
            all.push(format!("delete from site where variant_id not in ({carried})"));
            all.push(format!("delete from effect where variant_id not in ({carried})"));
            all.push(format!("delete from gnomad where variant_id not in ({carried})"));
            all.push(format!("update clinvar set variant_id = null where variant_id not in ({carried})"));
            all.push(format!(
                "delete from variant where variant_id not in ({carried} union all select variant_id from finding)"
            ));
        }
        Operator::NewPeople => {
            all.push(format!(
                "insert into consent_scope by name select * replace ('again-' || event_id as event_id) from consent_scope \
                 where event_id in (select event_id from consent_event where subject_id in {people})"
            ));
            all.push(format!(
                "insert into consent_event by name select * replace ('again-' || event_id as event_id, \
                 'again-' || subject_id as subject_id, 'again-' || sample_id as sample_id, \
                 'again-' || supersedes as supersedes) from consent_event where subject_id in {people}"
            ));
            // A family of which only the child may be read.
            if let [father, .., mother] = hidden.people.as_slice() {
                all.push(format!(
                    "insert into trio by name select subject_id as proband_id, '{father}' as father_id, '{mother}' as mother_id \
                     from subject where subject_id not in {people} \
                     and subject_id not in (select proband_id from trio where proband_id is not null)"
                ));
            }
        }
        Operator::NovelCode => {
            // Alleles that only hidden people carry, near those that others carry, and known by the same names.
            all.push(format!(
                "insert into variant by name select * replace (variant_id + {FAR} as variant_id, position + 1 as position, \
                 end_position + 1 as end_position) from variant"
            ));
            all.push(format!(
                "insert into effect by name select * replace (variant_id + {FAR} as variant_id, 'novel-' || effect_id as effect_id) \
                 from effect"
            ));
            all.push(format!(
                "insert into genotype by name select * replace (variant_id + {FAR} as variant_id, 2 as call) from genotype \
                 where rowid in (select place from \"hidden genotype\")"
            ));
            all.push(format!(
                "insert into site by name select distinct * replace (variant_id + {FAR} as variant_id) from site"
            ));
        }
        Operator::OtherRefusal => {
            all.push(format!(
                "delete from consent_scope where event_id in (select event_id from consent_event where subject_id in {people})"
            ));
            all.push(format!("delete from consent_event where subject_id in {people}"));
            // A grant that ended, one for a use that nobody's purpose covers, one withdrawn, one without scope.
            for (at, person) in hidden.people.iter().enumerate() {
                let event = |id: &str, kind: &str, from: &str, until: &str, level: &str| {
                    format!(
                        "insert into consent_event by name select '{id}-{person}' as event_id, '{person}' as subject_id, \
                         '{kind}' as kind, 'self' as actor, date '{from}' as effective_from, {until} as effective_until, \
                         timestamp '2015-01-01 00:00:00' as recorded_at, {level} as withdrawal_level"
                    )
                };
                let scope = |term: &str, more: &str| {
                    format!(
                        "insert into consent_scope by name select 'x-{person}' as event_id, '1' as branch, 'permit' as polarity, \
                         '{term}' as term{more}"
                    )
                };
                match at % 4 {
                    0 => {
                        all.push(event("x", "grant", "2015-01-01", "date '2016-01-01'", "null"));
                        all.push(scope("DUO:0000042", ""));
                    }
                    1 => {
                        all.push(event("x", "grant", "2015-01-01", "null", "null"));
                        all.push(scope("DUO:0000024", ""));
                    }
                    2 => {
                        all.push(event("x", "grant", "2015-01-01", "null", "null"));
                        all.push(scope("DUO:0000042", ""));
                        all.push(event("y", "withdraw", "2015-01-02", "null", "'use'"));
                    }
                    _ => all.push(event("x", "grant", "2015-01-01", "null", "null")),
                }
            }
        }
        _ => {}
    }
    all
}

/// The rows of an entity that belong to somebody hidden, by any of its paths.
fn is_hidden(model: &Model, id: EntityId, hidden: &Hidden) -> String {
    let entity = model.entity(id);
    let own = key_is_hidden(entity, hidden);
    match &entity.linkage {
        Linkage::Of(paths) => {
            let paths: Vec<String> =
                paths.iter().map(|path| leads_to_hidden(model, entity, path, hidden)).collect();
            own.into_iter().chain(paths).collect::<Vec<_>>().join(" or ")
        }
        Linkage::Subject | Linkage::Public | Linkage::Aggregate => own.unwrap_or_else(|| "false".to_owned()),
    }
}

/// Whether a row is itself a hidden person or sample.
fn key_is_hidden(entity: &Entity, hidden: &Hidden) -> Option<String> {
    let keys = match (&entity.linkage, entity.name.as_str()) {
        (Linkage::Subject, _) => &hidden.people,
        (_, "sample") => &hidden.samples,
        _ => return None,
    };
    let [key] = entity.key.as_slice() else { return None };
    Some(format!("{} in {}", quoted(&entity.column(*key).name), list(keys)))
}

fn leads_to_hidden(model: &Model, entity: &Entity, path: &[RelationId], hidden: &Hidden) -> String {
    let Some((first, rest)) = path.split_first() else { return "false".to_owned() };
    let relation = entity.relation(*first);
    let target = model.entity(relation.target);
    let names = |of: &Entity, ids: Vec<ColumnId>| {
        ids.into_iter().map(|id| quoted(&of.column(id).name)).collect::<Vec<_>>().join(", ")
    };
    let (mine, theirs): (Vec<_>, Vec<_>) = relation.on.iter().copied().unzip();
    let own = key_is_hidden(target, hidden);
    let further = (!rest.is_empty()).then(|| leads_to_hidden(model, target, rest, hidden));
    let either: Vec<String> = own.into_iter().chain(further).collect();
    format!(
        "({}) in (select ({}) from {} where {})",
        names(entity, mine),
        names(target, theirs),
        quoted(&target.table),
        either.join(" or ")
    )
}

/// The columns by which a row finds its person: those of the first step of its paths, or the key of a person.
fn links(model: &Model, id: EntityId) -> Vec<String> {
    let entity = model.entity(id);
    let ids: Vec<ColumnId> = match &entity.linkage {
        Linkage::Of(paths) => paths
            .iter()
            .filter_map(|path| path.first())
            .flat_map(|first| entity.relation(*first).on.iter().map(|(mine, _)| *mine))
            .collect(),
        _ => entity.key.clone(),
    };
    let mut names: Vec<String> = ids.into_iter().map(|id| entity.column(id).name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// The columns of an entity that say something of a person: neither key nor relation.
fn values(entity: &Entity) -> Vec<&Column> {
    let tied = |id: ColumnId| {
        entity.key.contains(&id)
            || entity.relations.iter().any(|one| !one.many && one.on.iter().any(|(mine, _)| *mine == id))
    };
    let ids = 0..u32::try_from(entity.columns.len()).unwrap_or(0);
    ids.map(ColumnId).filter(|id| !tied(*id)).map(|id| entity.column(id)).collect()
}

/// Another value of the same kind, of those that exist where a list of them does.
fn flipped(entity: &Entity, column: &Column) -> Option<String> {
    let name = quoted(&column.name);
    Some(match &column.ty {
        ColumnType::Int if column.name == "call" => format!("{name} % 5 + 1"),
        ColumnType::Int if column.name == "birth_year" => format!("3960 - coalesce({name}, 1970)"),
        ColumnType::Int => format!("coalesce({name}, 0) * 7 + 1003"),
        ColumnType::Decimal => format!("coalesce({name}, 0) * 100 + 1"),
        ColumnType::Percent => format!("1 - coalesce({name}, 0)"),
        ColumnType::Bool => format!("not coalesce({name}, false)"),
        ColumnType::Date => {
            format!("case when rowid % 3 = 0 then null else coalesce({name}, date '2023-03-03') - 777 end")
                .replace("then null", if column.optional { "then null" } else { "then date '2024-02-29'" })
        }
        ColumnType::Enum { members, .. } => {
            let first = members.first()?;
            let cases: Vec<String> = members
                .iter()
                .zip(members.iter().cycle().skip(1))
                .map(|(from, to)| format!(" when '{from}' then '{to}'"))
                .collect();
            format!("case {name}{} else '{first}' end", cases.concat())
        }
        ColumnType::Text | ColumnType::Code(_) | ColumnType::Gene => format!(
            "case when rowid % 2 = 0 then (select min({name}) from {t}) else (select max({name}) from {t}) end",
            t = quoted(&entity.table)
        ),
        ColumnType::Id | ColumnType::Bytes => return None,
    })
}

/// What no loader would have let in.
fn bad(_: &Entity, column: &Column) -> Option<String> {
    let one_of = |all: [&str; 3]| {
        format!("case rowid % 3 when 0 then {} when 1 then {} else {} end", all[0], all[1], all[2])
    };
    Some(match &column.ty {
        ColumnType::Int => one_of(["9223372036854775807", "-9223372036854775808", "0"]),
        ColumnType::Decimal | ColumnType::Percent => {
            one_of(["999999999999999999.999999999999", "-999999999999999999.999999999999", "0"])
        }
        ColumnType::Bool if column.optional => "null".to_owned(),
        ColumnType::Bool => return None,
        ColumnType::Date => one_of(["date '0001-01-01'", "date '9999-12-31'", "date '1582-10-10'"]),
        ColumnType::Enum { .. } | ColumnType::Code(_) | ColumnType::Gene | ColumnType::Text => {
            one_of(["''", "'100%_\\''; -- \u{1F9EC}'", "repeat('x', 5000)"])
        }
        ColumnType::Id | ColumnType::Bytes => return None,
    })
}

/// What nobody else has.
fn novel(_: &Entity, column: &Column) -> Option<String> {
    Some(match &column.ty {
        ColumnType::Text => "'novel ' || rowid".to_owned(),
        ColumnType::Code(system) => format!("'{system}:9999' || rowid"),
        ColumnType::Gene => "'NOVEL1'".to_owned(),
        _ => return None,
    })
}

/// The table of the places of hidden rows.
fn set(entity: &Entity) -> String {
    quoted(&format!("hidden {}", entity.table))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(keys: &[String]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
    if keys.is_empty() { "(null)".to_owned() } else { format!("({})", keys.join(", ")) }
}
