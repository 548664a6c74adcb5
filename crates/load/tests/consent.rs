//! Consent files: what is refused, and the consent oracle's files whole.

mod support;

use load::consent::{Paths, load};
use load::source::{Rejects, Silent};
use support::{genomics, kept, number, refused, rows, shared, warehouse, written};

const SUBJECTS: &str =
    "jurisdiction,subject_id,birth_date,birth_year,death_date\nBE,s1,2000-02-29,,\n,s2,,1990,\n";
const SAMPLES: &str = "sample_id,subject_id,collected_on\na1,s1,2020-01-01\nb1,s2,\n";
const EVENTS: &str = "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes\n";
const SCOPES: &str = "event_id,branch,polarity,term,disease,region,until_date,party,project\n";

fn paths(events: &str, scopes: &str) -> Paths {
    Paths {
        subjects: Some(written("subject.csv", SUBJECTS)),
        samples: Some(written("sample.csv", SAMPLES)),
        events: Some(written("consent_event.csv", &format!("{EVENTS}{events}"))),
        scopes: Some(written("consent_scope.csv", &format!("{SCOPES}{scopes}"))),
    }
}

#[test]
fn events_and_scopes_as_written() {
    let model = genomics();
    let mut store = warehouse(&model);
    let events = "e1,s1,,grant,self,2020-01-01,2019-01-01,2020-01-01T07:41:19Z,,\n\
                  e2,s1,a1,void,court,2020-01-02,,2020-01-02T00:00:00.5Z,,nobody\n";
    let scopes =
        "e1,x,permit,GRU-MDS,,,,\"Smith, Jones & Co\",\ne1,x,permit,GRU-MDS,,,,\"Smith, Jones & Co\",\n";
    let report = load(&mut store, &model, &paths(events, scopes), &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!(report.rows, 8);
    assert_eq!(
        rows(
            &mut store,
            &["event_id", "effective_until", "recorded_at", "supersedes"],
            "from consent_event order by 1"
        ),
        ["e1|2019-01-01|2020-01-01 07:41:19|-", "e2|-|2020-01-02 00:00:00.5|nobody"]
    );
    assert_eq!(rows(&mut store, &["party"], "from consent_scope"), ["Smith, Jones & Co"; 2]);
    let people =
        rows(&mut store, &["subject_id", "sex", "birth_date", "birth_year"], "from subject order by 1");
    assert_eq!(people, ["s1|unknown|2000-02-29|-", "s2|unknown|-|1990"]);
}

#[test]
fn what_the_rules_do_not_know_is_refused() {
    let model = genomics();
    let mut store = warehouse(&model);
    let events = "e1,s1,,grant,self,2023-02-29,,2020-01-01T00:00:00Z,,\n\
                  e2,s1,,consent,self,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e3,s9,,grant,self,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e4,s1,b1,grant,self,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e5,s1,,grant,me,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e6,s1,,grant,self,2023-01-01,,2020-01-01 00:00:00,,\n\
                  e7,s1,,grant,self,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e7,s1,,grant,self,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e8,s1,,grant,self,2023-01-01,,2020-01-01T00:00:00Z,,\n\
                  e9,s1,,withdraw,self,2023-01-01,,2020-01-01T00:00:00Z,all,\n";
    let scopes = "e3,1,permit,DUO:0000042,,,,,\ne8,1,allow,DUO:0000042,,,,,\ne8,1,permit,DUO:0000042,,,,,\n";
    let (mut rejects, path) = kept();
    load(&mut store, &model, &paths(events, scopes), &mut rejects, &Silent).unwrap();
    let mut told = refused(&path);
    told.sort();
    let mut expected = vec![
        "2: effective_from: `2023-02-29` is not a day of the calendar".to_owned(),
        "3: kind: `consent` is not one of grant, renew, amend, suspend, resume, withdraw, void".into(),
        "4: subject_id s9 names no subject".into(),
        "5: sample_id, subject_id b1, s1 names no sample of that subject".into(),
        "6: actor: `me` is not one of self, guardian, proxy, court, system".into(),
        "7: recorded_at: `2020-01-01 00:00:00` is not an instant of the form YYYY-MM-DDTHH:MM:SSZ".into(),
        "11: withdrawal_level: `all` is not one of contact, access, use".into(),
        "3: polarity: `allow` is not one of permit, deny".into(),
        // Its event was refused.
        "2: event_id e3 names no event".into(),
    ];
    expected.sort();
    let twice: Vec<_> = told.extract_if(.., |line| line.contains("event_id e7 also at")).collect();
    assert_eq!(twice.len(), 2, "{twice:?}");
    assert_eq!(told, expected);
    assert_eq!(rows(&mut store, &["event_id"], "from consent_event"), ["e8"]);
}

#[test]
fn a_column_that_is_not_known_is_an_error() {
    let model = genomics();
    let mut store = warehouse(&model);
    let mut files = paths("", "");
    files.events = Some(written("events.csv", "event_id,subject,kind\n"));
    let error = load(&mut store, &model, &files, &mut Rejects::strict(), &Silent).unwrap_err();
    assert!(error.to_string().contains("the column subject_id is missing"), "{error}");
}

#[test]
fn the_oracle_loads_whole() {
    let Some(folder) = shared("oracles/consent") else { return };
    let model = genomics();
    let mut store = warehouse(&model);
    let file = |name: &str| Some(folder.join(name));
    let files = Paths {
        events: file("consent_event.csv"),
        scopes: file("consent_scope.csv"),
        subjects: file("subject.csv"),
        samples: file("sample.csv"),
    };
    let report = load(&mut store, &model, &files, &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!(report.rows, 4918 + 6935 + 2504 + 2741);
    assert_eq!(number(&mut store, "select count(*) from consent_event"), 4918);
    assert_eq!(number(&mut store, "select count(*) from consent_scope"), 6935);
    assert_eq!(
        number(
            &mut store,
            "select count(distinct recorded_at) from consent_event where kind = 'void' and supersedes is null"
        ),
        5
    );
}
