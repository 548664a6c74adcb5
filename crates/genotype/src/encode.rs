//! Calls into a record, each set in its shortest form.

use crate::record::{HAS_FLIP, HAS_HET, HAS_MISS, HAS_SINGLE, MAJOR};
use crate::set::{Kind, put_leb};
use crate::{ALT, Fault, HET, MISSING, ONE_ALT, ONE_REF, REF};

/// Appends the record of `people` people: calls by ordinal, ascending, each person at most once; whoever
/// is not among them is [`REF`].
///
/// # Errors
/// [`Fault::Order`], [`Fault::Beyond`], [`Fault::Code`]; nothing is appended then.
pub fn encode(calls: &[(u32, u8)], people: u32, into: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut het, mut alt, mut miss, mut single) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut next = 0;
    for (ordinal, code) in calls {
        if *ordinal < next {
            return Err(Fault::Order);
        }
        if *ordinal >= people {
            return Err(Fault::Beyond);
        }
        next = ordinal + 1;
        match *code {
            REF => {}
            HET => het.push(*ordinal),
            ALT => alt.push(*ordinal),
            MISSING => miss.push(*ordinal),
            ONE_REF => single.push(*ordinal),
            ONE_ALT => {
                alt.push(*ordinal);
                single.push(*ordinal);
            }
            _ => return Err(Fault::Code),
        }
    }
    let told = het.len() + alt.len() + miss.len();
    let reference = usize::try_from(people).unwrap_or(usize::MAX).saturating_sub(told);
    let major = alt.len() > reference;
    let flip = if major { others(people, [&het, &alt, &miss]) } else { alt };
    let mut head = if major { MAJOR } else { 0 };
    let sets = [(HAS_HET, het), (HAS_FLIP, flip), (HAS_MISS, miss), (HAS_SINGLE, single)];
    for (bit, members) in &sets {
        if !members.is_empty() {
            head |= bit;
        }
    }
    into.push(head);
    for (_, members) in &sets {
        if !members.is_empty() {
            put_set(members, into);
        }
    }
    Ok(())
}

/// Everybody in none of some disjoint sets.
fn others(people: u32, sets: [&[u32]; 3]) -> Vec<u32> {
    let mut rest = sets;
    let mut left = Vec::new();
    for ordinal in 0..people {
        let mut told = false;
        for set in &mut rest {
            if set.first() == Some(&ordinal) {
                *set = &set[1..];
                told = true;
            }
        }
        if !told {
            left.push(ordinal);
        }
    }
    left
}

fn put_set(members: &[u32], into: &mut Vec<u8>) {
    let kind = shortest(members);
    let mut payload = Vec::new();
    match kind {
        Kind::Bytes => {
            for gap in gaps(members) {
                payload.resize(payload.len() + usize::try_from(gap / 255).unwrap_or(0), 255);
                payload.extend(u8::try_from(gap % 255));
            }
        }
        Kind::Gaps => gaps(members).for_each(|gap| put_leb(u64::from(gap), &mut payload)),
        Kind::Plane => {
            payload.resize(members.last().map_or(0, |last| *last as usize / 8 + 1), 0);
            for ordinal in members {
                if let Some(byte) = payload.get_mut(*ordinal as usize / 8) {
                    *byte |= 1 << (ordinal % 8);
                }
            }
        }
        Kind::Runs => {
            for (skip, take) in runs(members) {
                put_leb(u64::from(skip), &mut payload);
                put_leb(u64::from(take), &mut payload);
            }
        }
    }
    put_leb(payload.len() as u64 * 4 + kind.number(), into);
    into.append(&mut payload);
}

/// The form that takes fewest bytes; the plane also where it takes a quarter more, as it is counted 64
/// people at a time.
fn shortest(members: &[u32]) -> Kind {
    let bytes: usize = gaps(members).map(|gap| gap as usize / 255 + 1).sum();
    let by_gaps: usize = gaps(members).map(leb_length).sum();
    let by_runs: usize = runs(members).map(|(skip, take)| leb_length(skip) + leb_length(take)).sum();
    let plane = members.last().map_or(0, |last| *last as usize / 8 + 1);
    let least = bytes.min(by_gaps).min(by_runs);
    if plane * 4 <= least * 5 {
        Kind::Plane
    } else if bytes == least {
        Kind::Bytes
    } else if by_gaps == least {
        Kind::Gaps
    } else {
        Kind::Runs
    }
}

/// From the end of the member before to each member.
fn gaps(members: &[u32]) -> impl Iterator<Item = u32> {
    let mut next = 0;
    members.iter().map(move |member| {
        let gap = member - next;
        next = member + 1;
        gap
    })
}

/// How many are skipped and how many taken, in turn.
fn runs(members: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let mut rest = members;
    let mut end = 0;
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let take = rest.iter().zip(first..).take_while(|(member, in_turn)| *member == in_turn).count();
        rest = rest.get(take..)?;
        let skip = first - end;
        let take = u32::try_from(take).ok()?;
        end = first + take;
        Some((skip, take))
    })
}

fn leb_length(value: u32) -> usize {
    (32 - value.leading_zeros()).div_ceil(7).max(1) as usize
}
