//! Small logs, and everything that can be done to them.

use super::*;
use crate::verify::{Fault, walk};
use base64::Engine as _;
use jiff::Timestamp;
use jiff::civil::date;
use std::collections::BTreeMap;
use std::fs;

/// A log in memory.
fn check(bytes: &[u8], checkpoint: Option<&Checkpoint>) -> Result<(Verified, Vec<Record>), DamagedLine> {
    let mut records = Vec::new();
    let keep = |line: &[u8]| {
        records.push(serde_json::from_slice(line).ok()?);
        Some(())
    };
    match walk(&mut &*bytes, checkpoint, keep) {
        Ok(verified) => Ok((verified, records)),
        Err(Fault::Damaged(line)) => Err(line),
        Err(Fault::Read(error)) => panic!("memory is read: {error}"),
    }
}

pub(crate) fn intent(query: &str) -> Intent {
    Intent {
        actor: Actor { name: "ada".to_owned(), known_by: "operating system".to_owned() },
        agreements: vec![Agreement { name: "HEART-24".to_owned(), version: 3, hash: "ab".repeat(32) }],
        purpose: "DS [DOID:114]".to_owned(),
        as_of: date(2026, 1, 1),
        used_on: date(2026, 2, 1),
        known_at: Timestamp::UNIX_EPOCH,
        query: query.to_owned(),
        result: None,
        query_hash: "cd".repeat(32),
        parameters: BTreeMap::from([("cutoff".to_owned(), "0.1%".to_owned())]),
        compiler: "0.1.0".to_owned(),
        hashes: Hashes {
            policy: "01".repeat(32),
            schema: "02".repeat(32),
            ontologies: BTreeMap::from([("HP".to_owned(), "03".repeat(32))]),
        },
        sql_hashes: BTreeMap::from([("duckdb".to_owned(), "04".repeat(32))]),
        engine: Engine { name: "duckdb 1.5.6".to_owned(), settings: BTreeMap::new() },
        snapshot: "7".to_owned(),
        guards: vec![Guard { table: "call".to_owned(), path: "sample, subject".to_owned() }],
        columns: vec![ColumnUse { column: "subject.sex".to_owned(), label: "quasi".to_owned() }],
        level: "aggregate".to_owned(),
    }
}

pub(crate) fn outcome() -> Outcome {
    Outcome {
        decision: Decision::Released,
        cells: Some(Cells { total: 12, withheld: 2, secondary: 1 }),
        differencing: Differencing::NotChecked { reason: "one release".to_owned() },
        result_hash: Some("05".repeat(32)),
        format: Some("csv".to_owned()),
        path: Some("out.csv".to_owned()),
        duration: Duration::from(std::time::Duration::from_millis(1500)),
        history: None,
    }
}

/// A log of three intents and two outcomes, as bytes, with its end.
fn small() -> (Vec<u8>, Checkpoint) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let log = Log::open(&path).expect("opened");
    let first = log.intent(intent("table \"é\" = …\n")).expect("recorded");
    let second = log.intent(intent("second")).expect("recorded");
    second
        .outcome(Outcome { decision: Decision::Refused { rule: "6".to_owned() }, ..outcome() })
        .expect("recorded");
    assert_eq!(first.outcome(outcome()).expect("recorded"), 4);
    let _running = log.intent(intent("third")).expect("recorded");
    let verified = verify(&path, None).expect("whole");
    assert_eq!(verified.open, [5]);
    (fs::read(&path).expect("read"), verified.end)
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_log_reads_back_as_it_was_written() {
    let (bytes, end) = small();
    let (verified, records) = check(&bytes, Some(&end)).expect("whole");
    assert_eq!(verified.end, end);
    assert_eq!(records.iter().map(|record| record.sequence).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(records[0].entry, Entry::Intent(Box::new(intent("table \"é\" = …\n"))));
    assert_eq!(records[3].entry, Entry::Outcome { intent: 1, outcome: Box::new(outcome()) });
    assert!(check(&[], None).is_ok());
}

#[test]
fn every_flipped_byte_is_found() {
    let (bytes, _) = small();
    for place in 0..bytes.len() {
        // One bit, the case of letters, and another digit.
        for mask in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[place] ^= mask;
            assert!(check(&changed, None).is_err(), "byte {place} with {mask:#x}");
        }
    }
}

