//! Whether bytes are a record of so many people, and its calls one by one.

use crate::mask::fill;
use crate::record::Record;
use crate::set::{Kind, Set, leb};
use crate::{ALT, Fault, HET, MISSING, ONE_ALT, ONE_REF};

/// Checks a record: lengths exact, members below `people`, none in two of het, flip and miss, none of
/// single in het. In which form a set stands, and whether it is the shortest, is not asked.
///
/// # Errors
/// The first [`Fault`].
pub fn check(bytes: &[u8], people: u32) -> Result<(), Fault> {
    laid_out(bytes, people).map(|_| ())
}

/// The calls of a record, by ordinal, ascending, without those that are [`crate::REF`].
///
/// # Errors
/// As [`check`].
pub fn decode(bytes: &[u8], people: u32) -> Result<Vec<(u32, u8)>, Fault> {
    let (major, [het, flip, miss, single]) = laid_out(bytes, people)?;
    let mut calls = Vec::new();
    for ordinal in 0..people {
        let has = |words: &[u64]| {
            words.get(ordinal as usize / 64).is_some_and(|word| word >> (ordinal % 64) & 1 == 1)
        };
        let code = if has(&miss) {
            MISSING
        } else if has(&het) {
            HET
        } else {
            match (major != has(&flip), has(&single)) {
                (false, false) => continue,
                (true, false) => ALT,
                (false, true) => ONE_REF,
                (true, true) => ONE_ALT,
            }
        };
        calls.push((ordinal, code));
    }
    Ok(calls)
}

/// Whether the record is major, and its sets as words.
fn laid_out(bytes: &[u8], people: u32) -> Result<(bool, [Vec<u64>; 4]), Fault> {
    let record = Record::read(bytes)?;
    let words = (people as usize).div_ceil(64);
    let mut sets = [const { Vec::new() }; 4];
    for (set, laid) in record.sets().into_iter().zip(&mut sets) {
        if let Some(set) = set {
            check_set(set, people)?;
        }
        *laid = vec![0; words];
        fill(set, laid);
    }
    let [het, flip, miss, single] = &sets;
    for (((het, flip), miss), single) in het.iter().zip(flip).zip(miss).zip(single) {
        if het & flip | het & miss | flip & miss | single & het != 0 {
            return Err(Fault::Overlap);
        }
    }
    Ok((record.major, sets))
}

fn check_set(set: Set<'_>, people: u32) -> Result<(), Fault> {
    let exact = match set.kind {
        // What follows the last member says nothing.
        Kind::Bytes => set.payload.last().is_some_and(|last| *last < 255),
        Kind::Plane => set.payload.iter().any(|byte| *byte != 0),
        Kind::Gaps => numbers(set.payload, |_, _| true)? > 0,
        Kind::Runs => {
            let count = numbers(set.payload, |at, value| at % 2 == 0 || value > 0)?;
            if count % 2 != 0 {
                return Err(Fault::Length);
            }
            count > 0
        }
    };
    if !exact {
        return Err(Fault::Empty);
    }
    // Members ascend in every form.
    if last_member(set).is_none_or(|last| last >= u64::from(people)) {
        return Err(Fault::Beyond);
    }
    Ok(())
}

/// Counts the numbers of a payload that is nothing but good ones.
fn numbers(mut bytes: &[u8], good: impl Fn(usize, u64) -> bool) -> Result<usize, Fault> {
    let mut count = 0;
    while !bytes.is_empty() {
        let value = leb(&mut bytes).ok_or(Fault::Length)?;
        if !good(count, value) {
            return Err(Fault::Empty);
        }
        count += 1;
    }
    Ok(count)
}

/// The last member as the payload gives it, however large; nothing where that overflows.
fn last_member(set: Set<'_>) -> Option<u64> {
    let mut rest = set.payload;
    let mut next = 0_u64;
    match set.kind {
        Kind::Bytes => {
            for byte in rest {
                next += u64::from(*byte) + u64::from(*byte < 255);
            }
        }
        Kind::Gaps => {
            while let Some(gap) = leb(&mut rest) {
                next = next.checked_add(gap)?.checked_add(1)?;
            }
        }
        Kind::Runs => {
            while let Some(number) = leb(&mut rest) {
                next = next.checked_add(number)?;
            }
        }
        Kind::Plane => {
            let last = rest.iter().rposition(|byte| *byte != 0)?;
            let bits = 8 - rest.get(last)?.leading_zeros();
            next = u64::try_from(last).ok()? * 8 + u64::from(bits);
        }
    }
    next.checked_sub(1)
}
