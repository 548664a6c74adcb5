//! Related rows: what, which and when.

use super::Chance;
use super::claim::{Scope, date};
use super::known::{ALLELES, DAYS, DIAGNOSES, DRUGS, LOTS, MEASURED, SITES, TERMS};

/// An entity whose rows a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Measurement,
    Treatment,
    Diagnosis,
    Phenotype,
    Sample,
    Observation,
    Enrolment,
    Finding,
    Variant,
}

/// Those with a date.
pub(super) const DATED: [Of; 7] =
    [Of::Measurement, Of::Treatment, Of::Diagnosis, Of::Sample, Of::Observation, Of::Enrolment, Of::Finding];

impl Of {
    pub(super) fn name(self) -> &'static str {
        match self {
            Of::Measurement => "measurement",
            Of::Treatment => "treatment",
            Of::Diagnosis => "diagnosis",
            Of::Phenotype => "phenotype",
            Of::Sample => "sample",
            Of::Observation => "observation",
            Of::Enrolment => "enrolment",
            Of::Finding => "finding",
            Of::Variant => "variant",
        }
    }

    /// The column by which its rows are dated.
    pub(super) fn dated(self) -> &'static str {
        match self {
            Of::Measurement | Of::Diagnosis => "date",
            Of::Treatment | Of::Observation | Of::Enrolment => "started",
            Of::Sample => "collected_on",
            Of::Finding => "reported_on",
            Of::Phenotype => "recorded_on",
            Of::Variant => "position",
        }
    }
}

pub(super) fn any(chance: &mut Chance) -> Of {
    match chance.below(9) {
        7 => Of::Phenotype,
        8 => Of::Variant,
        at => DATED[at],
    }
}

pub(super) fn dated(chance: &mut Chance) -> Of {
    DATED[chance.below(DATED.len())]
}

/// Rows of a person: `treatment in … (…) before …`.
pub(super) fn rows(of: Of, scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    let mut text = of.name().to_owned();
    if let Some(set) = set(of, chance) {
        text.push_str(&set);
    }
    if of == Of::Variant || chance.percent(40) {
        text.extend([" (", &which(of, scope, depth, chance), ")"]);
    }
    if of != Of::Variant && of != Of::Phenotype && chance.percent(45) {
        text.push_str(&window(scope, depth, chance));
    }
    text
}

/// `in …`, of entities that are coded.
pub(super) fn set(of: Of, chance: &mut Chance) -> Option<String> {
    if chance.percent(35) {
        return None;
    }
    let codes: &[&str] = match of {
        Of::Measurement => &MEASURED,
        Of::Treatment => &DRUGS,
        Of::Diagnosis => &DIAGNOSES,
        Of::Phenotype => &TERMS,
        _ => return None,
    };
    let code = |chance: &mut Chance| chance.pick(codes).to_owned();
    Some(match chance.below(6) {
        0 => format!(" in [{}, {}]", code(chance), code(chance)),
        1 => format!(" in only {}", code(chance)),
        2 if of == Of::Diagnosis => " in ICD10:E10 .. ICD10:E11".to_owned(),
        3 if of == Of::Phenotype => " in HP:0012638 excluding HP:0001250".to_owned(),
        4 if of == Of::Treatment => " in ATC:A10".to_owned(),
        _ => format!(" in {}", code(chance)),
    })
}

/// A condition on one row, in whose scope it is.
pub(super) fn which(of: Of, scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    let one = |chance: &mut Chance| which_one(of, scope, depth, chance);
    match chance.below(8) {
        0 => format!("{} and {}", one(chance), one(chance)),
        1 => format!("({} or {})", one(chance), one(chance)),
        2 => format!("not ({})", one(chance)),
        _ => one(chance),
    }
}

