//! What a new model says of people otherwise than the installed one.
//!
//! Linkage decides which rows are guarded, labels decide what may leave, dates decide what a cut-off hides: who
//! may choose the model may read what consent forbids. A model is therefore installed with the policy
//! and signed like it. A label that became stricter, and what is no longer there, narrows; everything else
//! widens, since no line of a model is without effect on what is read.

use crate::changes::{Change, Direction};
use model::{Column, ColumnId, Entity, Linkage, Model, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// Every difference from one model to the next, entities and what they consist of by name. Doc comments and the order
/// of lines are no difference.
pub fn model_changes(before: &Model, now: &Model) -> Vec<Change> {
    let mut all = Vec::new();
    let mut add = |direction, words: String, line| {
        all.push(Change { agreement: None, direction, words, line });
    };
    let entities = |model: &Model| -> BTreeMap<String, model::EntityId> {
        model.ids().map(|id| (model.entity(id).name.clone(), id)).collect()
    };
    let (old, new) = (entities(before), entities(now));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(_), None) => {
                add(Direction::Narrows, format!("the model no longer has `{name}`"), None);
            }
            (None, Some(id)) => {
                let line = Some(now.entity(*id).range);
                add(Direction::Widens, format!("the model has a new kind of row, `{name}`"), line);
            }
            (Some(was), Some(is)) => {
                let (was, is) = (before.entity(*was), now.entity(*is));
                labels(was, is, &mut add);
                let (said, says) = (aspects(before, was), aspects(now, is));
                let aspects: BTreeSet<&String> = said.keys().chain(says.keys()).collect();
                for aspect in aspects {
                    match (said.get(aspect), says.get(aspect)) {
                        (Some(one), Some(other)) if one == other => {}
                        (Some(one), Some(other)) => add(
                            Direction::Widens,
                            format!("`{name}`: {aspect} {other}, was {one}"),
                            Some(is.range),
                        ),
                        (Some(_), None) if aspect.starts_with("column") => {
                            add(
                                Direction::Narrows,
                                format!("`{name}` no longer has {aspect}"),
                                Some(is.range),
                            );
                        }
                        (Some(one), None) => add(
                            Direction::Widens,
                            format!("`{name}` no longer says {aspect} {one}"),
                            Some(is.range),
                        ),
                        (None, Some(other)) => {
                            add(Direction::Widens, format!("`{name}`: new {aspect} {other}"), Some(is.range));
                        }
                        (None, None) => {}
                    }
                }
            }
            (None, None) => {}
        }
    }
    all
}

/// The labels of the columns that both have.
fn labels(was: &Entity, is: &Entity, add: &mut impl FnMut(Direction, String, Option<text::Range>)) {
    for column in &is.columns {
        let Some(old) = was.columns.iter().find(|old| old.name == column.name) else { continue };
        if old.label != column.label {
            let direction = if column.label > old.label { Direction::Narrows } else { Direction::Widens };
            let (is_label, was_label) = (word(column), word(old));
            add(
                direction,
                format!("`{}.{}` is {is_label}, was {was_label}", is.name, column.name),
                Some(column.range),
            );
        }
    }
}

fn word(column: &Column) -> String {
    format!("{:?}", column.label).to_lowercase()
}

/// What a model says of an entity but for the labels of its columns, by what it is about.
fn aspects(model: &Model, entity: &Entity) -> BTreeMap<String, String> {
    // A further field of an entity does not compile until it is said here, or is known to change nothing.
    let Entity {
        name: _,
        plural: _,
        table,
        key,
        linkage: _,
        coded_by,
        dated_by,
        undated_outside,
        assessed,
        conversions,
        life,
        observed_by,
        columns,
        intervals,
        relations,
        doc: _,
        range: _,
    } = entity;
    let name = |id: ColumnId| entity.column(id).name.clone();
    let names = |ids: &[ColumnId]| ids.iter().map(|id| name(*id)).collect::<Vec<_>>().join(", ");
    let mut all = BTreeMap::new();
    let mut say = |aspect: &str, text: String| all.insert(aspect.to_owned(), text);
    say("table", table.clone());
    say("key", names(key));
    say("linkage", linkage(model, entity));
    if let Some(code) = *coded_by {
        say("coded by", name(code));
    }
    if let Some(dated) = *dated_by {
        let latest =
            dated.latest.map_or_else(String::new, |latest| format!(" to {} at the latest", name(latest)));
        let end = dated.end.map_or_else(String::new, |end| format!(" .. {}", name(end)));
        let outside = if *undated_outside { ", undated outside" } else { "" };
        say("dated by", format!("{}{latest}{end}{outside}", name(dated.start)));
    }
    if let Some(assessed) = assessed {
        say("assessed when", assessed.file.tape.slice_of(assessed.condition.span).to_owned());
    }
    if !conversions.is_empty() {
        say("conversions", format!("{conversions:?}"));
    }
    for (aspect, column) in
        [("born", life.birth_date), ("born in", life.birth_year), ("died", life.death_date)]
    {
        if let Some(column) = column {
            say(aspect, name(column));
        }
    }
    if let Some(relation) = *observed_by {
        say("observed by", entity.relation(relation).name.clone());
    }
    for column in columns {
        let unit = match &column.unit {
            None => String::new(),
            Some(Unit::Fixed(unit)) => format!(" unit '{unit}'"),
            Some(Unit::From(from)) => format!(" unit from {}", name(*from)),
        };
        let may_lack = if column.optional { "?" } else { "" };
        say(&format!("column `{}`", column.name), format!("{}{may_lack}{unit}", column.ty.words()));
    }
    for interval in intervals {
        say(
            &format!("interval `{}`", interval.name),
            format!("{} .. {}", name(interval.earliest), name(interval.latest)),
        );
    }
    for relation in relations {
        let target = model.entity(relation.target);
        let on: Vec<String> = relation
            .on
            .iter()
            .map(|(mine, theirs)| format!("{} = {}", name(*mine), target.column(*theirs).name))
            .collect();
        let many = if relation.many { "many" } else { "one" };
        let may_lack = if relation.optional { "?" } else { "" };
        say(
            &format!("relation `{}`", relation.name),
            format!("{many} {}{may_lack} by {}", target.name, on.join(", ")),
        );
    }
    all
}

