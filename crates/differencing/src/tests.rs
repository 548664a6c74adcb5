//! Sets against brute force, and the attacks that each comparison is there for.

use super::*;

/// Families of one result, a margin each; sets are numbered as they come.
fn result(sets: &mut Vec<Set>, families: &[&[&[u32]]]) -> Families {
    let mut made = Vec::new();
    for (family, margin) in families.iter().zip(0..) {
        let ids = family.iter().map(|people| {
            let set = Set::of(people);
            let at = sets.iter().position(|other| *other == set).unwrap_or_else(|| {
                sets.push(set);
                sets.len() - 1
            });
            SetId::try_from(at).expect("few sets")
        });
        made.push(Family { told: 0, margin, whole: true, sets: ids.collect() });
    }
    made
}

fn range(from: u32, to: u32) -> Vec<u32> {
    (from..to).collect()
}

fn without(from: u32, to: u32, out: &[u32]) -> Vec<u32> {
    (from..to).filter(|person| !out.contains(person)).collect()
}

fn conflict(earlier: &[&[&[&[u32]]]], new: &[&[&[u32]]]) -> Option<Conflict> {
    let mut sets = Vec::new();
    let earlier: Vec<Families> = earlier.iter().map(|families| result(&mut sets, families)).collect();
    let new = result(&mut sets, new);
    first_conflict(&sets, &earlier, &new, 10).expect("sets that can be read")
}

#[test]
fn bytes_are_the_set_and_nothing_else_is_taken() {
    for people in
        [vec![], vec![0], range(0, 1000), vec![5, 300, 70_000, u32::MAX - 1], without(0, 90, &[3, 50])]
    {
        let set = Set::of(&people);
        assert_eq!(set.people(), Ok(people.clone()));
        assert_eq!(Set::from_bytes(set.bytes().to_vec()), Ok(set.clone()));
        for at in 0..set.bytes().len() {
            let mut bytes = set.bytes().to_vec();
            bytes.truncate(at);
            assert_ne!(Set::from_bytes(bytes), Ok(set.clone()));
        }
    }
    for bytes in
        [vec![], vec![2, 1], vec![0, 0x80], vec![0, 5, 0], vec![1, 1, 0], vec![0, 255, 255, 255, 255, 255, 1]]
    {
        assert_eq!(Set::from_bytes(bytes.clone()), Err(SetError), "{bytes:?}");
    }
}

#[test]
fn a_pair_that_differs_by_some_but_by_few() {
    let all = range(0, 100);
    assert_eq!(conflict(&[&[&[&all]]], &[&[&without(0, 100, &[7])]]), Some(Conflict::Earlier(0)));
    assert_eq!(conflict(&[&[&[&all]]], &[&[&range(0, 91)]]), Some(Conflict::Earlier(0)));
    assert_eq!(conflict(&[&[&[&all]]], &[&[&range(0, 90)]]), None);
    assert_eq!(conflict(&[&[&[&all]]], &[&[&all]]), None, "asked again");
    // Four out and five in.
    assert_eq!(conflict(&[&[&[&range(0, 96)]]], &[&[&range(4, 101)]]), Some(Conflict::Earlier(0)));
    assert_eq!(conflict(&[&[&[&range(0, 95)]]], &[&[&range(5, 100)]]), None);
}

#[test]
fn within_a_result_only_margins_are_spared() {
    let (all, most) = (range(0, 100), range(0, 95));
    assert_eq!(conflict(&[], &[&[&all], &[&most]]), Some(Conflict::Within));
    let mut sets = Vec::new();
    let mut new = result(&mut sets, &[&[&all], &[&most]]);
    for family in &mut new {
        family.margin = 3;
    }
    assert_eq!(first_conflict(&sets, &[], &new, 10), Ok(None));
}

