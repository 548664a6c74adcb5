//! Programs of chance.

use std::fmt::Write as _;

use super::Chance;
use super::claim::{self, Scope, claim};
use super::known::{ALLELES, DAYS, DIAGNOSES, DRUGS, LOTS, TERMS};
use super::rows::{self, Of};

/// The policy of the programs: whatever they test they may also show, so that few are refused and all rows are seen.
pub const POLICY: &str = r#"agreement "OPEN" version 1 {
  recipient "The test suite"
  purpose   GENERAL with genetic, irb, publish
  valid     2020-01-01
  may test  subject, observation, enrolment, phenotype, diagnosis, treatment, measurement, sample, call, variant, effect,
            gene, finding, gnomad, clinvar, trio, consent
  may show  sex, karyotype, ancestry, age, band(age, 10 years), band(age, 20 years), birth_date, birth_year, death_date,
            family, site, unrelated, subject, variant, enrolment.site, enrolment.started, enrolment.ended,
            observation.started, observation.ended, treatment.drug, treatment.started, treatment.ended, treatment.dose,
            treatment.dose_unit, diagnosis.code, diagnosis.date, measurement.code, measurement.date, measurement.value,
            measurement.unit, phenotype.term, phenotype.excluded, phenotype.onset_earliest_days, phenotype.severity,
            phenotype.recorded_on, sample.kit_lot, sample.collected_on, sample.sequenced_on, month(sample.sequenced_on),
            sample.qc_passed, sample.call_rate, sample.mean_coverage, call.call, call.phased, call.phase_set, finding.gene,
            finding.classification, finding.status, finding.reported_on, finding.variant_id, effect.gene, effect.impact,
            effect.consequence, gnomad.af, gnomad.grpmax, variant.contig, variant.position, variant.kind, variant.rs, clinvar
  level     record
  release   { min subjects 5, zeros shown, frequency min subjects 5, allele min carriers 1 }
  formats   csv
}
purpose trade = GENERAL with genetic, irb, publish, commercial
"#;

/// A program with one table or report, for the agreement of [`POLICY`].
pub fn draw(chance: &mut Chance) -> String {
    let mut text = format!(
        "use agreement \"OPEN\"\nas of {}\n",
        chance.pick(&["2024-07-01", "2024-07-01", "2024-02-29", "2025-01-01", "2023-12-31", "2025-06-01"])
    );
    let mut scope = Scope::default();
    if chance.percent(25) {
        let _ = writeln!(text, "codes drugs = [{}, ATC:A10AB01]", chance.pick(&DRUGS));
        scope.truths.push("has treatment in drugs".to_owned());
    }
    if chance.percent(25) {
        let _ = writeln!(text, "define subject.marked = {}", claim(&Scope::default(), 1, chance));
        scope.truths.push("marked".to_owned());
    }
    if chance.percent(10) {
        let _ = writeln!(text, "param floor: int = {}", chance.between(1960, 1990));
        scope.truths.push("birth_year > floor".to_owned());
    }
    for name in ["some", "others"] {
        if chance.percent(35) {
            let _ = writeln!(text, "{}", people(name, &scope, chance));
            scope.cohorts.push(name.to_owned());
        }
    }
    match chance.below(26) {
        0..=5 => text.push_str(&grouped(&scope, chance)),
        6..=8 => text.push_str(&listed(&scope, chance)),
        9..=10 => text.push_str(&events(&scope, chance)),
        11..=14 => text.push_str(&frequency(&scope, chance)),
        15..=16 => text.push_str(&each(&scope, chance)),
        17..=18 => text.push_str(&series(&scope, chance)),
        19 => text.push_str(&candidates(chance)),
        20..=21 => text.push_str(&of_events(&scope, chance)),
        _ => text.push_str(&report(&scope, chance)),
    }
    text.push('\n');
    text
}

/// A cohort of people without index.
fn people(name: &str, scope: &Scope, chance: &mut Chance) -> String {
    let mut text = format!("cohort {name} = from subjects");
    for rule in 0..=chance.below(3) {
        let _ = write!(text, "\n  where r{rule}: {}", member(scope, chance));
    }
    if chance.percent(15) {
        let _ = write!(text, "\n  draw {} seed {}", chance.between(3, 15), chance.between(1, 99));
    }
    text
}

/// A claim that somebody of whom nothing is known does not fulfil, so that a cohort may begin with it.
fn member(scope: &Scope, chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => format!("{} >= {} years", "age", chance.between(1, 40)),
        1 => format!("has {}", rows::rows(rows::any(chance), scope, 1, chance)),
        2 => chance
            .pick(&["sex = female", "sex = male", "unrelated", "ancestry is known", "has sample (qc_passed)"])
            .to_owned(),
        _ => format!("(sex is known and {})", claim(scope, 2, chance)),
    }
}

