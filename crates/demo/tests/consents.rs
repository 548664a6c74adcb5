//! Consent histories: all kinds, actors, levels and terms, and how many people they leave.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod support;

use demo::{AS_OF, PEOPLE, SEED, write};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::consent::{
    About, BASE_TERMS, Basis, Dates, Diseases, EventColumns, MODIFIERS, Register, SampleColumns,
    ScopeColumns, SubjectColumns, Verdict, decide, register,
};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn rows<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn column(path: &Path, name: &str) -> BTreeSet<String> {
    let rows: Vec<BTreeMap<String, String>> = rows(path);
    rows.into_iter().map(|mut row| row.remove(name).unwrap()).collect()
}

fn people(folder: &Path) -> Register {
    register(
        rows::<SubjectColumns>(&folder.join("subject.csv")),
        rows::<SampleColumns>(&folder.join("sample.csv")),
        rows::<EventColumns>(&folder.join("consent_event.csv")),
        rows::<ScopeColumns>(&folder.join("consent_scope.csv")),
    )
    .unwrap()
}

#[test]
fn all_kinds_actors_levels_and_terms() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), SEED, 500).unwrap();
    let (events, scopes) = (folder.path().join("consent_event.csv"), folder.path().join("consent_scope.csv"));
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(
        column(&events, "kind"),
        set(&["grant", "renew", "amend", "suspend", "resume", "withdraw", "void"])
    );
    assert_eq!(column(&events, "actor"), set(&["self", "guardian", "proxy", "court", "system"]));
    assert_eq!(column(&events, "withdrawal_level"), set(&["", "contact", "access", "use"]));
    assert!(column(&events, "sample_id").len() > 2, "events of samples");
    assert_eq!(column(&scopes, "polarity"), set(&["permit", "deny"]));
    assert!(column(&scopes, "branch").len() > 2);
    let terms = column(&scopes, "term");
    let known = BASE_TERMS.iter().map(|term| term.curie).chain(MODIFIERS.iter().map(|term| term.curie));
    for known in known {
        assert!(terms.contains(known), "no scope has {known}");
    }
    assert!(terms.contains("HMB-MDS"), "a term that is not DUO's");
}

/// Shares in percent of people who are permitted, denied and referred, and the number with a cut-off.
fn shares(register: &Register, agreement: &str, used_on: Date) -> [usize; 4] {
    let (set, diseases) = (support::policies(), diseases());
    let basis = Basis {
        known_at: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 60),
        policy: set.consent,
        diseases: &diseases,
    };
    let dates = Dates::new(AS_OF.parse().unwrap(), used_on).unwrap();
    let mut counts = [0; 4];
    for subject in register.values() {
        let verdict =
            decide(About::subject(subject), &set.agreements[agreement].purpose, dates, &basis).verdict;
        match verdict {
            Verdict::Permit { cut_off } => {
                counts[0] += 1;
                counts[3] += usize::from(cut_off.is_some());
            }
            Verdict::Deny => counts[1] += 1,
            Verdict::Refer => counts[2] += 1,
        }
    }
    let [permit, deny, refer, cut] = counts;
    [permit, deny, refer]
        .map(|count| count * 100 / register.len())
        .into_iter()
        .chain([cut])
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

fn diseases() -> Diseases {
    let doid = support::ontology("doid.obo");
    let id = |term| doid.term(term).id.clone();
    Diseases::from_closure(
        doid.ids()
            .flat_map(|term| doid.ancestors_or_self(term).into_iter().map(move |above| (term, above)))
            .map(|(term, above)| (id(term), id(above))),
    )
}

#[test]
fn most_are_permitted_and_a_visible_part_is_not() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), SEED, PEOPLE).unwrap();
    let register = people(folder.path());
    let today = "2026-01-01".parse().unwrap();
    let [permit, deny, refer, cut] = shares(&register, "DEMO", today);
    assert!((60..85).contains(&permit), "{permit} % permitted");
    assert!((10..40).contains(&deny), "{deny} % denied");
    assert!(refer >= 1, "{refer} % referred");
    assert!(cut >= 20, "{cut} people with a cut-off");
    let [wider, ..] = shares(&register, "DEMO-DIABETES", today);
    assert!(wider > permit, "a purpose of diabetes reaches {wider} %, health research {permit} %");
}

#[test]
fn the_answer_does_not_change_in_the_years_to_come() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), SEED, PEOPLE).unwrap();
    let register = people(folder.path());
    let at = |day: &str| shares(&register, "DEMO", day.parse().unwrap());
    assert_eq!(at("2025-02-01"), at("2030-12-31"));
}
