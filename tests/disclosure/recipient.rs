//! Somebody who asks: raw results of made people go through `release` and `differencing` as those of a session do, and are
//! refused, or told and remembered.
//!
//! Not a session: no program, no engine, no file. What `session::earlier` does with the history beside the log is done here with
//! lists in memory; the decisions are those of the two rooms.

use arrow::array::{
    ArrayRef, BooleanArray, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
};
use differencing::{Families, Family, Set, SetId};
use plan::{Cell, Raw, ReleasedExpr, Shape, Shown, Type, Value};
use release::{Behind, Dominance, Error, Level, Released, ReleasedValue, Rules, Terms, WHOLE, Zeros};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A question, as its raw result.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// Numbers of people by the values of a key, with their total or without.
    Groups { rows: Vec<(String, Vec<u32>)>, total: bool },
    /// A Table 1 of some people: levels by characteristic.
    Table1 { people: Vec<u32>, items: Vec<Vec<Vec<u32>>> },
    /// An attrition: how many steps, and of everybody who fails any the first and the last one, from 1.
    Attrition { steps: usize, people: Vec<(u32, Option<(usize, usize)>)> },
}

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Told(Released),
    /// Too near to something.
    Refused,
    /// After so many refusals nothing is told.
    Stopped,
}

impl Answer {
    /// The numbers of the last column, in order; none where a number is withheld.
    pub(crate) fn numbers(&self) -> Option<Vec<Option<i64>>> {
        let Answer::Told(released) = self else { return None };
        let number = |row: &Vec<ReleasedValue>| match row.last() {
            Some(ReleasedValue::Value(Value::Int(number))) => Some(*number),
            _ => None,
        };
        Some(released.rows().iter().map(number).collect())
    }

    /// The only number of a question of one group.
    pub(crate) fn number(&self) -> Option<i64> {
        self.numbers()?.first().copied().flatten()
    }

    pub(crate) fn is_refused(&self) -> bool {
        !matches!(self, Answer::Told(_))
    }
}

/// The defaults of an agreement, with counts rounded to `round_to` and compared by `difference`.
pub(crate) fn terms(round_to: Option<u32>, difference: u32) -> Terms {
    Terms {
        level: Level::Aggregate,
        min_subjects: 10,
        round_to,
        zeros: Zeros::Withheld,
        dominance: Dominance::default(),
        margin: WHOLE / 10 * 9,
        difference,
        frequency_min_subjects: 100,
        allele_min_carriers: 10,
        pseudonym_key: None,
    }
}

/// What a recipient was told, and what not.
#[derive(Debug)]
pub(crate) struct Recipient {
    terms: Terms,
    most_refusals: usize,
    sets: Vec<Set>,
    places: BTreeMap<Set, SetId>,
    earlier: Vec<Families>,
    refused: BTreeSet<String>,
}

impl Recipient {
    pub(crate) fn new(terms: Terms, most_refusals: usize) -> Recipient {
        Recipient {
            terms,
            most_refusals,
            sets: Vec::new(),
            places: BTreeMap::new(),
            earlier: Vec::new(),
            refused: BTreeSet::new(),
        }
    }

    /// Asks. Two questions of one name are one question.
    pub(crate) fn ask(&mut self, name: &str, question: &Question) -> Answer {
        if self.refused.iter().filter(|refused| *refused != name).count() >= self.most_refusals {
            return Answer::Stopped;
        }
        let (shape, batch) = raw(question);
        let rules = Rules::new(self.terms.clone()).expect("lawful terms");
        let (released, behind) = match release::release_with_members(&shape, &[batch], &rules) {
            Err(Error::TooClose) => {
                self.refused.insert(name.to_owned());
                return Answer::Refused;
            }
            other => other.expect("a result that can be released"),
        };
        let families = self.families(&behind);
        let conflict =
            differencing::first_conflict(&self.sets, &self.earlier, &families, self.terms.difference);
        if conflict.expect("sets that can be compared").is_some() {
            self.refused.insert(name.to_owned());
            return Answer::Refused;
        }
        if behind.near {
            self.refused.insert(name.to_owned());
        }
        self.earlier.push(families);
        Answer::Told(released)
    }

    fn families(&mut self, behind: &Behind) -> Families {
        let mut families = Families::new();
        for family in &behind.families {
            let mut sets = Vec::new();
            for set in &family.sets {
                let people: Vec<u32> =
                    set.iter().map(|person| number(&behind.people[*person as usize])).collect();
                let set = Set::of(&people);
                let next = SetId::try_from(self.sets.len()).expect("few sets");
                let place = *self.places.entry(set.clone()).or_insert(next);
                if place == next {
                    self.sets.push(set);
                }
                sets.push(place);
            }
            let told = match family.told {
                release::Told::Number => 0,
                release::Told::Whole => 1,
                release::Told::Value => 2,
            };
            families.push(Family { told, margin: family.margin, whole: family.whole, sets });
        }
        families
    }
}

fn number(name: &str) -> u32 {
    name.parse().expect("a number")
}

fn counts(values: impl IntoIterator<Item = usize>) -> ArrayRef {
    let values = values.into_iter().map(|value| Some(i64::try_from(value).expect("few people")));
    Arc::new(values.collect::<Int64Array>())
}