fn which_one(of: Of, scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    let sign = chance.pick(&["<", "<=", ">", ">=", "=", "!="]);
    let order = chance.pick(&["<", "<=", ">", ">="]);
    match of {
        Of::Measurement => match chance.below(7) {
            0 => format!("(code in LOINC:4548-4 and value {order} {}.5 %)", chance.between(5, 8)),
            1 => format!("value {order} {} 'mmol/mol'", chance.between(40, 60)),
            2 => format!("value {order} {} 'kg'", chance.between(50, 90)),
            3 => "value is known".to_owned(),
            4 => format!("date {order} {}", date(scope, depth, chance)),
            5 if depth > 0 => {
                format!("no treatment in {} on or before measurement.date", chance.pick(&DRUGS))
            }
            _ => format!("value {order} {} 'mmol/L'", chance.between(3, 9)),
        },
        Of::Treatment => match chance.below(6) {
            0 => format!("dose {order} {} 'mg'", chance.between(1, 4) * 250),
            1 => "ended is not known".to_owned(),
            2 => format!("started {order} {}", date(scope, depth, chance)),
            3 => format!("drug in {}", chance.pick(&DRUGS)),
            4 => "ended - started > 30 days".to_owned(),
            _ => format!("(ended is known and ended > started + {} days)", chance.between(1, 90)),
        },
        Of::Diagnosis => match chance.below(4) {
            0 => format!("code in {}", chance.pick(&DIAGNOSES)),
            1 => "date is known".to_owned(),
            2 if depth > 0 => format!("age at diagnosis.date {order} {} years", chance.between(10, 60)),
            _ => format!("date {sign} {}", date(scope, depth, chance)),
        },
        Of::Phenotype => match chance.below(3) {
            0 => "severity is not known".to_owned(),
            1 => format!("onset_earliest_days {order} {}", chance.between(100, 9000)),
            _ => format!("term in {}", chance.pick(&TERMS)),
        },
        Of::Sample => match chance.below(6) {
            0 => "qc_passed".to_owned(),
            1 => format!("call_rate {order} 95%"),
            2 => format!("mean_coverage {order} {}", chance.between(10, 60)),
            3 => format!("kit_lot {} \"{}\"", chance.pick(&["=", "!="]), chance.pick(&LOTS)),
            4 => format!("kit_lot in [\"A\", \"{}\"]", chance.pick(&["B", "C", "x%_\\\\y", "é\u{1F9EC}"])),
            _ => format!("sequenced_on {order} {}", chance.pick(&DAYS)),
        },
        Of::Observation => match chance.below(2) {
            0 => "ended is not known".to_owned(),
            _ => format!("started {order} {}", chance.pick(&DAYS)),
        },
        Of::Enrolment => format!("enrolment.site {} \"{}\"", chance.pick(&["=", "!="]), chance.pick(&SITES)),
        Of::Finding => match chance.below(4) {
            0 => "classification = uncertain".to_owned(),
            1 => "classification >= likely_pathogenic".to_owned(),
            2 => "gene = MYH7".to_owned(),
            _ => "status in [causative, candidate]".to_owned(),
        },
        Of::Variant => variant(chance),
    }
}

/// A condition on an allele, also where no person is around.
pub(super) fn variant(chance: &mut Chance) -> String {
    match chance.below(12) {
        0 => format!("variant = {}", chance.pick(&ALLELES)),
        1 => format!("variant in [{}, {}]", chance.pick(&ALLELES), chance.pick(&ALLELES)),
        2 => format!("gene = {}", chance.pick(&["MYH7", "TNNT2"])),
        3 => format!("impact >= {}", chance.pick(&["low", "moderate", "high"])),
        4 => "(gene in [MYH7, TNNT2] and impact >= moderate)".to_owned(),
        5 => "consequence in SO:0001587".to_owned(),
        6 => format!("contig = \"{}\"", chance.pick(&["1", "2", "X", "Y", "MT"])),
        7 => format!("position {} {}", chance.pick(&["<", ">="]), chance.between(50, 3500)),
        8 => format!(
            "gnomad.af {} 1% counting absent as {}",
            chance.pick(&["<", ">"]),
            chance.pick(&["zero", "unknown"])
        ),
        9 => "gnomad.grpmax < 50% counting absent as zero".to_owned(),
        10 => "kind = snv".to_owned(),
        _ => format!("rs in [{}]", "\"rs200\""),
    }
}

/// When, by the date of the row.
pub(super) fn window(scope: &Scope, depth: usize, chance: &mut Chance) -> String {
    let on = |chance: &mut Chance| date(scope, depth, chance);
    let length = |chance: &mut Chance| {
        let unit = chance.pick(&["days", "days", "weeks", "months", "years"]);
        format!("{} {unit}", chance.between(1, if unit == "days" { 400 } else { 14 }))
    };
    match chance.below(9) {
        0 => format!(" before {}", on(chance)),
        1 => format!(" after {}", on(chance)),
        2 => format!(" on or before {}", on(chance)),
        3 => format!(" on or after {}", on(chance)),
        4 => format!(" on {}", on(chance)),
        5 => format!(" within {} of {}", length(chance), on(chance)),
        6 => format!(
            " within {} {} {}",
            length(chance),
            chance.pick(&["before", "after", "on or before", "on or after"]),
            on(chance)
        ),
        7 => format!(" during {} .. {}", chance.pick(&DAYS[..5]), chance.pick(&DAYS[5..8])),
        _ => format!(" during {}", chance.pick(&["2024-02", "2023-12", "2024-07"])),
    }
}
