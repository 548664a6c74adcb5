//! 3.4 and 3.5: who is permitted, what exists under a cut-off, and `consent valid at E for P`.

use super::super::{About, Basis, Dates, Subject, Verdict, decide, valid_at};
use super::{basis, day, diseases, instant, person, purpose};

/// `verdict rule letter cut_off` of a question.
fn ask(subject: &Subject, sample: Option<&str>, words: &str, d: &str, u: &str) -> String {
    ask_at(subject, sample, words, d, u, "2100-01-01T00:00:00Z")
}

fn ask_at(subject: &Subject, sample: Option<&str>, words: &str, d: &str, u: &str, t: &str) -> String {
    let diseases = diseases();
    let basis = Basis { known_at: instant(t), ..basis(&diseases) };
    let purpose = purpose(words);
    let dates = Dates::new(day(d), day(u)).expect("D is not later than U");
    let decision = decide(about(subject, sample), &purpose, dates, &basis);
    let (word, cut_off) = match decision.verdict {
        Verdict::Permit { cut_off } => ("permit", cut_off),
        Verdict::Deny => ("deny", None),
        Verdict::Refer => ("refer", None),
    };
    let letter = decision.at.map(|at| format!(" {}", at.letter()));
    let before = cut_off.map(|day| format!(" before {day}"));
    format!("{word} {}{}{}", decision.rule, letter.unwrap_or_default(), before.unwrap_or_default())
}

fn about<'a>(subject: &'a Subject, sample: Option<&str>) -> About<'a> {
    match sample {
        None => About::subject(subject),
        Some(id) => About::sample(subject, id).expect("a sample of the person"),
    }
}

fn valid(subject: &Subject, sample: Option<&str>, words: &str, e: &str) -> bool {
    let diseases = diseases();
    valid_at(about(subject, sample), Some(day(e)), &purpose(words), &basis(&diseases))
}

const GRU: &[&str] = &["G 1 permit GRU"];

#[test]
fn both_dates_must_permit() {
    let subject = person("", &[], &["G grant self 2020-01-01 until=2021-01-01"], GRU);
    let ask = |d, u| ask(&subject, None, "GENERAL", d, u);
    assert_eq!(ask("2020-01-01", "2020-12-31"), "permit 3.4.1");
    assert_eq!(ask("2020-12-31", "2021-01-01"), "deny 3.2.6 U");
    assert_eq!(ask("2019-12-31", "2020-01-01"), "deny 3.2.2 D");
}

#[test]
fn d_later_than_u_is_an_error() {
    assert!(Dates::new(day("2020-01-02"), day("2020-01-01")).is_err());
    assert!(Dates::new(day("2020-01-01"), day("2020-01-01")).is_ok());
}

#[test]
fn the_date_of_use_decides_ts_on_both_dates() {
    let scope = ["G 1 permit GRU", "G 1 permit TS until_date=2020-06-01"];
    let subject = person("", &[], &["G grant self 2020-01-01"], &scope);
    let ask = |d, u| ask(&subject, None, "GENERAL", d, u);
    assert_eq!(ask("2020-02-01", "2020-05-31"), "permit 3.4.1");
    assert_eq!(ask("2020-02-01", "2020-06-01"), "deny 3.3.3 D");
}

#[test]
fn a_renewal_without_scope_permits_nothing() {
    let events = ["G grant self 2020-01-01", "R renew self 2020-02-01"];
    let subject = person("", &[], &events, GRU);
    assert_eq!(ask(&subject, None, "GENERAL", "2020-01-15", "2020-01-15"), "permit 3.4.1");
    assert_eq!(ask(&subject, None, "GENERAL", "2020-02-15", "2020-02-15"), "deny 3.3.6 D");
    // Scope rows of an event that gives nothing are not read.
    let events = ["A grant self 2020-01-01", "G resume self 2020-01-02"];
    let subject = person("", &[], &events, GRU);
    assert_eq!(ask(&subject, None, "GENERAL", "2020-02-15", "2020-02-15"), "deny 3.3.6 D");
}