fn linkage(model: &Model, entity: &Entity) -> String {
    match &entity.linkage {
        Linkage::Public => "public".to_owned(),
        Linkage::Subject => "subject".to_owned(),
        Linkage::Aggregate => "aggregate of subjects".to_owned(),
        Linkage::Of(paths) => {
            let paths: Vec<String> = paths
                .iter()
                .map(|path| {
                    let mut from = entity;
                    let steps: Vec<String> = path
                        .iter()
                        .map(|step| {
                            let relation = from.relation(*step);
                            from = model.entity(relation.target);
                            relation.name.clone()
                        })
                        .collect();
                    steps.join(".")
                })
                .collect();
            format!("of subjects via {}", paths.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "model m version 1
entity subject (subjects) from table s key id linkage subject born born died died {
  id : id identifier  born : date? quasi  died : date? quasi  other : date? quasi  site : text? quasi
  many visits : visit by id }
entity visit (visits) from table v key visit_id linkage of subject via subject dated by noted coded by code {
  visit_id : id identifier  id : id identifier  code : ICD10 sensitive  noted_first : date? quasi  noted_last : date? quasi
  noted : noted_first .. noted_last  dose : decimal? unit 'mg' sensitive  one subject : subject by id }
";

    fn of(text: &str) -> Model {
        let (tree, wrong) = syntax::parse(text::FileId(0), text);
        assert!(wrong.is_empty(), "{wrong:?}");
        let (model, wrong) = model::read(&[&tree]);
        model.unwrap_or_else(|| panic!("{wrong:?}"))
    }

    /// Every line of a model is said, in the direction that its change has.
    #[test]
    fn whatever_changes_is_said_and_widens_unless_it_is_surely_stricter() {
        let before = of(MODEL);
        assert!(model_changes(&before, &of(&format!("--| A doc.\n{MODEL}"))).is_empty());
        for (from, to, direction, words) in [
            (
                "site : text? quasi",
                "site : text? public",
                Direction::Widens,
                "`subject.site` is public, was quasi",
            ),
            (
                "site : text? quasi",
                "site : text? sensitive",
                Direction::Narrows,
                "`subject.site` is sensitive, was quasi",
            ),
            ("  site : text? quasi", "", Direction::Narrows, "`subject` no longer has column `site`"),
            (
                "site : text? quasi",
                "site : text quasi",
                Direction::Widens,
                "`subject`: column `site` text, was text?",
            ),
            (" died died", "", Direction::Widens, "`subject` no longer says died died"),
            ("born born", "born other", Direction::Widens, "`subject`: born other, was born"),
            (
                "linkage of subject via subject",
                "linkage public",
                Direction::Widens,
                "linkage public, was of subjects via subject",
            ),
            ("from table v", "from table w", Direction::Widens, "`visit`: table w, was v"),
            (
                "dated by noted",
                "dated by noted_first",
                Direction::Widens,
                "dated by noted_first, was noted_first to noted_last at the latest",
            ),
            (" dated by noted", "", Direction::Widens, "`visit` no longer says dated by"),
            (
                "noted_first .. noted_last",
                "noted_last .. noted_first",
                Direction::Widens,
                "interval `noted` noted_last .. noted_first",
            ),
            ("unit 'mg'", "unit 'g'", Direction::Widens, "column `dose` decimal? unit 'g'"),
            (" coded by code", "", Direction::Widens, "`visit` no longer says coded by code"),
        ] {
            let text = MODEL.replacen(from, to, 1);
            assert_ne!(text, MODEL, "{from}");
            let changes = model_changes(&before, &of(&text));
            assert!(
                changes.iter().any(|change| change.direction == direction && change.words.contains(words)),
                "{from} to {to}: {changes:#?}"
            );
        }
    }
}
