//! The worked examples of genotypes.md section 2.

use genotype::{Cohort, Counts, Mask, Record, Scratch, check, count, encode, plane};

fn bytes_of(mut calls: Vec<(u32, u8)>) -> Vec<u8> {
    calls.sort_unstable();
    let mut bytes = Vec::new();
    encode(&calls, 2504, &mut bytes).expect("calls in order");
    check(&bytes, 2504).expect("a record");
    bytes
}

fn counts_of(bytes: &[u8], two: std::ops::Range<u32>, one: std::ops::Range<u32>) -> Counts {
    let (two, one) = (plane(two), plane(one));
    let cohort = Cohort { two: Mask::new(&two), one: Mask::new(&one) };
    count(&Record::read(bytes).expect("a record"), &cohort, &mut Scratch::default())
}

#[test]
fn an_autosome_with_every_class() {
    let mut calls = vec![(3, 1), (40, 1), (1000, 1), (700, 2), (5, 4)];
    calls.extend((100..200).map(|ordinal| (ordinal, 3)));
    let bytes = bytes_of(calls);
    let expected = [0x1e, 0x11, 0x03, 0x24, 0xbf, 0x07, 0x09, 0xbc, 0x05, 0x0b, 0x64, 0x64, 0x06, 0x20];
    assert_eq!(bytes, expected);
    let counts = Counts { ac: 5, an: 2299, het: 3, hom: 1, hemi: 0, missing: 101 };
    assert_eq!(counts_of(&bytes, 0..1200, 1200..1300), counts);
}

#[test]
fn a_singleton_and_nobody() {
    assert_eq!(bytes_of(vec![(1805, 1)]), [0x02, 0x09, 0x8d, 0x0e]);
    assert_eq!(bytes_of(Vec::new()), [0x00]);
}

#[test]
fn men_on_x_are_written_with_one_copy() {
    let mut calls: Vec<(u32, u8)> = (0..1233).map(|man| (man, if man == 7 { 5 } else { 4 })).collect();
    calls.push((1500, 1));
    let bytes = bytes_of(calls);
    let expected = [0x16, 0x09, 0xdc, 0x0b, 0x06, 0x80, 0x0f, 0x00, 0xd1, 0x09];
    assert_eq!(bytes, expected);
    let counts = Counts { ac: 2, an: 3775, het: 1, hom: 0, hemi: 1, missing: 0 };
    assert_eq!(counts_of(&bytes, 1233..2504, 0..1233), counts);
}
