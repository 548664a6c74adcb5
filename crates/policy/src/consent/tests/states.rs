//! 3.2: the state of one person on a day.

use super::super::{Birth, Death, Life, Otherwise, Policy, majority, state};
use super::{day, instant, person};

/// The number of the rule that ends the consent, or `valid`, with what is marked.
fn on(date: &str, known_at: &str, policy: Policy, who: &str, events: &[&str]) -> String {
    let subject = person(who, &[], events, &[]);
    let life = Life { events: &subject.events, birth: subject.birth, death: subject.death };
    match state(life, day(date), instant(known_at), policy) {
        Err(reason) => reason.rule().to_string(),
        Ok(held) => {
            let before = held.cut_off.map(|day| format!(" before {day}"));
            let mark = held.no_contact.map_or("", |_| " no contact");
            format!("valid by {}{}{mark}", held.event.id, before.unwrap_or_default())
        }
    }
}

fn late(date: &str, events: &[&str]) -> String {
    on(date, "2100-01-01T00:00:00Z", Policy::default(), "", events)
}

#[test]
fn only_events_recorded_by_t_are_known() {
    let events = ["G grant self 2020-01-01 recorded_at=2020-05-01T12:00:00Z"];
    let at = |known_at| on("2020-06-01", known_at, Policy::default(), "", &events);
    assert_eq!(at("2020-05-01T11:59:59Z"), "3.2.1");
    assert_eq!(at("2020-05-01T12:00:00Z"), "valid by G");
    // The same instant written with an offset is the same instant.
    assert_eq!(at("2020-05-01T14:00:00+02:00"), "valid by G");
}

#[test]
fn a_void_strikes_what_it_names_whatever_the_dates() {
    let grant = "G grant self 2020-01-01";
    for void in [
        "V void system 2030-01-01 supersedes=G",
        "V void system 2010-01-01 supersedes=G",
        // Recorded before the event that it names.
        "V void system 2020-01-01 supersedes=G recorded_at=2010-01-01T00:00:00Z",
    ] {
        assert_eq!(late("2020-06-01", &[grant, void]), "3.2.1", "{void}");
    }
    let void_of_a_suspension = ["S suspend self 2020-02-01", "V void self 2020-03-01 supersedes=S", grant];
    assert_eq!(late("2020-06-01", &void_of_a_suspension), "valid by G");
}

#[test]
fn a_void_of_a_void_brings_back_if_it_is_later() {
    let with = |second: &str| {
        late("2020-06-01", &["G grant self 2020-01-01", "V void self 2020-03-01 supersedes=G", second])
    };
    assert_eq!(with("W void self 2020-04-01 supersedes=V"), "valid by G");
    assert_eq!(with("W void self 2020-02-01 supersedes=V"), "3.2.1");
    // The effective day does not make it later, the recording does; then the id.
    assert_eq!(with("W void self 2020-02-01 supersedes=V recorded_at=2020-04-01T00:00:00Z"), "valid by G");
    assert_eq!(with("W void self 2020-03-01 supersedes=V"), "valid by G");
    assert_eq!(with("A void self 2020-03-01 supersedes=V"), "3.2.1");
}

#[test]
fn a_void_of_nothing_is_not_valid_and_one_of_something_unknown_is_nothing() {
    let grant = "G grant self 2020-01-01";
    assert_eq!(late("2020-06-01", &[grant, "V void self 2030-03-01"]), "3.2.7");
    assert_eq!(late("2020-06-01", &[grant, "V void self 2020-03-01 supersedes=X"]), "valid by G");
    assert_eq!(late("2020-06-01", &[grant, "V void self 2020-03-01 supersedes=V"]), "valid by G");
    // Striking it out does not help: it is kept all the same.
    let struck = [grant, "V void self 2020-03-01", "W void self 2020-04-01 supersedes=V"];
    assert_eq!(late("2020-06-01", &struck), "3.2.7");
    // It has to be known to count.
    let known =
        on("2020-06-01", "2020-06-01T00:00:00Z", Policy::default(), "", &[grant, "V void self 2030-03-01"]);
    assert_eq!(known, "valid by G");
}

