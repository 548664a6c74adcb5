//! Records of chance: every form, code and size, against the model.

use crate::naive;
use fastrand::Rng;
use genotype::{
    Carriers, Cohort, Counts, Groups, Kind, Mask, Record, Scratch, carriers, check, count, count_groups,
    decode, encode, plane, slots,
};

const KINDS: [Kind; 4] = [Kind::Bytes, Kind::Gaps, Kind::Plane, Kind::Runs];

/// Who has two copies, who one, who is outside.
fn cohort(rng: &mut Rng, people: usize) -> Vec<naive::Expected> {
    let outside = rng.u8(0..4);
    (0..people)
        .map(|_| match rng.u8(0..4) {
            draw if draw < outside => None,
            draw if outside == 3 || draw == 3 => Some(1),
            _ => Some(2),
        })
        .collect()
}

fn plane_of(expected: &[naive::Expected], copies: u8) -> Vec<u8> {
    plane((0..).zip(expected).filter(|(_, of)| **of == Some(copies)).map(|(ordinal, _)| ordinal))
}

fn compare(rng: &mut Rng, calls: &[u8], bytes: &[u8]) {
    let people = u32::try_from(calls.len()).expect("few people");
    check(bytes, people).expect("a record");
    assert_eq!(decode(bytes, people).expect("a record"), naive::told(calls));
    let record = Record::read(bytes).expect("a record");
    let expected = cohort(rng, calls.len());
    let (two, one) = (plane_of(&expected, 2), plane_of(&expected, 1));
    let (two, one) = (Mask::new(&two), Mask::new(&one));
    let mut scratch = Scratch::default();
    let counts = count(&record, &Cohort { two, one }, &mut scratch);
    assert_eq!(counts, naive::count(calls, &expected));
    // Only those with two copies, so that the second set is empty.
    let pairs: Vec<_> = expected.iter().map(|of| of.filter(|copies| *copies == 2)).collect();
    let counts = count(&record, &Cohort { two, one: Mask::default() }, &mut scratch);
    assert_eq!(counts, naive::count(calls, &pairs));
    let has = |call: u8| matches!(call, genotype::HET | genotype::ALT | genotype::ONE_ALT);
    let of_two: Vec<u32> = (0..)
        .zip(calls.iter().zip(&expected))
        .filter(|(_, (call, of))| has(**call) && **of == Some(2))
        .map(|(ordinal, _)| ordinal)
        .collect();
    assert_eq!(carriers(&record, &two), of_two);
    for _ in 0..5 {
        let at = rng.usize(0..calls.len());
        assert_eq!(record.call(u32::try_from(at).expect("few people")), calls[at], "of {at}");
    }
}