fn lists<'a>(rows: impl IntoIterator<Item = &'a [u32]>) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in rows {
        for person in row {
            builder.values().append_value(person.to_string());
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

/// The raw result of a question with the people behind its numbers, and its shape.
fn raw(question: &Question) -> (Shape, RecordBatch) {
    let (shape, columns) = match question {
        Question::Groups { rows, total } => groups(rows, *total),
        Question::Table1 { people, items } => table1(people, items),
        Question::Attrition { steps, people } => attrition(*steps, people),
    };
    let names = shape.raw.iter().map(|(name, _)| name.clone());
    (shape.clone(), RecordBatch::try_from_iter(names.zip(columns)).expect("columns of one length"))
}

fn columns_of(columns: &[(&str, Type)]) -> Vec<(String, Type)> {
    columns.iter().map(|(name, ty)| ((*name).to_owned(), *ty)).collect()
}

fn groups(rows: &[(String, Vec<u32>)], total: bool) -> (Shape, Vec<ArrayRef>) {
    let shown = |name: &str, ty, cell| Shown {
        name: name.to_owned(),
        ty,
        unit: None,
        value: ReleasedExpr::Cell(cell),
    };
    let shape = Shape {
        people: Some(Raw(1)),
        totals: Some(Raw(2)),
        disjoint: true,
        members: vec![(Raw(1), vec![Raw(3)])],
        raw: columns_of(&[
            ("key", Type::Text),
            ("people", Type::Int),
            ("total", Type::Bool),
            ("members", Type::TextList),
        ]),
        shown: vec![
            shown("key", Type::Text, Cell::Key(Raw(0))),
            shown("people", Type::Int, Cell::People(Raw(1))),
        ],
        ..Shape::default()
    };
    let mut all: Vec<u32> = rows.iter().flat_map(|(_, people)| people).copied().collect();
    all.sort_unstable();
    let mut rows: Vec<(Option<&str>, &[u32])> =
        rows.iter().map(|(key, people)| (Some(key.as_str()), people.as_slice())).collect();
    if total {
        rows.push((None, &all));
    }
    let keys: StringArray = rows.iter().map(|(key, _)| *key).collect();
    let totals: BooleanArray = rows.iter().map(|(key, _)| Some(key.is_none())).collect();
    let columns = vec![
        Arc::new(keys) as ArrayRef,
        counts(rows.iter().map(|(_, people)| people.len())),
        Arc::new(totals),
        lists(rows.iter().map(|(_, people)| *people)),
    ];
    (shape, columns)
}

fn table1(people: &[u32], items: &[Vec<Vec<u32>>]) -> (Shape, Vec<ArrayRef>) {
    let mut raw = columns_of(&[("people", Type::Int), ("members", Type::TextList)]);
    let mut members = vec![(Raw(0), vec![Raw(1)])];
    let mut columns = vec![counts([people.len()]), lists([people])];
    let mut characteristics = Vec::new();
    for (item, levels) in items.iter().enumerate() {
        let mut facets = Vec::new();
        for (level, people) in levels.iter().enumerate() {
            let place = u32::try_from(raw.len()).expect("few columns");
            raw.push((format!("people_{item}_{level}"), Type::Int));
            raw.push((format!("members_{item}_{level}"), Type::TextList));
            members.push((Raw(place), vec![Raw(place + 1)]));
            columns.push(counts([people.len()]));
            columns.push(lists([people.as_slice()]));
            facets.push((Some(level.to_string()), plan::Facet { people: Raw(place), apart: None }));
        }
        characteristics.push(plan::Characteristic::Levels {
            name: item.to_string(),
            levels: facets,
            fact: None,
        });
    }
    let shape = Shape {
        people: Some(Raw(0)),
        disjoint: true,
        members,
        raw,
        characteristics: Some(plan::Characteristics {
            keys: Vec::new(),
            differences: false,
            apart: None,
            items: characteristics,
        }),
        ..Shape::default()
    };
    (shape, columns)
}

fn attrition(steps: usize, people: &[(u32, Option<(usize, usize)>)]) -> (Shape, Vec<ArrayRef>) {
    let mut rows: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
    for (person, fails) in people {
        rows.entry(fails.unwrap_or((steps + 1, 0))).or_default().push(*person);
    }
    let step = |at: usize| plan::AttritionStep {
        cohort: "c".to_owned(),
        words: at.to_string(),
        kind: plan::AttritionStepKind::Rule,
        droppable: true,
    };
    let shape = Shape {
        attrition: Some(plan::Attrition {
            first: Raw(0),
            last: Raw(1),
            unknown: Raw(2),
            people: Raw(3),
            events: None,
            cases: None,
            source: "subjects".to_owned(),
            steps: (0..steps).map(step).collect(),
        }),
        members: vec![(Raw(3), vec![Raw(4)])],
        raw: columns_of(&[
            ("first", Type::Int),
            ("last", Type::Int),
            ("unknown", Type::Bool),
            ("people", Type::Int),
            ("members", Type::TextList),
        ]),
        ..Shape::default()
    };
    let unknown: BooleanArray = rows.iter().map(|_| Some(false)).collect();
    let columns = vec![
        counts(rows.keys().map(|(first, _)| *first)),
        counts(rows.keys().map(|(_, last)| *last)),
        Arc::new(unknown) as ArrayRef,
        counts(rows.values().map(Vec::len)),
        lists(rows.values().map(Vec::as_slice)),
    ];
    (shape, columns)
}
