//! Bytes that nobody wrote: no panic, no endless walk, nobody outside the mask; and what the checked reader
//! refuses.

use crate::naive;
use fastrand::Rng;
use genotype::{
    Carriers, Cohort, Fault, Groups, Kind, Mask, Record, Scratch, check, count, count_groups, decode, encode,
};

/// Everything that reads a record.
fn use_all(bytes: &[u8], two: &[u8], one: &[u8], slots: &[u8]) {
    let checked = check(bytes, 1000);
    assert_eq!(checked, decode(bytes, 1000).map(|_| ()));
    let Ok(record) = Record::read(bytes) else {
        assert!(matches!(checked, Err(Fault::Head | Fault::Length)));
        return;
    };
    let (two, one) = (Mask::new(two), Mask::new(one));
    let mut scratch = Scratch::default();
    let _counts = count(&record, &Cohort { two, one }, &mut scratch);
    count_groups(&record, &Groups::new(slots), &mut scratch, |_, _| {});
    let mut found = Carriers::among(&two);
    found.add(&record);
    let people = found.people(&two);
    assert!(people.len() as u64 <= two.people());
    for ordinal in [0, 1, 63, 64, 999, 1000, u32::MAX] {
        assert!(record.call(ordinal) <= 5);
    }
}

#[test]
fn no_bytes_do_harm() {
    let mut rng = Rng::with_seed(11);
    for _ in 0..40_000 {
        let noise = |rng: &mut Rng, most: usize| -> Vec<u8> {
            let length = rng.usize(0..most);
            (0..length).map(|_| rng.u8(..)).collect()
        };
        let (two, one) = (noise(&mut rng, 140), noise(&mut rng, 140));
        let slots = noise(&mut rng, 400);
        let mut bytes = noise(&mut rng, 40);
        if let Some(head) = bytes.first_mut().filter(|_| rng.u8(..) < 250) {
            *head &= 31;
        }
        use_all(&bytes, &two, &one, &slots);
        // A good record with a byte changed, cut off or added.
        let calls = naive::calls(&mut rng, 1000);
        let kinds = [(); 4].map(|()| [Kind::Bytes, Kind::Gaps, Kind::Plane, Kind::Runs][rng.usize(0..4)]);
        let mut bytes = naive::record(&calls, rng.bool(), kinds);
        match rng.u8(0..3) {
            0 => {
                let at = rng.usize(0..bytes.len());
                bytes[at] ^= 1 << rng.u8(0..8);
            }
            1 => bytes.truncate(rng.usize(0..bytes.len())),
            _ => bytes.push(rng.u8(..)),
        }
        use_all(&bytes, &two, &one, &slots);
    }
}

#[test]
fn numbers_beyond_all_people_end_the_walk() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for kind in [1_u8, 3] {
        for lead in [&[][..], &[1, 1], &huge] {
            let payload = [lead, &huge, &huge].concat();
            let mut bytes = vec![2, u8::try_from(payload.len() * 4).expect("short") + kind];
            bytes.extend(&payload);
            use_all(&bytes, &[255; 128], &[], &[1; 1000]);
            // Of three numbers the last begins a pair that is cut off.
            let cut_off = kind == 3 && lead == huge;
            assert_eq!(check(&bytes, 1000), Err(if cut_off { Fault::Length } else { Fault::Beyond }));
        }
    }
}

#[test]
fn what_the_checked_reader_refuses() {
    let refused: [(&[u8], Fault); 16] = [
        (&[], Fault::Head),
        (&[32], Fault::Head),
        (&[2], Fault::Length),
        (&[2, 5], Fault::Length),
        (&[2, 0x80], Fault::Length),
        (&[0, 0], Fault::Length),
        (&[2, 4, 1, 9], Fault::Length),
        (&[2, 1], Fault::Empty),
        (&[2, 6, 0], Fault::Empty),
        (&[2, 8, 1, 255], Fault::Empty),
        (&[2, 0x0b, 5, 0], Fault::Empty),
        (&[2, 7, 5], Fault::Length),
        (&[2, 5, 0x80], Fault::Length),
        (&[2, 4, 100], Fault::Beyond),
        (&[6, 4, 3, 4, 3], Fault::Overlap),
        (&[18, 4, 3, 4, 3], Fault::Overlap),
    ];
    for (bytes, fault) in refused {
        assert_eq!(check(bytes, 100), Err(fault), "{bytes:?}");
    }
    // Of whom nothing is known may be told that one copy is expected: it means nothing.
    assert_eq!(decode(&[24, 4, 3, 4, 3], 100), Ok(vec![(3, 3)]));
}

#[test]
fn what_the_writer_refuses() {
    let mut bytes = vec![9];
    for (calls, fault) in [
        (&[(3, 1), (3, 2)][..], Fault::Order),
        (&[(3, 1), (2, 2)], Fault::Order),
        (&[(10, 1)], Fault::Beyond),
        (&[(u32::MAX, 1)], Fault::Beyond),
        (&[(1, 6)], Fault::Code),
    ] {
        assert_eq!(encode(calls, 10, &mut bytes), Err(fault));
    }
    assert_eq!(bytes, [9]);
}