fn compare_groups(rng: &mut Rng, calls: &[u8], bytes: &[u8]) {
    let record = Record::read(bytes).expect("a record");
    let most = rng.u8(1..=127);
    let expected = cohort(rng, calls.len());
    let of: Vec<u8> = calls.iter().map(|_| rng.u8(0..most)).collect();
    let told = (0..).zip(expected.iter().zip(&of)).filter_map(|(ordinal, (copies, group))| {
        copies.map(|copies| (ordinal, 2 * group + if copies == 2 { 1 } else { 2 }))
    });
    let groups = Groups::new(&slots(told));
    let mut found: Vec<(u8, Counts)> = Vec::new();
    count_groups(&record, &groups, &mut Scratch::default(), |group, counts| found.push((group, counts)));
    let wanted: Vec<(u8, Counts)> = (0..most)
        .filter_map(|group| {
            let own: Vec<_> =
                expected.iter().zip(&of).map(|(copies, of)| copies.filter(|_| *of == group)).collect();
            own.iter().any(Option::is_some).then(|| (group, naive::count(calls, &own)))
        })
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_form_of_every_size_is_read_as_written() {
    let mut rng = Rng::with_seed(7);
    let edges = [1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 254, 255, 256, 257, 511, 512, 513];
    for round in 0..1_500 {
        let people = if round % 3 == 0 { edges[round / 3 % edges.len()] } else { rng.usize(1..1_200) };
        let calls = naive::calls(&mut rng, people);
        let mut bytes = Vec::new();
        encode(&naive::told(&calls), u32::try_from(people).expect("few"), &mut bytes).expect("calls");
        compare(&mut rng, &calls, &bytes);
        let kinds = [(); 4].map(|()| KINDS[rng.usize(0..4)]);
        for major in [false, true] {
            let bytes = naive::record(&calls, major, kinds);
            compare(&mut rng, &calls, &bytes);
        }
        if round % 5 == 0 {
            compare_groups(&mut rng, &calls, &bytes);
            compare_groups(&mut rng, &calls, &naive::record(&calls, false, kinds));
        }
    }
}

#[test]
fn many_people_are_read_as_written() {
    let mut rng = Rng::with_seed(8);
    for people in [50_000, 65_535, 65_537, 500_000] {
        for _ in 0..4 {
            let calls = naive::calls(&mut rng, people);
            let mut bytes = Vec::new();
            encode(&naive::told(&calls), u32::try_from(people).expect("few"), &mut bytes).expect("calls");
            compare(&mut rng, &calls, &bytes);
            let bytes = naive::record(&calls, rng.bool(), [(); 4].map(|()| KINDS[rng.usize(0..4)]));
            compare(&mut rng, &calls, &bytes);
        }
    }
}

#[test]
fn the_writer_takes_the_shortest_form() {
    let mut rng = Rng::with_seed(9);
    for _ in 0..600 {
        let people = rng.usize(1..1_500);
        let calls = naive::calls(&mut rng, people);
        let mut bytes = Vec::new();
        encode(&naive::told(&calls), u32::try_from(people).expect("few"), &mut bytes).expect("calls");
        let record = Record::read(&bytes).expect("a record");
        let alt = calls.iter().filter(|call| matches!(**call, 2 | 5)).count();
        let reference = calls.iter().filter(|call| matches!(**call, 0 | 4)).count();
        assert_eq!(record.is_major(), alt > reference);
        for major in [record.is_major()] {
            for at in 0..4 {
                let Some(set) = record.sets()[at] else { continue };
                // Of one set alone in each form: the other sets have the same form each time.
                let length = |kind: Kind| {
                    let mut kinds = [Kind::Plane; 4];
                    kinds[at] = kind;
                    let all = naive::record(&calls, major, kinds);
                    let read = Record::read(&all).expect("a record");
                    read.sets()[at].map_or(0, |set| set.length())
                };
                let least = KINDS.into_iter().filter(|kind| *kind != Kind::Plane).map(length).min();
                let least = least.expect("three forms");
                let plane = length(Kind::Plane);
                let wanted = if plane * 4 <= least * 5 { plane } else { least };
                assert_eq!(set.length(), wanted, "set {at} of {people}");
            }
        }
    }
}

#[test]
fn anybody_of_several_records() {
    let mut rng = Rng::with_seed(10);
    for _ in 0..200 {
        let people = rng.usize(1..700);
        let among = plane((0..u32::try_from(people).expect("few")).filter(|_| rng.bool()));
        let among = Mask::new(&among);
        let mut found = Carriers::among(&among);
        let mut wanted = Vec::new();
        for _ in 0..rng.usize(0..4) {
            let calls = naive::calls(&mut rng, people);
            let bytes = naive::record(&calls, rng.bool(), [(); 4].map(|()| KINDS[rng.usize(0..4)]));
            let record = Record::read(&bytes).expect("a record");
            found.add(&record);
            wanted.extend(carriers(&record, &among));
        }
        wanted.sort_unstable();
        wanted.dedup();
        assert_eq!(found.people(&among), wanted);
    }
}