/// A cohort with an index date, and what may follow it.
fn indexed(name: &str, scope: &Scope, chance: &mut Chance) -> String {
    let of = rows::dated(chance);
    let set = rows::set(of, chance).unwrap_or_default();
    let date = match chance.below(4) {
        0 => format!("last({}{set}).{}", of.name(), of.dated()),
        1 => format!("nth({}{set}, 2).{}", of.name(), of.dated()),
        _ => format!("first({}{set}).{}", of.name(), of.dated()),
    };
    let mut text = format!("cohort {name} = from subjects\n  index at {date}");
    let scope = Scope { indexed: true, ..scope.clone() };
    for rule in 0..chance.below(3) {
        let _ = write!(text, "\n  where r{rule}: {}", claim(&scope, 2, chance));
    }
    if chance.percent(40) {
        let exits = chance.pick(&[
            "died = death_date",
            "died = death_date, lost = observation.ended at index",
            "next = first(measurement after index).date, died = death_date",
            "stopped = episodes(treatment, gap: 30 days).ended at index",
        ]);
        let _ = write!(text, "\n  exit at {exits}");
    }
    text
}

/// People or their events, and the scope in which they are asked.
fn source(scope: &Scope, chance: &mut Chance) -> (String, &'static str, Scope) {
    match chance.below(5) {
        0 | 1 => (String::new(), "subjects", scope.clone()),
        2 if !scope.cohorts.is_empty() => (String::new(), "some", scope.clone()),
        _ => {
            (indexed("starters", scope, chance) + "\n", "starters", Scope { indexed: true, ..scope.clone() })
        }
    }
}

/// A source that is declared.
fn declared(scope: &Scope, chance: &mut Chance) -> (String, &'static str, Scope) {
    let (text, name, inner) = source(scope, chance);
    if name == "some" && !scope.cohorts.iter().any(|one| one == "some") {
        return (text, "others", inner);
    }
    (text, name, inner)
}

fn rules(scope: &Scope, most: usize, chance: &mut Chance) -> String {
    let count = chance.below(most + 1);
    let rules: Vec<String> =
        (0..count).map(|rule| format!("\n  where q{rule}: {}", claim(scope, 2, chance))).collect();
    rules.concat()
}

/// Counts and other aggregates of groups of people.
fn grouped(scope: &Scope, chance: &mut Chance) -> String {
    let (mut text, from, scope) = declared(scope, chance);
    let _ = write!(text, "table t =\n  from {from}{}", rules(&scope, 2, chance));
    let mut keys: Vec<(String, &str)> = Vec::new();
    for _ in 0..=chance.below(2) {
        let key = claim::key(&scope, 1, chance);
        if keys.iter().all(|(_, name)| *name != key.1) {
            keys.push(key);
        }
    }
    let names: Vec<&str> = keys.iter().map(|(text, _)| text.as_str()).collect();
    let _ = write!(text, "\n  group by {}", names.join(", "));
    if chance.percent(25) {
        text.push_str(" with totals");
    }
    let _ = write!(text, "\n  show n = count(subjects)");
    for column in 0..chance.below(3) {
        let _ = match chance.below(8) {
            0 => write!(text, ", c{column} = count(subjects if {})", claim(&scope, 1, chance)),
            1 => write!(text, ", c{column} = mean({})", claim::number(&scope, chance)),
            2 => write!(text, ", c{column} = median({})", claim::number(&scope, chance)),
            3 => write!(text, ", c{column} = share({})", claim(&scope, 1, chance)),
            4 => write!(text, ", c{column} = wilson({})", claim(&scope, 1, chance)),
            5 => write!(text, ", c{column} = sum({})", claim::number(&scope, chance)),
            6 => write!(text, ", c{column} = count({})", rows::rows(rows::any(chance), &scope, 1, chance)),
            _ => write!(text, ", c{column} = count(subjects if {}) / n", claim(&scope, 1, chance)),
        };
    }
    if chance.percent(15) {
        text.push_str("\n  where n >= 2");
    }
    text
}