#[test]
fn contact_is_denied_where_it_was_withdrawn() {
    let events = ["G grant self 2020-01-01", "C withdraw self 2020-02-01 level=contact"];
    let subject = person("", &[], &events, GRU);
    let ask = |words, d, u| ask(&subject, None, words, d, u);
    assert_eq!(ask("GENERAL", "2020-03-01", "2020-03-01"), "permit 3.4.1");
    assert_eq!(ask("GENERAL contact", "2020-01-31", "2020-01-31"), "permit 3.4.1");
    assert_eq!(ask("GENERAL contact", "2020-01-31", "2020-02-01"), "deny 3.3.7 U");
    // It outweighs a scope that refers.
    let subject = person("", &[], &events, &["G 1 permit GRU", "G 1 permit RS"]);
    let diseases = diseases();
    let purpose = purpose("GENERAL contact");
    let dates = Dates::new(day("2020-03-01"), day("2020-03-01")).expect("dates");
    let decision = decide(About::subject(&subject), &purpose, dates, &basis(&diseases));
    assert_eq!(decision.verdict, Verdict::Deny);
    assert_eq!(
        decision.reason(),
        "at D 2020-03-01: grant G by self from 2020-01-01; no contact from 2020-02-01 (C)"
    );
}

#[test]
fn no_outweighs_refer_between_the_dates() {
    let events = ["G grant self 2020-01-01 until=2020-02-01"];
    let subject = person("", &[], &events, &["G 1 permit GRU", "G 1 permit RS"]);
    assert_eq!(ask(&subject, None, "GENERAL", "2020-01-01", "2020-01-02"), "refer 3.3.3 D");
    assert_eq!(ask(&subject, None, "GENERAL", "2020-01-01", "2020-03-01"), "deny 3.2.6 U");
}

#[test]
fn a_sample_goes_with_its_person_unless_it_has_events_of_its_own() {
    let samples = ["A", "B", "C"];
    let events = [
        "G grant self 2020-01-01",
        "WA withdraw self 2020-03-01 sample=A",
        "GB grant self 2020-02-01 sample=B recorded_at=2020-05-01T00:00:00Z",
        // The person's void does not reach a sample's event, nor the sample's the person's.
        "V void self 2020-01-01 supersedes=GB",
        "VB void self 2020-01-01 supersedes=G sample=B recorded_at=2020-05-01T00:00:00Z",
    ];
    let scope = ["G 1 permit GRU", "GB 1 permit GRU"];
    let subject = person("", &samples, &events, &scope);
    let ask = |sample, d, u, t| ask_at(&subject, Some(sample), "GENERAL", d, u, t);
    let late = "2100-01-01T00:00:00Z";
    assert_eq!(ask("C", "2020-06-01", "2020-06-01", late), "permit 3.4.1");
    // Nothing but a withdrawal: denied from the first known event on, before its day too.
    assert_eq!(ask("A", "2020-06-01", "2020-06-01", late), "deny 3.4.3 D");
    assert_eq!(ask("A", "2020-01-02", "2020-01-02", late), "deny 3.4.3 D");
    assert_eq!(ask("A", "2020-01-02", "2020-01-02", "2020-02-01T00:00:00Z"), "permit 3.4.1");
    assert_eq!(ask("B", "2020-06-01", "2020-06-01", late), "permit 3.4.3");
    assert_eq!(ask("B", "2020-01-15", "2020-06-01", late), "deny 3.4.3 D");
    // Not recorded yet: the sample has no events of its own.
    assert_eq!(ask("B", "2020-01-15", "2020-02-15", "2020-04-30T00:00:00Z"), "permit 3.4.1");
    // The person's own refusal comes first.
    assert_eq!(ask("B", "2019-06-01", "2019-06-01", late), "deny 3.2.2 D");
    assert!(About::sample(&subject, "D").is_none());
}

#[test]
fn a_void_event_of_a_sample_still_is_an_event_of_its_own() {
    let events = [
        "G grant self 2020-01-01",
        "GA grant self 2020-01-01 sample=A",
        "VA void self 2020-01-01 sample=A supersedes=GA",
    ];
    let subject = person("", &["A"], &events, &["G 1 permit GRU", "GA 1 permit GRU"]);
    assert_eq!(ask(&subject, Some("A"), "GENERAL", "2020-06-01", "2020-06-01"), "deny 3.4.3 D");
}

