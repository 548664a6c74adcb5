//! The functions of the language by name, for messages and editors; `function` gives them their meaning.

/// The functions of the language: name, parameters, meaning (language.md, sections 4 to 6).
/// Messages name what is near among them, and editors offer them.
pub const FUNCTIONS: &[(&str, &[&str], &str)] = &[
    ("count", &["rows [if condition]"], "how many rows"),
    ("sum", &["value [if condition]"], "the sum of the known values"),
    ("mean", &["value [if condition]"], "the mean of the known values"),
    ("median", &["value [if condition]"], "the median of the known values"),
    (
        "quantile",
        &["value [if condition]", "share"],
        "the value at a share of the known values, such as `25%`",
    ),
    ("min", &["value [if condition]"], "the smallest known value"),
    ("max", &["value [if condition]"], "the largest known value"),
    ("first", &["rows [by value]"], "the earliest row, or the one with the smallest value"),
    ("last", &["rows [by value]"], "the latest row, or the one with the largest value"),
    ("nth", &["rows [by value]", "n"], "the n-th row, from 1"),
    ("earliest", &["date or age"], "the first day that a partial date can be, the least that an age can be"),
    ("latest", &["date or age"], "the last day that a partial date can be, the greatest that an age can be"),
    ("share", &["condition"], "the share of the group for which it is true"),
    ("wilson", &["condition"], "the 95 % interval of a share (Wilson 1927)"),
    (
        "episodes",
        &["rows", "gap: days"],
        "stretches of dated rows without a longer gap, each with `started` and `ended`",
    ),
    ("eras", &["rows", "gap: days"], "episodes of one code each"),
    ("band", &["value", "width"], "the interval of this width that holds the value"),
    ("month", &["date"], "the month of a date"),
    ("year", &["date"], "the year of a date"),
    ("previous", &["value"], "the value of the row before, in a series"),
    ("fisher", &["with_1", "of_1", "with_2", "of_2"], "Fisher's exact test of two shares"),
    (
        "inherited",
        &["trio or subject", "variants", "depth: n", "affected: cohort"],
        "the candidates of a child by mode of inheritance",
    ),
    ("hgvs", &["\"expression\""], "the alleles that an HGVS expression names"),
];

/// What other languages call them.
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    ("avg", "mean"),
    ("average", "mean"),
    ("len", "count"),
    ("length", "count"),
    ("size", "count"),
    ("nunique", "count"),
    ("n_distinct", "count"),
    ("lag", "previous"),
    ("minimum", "min"),
    ("maximum", "max"),
    ("cut", "band"),
    ("percentile", "quantile"),
    ("quartile", "quantile"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Input, check};

    /// A name in the table that nothing gives a meaning would be offered and then refused as unknown.
    #[test]
    fn every_function_of_the_table_is_one() {
        let text = "model m version 1 entity subject (subjects) from table s key id linkage subject { id : id identifier }";
        let file = text::FileId(0);
        let model = model::read(&[&syntax::parse(file, text).0]).0.unwrap();
        let unknown = |name: &str| {
            let text = format!("cohort c = from subjects where {name}(1)");
            let main = syntax::parse(file, &text).0;
            let input = Input {
                model: &model,
                vocabulary: &crate::NoVocabulary,
                main: &main,
                library: &[],
                imports: &std::collections::BTreeMap::new(),
                code_files: &std::collections::BTreeMap::new(),
                params: &std::collections::BTreeMap::new(),
            };
            check(&input).1.iter().any(|diagnostic| diagnostic.message.contains("no function"))
        };
        assert!(unknown("avg") && unknown("fish"));
        for (name, ..) in FUNCTIONS.iter().filter(|(name, ..)| *name != "hgvs") {
            assert!(!unknown(name), "{name}");
        }
        for (_, name) in ELSEWHERE {
            assert!(FUNCTIONS.iter().any(|(known, ..)| known == name), "{name}");
        }
    }
}