/// People one by one.
fn listed(scope: &Scope, chance: &mut Chance) -> String {
    let (mut text, from, scope) = declared(scope, chance);
    let _ = write!(text, "table t =\n  from {from}{}", rules(&scope, 2, chance));
    let named = chance.percent(40);
    if named {
        // Whether somebody consented is never shown of one person.
        let told = (0..9).map(|_| claim(&scope, 2, chance)).find(|told| !told.contains("consent"));
        let _ = write!(text, "\n  let told = {}", told.unwrap_or_else(|| "sex = female".to_owned()));
    }
    text.push_str("\n  show subject");
    for column in 0..chance.below(3) {
        let _ = match chance.below(8) {
            0 => write!(text, ", c{column} = sex"),
            1 => write!(text, ", c{column} = first(treatment).started"),
            2 => write!(text, ", c{column} = last(measurement in LOINC:4548-4).value"),
            3 => write!(
                text,
                ", c{column} = enrolment.site at {}",
                if scope.indexed { "index" } else { "as_of" }
            ),
            4 => write!(text, ", c{column} = {}", claim::age(&scope, 0, chance)),
            5 => write!(text, ", treatments {{ drug, started }}"),
            6 if scope.indexed => write!(text, ", index"),
            _ => write!(text, ", c{column} = first(diagnosis in {}).date", chance.pick(&DIAGNOSES)),
        };
    }
    if named {
        text.push_str(", told");
    }
    if chance.percent(30) {
        let _ = write!(
            text,
            "\n  order by subject{}\n  limit {}",
            chance.pick(&["", " descending"]),
            chance.between(1, 9)
        );
    }
    text
}

/// Rows of people: a person counts once for each.
fn events(scope: &Scope, chance: &mut Chance) -> String {
    let of = rows::dated(chance);
    let plural = plural(of);
    let mut text = format!("table t =\n  from {plural}");
    if chance.percent(60) {
        let _ = write!(text, "\n  where {}", rows::which(of, scope, 0, chance));
    }
    if chance.percent(40) {
        let _ = write!(
            text,
            "\n  where {}",
            chance.pick(&[
                "subject.sex = female",
                "subject.unrelated",
                "subject.ancestry = EUR",
                "subject.age >= 30 years"
            ])
        );
    }
    if !scope.cohorts.is_empty() && chance.percent(40) {
        let _ = write!(text, "\n  where subject in {}", scope.cohorts[0]);
    }
    let key = match of {
        Of::Sample => chance.pick(&["kit_lot", "month = month(sequenced_on)", "qc_passed", "subject.sex"]),
        Of::Enrolment => chance.pick(&["subject.sex", "enrolment.site"]),
        Of::Finding => chance.pick(&["classification", "gene", "subject.sex"]),
        _ => chance.pick(&["subject.sex", "subject.ancestry"]),
    };
    let _ = write!(text, "\n  group by {key}\n  show people = count(subject), rows = count({plural})");
    if of == Of::Sample && chance.percent(60) {
        text.push_str(", coverage = mean(mean_coverage), passed = share(qc_passed)");
    }
    text
}

/// Frequencies of alleles.
fn frequency(scope: &Scope, chance: &mut Chance) -> String {
    let mut text = format!("table t =\n  from variants\n  where {}", rows::variant(chance));
    if chance.percent(20) {
        let _ = write!(text, "\n  where {}", rows::variant(chance));
    }
    let among = |chance: &mut Chance| match chance.below(6) {
        0 => "subjects".to_owned(),
        1 => format!(
            "samples ({})",
            chance.pick(&["qc_passed", "call_rate > 92%", "kit_lot = \"A\"", "subject.sex = female"])
        ),
        2 if !scope.cohorts.is_empty() => scope.cohorts[0].clone(),
        _ => format!("subjects ({})", claim(&Scope { indexed: false, ..scope.clone() }, 1, chance)),
    };
    if chance.percent(20) {
        let (one, other) = (among(chance), among(chance));
        let _ = write!(
            text,
            "\n  frequency here = among {one}\n  frequency there = among {other}\n  let odds = fisher(here.carriers, here.people, there.carriers, there.people)\n  \
             show variant, ac1 = here.ac, an1 = here.an, ac2 = there.ac, odds.p, shift = here.af - there.af"
        );
        return text;
    }
    let among = among(chance);
    let _ = write!(text, "\n  frequency among {among}");
    let key = chance.below(4);
    if key < 3 {
        let of = if among.starts_with("samples") { "subject." } else { "" };
        let _ = write!(
            text,
            " by {of}{}{}",
            ["sex", "ancestry", "site"][key],
            if chance.percent(40) { " with totals" } else { "" }
        );
    }
    let more = chance.pick(&[
        "ac, an, af",
        "het, hom, hemi",
        "carriers, people, missing",
        "call_rate, faf95",
        "ac, an, hwe",
        "carriers, carrier_frequency",
        "gene, ac, an",
        "hgvs, consequence, ac",
    ]);
    let by = if key < 3 { ["sex", "ancestry", "site"][key].to_owned() + ", " } else { String::new() };
    let _ = write!(text, "\n  show variant, {by}{more}");
    text
}

