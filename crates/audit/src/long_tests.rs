//! Long logs: a thousand records of which every byte is changed, and a million.

use crate::log::{NO_HASH, sealed};
use crate::tests::{intent, outcome};
use crate::verify::{Fault, Seen};
use crate::{Damage, DamagedLine, Entry, Record, canonical, verify};
use jiff::Timestamp;
use std::io::Write as _;

/// So many records: intents with their outcomes, each third one after the next intent.
fn records(count: u64) -> impl Iterator<Item = String> {
    let mut previous = NO_HASH.to_owned();
    (1..=count).map(move |sequence| {
        // Of six lines: intent, outcome, intent, intent, outcome of the third, outcome of the fourth.
        let of = |intent: u64| Entry::Outcome { intent, outcome: Box::new(outcome()) };
        let entry = match sequence % 6 {
            2 => of(sequence - 1),
            5 | 0 => of(sequence - 2),
            _ => Entry::Intent(Box::new(intent(&format!("question {sequence}")))),
        };
        let time = Timestamp::from_second(1_700_000_000 + i64::try_from(sequence).unwrap_or(0));
        let time = time.expect("a time");
        let line =
            sealed(Record { sequence, previous: previous.clone(), time, entry, digest: String::new() });
        let line = line.expect("sealed");
        previous = canonical::hash(line.as_bytes());
        line + "\n"
    })
}

fn deep() -> bool {
    std::env::var_os("BASEQ_DEEP").is_some_and(|value| value == "1")
}

/// Reads lines after what was seen.
fn after(seen: &Seen, lines: &[u8]) -> Result<Seen, Fault> {
    let mut seen = seen.clone();
    seen.go_on(&mut &*lines, None, |_| Some(()))?;
    Ok(seen)
}

/// `make test` changes every 41st byte of a thousand records, `make test-deep` all of them. What stands before the
/// change is read once; whatever is not found in the changed line must be found in the next.
#[test]
fn of_a_thousand_records_every_change_is_found() {
    let lines: Vec<Vec<u8>> = records(1_000).map(String::into_bytes).collect();
    let (mut seen, mut changes) = (Seen::default(), 0);
    let step = if deep() { 1 } else { 41 };
    for (number, line) in lines.iter().enumerate() {
        let next = lines.get(number + 1).map_or(&[] as &[u8], Vec::as_slice);
        for place in (number % step..line.len()).step_by(step) {
            for mask in [0x01, 0x20, 0x80] {
                let mut changed = [line.as_slice(), next].concat();
                changed[place] ^= mask;
                assert!(after(&seen, &changed).is_err(), "record {number}, byte {place}, {mask:#x}");
                changes += 1;
            }
        }
        // Cut within the line; dropped; said twice; exchanged with the next, and with the one after that.
        assert!(after(&seen, &line[..line.len() / 2]).is_err(), "record {number} is cut");
        assert!(after(&seen, &[line.as_slice(), line].concat()).is_err(), "record {number} stands twice");
        if !next.is_empty() {
            let found = after(&seen, next).expect_err("a record is dropped");
            assert!(
                matches!(found, Fault::Damaged(DamagedLine { damage: Damage::Sequence, .. })),
                "record {number}: {found:?}"
            );
            assert!(after(&seen, &[next, line].concat()).is_err(), "record {number} comes after the next");
        }
        changes += 4;
        seen = after(&seen, line).expect("a record as it was written");
    }
    eprintln!("{changes} changes of 1,000 records, all found");
    assert!(changes > 50_000, "changes are missing");
}

/// The figure that `make test-deep` prints; no time is asserted.
#[test]
fn a_million_records_are_verified() {
    let count = if deep() { 1_000_000 } else { 5_000 };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("made"));
    for line in records(count) {
        file.write_all(line.as_bytes()).expect("written");
    }
    file.into_inner().expect("written");
    let size = std::fs::metadata(&path).expect("there").len();
    let began = std::time::Instant::now();
    let verified = verify(&path, None).expect("whole");
    eprintln!("{count} records, {size} bytes, verified in {:.2} s", began.elapsed().as_secs_f64());
    assert_eq!(verified.end.sequence, count);
}