#[test]
fn bands_that_are_refined_by_others() {
    // Ages 20, 21, … of six people each, in bands of five years and of seven.
    let bands = |width: u32, from: u32| -> Vec<Vec<u32>> {
        (0..6).map(|band| range((from + band * width) * 6, (from + (band + 1) * width) * 6)).collect()
    };
    let (fives, sevens) = (bands(5, 20), bands(7, 19));
    let fives: Vec<&[u32]> = fives.iter().map(Vec::as_slice).collect();
    let sevens: Vec<&[u32]> = sevens.iter().map(Vec::as_slice).collect();
    assert_eq!(conflict(&[&[&fives[..]]], &[&sevens[..]]), Some(Conflict::Earlier(0)));
    // Of no pair of bands alone.
    let single = |bands: &[&[u32]]| -> bool {
        fives.iter().all(|five| bands.iter().all(|seven| conflict(&[&[&[*five]]], &[&[*seven]]).is_none()))
    };
    assert!(single(&sevens));
    let tens: Vec<Vec<u32>> = (0..3).map(|band| range((20 + band * 10) * 6, (30 + band * 10) * 6)).collect();
    let tens: Vec<&[u32]> = tens.iter().map(Vec::as_slice).collect();
    assert_eq!(conflict(&[&[&fives[..]]], &[&tens[..]]), None, "fives add up to tens");
    // A withheld cell is the business of the suppression that withheld it.
    let mut sets = Vec::new();
    let earlier = vec![result(&mut sets, &[&fives[..]])];
    let mut new = result(&mut sets, &[&sevens[..]]);
    new[0].whole = false;
    assert_eq!(first_conflict(&sets, &earlier, &new, 10), Ok(None));
}

#[test]
fn a_tracker_and_its_complement() {
    let all = range(0, 200);
    // T or the target, 5; not T or the target, of which 5 is one already.
    let (one, other) = (range(0, 100), [range(100, 200), vec![5]].concat());
    assert_eq!(conflict(&[&[&[&all]], &[&[&one]]], &[&[&other]]), Some(Conflict::Earlier(1)));
    assert_eq!(
        conflict(&[&[&[&other]], &[&[&one]]], &[&[&all]]),
        Some(Conflict::Earlier(1)),
        "the whole last"
    );
    assert_eq!(conflict(&[&[&[&all]], &[&[&one]]], &[&[&range(100, 200)]]), None);
    // Two cells of one table leave what is withheld in it.
    let mut sets = Vec::new();
    let earlier = vec![result(&mut sets, &[&[&all]])];
    let mut new = result(&mut sets, &[&[&one, &range(100, 193)]]);
    new[0].whole = false;
    assert_eq!(first_conflict(&sets, &earlier, &new, 10), Ok(None));
}

/// All choices of sets of two families, for random small families.
#[test]
fn cuts_are_those_of_all_choices() {
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut near, mut far) = (0, 0);
    for _ in 0..1000 {
        let people = 120;
        let mut family = |sets: u64, noise: u64, like: Option<&[u64]>| -> Vec<u64> {
            (0..people)
                .map(|person: usize| match like {
                    Some(like) if random(noise) > 0 => like[person] % (sets + 1),
                    _ => random(sets + 1),
                })
                .collect()
        };
        let one = family(4, 1, None);
        let other = family(4, 30, Some(&one));
        let split = |labels: &[u64]| -> Vec<Vec<u32>> {
            (1..=4)
                .map(|label| {
                    (0_u32..).zip(labels).filter(|(_, of)| **of == label).map(|(at, _)| at).collect()
                })
                .collect::<Vec<Vec<u32>>>()
        };
        let (one, other) = (split(&one), split(&other));
        let chosen = |sets: &[Vec<u32>], mask: u32| -> u128 {
            let all = sets.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
            all.flat_map(|(_, set)| set).fold(0, |bits, person| bits | 1 << person)
        };
        let mut expected = false;
        for mask in 0..16 {
            for against in 0..16 {
                let apart = (chosen(&one, mask) ^ chosen(&other, against)).count_ones();
                expected |= apart > 0 && apart < 10;
            }
        }
        if one.iter().chain(&other).any(|set| set.len() < 10) {
            continue;
        }
        let one: Vec<&[u32]> = one.iter().map(Vec::as_slice).collect();
        let other: Vec<&[u32]> = other.iter().map(Vec::as_slice).collect();
        let mut sets = Vec::new();
        let earlier = vec![result(&mut sets, &[&one])];
        let new = result(&mut sets, &[&other]);
        let mut pool = Pool::new(&sets, MOST_WORK);
        let found = unions(&mut pool, &earlier, &new, 10).expect("sets").is_some();
        assert_eq!(found, expected, "{one:?} {other:?}");
        if found { near += 1 } else { far += 1 }
    }
    assert!(near > 30 && far > 30, "{near} {far}");
}