#[test]
fn a_sample_has_the_persons_birth_and_death() {
    let events = ["G grant self 2020-01-01", "GA grant guardian 2020-01-01 sample=A"];
    let scope = ["G 1 permit GRU", "GA 1 permit GRU"];
    let subject = person("birth_date=2003-01-01", &["A"], &events, &scope);
    assert_eq!(ask(&subject, Some("A"), "GENERAL", "2020-06-01", "2020-12-31"), "permit 3.4.3");
    assert_eq!(ask(&subject, Some("A"), "GENERAL", "2020-06-01", "2021-01-01"), "deny 3.4.3 U");
}

#[test]
fn the_earliest_cut_off_of_all_holds() {
    let events = [
        "G grant self 2020-01-01",
        "X withdraw self 2020-06-01 level=access",
        "R renew self 2020-07-01",
        "Y withdraw self 2020-08-01 level=access",
        "GA grant self 2020-01-01 sample=A",
        "XA withdraw self 2020-05-01 level=access sample=A",
    ];
    let scope = ["G 1 permit GRU", "R 1 permit GRU", "GA 1 permit GRU"];
    let subject = person("", &["A", "B"], &events, &scope);
    let ask = |sample, d, u| ask(&subject, sample, "GENERAL", d, u);
    assert_eq!(ask(None, "2020-05-31", "2020-05-31"), "permit 3.4.1");
    assert_eq!(ask(None, "2020-06-15", "2020-09-01"), "permit 3.4.4 before 2020-06-01");
    assert_eq!(ask(None, "2020-07-15", "2020-09-01"), "permit 3.4.4 before 2020-08-01");
    assert_eq!(ask(Some("A"), "2020-07-15", "2020-09-01"), "permit 3.4.4 before 2020-05-01");
    assert_eq!(ask(Some("B"), "2020-07-15", "2020-09-01"), "permit 3.4.4 before 2020-08-01");
}

#[test]
fn only_rows_dated_before_a_cut_off_exist() {
    let cut = Verdict::Permit { cut_off: Some(day("2020-06-01")) };
    assert!(cut.reads(Some(day("2020-05-31"))));
    assert!(!cut.reads(Some(day("2020-06-01"))));
    assert!(!cut.reads(None));
    assert!(Verdict::Permit { cut_off: None }.reads(None));
    assert!(!Verdict::Deny.reads(Some(day("1900-01-01"))));
    assert!(!Verdict::Refer.reads(Some(day("1900-01-01"))));
}

#[test]
fn consent_valid_at_a_day_is_two_valued() {
    let events = [
        "G grant self 2020-01-01",
        "X withdraw self 2020-02-01 level=access",
        "C withdraw self 2020-03-01 level=contact",
        "R renew self 2020-04-01",
    ];
    let scope = ["G 1 permit GRU", "G 1 permit TS until_date=2020-03-15", "R 1 permit GRU", "R 1 permit RS"];
    let subject = person("", &[], &events, &scope);
    let valid = |words, e| valid(&subject, None, words, e);
    assert!(!valid("GENERAL", "2019-12-31"));
    assert!(valid("GENERAL", "2020-01-01"));
    // A cut-off on that day does not count, a mark against contact does.
    assert!(valid("GENERAL", "2020-02-15"));
    assert!(valid("GENERAL contact", "2020-02-15"));
    assert!(valid("GENERAL", "2020-03-01"));
    assert!(!valid("GENERAL contact", "2020-03-01"));
    // The day stands for the date of use in TS.
    assert!(valid("GENERAL", "2020-03-14"));
    assert!(!valid("GENERAL", "2020-03-15"));
    // Refer is false, and so is no day.
    assert!(!valid("GENERAL", "2020-04-01"));
    let diseases = diseases();
    assert!(!valid_at(About::subject(&subject), None, &purpose("GENERAL"), &basis(&diseases)));
}

#[test]
fn consent_valid_at_a_day_asks_both_folds_of_a_sample() {
    let events = ["G grant self 2020-01-01", "GA grant self 2020-03-01 until=2020-04-01 sample=A"];
    let subject = person("", &["A", "B"], &events, &["G 1 permit GRU", "GA 1 permit GRU"]);
    for (sample, e, answer) in [
        ("A", "2020-02-15", false),
        ("A", "2020-03-15", true),
        ("A", "2020-04-01", false),
        ("B", "2020-02-15", true),
        ("B", "2019-02-15", false),
    ] {
        assert_eq!(valid(&subject, Some(sample), "GENERAL", e), answer, "{sample} {e}");
    }
}
