//! How the demo's agreement releases numbers, written down once more: fewer than 10 people are withheld, counts are
//! rounded to the nearest 5, ratios are of rounded parts, with 12 places, ties to even.

/// A count, rounded.
pub(crate) fn rounded(count: u64) -> u64 {
    (count + 2) / 5 * 5
}

/// A released number of people.
pub(crate) fn people(count: u64) -> String {
    match count {
        0 => "0".into(),
        1..=9 => "<10".into(),
        _ => rounded(count).to_string(),
    }
}

/// A ratio with 12 places, ties to even, without zeros at its end.
pub(crate) fn ratio(part: i128, whole: i128) -> String {
    let scale = 1_000_000_000_000_i128;
    let (negative, part) = (part < 0, part.abs());
    let (mut units, left) = (part * scale / whole, part * scale % whole);
    if left * 2 > whole || left * 2 == whole && units % 2 == 1 {
        units += 1;
    }
    let text = format!("{}.{:012}", units / scale, units % scale);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if negative && units > 0 { format!("-{text}") } else { text.to_owned() }
}

/// The share of some among others, both of them people.
pub(crate) fn share(some: u64, of: u64) -> String {
    if withheld(some) || withheld(of) || withheld(of - some) {
        return "withheld".into();
    }
    if of == 0 { String::new() } else { ratio(rounded(some).into(), rounded(of).into()) }
}

fn withheld(count: u64) -> bool {
    (1..10).contains(&count)
}

#[test]
fn numbers_are_released_as_the_agreement_says() {
    assert_eq!([0, 9, 10, 12, 13, 17, 18].map(people), ["0", "<10", "10", "10", "15", "15", "20"]);
    assert_eq!(
        [ratio(1, 3), ratio(2, 3), ratio(-1, 4), ratio(7, 7)],
        ["0.333333333333", "0.666666666667", "-0.25", "1"]
    );
}