#[test]
fn dropped_swapped_and_doubled_records_are_found() {
    let (bytes, _) = small();
    let lines = lines(&bytes);
    for i in 0..lines.len() {
        let mut dropped = lines.clone();
        dropped.remove(i);
        // Dropping the last ones is truncation, below.
        if i + 1 < lines.len() {
            let line = u64::try_from(i).expect("small") + 1;
            assert_eq!(check(&dropped.concat(), None), Err(DamagedLine { line, damage: Damage::Sequence }));
        }
        let mut doubled = lines.clone();
        doubled.insert(i, lines[i].clone());
        assert!(check(&doubled.concat(), None).is_err(), "doubled {i}");
        for j in 0..i {
            let mut swapped = lines.clone();
            swapped.swap(i, j);
            assert!(check(&swapped.concat(), None).is_err(), "swapped {i} and {j}");
        }
    }
}

#[test]
fn every_truncation_is_found_with_a_checkpoint_and_within_a_line_without() {
    let (bytes, end) = small();
    for length in 0..bytes.len() {
        assert!(check(&bytes[..length], Some(&end)).is_err(), "cut to {length}");
        let within = length > 0 && bytes[length - 1] != b'\n';
        assert_eq!(check(&bytes[..length], None).is_err(), within, "cut to {length}");
    }
    let shorter = lines(&bytes)[..3].concat();
    assert_eq!(check(&shorter, Some(&end)), Err(DamagedLine { line: 4, damage: Damage::Truncated }));
}

#[test]
fn a_record_that_was_changed_and_sealed_again_breaks_the_chain() {
    let (bytes, _) = small();
    let (_, records) = check(&bytes, None).expect("whole");
    let mut lines = lines(&bytes);
    for place in 0..records.len() - 1 {
        let mut forged = records[place].clone();
        forged.time = Timestamp::UNIX_EPOCH;
        let kept = std::mem::replace(
            &mut lines[place],
            (crate::log::sealed(forged).expect("sealed") + "\n").into_bytes(),
        );
        let line = u64::try_from(place).expect("small") + 2;
        assert_eq!(check(&lines.concat(), None), Err(DamagedLine { line, damage: Damage::Chain }));
        lines[place] = kept;
    }
}

#[test]
fn outcomes_belong_to_one_intent_each() {
    let (bytes, _) = small();
    let (_, records) = check(&bytes, None).expect("whole");
    // The second outcome names the intent of the first, sealed as if it had been written so.
    let mut forged = records[3].clone();
    forged.entry = Entry::Outcome { intent: 2, outcome: Box::new(outcome()) };
    let mut lines = lines(&bytes);
    lines[3] = (crate::log::sealed(forged).expect("sealed") + "\n").into_bytes();
    assert_eq!(check(&lines.concat(), None), Err(DamagedLine { line: 4, damage: Damage::Outcome }));
}

#[test]
fn a_log_written_anew_is_found_with_a_checkpoint() {
    let (bytes, end) = small();
    let mut other = end.clone();
    other.hash = "00".repeat(32);
    let found = check(&bytes, Some(&other));
    assert_eq!(found.expect_err("found"), DamagedLine { line: 5, damage: Damage::Rewritten });
}

#[test]
fn several_writers_make_one_chain() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let log = Log::open(path).expect("opened");
                for run in 0..8 {
                    let ticket = log.intent(intent(&format!("{writer} {run}"))).expect("recorded");
                    ticket.outcome(outcome()).expect("recorded");
                }
            });
        }
    });
    let verified = verify(&path, None).expect("one chain");
    assert_eq!((verified.end.sequence, verified.open.len()), (64, 0));
}

#[test]
fn long_records_are_found_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let log = Log::open(&path).expect("opened");
    for size in [10, 200_000, 10] {
        let _ticket = log.intent(intent(&"x".repeat(size))).expect("recorded");
    }
    assert_eq!(verify(&path, None).expect("whole").end.sequence, 3);
}

