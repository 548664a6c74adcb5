//! Section 3 sentence by sentence: a few words of history, a question, an answer.
//!
//! The whole matrix is in the oracle test beside the crate; these tests say which sentence broke.

mod permitted;
mod scopes;
mod states;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{
    BASE_TERMS, Basis, Diseases, EventColumns, MODIFIERS, Policy, Purpose, SampleColumns, ScopeColumns,
    Subject, SubjectColumns, register,
};

/// One person, in words.
///
/// `person` has the columns of the subject, `samples` have `id` and `collected_on`. An event is
/// `id kind actor effective_from`, recorded on that day at midnight unless `recorded_at` is given. A scope row is
/// `event_id branch polarity term`, with the short names of DUO. Other columns follow as `column=value`.
fn person(person: &str, samples: &[&str], events: &[&str], scope: &[&str]) -> Subject {
    let told = Told::of(person);
    let subject = SubjectColumns {
        subject_id: "S".to_owned(),
        birth_date: told.get("birth_date"),
        birth_year: told.get("birth_year"),
        death_date: told.get("death_date"),
    };
    let samples = samples.iter().map(|words| {
        let told = Told::of(words);
        SampleColumns {
            sample_id: told.word(0),
            subject_id: "S".to_owned(),
            collected_on: told.get("collected_on"),
        }
    });
    let events = events.iter().map(|words| {
        let told = Told::of(words);
        let recorded_at = told.get("recorded_at");
        EventColumns {
            event_id: told.word(0),
            subject_id: "S".to_owned(),
            sample_id: told.get("sample"),
            kind: told.word(1),
            actor: told.word(2),
            effective_from: told.word(3),
            effective_until: told.get("until"),
            recorded_at: recorded_at.unwrap_or_else(|| told.word(3) + "T00:00:00Z"),
            withdrawal_level: told.get("level"),
            supersedes: told.get("supersedes"),
        }
    });
    let scope = scope.iter().map(|words| {
        let told = Told::of(words);
        ScopeColumns {
            event_id: told.word(0),
            branch: told.word(1),
            polarity: told.word(2),
            term: curie(&told.word(3)),
            disease: told.get("disease"),
            region: told.get("region"),
            until_date: told.get("until_date"),
            party: told.get("party"),
            project: told.get("project"),
        }
    });
    register(vec![subject], samples.collect(), events.collect(), scope.collect())
        .expect("a story that can be told")
        .remove("S")
        .expect("its person")
}

/// Words, and `column=value` pairs.
struct Told<'a> {
    words: Vec<&'a str>,
    columns: BTreeMap<&'a str, &'a str>,
}

impl<'a> Told<'a> {
    fn of(text: &'a str) -> Self {
        let (columns, words): (Vec<&str>, Vec<&str>) =
            text.split_whitespace().partition(|word| word.contains('='));
        Self { words, columns: columns.iter().filter_map(|pair| pair.split_once('=')).collect() }
    }

    fn word(&self, place: usize) -> String {
        self.words.get(place).expect("a word").to_string()
    }

    fn get(&self, column: &str) -> Option<String> {
        self.columns.get(column).map(ToString::to_string)
    }
}

/// The CURIE of a short name; anything else as it is.
fn curie(name: &str) -> String {
    let base = BASE_TERMS.iter().map(|term| (term.label, term.curie));
    let modifiers = MODIFIERS.iter().map(|term| (term.label, term.curie));
    base.chain(modifiers).find(|(label, _)| *label == name).map_or(name, |(_, curie)| curie).to_owned()
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// heart > valve, heart > muscle, bone. `old` is known to nobody.
fn diseases() -> Diseases {
    let parents = [("heart", ""), ("valve", "heart"), ("muscle", "heart"), ("bone", "")];
    let parents = parents
        .into_iter()
        .map(|(id, up)| (id.to_owned(), up.split_whitespace().map(str::to_owned).collect()))
        .collect();
    Diseases::from_parents(&parents)
}

/// Everything recorded, the default policy.
fn basis(diseases: &Diseases) -> Basis<'_> {
    Basis { known_at: instant("2100-01-01T00:00:00Z"), policy: Policy::default(), diseases }
}

/// `PRIMARY disease… flag… place=value…`; a disease is a word that `diseases` has, or `old`.
fn purpose(text: &str) -> Purpose {
    let told = Told::of(text);
    let mut fields = serde_json::Map::new();
    fields.insert("primary".to_owned(), told.word(0).into());
    let (named, flags): (Vec<&str>, Vec<&str>) =
        told.words[1..].iter().partition(|word| diseases().knows(word) || **word == "old");
    fields.insert("diseases".to_owned(), named.into());
    for flag in flags {
        fields.insert(flag.to_owned(), true.into());
    }
    for (column, value) in told.columns {
        fields.insert(column.to_owned(), value.into());
    }
    serde_json::from_value(fields.into()).expect("a purpose")
}