#[test]
fn an_event_counts_from_its_day() {
    let events = ["G grant self 2020-01-01", "W withdraw self 2020-03-01"];
    assert_eq!(late("2019-12-31", &events), "3.2.2");
    assert_eq!(late("2020-01-01", &events), "valid by G");
    assert_eq!(late("2020-02-29", &events), "valid by G");
    assert_eq!(late("2020-03-01", &events), "3.2.3");
}

#[test]
fn the_order_is_day_then_recording_then_kind_then_id() {
    // The day before the recording.
    let late_record =
        ["W withdraw self 2020-01-01 recorded_at=2025-01-01T00:00:00Z", "G grant self 2020-01-02"];
    assert_eq!(late("2020-06-01", &late_record), "valid by G");
    // The recording before the kind.
    let recorded = ["W withdraw self 2020-01-01", "G grant self 2020-01-01 recorded_at=2020-01-01T00:00:01Z"];
    assert_eq!(late("2020-06-01", &recorded), "valid by G");
    // grant, renew, amend, resume, suspend, withdraw; each pair the wrong way round by id.
    let pairs = [
        ("grant", "renew", "valid by A"),
        ("renew", "amend", "valid by A"),
        ("amend", "suspend", "3.2.3"),
        ("resume", "suspend", "3.2.3"),
        ("grant", "withdraw", "3.2.3"),
    ];
    for (first, second, answer) in pairs {
        let one = format!("B {first} self 2020-02-01");
        let two = format!("A {second} self 2020-02-01");
        let events = ["0 grant self 2020-01-01", &two, &one];
        assert_eq!(late("2020-06-01", &events), answer, "{first} {second}");
    }
    // Ids by their bytes: capitals before small letters, 10 before 9.
    assert_eq!(late("2020-06-01", &["a grant self 2020-01-01", "B grant self 2020-01-01"]), "valid by a");
    assert_eq!(late("2020-06-01", &["E9 grant self 2020-01-01", "E10 grant self 2020-01-01"]), "valid by E9");
}

#[test]
fn the_newest_replaces_wholly_and_nothing_falls_back() {
    let renewed = ["G grant self 2020-01-01", "R renew self 2020-02-01 until=2020-03-01"];
    assert_eq!(late("2020-02-15", &renewed), "valid by R");
    assert_eq!(late("2020-03-01", &renewed), "3.2.6");
    let again = ["G grant self 2020-01-01", "W withdraw self 2020-02-01", "A amend self 2020-03-01"];
    assert_eq!(late("2020-03-01", &again), "valid by A");
    let rested = ["G grant self 2020-01-01", "S suspend self 2020-02-01", "A amend self 2020-03-01"];
    assert_eq!(late("2020-03-01", &rested), "valid by A");
}

#[test]
fn suspend_and_resume() {
    let events = ["G grant self 2020-01-01", "S suspend self 2020-02-01", "R resume self 2020-03-01"];
    assert_eq!(late("2020-02-01", &events), "3.2.3");
    assert_eq!(late("2020-03-01", &events), "valid by G");
    // A resume brings back no withdrawn consent, and makes none.
    let withdrawn = ["G grant self 2020-01-01", "W withdraw self 2020-02-01", "R resume self 2020-03-01"];
    assert_eq!(late("2020-03-01", &withdrawn), "3.2.3");
    assert_eq!(late("2020-03-01", &["R resume self 2020-03-01"]), "3.2.3");
    // A suspension of nothing does not wait for a grant.
    assert_eq!(late("2020-03-01", &["S suspend self 2020-01-01", "G grant self 2020-02-01"]), "valid by G");
}

#[test]
fn withdrawals_of_access_set_the_earliest_cut_off_until_the_next_grant() {
    let mut events = vec![
        "G grant self 2020-01-01",
        "A withdraw self 2020-03-01 level=access",
        "B withdraw self 2020-02-01 level=access recorded_at=2020-05-01T00:00:00Z",
    ];
    assert_eq!(late("2020-06-01", &events), "valid by G before 2020-02-01");
    assert_eq!(late("2020-01-31", &events), "valid by G");
    events.push("R renew self 2020-05-01");
    assert_eq!(late("2020-06-01", &events), "valid by R");
}

#[test]
fn a_withdrawal_of_contact_marks_until_the_next_grant() {
    let mut events = vec!["G grant self 2020-01-01", "C withdraw self 2020-02-01 level=contact"];
    assert_eq!(late("2020-06-01", &events), "valid by G no contact");
    events.push("R resume self 2020-03-01");
    assert_eq!(late("2020-06-01", &events), "valid by G no contact");
    events.push("A amend self 2020-04-01");
    assert_eq!(late("2020-06-01", &events), "valid by A");
}