/// A row per related row.
fn each(scope: &Scope, chance: &mut Chance) -> String {
    if chance.percent(40) {
        let mut text = format!("table t =\n  from variants\n  where {}", rows::variant(chance));
        text.push_str("\n  for each effect in effects");
        if chance.percent(50) {
            text.push_str(" (impact >= moderate)");
        }
        let _ = write!(
            text,
            "\n  group by effect.gene\n  frequency among subjects ({})\n  show gene, carriers, people",
            claim(scope, 1, chance)
        );
        return text;
    }
    let of = rows::dated(chance);
    format!(
        "table t =\n  from subjects{}\n  for each {} in {}\n  group by sex\n  show people = count(subjects), rows = count({})",
        rules(scope, 1, chance),
        of.name(),
        rows::rows(of, scope, 1, chance),
        plural(of),
    )
}

/// The plural of an entity.
fn plural(of: Of) -> String {
    match of {
        Of::Diagnosis => "diagnoses".to_owned(),
        other => format!("{}s", other.name()),
    }
}

/// A series of months.
fn series(scope: &Scope, chance: &mut Chance) -> String {
    let starters = "cohort starters = from subjects\n  index at first(sample by sequenced_on).sequenced_on\n  \
         where in_time: index during 2023-12-01 .. 2024-07-31\n";
    let scope = Scope { indexed: true, ..scope.clone() };
    let column = match chance.below(3) {
        0 => ", change = people - previous(people)".to_owned(),
        1 => format!(", part = count(subjects if {}) / people", claim(&scope, 1, chance)),
        _ => String::new(),
    };
    let key = chance.pick(&[
        "month = month(index)",
        "sex, month = month(index)",
        "site = enrolment.site at index, month = month(index)",
    ]);
    format!(
        "{starters}table t =\n  from starters{}\n  group by {key}\n  show people = count(subjects){column}",
        rules(&scope, 1, chance)
    )
}

/// Candidates of inheritance.
fn candidates(chance: &mut Chance) -> String {
    let which = rows::variant(chance);
    let mut text = format!(
        "table t =\n  from trios\n  for each candidate in inherited(trio, proband.variants ({which}))"
    );
    if chance.percent(50) {
        text.push_str("\n  where candidate.mode in [de_novo, compound_het]");
    }
    if chance.percent(30) {
        let _ = write!(text, "\n  where has proband.phenotypes in {}", chance.pick(&TERMS));
    }
    text.push_str("\n  show proband, candidate.gene, candidate.mode, candidate.phase, candidate.segregates");
    text
}

/// A cohort of events.
fn of_events(scope: &Scope, chance: &mut Chance) -> String {
    let of = rows::dated(chance);
    let set = rows::set(of, chance).unwrap_or_default();
    let inner = Scope { indexed: true, ..scope.clone() };
    let eras = chance.percent(30);
    let extra = if eras {
        ", long = count(subjects if has episodes(treatment, gap: 30 days)), twice = share(count(eras(treatments, gap: 60 days)) >= 2)"
    } else {
        ""
    };
    format!(
        "cohort days = from subjects\n  index at each ({}{set}).{}\n  where r0: {}\ntable t =\n  from days\n  group by sex\n  \
         show people = count(subjects), days = count(days), part = share({}){extra}",
        of.name(),
        of.dated(),
        claim(&inner, 1, chance),
        claim(&inner, 1, chance)
    )
}

/// An attrition, a Table 1, a comparison, a match.
fn report(scope: &Scope, chance: &mut Chance) -> String {
    let mut text = String::new();
    match chance.below(4) {
        0 => {
            let _ = write!(text, "{}\nattrition of starters", indexed("starters", scope, chance));
        }
        1 => {
            let _ = write!(text, "{}\nattrition of chosen", people("chosen", scope, chance));
        }
        2 => {
            let _ = write!(
                text,
                "{}\ndescribe chosen by told = {} show age, sex, ancestry",
                people("chosen", scope, chance),
                claim(scope, 1, chance)
            );
        }
        _ => {
            let (day, lot, allele) = (chance.pick(&DAYS), chance.pick(&LOTS), chance.pick(&ALLELES));
            let rule = match chance.below(4) {
                0 => "has diagnosis before 2024-07-01".to_owned(),
                1 => format!("has treatment on or after {day}"),
                2 => format!("has sample (kit_lot = \"{lot}\")"),
                _ => format!("has variant (variant = {allele})"),
            };
            let key = chance.pick(&["sex", "birth_year within 5", "sex, ancestry", "age within 3 years"]);
            let _ = write!(
                text,
                "cohort cases = from subjects where ill: {rule}\ncohort controls = from subjects\n  where well: sex is known and not ({rule})\n  \
                 match {} to each of cases on {key} seed {}\n{}",
                chance.between(1, 4),
                chance.between(1, 99),
                chance.pick(&[
                    "compare cases with controls show sex, age",
                    "attrition of controls",
                    "compare controls with cases show ancestry, birth_year"
                ])
            );
        }
    }
    text
}
