//! For tests: policy files and queries, read with the model of the standard library as every caller reads them.

use crate::{Context, Permitted, PolicySet, check, read};
use diag::Diagnostic;
use jiff::Timestamp;
use jiff::civil::date;
use model::Model;
use std::collections::BTreeMap;
use syntax::Parsed;
use text::Files;

const MODEL: &str = include_str!("../../../stdlib/models/genomics.bq");

/// The head of the queries of these tests.
pub(crate) const HEAD: &str = "use agreement \"HEART\"\nas of 2026-06-01\n";

/// A policy under which much is allowed, for the tests to ask for what is not.
pub(crate) const POLICY: &str = r#"
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
  may test  subject (sex, birth_date), phenotype, finding, call (call), consent
  may show  sex, variant, finding.reported_on, phenotype.term
  level     record
  release   { min subjects 20, round to 10, zeros shown }
  formats   csv
}
agreement "COUNTS" version 1 {
  recipient "Registry"
  purpose   GENERAL
  valid     2026-01-01 until 2027-01-01
  may test  subject (sex, birth_date), measurement
  level     count
}
agreement "OLD" version 1 {
  recipient "University Hospital"
  purpose   HMB with genetic, irb
  valid     2024-01-01 until 2025-01-01
  may test  subject
  level     count
}
"#;

pub(crate) struct Bench {
    pub(crate) files: Files,
    pub(crate) model: Model,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let mut files = Files::new();
        let parsed = parse(&mut files, "genomics.bq", MODEL);
        let (model, diagnostics) = model::read(&[&parsed]);
        assert_eq!(diagnostics, []);
        Bench { files, model: model.expect("the standard model") }
    }

    /// A policy and what is wrong with it.
    pub(crate) fn policy(&mut self, text: &str) -> (PolicySet, Vec<Diagnostic>) {
        let parsed = parse(&mut self.files, "policy.bq", text);
        read(&self.model, &[&parsed])
    }

    /// A query under [`POLICY`], on 2026-07-01.
    pub(crate) fn check(&mut self, query: &str) -> (Option<Permitted>, Vec<Diagnostic>) {
        self.check_with(POLICY, query, false)
    }

    pub(crate) fn check_with(
        &mut self,
        policy: &str,
        query: &str,
        test: bool,
    ) -> (Option<Permitted>, Vec<Diagnostic>) {
        let (policy, wrong) = self.policy(policy);
        assert_eq!(wrong, []);
        let parsed = parse(&mut self.files, "query.bq", query);
        let input = types::Input {
            model: &self.model,
            vocabulary: &types::NoVocabulary,
            main: &parsed,
            library: &[],
            imports: &BTreeMap::new(),
            code_files: &BTreeMap::new(),
            params: &BTreeMap::new(),
        };
        let (query, wrong) = types::check(&input);
        assert_eq!(words(&wrong), [""; 0], "the query is checked before the policy");
        let context =
            Context { model: &self.model, used_on: date(2026, 7, 1), known_at: Timestamp::UNIX_EPOCH, test };
        check(query, &policy, &context)
    }

    /// Code, words of the primary label's place, and message of each diagnostic.
    pub(crate) fn said(&self, diagnostics: &[Diagnostic]) -> Vec<String> {
        let place = |one: &Diagnostic| one.range().map_or("", |range| self.files.slice(range)).to_owned();
        diagnostics.iter().map(|one| format!("{} [{}] {}", one.code.0, place(one), one.message)).collect()
    }

    /// Checks that a query under [`HEAD`] is refused with one diagnostic of this code at these words, whose
    /// second label, if there is one, lies in the policy.
    pub(crate) fn refused(&mut self, body: &str, code: &str, at: &str) -> Diagnostic {
        self.refused_whole(&format!("{HEAD}{body}"), code, at)
    }

    pub(crate) fn refused_whole(&mut self, query: &str, code: &str, at: &str) -> Diagnostic {
        let (permitted, diagnostics) = self.check(query);
        let said = self.said(&diagnostics);
        assert_eq!(diagnostics.len(), 1, "{query}\n{said:#?}");
        assert!(said[0].starts_with(&format!("{code} [{at}]")), "{query}\n{said:#?}");
        assert!(permitted.is_none(), "{query}");
        let one = diagnostics.into_iter().next().expect("one");
        assert!(
            !one.helps.is_empty() || !one.notes.is_empty() || !one.fixes.is_empty(),
            "{said:#?} says what to do"
        );
        one
    }

    /// Checks that a query under [`HEAD`] is permitted.
    pub(crate) fn permitted(&mut self, body: &str) -> Permitted {
        self.permitted_whole(&format!("{HEAD}{body}"))
    }

    pub(crate) fn permitted_whole(&mut self, query: &str) -> Permitted {
        let (permitted, diagnostics) = self.check(query);
        assert_eq!(self.said(&diagnostics), [""; 0], "{query}");
        permitted.expect("permitted")
    }
}

fn parse(files: &mut Files, name: &str, text: &str) -> Parsed {
    let file = files.add(name, text);
    let (parsed, diagnostics) = syntax::parse(file, text);
    assert_eq!(words(&diagnostics), [""; 0], "{name}\n{text}");
    parsed
}

fn words(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|one| format!("{} {}", one.code.0, one.message)).collect()
}
