//! A history reads back as it was written, and what was done to it is found.

use super::*;
use std::fs;

fn terms(recipient: &str, version: u64) -> Terms {
    Terms {
        recipients: BTreeSet::from([recipient.to_owned()]),
        agreements: BTreeMap::from([("HEART-24".to_owned(), version)]),
    }
}

fn open(path: &Path, pin: Option<&Pin>) -> Result<History, HistoryError> {
    History::open::<HistoryError>(path, || Ok(pin.cloned()))
}

fn person(number: u8) -> Person {
    [number; 16]
}

/// Three entries: what was told of 20 people, of 15 of them and 5 others, and a refusal.
fn written(path: &Path) -> Pin {
    let mut pin = None;
    for (intent, from, to) in [(1, 0, 20), (3, 5, 25)] {
        let mut history = open(path, pin.as_ref()).expect("opened");
        let people: Vec<u32> =
            (from..to).map(|number| history.person(person(number)).expect("a place")).collect();
        let set = history.set(&people).expect("a place");
        let families = vec![Family { told: 0, margin: 0, whole: true, sets: vec![set] }];
        pin = Some(history.tell(intent, terms("ghent", 1), &families).expect("written"));
    }
    let mut history = open(path, pin.as_ref()).expect("opened");
    history.refuse(5, terms("ghent", 1), "abc").expect("written")
}

#[test]
fn what_was_written_is_there_for_its_recipient() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl.history");
    let pin = written(&path);
    let history = open(&path, Some(&pin)).expect("whole");
    let ghent = BTreeSet::from(["ghent".to_owned()]);
    let told = history.told(&ghent);
    assert_eq!(told.iter().map(|(intent, _)| *intent).collect::<Vec<_>>(), [1, 3]);
    let people: Vec<usize> = history.sets().iter().map(|set| set.people().expect("a set").len()).collect();
    assert_eq!(people, [20, 20]);
    // Of 25 persons in all, 15 are in both.
    assert_eq!(history.persons.len(), 25);
    assert!(history.told(&BTreeSet::from(["leuven".to_owned()])).is_empty());
    let version = |version| BTreeMap::from([("HEART-24".to_owned(), version)]);
    assert_eq!(history.refusals(&version(1), "other"), 1);
    assert_eq!(history.refusals(&version(1), "abc"), 0, "the same question again");
    assert_eq!(history.refusals(&version(2), "other"), 0, "a new version begins anew");
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).expect("a file").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_history_that_the_log_knows_better_is_not_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl.history");
    let pin = written(&path);
    let whole = fs::read(&path).expect("read");
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("cut by a line", lines[..2].concat()),
        ("empty", Vec::new()),
        ("without its first line", lines[1..].concat()),
        ("two lines swapped", [lines[1], lines[0], lines[2]].concat()),
        ("cut in a line", whole[..whole.len() - 4].to_vec()),
        ("something after it", [&whole[..], b"{}\n"].concat()),
    ];
    for (what, bytes) in cases {
        fs::write(&path, bytes).expect("written");
        assert!(open(&path, Some(&pin)).is_err(), "{what}");
    }
    fs::remove_file(&path).expect("removed");
    assert!(matches!(open(&path, Some(&pin)), Err(HistoryError::Missing { .. })));
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&path, changed).expect("written");
        assert!(open(&path, Some(&pin)).is_err(), "byte {place}");
    }
    fs::write(&path, &whole).expect("written");
    assert!(open(&path, Some(&pin)).is_ok());
    // What was told and has no outcome yet counts.
    let before = Pin { sequence: 1, hash: canonical::hash(lines[0].strip_suffix(b"\n").expect("a line")) };
    assert_eq!(open(&path, Some(&before)).expect("longer").told.len(), 2);
}

#[test]
fn the_log_gives_the_last_pin() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = crate::Log::open(folder.path().join("audit.jsonl")).expect("opened");
    assert_eq!(log.pin().expect("read"), None);
    let pin = |sequence| Pin { sequence, hash: "ab".repeat(32) };
    for history in [Some(pin(1)), Some(pin(2)), None] {
        let ticket = log.intent(crate::tests::intent(&"x".repeat(300_000))).expect("recorded");
        ticket.outcome(crate::Outcome { history, ..crate::tests::outcome() }).expect("recorded");
    }
    assert_eq!(log.pin().expect("read"), Some(pin(2)));
}
