//! Queries through the whole compiler, with the model of the standard library.

use crate::{Demand, Dialect, ResultDemand};
use jiff::civil::date;
use policy::{Context, Permitted};
use std::collections::BTreeMap;
use text::Files;

const MODEL: &str = include_str!("../../../../stdlib/models/genomics.bq");

const POLICY: &str = r#"
purpose hearts   = DS [DOID:114] with genetic, irb
purpose business = HMB with genetic, irb, commercial
agreement "HEART" version 1 {
  recipient "University Hospital"
  purpose   HMB with genetic, irb
  valid     2026-01-01 until 2027-01-01
  may test  subject (sex, birth_date), phenotype, sample, call (call), treatment (drug, started), finding
  may show  sex, band(age, 10 years), ancestry, sample.kit_lot, month(sample.sequenced_on)
  level     aggregate
  formats   csv, vcf
}
agreement "ROWS" version 2 {
  recipient "University Hospital"
  purpose   HMB with genetic, irb
  valid     2026-01-01
  may test  subject (sex, birth_date), phenotype, finding, sample, trio, disease, call (call), treatment (drug, started), consent
  may show  sex, variant, finding.reported_on, phenotype.term
  level     record
  release   { min subjects 20, round to 10, zeros shown }
  formats   csv
}
"#;

const HEAD: &str = "use agreement \"HEART\"\nas of 2026-06-01\n";

fn parse(files: &mut Files, name: &str, text: &str) -> syntax::Parsed {
    let file = files.add(name, text);
    let (parsed, diagnostics) = syntax::parse(file, text);
    let said: Vec<String> = diagnostics.iter().map(|one| format!("{} {}", one.code.0, one.message)).collect();
    assert_eq!(said, [""; 0], "{name}\n{text}");
    parsed
}

pub(super) fn above(id: &str) -> Option<Vec<String>> {
    match id {
        "DOID:114" => Some(vec!["DOID:114".into(), "DOID:1287".into(), "DOID:4".into(), "DOID:7".into()]),
        _ => None,
    }
}

pub(super) fn model() -> model::Model {
    let mut files = Files::new();
    let parsed = parse(&mut files, "genomics.bq", MODEL);
    model::read(&[&parsed]).0.expect("the standard model")
}

pub(super) fn permitted(model: &model::Model, query: &str) -> Permitted {
    let mut files = Files::new();
    let policy = parse(&mut files, "policy.bq", POLICY);
    let (policy, wrong) = policy::read(model, &[&policy]);
    assert_eq!(wrong, []);
    let parsed = parse(&mut files, "query.bq", query);
    let input = types::Input {
        model,
        vocabulary: &types::NoVocabulary,
        main: &parsed,
        library: &[],
        imports: &BTreeMap::new(),
        code_files: &BTreeMap::new(),
        params: &BTreeMap::new(),
    };
    let (checked, wrong) = types::check(&input);
    let said: Vec<String> = wrong.iter().map(|one| format!("{} {}", one.code.0, one.message)).collect();
    assert_eq!(said, [""; 0], "{query}");
    let context = Context {
        model,
        used_on: date(2026, 7, 1),
        known_at: "2026-07-01T12:00:00Z".parse().expect("an instant"),
        test: false,
    };
    let (permitted, wrong) = policy::check(checked, &policy, &context);
    let said: Vec<String> = wrong.iter().map(|one| format!("{} {}", one.code.0, one.message)).collect();
    assert_eq!(said, [""; 0], "{query}");
    permitted.expect("permitted")
}

/// A text of the compiler with what is demanded of it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) demand: Demand,
}

/// Names and queries; those without a head get [`HEAD`].
const QUERIES: &[(&str, &str)] = &[
    (
        "cohort",
        "cohort affected = from subjects where adult: age >= 18 years where has phenotype in HP:0001638\ntable t = from affected where consent valid group by sex, age_band = band(age, 10 years) show people = count(subjects)",
    ),
    (
        "cohort on the day of use",
        "use agreement \"HEART\"\nas of 2026-07-01\ntable t = from subjects where has treatment in ATC:C07 show n = count(subjects)",
    ),
    (
        "narrowed",
        "use agreement \"HEART\" for hearts\nas of 2026-06-01\ntable t = from subjects group by sex show n = count(subjects)",
    ),
    (
        "frequency",
        "table f = from variants where gene = MYBPC3 and impact >= high\nfrequency among subjects (sex = female) by ancestry with totals show variant, gene, ancestry, ac, an, af",
    ),
    (
        "frequency of samples",
        "table f = from variants frequency among samples (qc_passed) by subject.sex show variant, ac",
    ),
    (
        "samples",
        "table t = from samples group by kit_lot, month = month(sequenced_on) show n = count(samples)",
    ),
    (
        "index",
        "cohort c = from subjects index at first(sample by sequenced_on).sequenced_on\ntable t = from c group by m = month(index) show n = count(subjects)",
    ),
    ("findings", "table t = from findings where variant.contig = \"17\" show n = count(findings)"),
    (
        "rows",
        "use agreement \"ROWS\"\nas of 2026-06-01\ntable t = from findings show subject, variant, reported_on, subject.sex",
    ),
    (
        "diseases",
        "use agreement \"ROWS\"\nas of 2026-06-01\ntable t = from diseases show n = count(diseases)",
    ),
    (
        "trios",
        "use agreement \"ROWS\"\nas of 2026-06-01\ntable t = from subjects where has trio show n = count(subjects)",
    ),
    (
        "carriers",
        "use agreement \"ROWS\"\nas of 2026-06-01\ntable t = from subjects where has variant (gene = BRCA1) show n = count(subjects)",
    ),
    (
        "consent at a date",
        "use agreement \"ROWS\"\nas of 2026-06-01\ntable t = from samples show n = count(samples if consent valid at collected_on)",
    ),
    (
        "consent for a purpose",
        "use agreement \"ROWS\"\nas of 2026-06-01\ntable t = from subjects show n = count(subjects if consent valid for business), m = count(subjects if consent valid at 2026-01-01)",
    ),
    (
        "public",
        "use agreement \"HEART\"\ntable g = from genes where symbol = \"BRCA1\" show symbol, contig, position",
    ),
];

/// Every query that the language takes, as the compiler prints it for DuckDB.
pub(super) fn emitted() -> Vec<Case> {
    emitted_for(Dialect::DuckDb)
}

/// The same for an engine.
pub(super) fn emitted_for(dialect: Dialect) -> Vec<Case> {
    let printed = match dialect {
        Dialect::DuckDb => sql::Dialect::DuckDb,
        Dialect::Postgres => sql::Dialect::Postgres,
    };
    let model = model();
    let mut all = Vec::new();
    for (name, body) in QUERIES {
        let query = if body.contains("use agreement") { (*body).to_owned() } else { format!("{HEAD}{body}") };
        let permitted = permitted(&model, &query);
        for (table, plan) in plan::lower(&permitted, &model, &above) {
            let statement = sql::build(&plan, printed).expect("a plan that can be printed");
            let result =
                ResultDemand { columns: statement.columns().len(), keys: Vec::new(), members: false };
            let demand = Demand::new(&model, permitted.grounds(), dialect, &above).with_result(result);
            all.push(Case { name: format!("{name}.{table}"), text: statement.text().to_owned(), demand });
        }
    }
    all
}