#[test]
fn what_cannot_be_recorded_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    assert!(matches!(Log::open(folder.path()), Err(Error::File { .. })), "a folder is no log");

    let log = Log::open(&path).expect("opened");
    let ticket = log.intent(intent("one")).expect("recorded");
    let whole = fs::read(&path).expect("read");
    // A write that was cut off by a crash.
    fs::write(&path, &whole[..whole.len() - 3]).expect("written");
    assert!(matches!(log.intent(intent("two")), Err(Error::BrokenEnd { .. })));
    assert!(matches!(Log::open(&path), Err(Error::BrokenEnd { .. })));
    // A log that was taken away is not begun anew behind the back of its steward.
    fs::remove_file(&path).expect("removed");
    assert!(matches!(ticket.outcome(outcome()), Err(Error::File { .. })));
    assert!(!path.exists());
}

#[test]
fn a_clock_that_was_set_back_stops_everything() {
    let (bytes, _) = small();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let last = |ahead: i64| {
        let mut lines = lines(&bytes);
        let mut record: Record = serde_json::from_slice(&lines.pop().expect("a line")).expect("a record");
        record.time = Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
        record.time = Timestamp::from_second(record.time.as_second()).expect("a time");
        lines.push((crate::log::sealed(record).expect("sealed") + "\n").into_bytes());
        fs::write(&path, lines.concat()).expect("written");
        Log::open(&path).expect("opened").intent(intent("later"))
    };
    let error = last(3600).expect_err("an hour back");
    assert!(matches!(error, Error::ClockSetBack { .. }), "{error}");
    // Clocks of two machines differ by a little.
    let _ticket = last(200).expect("a difference of clocks");
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_a_new_log() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    Log::open(&path).expect("opened");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_exports_have_a_row_and_a_resource_for_every_question() {
    let (bytes, _) = small();
    let (_, records) = check(&bytes, None).expect("whole");
    let table = csv(&records).expect("a table");
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let rows: Vec<BTreeMap<String, String>> = reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            headings.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
        })
        .collect();
    let column = |name: &str| rows.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
    assert_eq!(column("sequence"), ["1", "2", "5"]);
    assert_eq!(column("decision"), ["released", "refused", "no outcome"]);
    assert_eq!(column("rule"), ["", "6", ""]);
    assert_eq!(column("agreements"), ["HEART-24 version 3"; 3]);
    assert_eq!(column("guards"), ["call via sample, subject"; 3]);

    let resources: Vec<serde_json::Value> =
        fhir(&records).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(resources.len(), 3);
    // What the resource requires (R4): type, recorded, agent.requestor, source.observer.
    for resource in &resources {
        assert_eq!(resource["resourceType"], "AuditEvent");
        assert!(resource["type"]["code"].is_string() && resource["recorded"].is_string());
        assert_eq!(resource["agent"][0]["requestor"], true);
        assert!(resource["source"]["observer"]["display"].is_string());
    }
    let outcomes: Vec<_> = resources.iter().map(|resource| &resource["outcome"]).collect();
    assert_eq!(outcomes, ["0", "4", "8"]);
    let query = resources[0]["entity"][0]["query"].as_str().expect("the query");
    let query = base64::engine::general_purpose::STANDARD.decode(query).expect("base64");
    assert_eq!(query, "table \"é\" = …\n".as_bytes());
}

#[test]
fn loads_and_installations_stand_in_the_same_chain() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let log = Log::open(&path).expect("opened");
    let actor = Actor { name: "ada".to_owned(), known_by: "operating system".to_owned() };
    let what = Change::Load {
        kind: "vcf".to_owned(),
        source: "chr22.vcf.gz".to_owned(),
        hash: "06".repeat(32),
        rows: 9750,
        rejected: 0,
    };
    assert_eq!(log.event(Event { actor, what }).expect("recorded"), 1);
    let ticket = log.intent(intent("one")).expect("recorded");
    ticket.outcome(outcome()).expect("recorded");
    assert_eq!(verify(&path, None).expect("whole").end.sequence, 3);
    let table = csv(&records(&path).expect("whole")).expect("a table");
    assert!(table.lines().nth(1).expect("a row").contains("vcf: 9750 rows, 0 rejected"), "{table}");
}
