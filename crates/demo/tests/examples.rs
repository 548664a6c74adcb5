//! The tour: every example opens with its question, and checks without a diagnostic against the standard
//! model, the demo's codes, genes and alleles.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod support;

use demo::{AS_OF, PROJECT};
use model::ontology::{Ontology, Resolution};
use policy::Context;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use text::{FileId, Files};
use types::{Allele, CodeStatus, Imported, NamedAlleles, Vocabulary};

/// The extracts, and the alleles that the examples name.
struct Demo(Vec<Ontology>);

impl Demo {
    fn of(&self, curie: &str) -> Option<&Ontology> {
        let system = curie.split(':').next().unwrap_or("");
        self.0.iter().find(|ontology| ontology.prefix == system)
    }
}

impl Vocabulary for Demo {
    fn code(&self, curie: &str) -> CodeStatus {
        let Some(ontology) = self.of(curie) else { return CodeStatus::Unlisted };
        match ontology.resolve(curie) {
            Resolution::Current(term) => CodeStatus::Current(ontology.term(term).label.clone()),
            Resolution::ReplacedBy(_)
            | Resolution::Alternative(_)
            | Resolution::Obsolete(_)
            | Resolution::Unknown => CodeStatus::Unknown,
        }
    }
    fn has_closure(&self, system: &str) -> bool {
        self.0.iter().any(|ontology| ontology.prefix == system)
    }
    fn descendants_or_self(&self, curie: &str) -> Vec<String> {
        let ontology = self.of(curie).unwrap();
        let all = ontology.descendants_or_self(ontology.find(curie).unwrap());
        all.into_iter().map(|term| ontology.term(term).id.clone()).collect()
    }
    fn ancestors_or_self(&self, curie: &str) -> Vec<String> {
        let ontology = self.of(curie).unwrap();
        let all = ontology.ancestors_or_self(ontology.find(curie).unwrap());
        all.into_iter().map(|term| ontology.term(term).id.clone()).collect()
    }
    fn near_codes(&self, _: &str, _: Option<&str>) -> Vec<(String, String)> {
        Vec::new()
    }
    fn is_gene(&self, symbol: &str) -> bool {
        ["CFTR", "BRCA1", "SCN1A", "MYBPC3", "MYH7", "TNNT2", "PNPLA3", "G6PD"].contains(&symbol)
    }
    fn builds(&self) -> Vec<String> {
        vec!["GRCh38".into()]
    }
    fn alleles(&self, name: &str) -> NamedAlleles {
        let (contig, position, reference, alternate) = match name {
            "NM_007294.4:c.68_69del" => ("17", 43_124_027, "ACT", "A"),
            "NM_000059.4:c.5946del" => ("13", 32_340_300, "GT", "G"),
            "NM_000492.4:c.1521_1523del" => ("7", 117_559_590, "ATCT", "A"),
            "NM_000492.4:c.1624G>T" => ("7", 117_587_778, "G", "T"),
            "NM_000492.4:c.1652G>A" => ("7", 117_587_806, "G", "A"),
            "NM_000769.4:c.636G>A" => ("10", 94_780_653, "G", "A"),
            "NM_000769.4:c.681G>A" => ("10", 94_781_859, "G", "A"),
            "NM_025225.3:c.444C>G" => ("22", 43_928_847, "C", "G"),
            "NM_001360016.2:c.202G>A" => ("X", 154_536_002, "C", "T"),
            _ => return NamedAlleles::Absent(Vec::new()),
        };
        NamedAlleles::Found(vec![Allele {
            build: "GRCh38".into(),
            contig: contig.into(),
            position,
            reference: reference.into(),
            alternate: alternate.into(),
        }])
    }
}

/// A file of this repository, parsed.
fn read(files: &mut Files, path: &str) -> syntax::Parsed {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap();
    let (parsed, wrong) = syntax::parse(files.add(path, text.as_str()), &text);
    assert!(wrong.is_empty(), "{path}: {wrong:?}");
    parsed
}

