//! What calls mean, one person at a time; and a writer of every form of a record, for readers to read.

use fastrand::Rng;
use genotype::{ALT, Counts, HET, Kind, MISSING, ONE_ALT, ONE_REF, REF};

/// Copies expected of a person, or none where the person is outside.
pub(crate) type Expected = Option<u8>;

/// The counts of language.md section 4, person by person.
pub(crate) fn count(calls: &[u8], expected: &[Expected]) -> Counts {
    let mut counts = Counts::default();
    for (call, copies) in calls.iter().zip(expected) {
        let (ac, an) = match (copies, *call) {
            (Some(2), REF) => (0, 2),
            (Some(2), HET) => (1, 2),
            (Some(2), ALT) => (2, 2),
            (Some(2), ONE_REF) => (0, 1),
            (Some(2), ONE_ALT) => (1, 1),
            (Some(1), REF | ONE_REF) => (0, 1),
            (Some(1), ALT | ONE_ALT) => (1, 1),
            (Some(_), _) => (0, 0),
            (None, _) => continue,
        };
        let full = an == u32::from(copies.unwrap_or(0));
        counts.ac += ac;
        counts.an += an;
        counts.missing += u32::from(!full);
        match (copies, full, ac) {
            (Some(2), true, 1) => counts.het += 1,
            (Some(2), true, 2) => counts.hom += 1,
            (Some(1), true, 1) => counts.hemi += 1,
            _ => {}
        }
    }
    counts
}

/// Calls other than reference, as an encoder takes them.
pub(crate) fn told(calls: &[u8]) -> Vec<(u32, u8)> {
    (0..).zip(calls.iter().copied()).filter(|(_, call)| *call != REF).collect()
}

fn byte(value: usize) -> u8 {
    u8::try_from(value).expect("a byte")
}

fn leb(mut value: usize, into: &mut Vec<u8>) {
    while value >= 128 {
        into.push(byte(value % 128 + 128));
        value /= 128;
    }
    into.push(byte(value));
}

/// The payload of some members in a form.
pub(crate) fn payload(members: &[usize], kind: Kind) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut next = 0;
    match kind {
        Kind::Bytes => {
            for member in members {
                let mut gap = member - next;
                while gap >= 255 {
                    bytes.push(255);
                    gap -= 255;
                }
                bytes.push(byte(gap));
                next = member + 1;
            }
        }
        Kind::Gaps => {
            for member in members {
                leb(member - next, &mut bytes);
                next = member + 1;
            }
        }
        Kind::Plane => {
            for member in members {
                if bytes.len() <= member / 8 {
                    bytes.resize(member / 8 + 1, 0);
                }
                bytes[member / 8] |= 1 << (member % 8);
            }
        }
        Kind::Runs => {
            let mut at = 0;
            while at < members.len() {
                let mut take = 1;
                while members.get(at + take) == Some(&(members[at] + take)) {
                    take += 1;
                }
                leb(members[at] - next, &mut bytes);
                leb(take, &mut bytes);
                next = members[at] + take;
                at += take;
            }
        }
    }
    bytes
}

/// A record with the sets in given forms, major or not as told.
pub(crate) fn record(calls: &[u8], major: bool, kinds: [Kind; 4]) -> Vec<u8> {
    let of = |wanted: &dyn Fn(u8) -> bool| -> Vec<usize> {
        calls.iter().enumerate().filter(|(_, call)| wanted(**call)).map(|(at, _)| at).collect()
    };
    let is_alt = |call: u8| call == ALT || call == ONE_ALT;
    let sets = [
        of(&|call| call == HET),
        of(&|call| call != HET && call != MISSING && is_alt(call) != major),
        of(&|call| call == MISSING),
        of(&|call| call == ONE_REF || call == ONE_ALT),
    ];
    let mut bytes = vec![u8::from(major)];
    for ((members, kind), bit) in sets.iter().zip(kinds).zip([2, 4, 8, 16]) {
        if members.is_empty() {
            continue;
        }
        bytes[0] |= bit;
        let payload = payload(members, kind);
        let number = match kind {
            Kind::Bytes => 0,
            Kind::Gaps => 1,
            Kind::Plane => 2,
            Kind::Runs => 3,
        };
        leb(payload.len() * 4 + number, &mut bytes);
        bytes.extend(payload);
    }
    bytes
}

/// Calls of one of several characters: rare, common, nearly fixed, batches missing, men on X, anything.
pub(crate) fn calls(rng: &mut Rng, people: usize) -> Vec<u8> {
    let mut calls = vec![REF; people];
    let character = rng.u8(0..7);
    match character {
        0 => {}
        1 => {
            for _ in 0..rng.usize(1..=3) {
                calls[rng.usize(0..people)] = rng.u8(0..6);
            }
        }
        2 => {
            let alt = rng.f64();
            for call in &mut calls {
                *call = u8::from(rng.f64() < alt) + u8::from(rng.f64() < alt);
            }
        }
        3 => calls.fill_with(|| if rng.u8(..) < 4 { rng.u8(0..6) } else { ALT }),
        4 => {
            let from = rng.usize(0..people);
            let to = rng.usize(from..=people);
            calls[from..to].fill(MISSING);
        }
        5 => {
            let men = rng.usize(0..=people);
            let alt = rng.f64();
            for (at, call) in calls.iter_mut().enumerate() {
                let (a, b) = (u8::from(rng.f64() < alt), u8::from(rng.f64() < alt));
                *call = if at < men { ONE_REF + a } else { a + b };
            }
        }
        _ => calls.fill_with(|| rng.u8(0..6)),
    }
    calls
}
