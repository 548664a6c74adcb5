//! Truths and values of a person.

use super::Chance;
use super::known::{ALLELES, DAYS, SITES, TERMS};
use super::rows::{self, Of};

/// What is in scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Whether the cohort has an index date.
    pub(super) indexed: bool,
    /// The cohorts of people above.
    pub(super) cohorts: Vec<String>,
    /// Names of truths that the file or the item defines.
    pub(super) truths: Vec<String>,
}

/// A day of the person.
pub(super) fn date(scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    match chance.below(8) {
        0 => "as_of".to_owned(),
        1 | 2 if scope.indexed => "index".to_owned(),
        3 if scope.indexed => format!("index {} {} days", chance.pick(&["+", "-"]), chance.between(1, 200)),
        4 if depth > 0 => {
            let of = rows::dated(chance);
            let text = rows::rows(of, scope, 0, chance);
            format!("{}({text}).{}", chance.pick(&["first", "last"]), of.dated())
        }
        5 => format!("{} + {} months", chance.pick(&DAYS), chance.between(1, 30)),
        _ => chance.pick(&DAYS).to_owned(),
    }
}

/// A truth of a person.
pub(super) fn claim(scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    if depth > 0 {
        let inner = |chance: &mut Chance| claim(scope, depth - 1, chance);
        match chance.below(14) {
            0 => return format!("({} and {})", inner(chance), inner(chance)),
            1 => return format!("({} or {})", inner(chance), inner(chance)),
            2 => return format!("not ({})", inner(chance)),
            3 => {
                let count = chance.pick(&["at least", "at most", "exactly"]);
                return format!("{count} {} of [{}, {}]", chance.between(1, 2), inner(chance), inner(chance));
            }
            _ => {}
        }
    }
    plain(scope, depth, chance)
}

fn plain(scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    let order = chance.pick(&["<", "<=", ">", ">="]);
    match chance.below(30) {
        0 | 1 => format!("{} {order} {} years", age(scope, depth, chance), chance.between(1, 70)),
        2 => format!("sex {} {}", chance.pick(&["=", "!="]), chance.pick(&["male", "female", "unknown"])),
        3 => format!("ancestry in [EUR, {}]", chance.pick(&["AFR", "EAS", "SAS"])),
        4 => format!(
            "{} is {}known",
            chance.pick(&["ancestry", "karyotype", "birth_date", "death_date", "site"]),
            chance.pick(&["", "not "])
        ),
        5 => chance.pick(&["unrelated", "not unrelated"]).to_owned(),
        6 => format!("site {} \"{}\"", chance.pick(&["=", "!="]), chance.pick(&SITES)),
        7 => format!("birth_date {order} {}", date(scope, depth, chance)),
        8 => format!("death_date{}", rows::window(scope, depth, chance)),
        9 => format!("birth_year {order} {}", chance.between(1940, 2005)),
        10..=12 => {
            let of = rows::any(chance);
            format!("{} {}", chance.pick(&["has", "has", "no"]), rows::rows(of, scope, depth, chance))
        }
        13 => {
            let of = rows::any(chance);
            let count = chance.pick(&["at least", "at most", "exactly"]);
            format!("{count} {} {}", chance.between(1, 3), rows::rows(of, scope, depth, chance))
        }
        14 => {
            let of = rows::dated(chance);
            let set = rows::set(of, chance).unwrap_or_default();
            let apart = chance.pick(&[
                " on different days",
                " within 6 months of each other",
                " on different days within 1 year of each other",
            ]);
            format!("at least {} {}{set}{apart}", chance.between(2, 3), of.name())
        }
        15 => format!("excludes phenotype in {}", chance.pick(&TERMS)),
        16 => format!("excludes variant (variant = {})", chance.pick(&ALLELES[..8])),
        17 => format!("observed {} days before {}", chance.between(10, 400), date(scope, depth, chance)),
        18 => format!("observed {} .. {}", DAYS[1], chance.pick(&DAYS[2..8])),
        19 => "consent valid".to_owned(),
        20 => format!("consent valid at ({}) for trade", date(scope, 0, chance)),
        21 | 22 if !scope.cohorts.is_empty() => {
            let at = chance.below(scope.cohorts.len());
            format!("subject {}in {}", chance.pick(&["", "not "]), scope.cohorts[at])
        }
        23 | 24 if !scope.truths.is_empty() => {
            let at = chance.below(scope.truths.len());
            scope.truths[at].clone()
        }
        25 => {
            let of = rows::any(chance);
            format!("count({}) {order} {}", rows::rows(of, scope, depth, chance), chance.between(0, 3))
        }
        26 => {
            let pick = chance.pick(&["first", "last"]);
            let code_and_bound = chance.pick(&[
                "measurement in LOINC:4548-4).value >= 6.5 %",
                "measurement in LOINC:2093-3).value < 6 'mmol/L'",
                "measurement in LOINC:29463-7 by value).value > 60 'kg'",
                "treatment).dose = 500 'mg'",
                "treatment in ATC:A10BA02).ended is known",
                "sample by mean_coverage descending).qc_passed",
            ]);
            format!("{pick}({code_and_bound}")
        }
        27 => format!("enrolment.site at ({}) = \"{}\"", date(scope, 0, chance), chance.pick(&SITES)),
        28 => format!("{} {}", date(scope, depth, chance), rows::window(scope, 0, chance).trim_start()),
        29 => {
            format!("{} = {}", chance.pick(&["mother.sex", "father.sex"]), chance.pick(&["female", "male"]))
        }
        _ => format!("has {}", rows::rows(Of::Phenotype, scope, depth, chance)),
    }
}

/// The age of a person, at a date where one is needed.
pub(super) fn age(scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    if scope.indexed {
        format!("age at {}", chance.pick(&["index", "as_of"]))
    } else if chance.percent(30) {
        format!("age at ({})", date(scope, depth, chance))
    } else {
        "age".to_owned()
    }
}

/// A value of a person that may be averaged, or counted.
pub(super) fn number(scope: &Scope, chance: &mut Chance) -> String {
    match chance.below(6) {
        0 => "birth_year".to_owned(),
        1 => format!("count({})", rows::rows(rows::any(chance), scope, 0, chance)),
        2 => "mean(sample.mean_coverage)".to_owned(),
        3 => "first(sample).mean_coverage".to_owned(),
        _ => age(scope, 0, chance),
    }
}

/// A key with its name: `sex`, `band = band(age, 10 years)`.
pub(super) fn key(scope: &Scope, depth: usize, chance: &mut Chance) -> (String, &'static str) {
    match chance.below(9) {
        0 | 1 => ("sex".to_owned(), "sex"),
        2 => ("ancestry".to_owned(), "ancestry"),
        3 => ("site".to_owned(), "site"),
        4 => (
            format!(
                "band = band({}, {} years)",
                if scope.indexed { "age at index" } else { "age" },
                chance.pick(&["10", "20"])
            ),
            "band",
        ),
        5 => (format!("holds = {}", claim(scope, depth, chance)), "holds"),
        6 => (
            format!(
                "kind = case when {} then \"one\" when {} then \"two\" otherwise \"none\"",
                claim(scope, depth, chance),
                claim(scope, 0, chance)
            ),
            "kind",
        ),
        7 => (format!("older = birth_year < {}", chance.between(1950, 1990)), "older"),
        _ => ("family".to_owned(), "family"),
    }
}