#[test]
fn the_end_of_a_window_is_not_in_it() {
    let events = ["G grant self 2020-01-01 until=2020-02-01"];
    assert_eq!(late("2020-01-31", &events), "valid by G");
    assert_eq!(late("2020-02-01", &events), "3.2.6");
    assert_eq!(late("9999-12-31", &["G grant self 2020-01-01"]), "valid by G");
    // The column counts on what gives, and nowhere else.
    let elsewhere = ["G grant self 2020-01-01", "R resume self 2020-01-02 until=2020-02-01"];
    assert_eq!(late("2020-03-01", &elsewhere), "valid by G");
}

#[test]
fn no_event_is_not_valid() {
    assert_eq!(late("2020-03-01", &[]), "3.2.7");
}

#[test]
fn majority_ends_what_others_gave_before_it() {
    let of_age = |policy, events: &[&str], date: &str| {
        on(date, "2100-01-01T00:00:00Z", policy, "birth_date=2000-05-05", events)
    };
    let by = |actor: &str, date: &str| {
        let grant = format!("G grant {actor} 2010-01-01");
        of_age(Policy::default(), &[&grant], date)
    };
    assert_eq!(by("guardian", "2018-05-04"), "valid by G");
    for actor in ["guardian", "proxy", "court", "system"] {
        assert_eq!(by(actor, "2018-05-05"), "3.2.4", "{actor}");
    }
    assert_eq!(by("self", "2018-05-05"), "valid by G");
    // Given on the day itself or later, it holds.
    assert_eq!(of_age(Policy::default(), &["G grant court 2018-05-05"], "2020-01-01"), "valid by G");
    // A resume does not lift it, a grant does.
    let resumed = ["G grant guardian 2010-01-01", "R resume self 2019-01-01"];
    assert_eq!(of_age(Policy::default(), &resumed, "2020-01-01"), "3.2.4");
    let granted = ["G grant guardian 2010-01-01", "A amend self 2019-01-01"];
    assert_eq!(of_age(Policy::default(), &granted, "2020-01-01"), "valid by A");
    let continued = Policy { majority_otherwise: Otherwise::Continue, ..Policy::default() };
    assert_eq!(of_age(continued, &["G grant guardian 2010-01-01"], "2020-01-01"), "valid by G");
    let older = Policy { majority_age: 21, ..Policy::default() };
    assert_eq!(of_age(older, &["G grant guardian 2010-01-01"], "2021-05-04"), "valid by G");
    assert_eq!(of_age(older, &["G grant guardian 2010-01-01"], "2021-05-05"), "3.2.4");
    // Neither date nor year: not a minor.
    assert_eq!(late("2090-01-01", &["G grant guardian 2010-01-01"]), "valid by G");
}

#[test]
fn the_day_of_majority() {
    let of = |birth, age| majority(birth, age).map(|day| day.to_string());
    let leap = Birth::Day(day("2004-02-29"));
    assert_eq!(of(leap, 18).as_deref(), Some("2022-03-01"));
    assert_eq!(of(leap, 20).as_deref(), Some("2024-02-29"));
    assert_eq!(of(Birth::Day(day("2000-05-05")), 18).as_deref(), Some("2018-05-05"));
    assert_eq!(of(Birth::Year(2000), 18).as_deref(), Some("2018-01-01"));
    assert_eq!(of(Birth::Unknown, 18), None);
    assert_eq!(of(Birth::Year(9990), 18), None);
    assert_eq!(of(Birth::Year(-30000), 18), None);
}

#[test]
fn death_continues_or_ends() {
    let events = ["G grant self 2020-01-01"];
    let dead = |death, date: &str| {
        let policy = Policy { death, ..Policy::default() };
        on(date, "2100-01-01T00:00:00Z", policy, "death_date=2020-05-05", &events)
    };
    assert_eq!(dead(Death::Continue, "2020-06-01"), "valid by G");
    assert_eq!(dead(Death::End, "2020-05-04"), "valid by G");
    assert_eq!(dead(Death::End, "2020-05-05"), "3.2.5");
}