/// What the examples import, by its path.
fn imported(files: &mut Files, by: FileId) -> BTreeMap<(FileId, String), Imported> {
    let all = [
        ("std/consequences", "stdlib/std/consequences.bq"),
        ("std/laboratory", "stdlib/std/laboratory.bq"),
        ("shared/parkinson.bq", "examples/shared/parkinson.bq"),
    ];
    let of =
        |(name, path): (&str, &str)| ((by, name.to_owned()), Imported::File(Arc::new(read(files, path))));
    all.into_iter().map(of).collect()
}

/// What is wrong with a program, and what the policy has against it.
fn diagnostics(path: &str, program: &str) -> [Vec<String>; 2] {
    let mut files = Files::new();
    let model = support::genomics(&mut files);
    let vocabulary = Demo(["hp.obo", "doid.obo", "so.obo"].map(support::ontology).into());
    let file = files.add(path, program);
    let (parsed, mut found) = syntax::parse(file, program);
    let (code_files, params) = (BTreeMap::new(), BTreeMap::new());
    let imports = imported(&mut files, file);
    let library = read(&mut files, "stdlib/inheritance.bq");
    let (query, more) = types::check(&types::Input {
        model: &model,
        vocabulary: &vocabulary,
        main: &parsed,
        library: &[library],
        imports: &imports,
        code_files: &code_files,
        params: &params,
    });
    found.extend(more);
    assert!(
        !found.is_empty() || !query.tables.is_empty() || !query.reports.is_empty(),
        "{path} asks nothing"
    );
    let context = Context {
        model: &model,
        used_on: "2026-01-01".parse().unwrap(),
        known_at: jiff::Timestamp::now(),
        test: false,
    };
    let (_, refusals) = policy::check(query, &support::policies(), &context);
    let told = |all: Vec<diag::Diagnostic>| {
        all.iter().map(|one| format!("{}: {}", one.code.0, one.message)).collect::<Vec<_>>()
    };
    [told(found), told(refusals)]
}

#[test]
fn every_example_checks_and_one_is_refused() {
    let examples = PROJECT
        .iter()
        .filter(|(path, _)| path.starts_with("queries/") && !path.starts_with("queries/shared/"));
    for (path, program) in examples {
        assert!(program.starts_with("--| "), "{path} does not open with its question");
        assert!(program.contains(&format!("as of {AS_OF}")), "{path}");
        let [wrong, refused] = diagnostics(path, program);
        assert_eq!(wrong, [""; 0], "{path}");
        assert_eq!(!refused.is_empty(), path.ends_with("_refused.bq"), "{path}: {refused:?}");
    }
}

/// The page that sets other languages beside this one: its programs check, and the policy has nothing
/// against them.
#[test]
fn every_program_of_the_comparison_checks() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/COMPARED.md");
    let page = std::fs::read_to_string(page).unwrap();
    let header = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let programs: Vec<&str> =
        page.split("```bq\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(programs.len() >= 30, "{} programs", programs.len());
    for program in programs {
        let own = program.starts_with("use ");
        let whole = if own { program.to_owned() } else { format!("{header}{program}") };
        assert_eq!(diagnostics("COMPARED.md", &whole), [vec![], Vec::<String>::new()], "{program}");
    }
}

#[test]
fn a_wrong_label_is_found() {
    let wrong = support::project_file("queries/04_three_states.bq").replace("\"Seizure\"", "\"Migraine\"");
    assert_eq!(diagnostics("wrong.bq", &wrong)[0].len(), 1);
}

#[test]
fn the_project_has_all_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let listed = PROJECT.iter().any(|(path, _)| *path == format!("queries/{name}"));
        assert!(
            listed || path.extension().is_none_or(|ending| ending != "bq"),
            "examples/{name} is not in the demo's project"
        );
    }
}