/// Pairs are found by what they have in common, and all are found: sets of chance, small ones among them.
#[test]
fn near_pairs_are_those_of_all_pairs() {
    let mut state = 11_u64;
    let mut random = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).expect("31 bits") % below
    };
    let (mut near, mut far) = (0, 0);
    for _ in 0..3000 {
        let (people, few) = (1 + random(40), random(14));
        let one: BTreeSet<u32> = (0..people).filter(|_| random(8) > 0).collect();
        let other: BTreeSet<u32> = match random(3) {
            // Nothing in common, or nearly everything.
            0 => (100..100 + random(12)).collect(),
            _ => {
                let gone: BTreeSet<u32> = (0..few).map(|_| random(40)).collect();
                one.symmetric_difference(&gone).copied().collect()
            }
        };
        let apart = one.symmetric_difference(&other).count();
        let sets: Vec<Set> =
            [&one, &other].map(|set| Set::of(&set.iter().copied().collect::<Vec<_>>())).into();
        let mut pool = Pool::new(&sets, MOST_WORK);
        let found = near_pair(&mut pool, &BTreeSet::from([0]), [1].iter(), 10, &|_, _| true);
        assert_eq!(found.expect("sets").is_some(), (1..10).contains(&apart), "{one:?} {other:?}");
        if apart < 10 { near += 1 } else { far += 1 }
    }
    assert!(near > 500 && far > 500, "{near} {far}");
}

/// Ten thousand groups before and after twelve in each of some came: a second or two, and far from the bound.
#[test]
fn ten_thousand_groups_are_compared() {
    let group = |at: u32, more: u32| -> Vec<u32> {
        range(at * 12, at * 12 + 12)
            .into_iter()
            .chain(range(200_000 + at * 12, 200_000 + at * 12 + more))
            .collect()
    };
    let before: Vec<Vec<u32>> = (0..10_000).map(|at| group(at, 0)).collect();
    let after: Vec<Vec<u32>> = (0..10_000).map(|at| group(at, if at % 3 == 0 { 12 } else { 0 })).collect();
    let one_more: Vec<Vec<u32>> = (0..10_000).map(|at| group(at, u32::from(at == 7_777))).collect();
    let made = |families: &[&Vec<Vec<u32>>]| -> (Vec<Set>, Vec<Families>) {
        let (mut sets, mut results) = (Vec::new(), Vec::new());
        for family in families {
            let ids = family.iter().map(|people| {
                sets.push(Set::of(people));
                SetId::try_from(sets.len() - 1).expect("few sets")
            });
            results.push(vec![Family { told: 0, margin: 0, whole: true, sets: ids.collect() }]);
        }
        (sets, results)
    };
    let (sets, results) = made(&[&before, &after]);
    let within = |work| first_conflict_within(&sets, &results[..1], &results[1], 10, work);
    assert_eq!(within(MOST_WORK / 100), Ok(None));
    assert_eq!(within(100_000), Err(Error::TooMuch));
    let (sets, results) = made(&[&before, &one_more]);
    let found = first_conflict(&sets, &results[..1], &results[1], 10);
    assert_eq!(found, Ok(Some(Conflict::Earlier(0))));
}

/// Rows and columns of a square of people: each row has few people of each column, so that nothing is one node, and
/// what would take too long is not told.
#[test]
fn what_cannot_be_compared_is_an_error() {
    let side = 60_u32;
    let rows: Vec<Vec<u32>> = (0..side).map(|row| range(row * side, (row + 1) * side)).collect();
    let columns: Vec<Vec<u32>> =
        (0..side).map(|column| (0..side).map(|row| row * side + column).collect()).collect();
    let (rows, columns): (Vec<&[u32]>, Vec<&[u32]>) =
        (rows.iter().map(Vec::as_slice).collect(), columns.iter().map(Vec::as_slice).collect());
    let mut sets = Vec::new();
    let earlier = vec![result(&mut sets, &[&rows])];
    let new = result(&mut sets, &[&columns]);
    assert_eq!(first_conflict(&sets, &earlier, &new, 10), Ok(None));
    assert_eq!(first_conflict_within(&sets, &earlier, &new, 10, 1_000_000), Err(Error::TooMuch));
}
