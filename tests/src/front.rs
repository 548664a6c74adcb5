//! The compiler as far as the suite drives it: parser, model reader, checker, policy. One function per stage,
//! so that a further one is a function and a call.
//!
//! What each file of a case is follows from what is in it: a model, a policy, or a program. `main.bq` is
//! the program that is checked; other programs are what it may import, and `.csv` files what its code sets
//! may name. A case without a model of its own is checked against `stdlib/models/genomics.bq` and the
//! vocabulary of [`SmallVocabulary`].
//!
//! A case with a policy of its own is held to it, on 2026-03-01; one without is only checked.
//!
//! A page of a warning, and a case with `lint = true`, is asked for warnings too, if it has no errors.
//!
//! Settings of a case: `until = "syntax"` stops after the parser; `params` are the values that a command
//! line would give, in quotes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::Model;
use spec::{Case, MAIN};
use syntax::Parsed;
use syntax::tree::{Codes, CodesValue, Item};

use crate::{Checked, Compiler, Made, SmallVocabulary};

/// The genomics model, as every project without a model of its own has it.
const GENOMICS: &str = include_str!("../../stdlib/models/genomics.bq");
/// The model of `warehouses/partial`, against which its cases are checked.
const PARTIAL: &str = include_str!("../warehouses/partial/model.bq");
/// The definitions that every program sees.
const INHERITANCE: &str = include_str!("../../stdlib/inheritance.bq");

/// The day on which every case is asked.
const USED_ON: jiff::civil::Date = jiff::civil::Date::constant(2026, 3, 1);

/// Reads programs and says what they mean; runs nothing.
#[derive(Debug)]
pub struct Front {
    genomics: Model,
}

/// The parsed files of a case by what they are.
#[derive(Debug, Default)]
struct Parts {
    models: Vec<Parsed>,
    policies: Vec<Parsed>,
    /// `main.bq`, if it is a program.
    main: Option<Parsed>,
    /// The other programs by name.
    imports: BTreeMap<String, Arc<Parsed>>,
}

impl Front {
    /// Reads the genomics model.
    ///
    /// # Errors
    /// The model of the library has an error; this is its first.
    pub fn new() -> Result<Front, String> {
        let mut files = text::Files::new();
        let (parsed, mut diagnostics) = syntax::parse(files.add("genomics.bq", GENOMICS), GENOMICS);
        let (model, more) = model::read(&[&parsed]);
        diagnostics.extend(more);
        match (model, diagnostics.first()) {
            (Some(genomics), None) => Ok(Front { genomics }),
            (_, Some(diagnostic)) => Err(format!("stdlib/models/genomics.bq: {}", diagnostic.message)),
            (None, None) => Err("stdlib/models/genomics.bq declares nothing".to_owned()),
        }
    }
}

impl Compiler for Front {
    fn check(&self, case: &Case) -> Checked {
        let mut checked = Checked::default();
        let parts = parse(case, &mut checked);
        if setting(case, "until") != Some("syntax") {
            let own = read_model(&parts, &mut checked);
            let model = if parts.models.is_empty() { Some(&self.genomics) } else { own.as_ref() };
            if let Some(model) = model {
                let policy = read_policy(model, &parts, &mut checked);
                let query = parts
                    .main
                    .as_ref()
                    .and_then(|main| check_types(case, model, main, &parts.imports, &mut checked));
                if let (true, Some(main), Some(query)) = (is_linted(case), &parts.main, &query) {
                    checked.diagnostics.extend(lint::lint(&lint::Input {
                        model,
                        vocabulary: &SmallVocabulary,
                        main,
                        query,
                        policy: policy.as_ref(),
                        used_on: USED_ON,
                        allow: &[],
                    }));
                }
                if let (Some(policy), Some(query)) = (policy, query) {
                    check_policy(model, &policy, query, &mut checked);
                }
            }
        }
        diag::sort(&mut checked.diagnostics);
        checked
    }

    fn made(&self, case: &Case, checked: &Checked, lang: &str, info: &str) -> Option<Made> {
        match lang {
            "diagnostics" => Some(Ok(checked.shown())),
            "words" => Some(self.words(case, info)),
            "pictures" => Some(Ok(report::pictures(&checked.diagnostics, &checked.files, false))),
            other => crate::rows::made(case, other, info),
        }
    }
}

impl Front {
    /// A cohort, table or report of a case in English.
    fn words(&self, case: &Case, name: &str) -> Made {
        let mut checked = Checked::default();
        let parts = parse(case, &mut checked);
        let own = read_model(&parts, &mut checked);
        let model = own.as_ref().unwrap_or(&self.genomics);
        let policy = read_policy(model, &parts, &mut checked).ok_or("the case has no policy")?;
        let main = parts.main.as_ref().ok_or("the case has no program")?;
        let query =
            check_types(case, model, main, &parts.imports, &mut checked).ok_or("the program has errors")?;
        let context =
            policy::Context { model, used_on: USED_ON, known_at: jiff::Timestamp::UNIX_EPOCH, test: false };
        let (permitted, _) = policy::check(query, &policy, &context);
        let input = methods::Input {
            permitted: &permitted.ok_or("nothing is permitted")?,
            model,
            vocabulary: &SmallVocabulary,
            releases: &[
                ("HP".to_owned(), "2026-01-15".to_owned()),
                ("SO".to_owned(), "2025-11-01".to_owned()),
            ],
        };
        methods::describe(&input, name, methods::Style::Markdown)
            .ok_or_else(|| format!("there is no `{name}`"))
    }
}

/// Parses every file of the language, and holds the tape of each to its promise.
fn parse(case: &Case, checked: &mut Checked) -> Parts {
    let mut parts = Parts::default();
    if setting(case, "warehouse") == Some("partial") {
        parts.models.push(syntax::parse(checked.files.add("model.bq", PARTIAL), PARTIAL).0);
    }
    for file in case.files.iter().filter(|file| has_ending(&file.name, "bq")) {
        let id = checked.files.add(file.name.as_str(), file.text.as_str());
        let (parsed, diagnostics) = syntax::parse(id, &file.text);
        checked.diagnostics.extend(diagnostics);
        let pieces: String = (parsed.tape.pieces().iter())
            .map(|piece| match *piece {
                syntax::Piece::Space(text) | syntax::Piece::Comment(text) | syntax::Piece::Token(_, text) => {
                    text
                }
            })
            .collect();
        if pieces != file.text {
            checked.broken.push(format!("the pieces of the tape of `{}` are not its text", file.name));
        }
        // What does not belong into a policy is in `policy.bq` all the same, and is told so.
        let what = if file.name == "policy.bq" { Holds::Policy } else { holds(&parsed) };
        match what {
            Holds::Model => parts.models.push(parsed),
            Holds::Policy => parts.policies.push(parsed),
            Holds::Program if file.name == MAIN => parts.main = Some(parsed),
            Holds::Program => {
                parts.imports.insert(file.name.clone(), Arc::new(parsed));
            }
        }
    }
    parts
}

/// Reads the models of the case, if it has any.
fn read_model(parts: &Parts, checked: &mut Checked) -> Option<Model> {
    if parts.models.is_empty() {
        return None;
    }
    let (model, diagnostics) = model::read(&parts.models.iter().collect::<Vec<_>>());
    checked.diagnostics.extend(diagnostics);
    model
}

/// Reads the policy of the case, if it has one.
fn read_policy(model: &Model, parts: &Parts, checked: &mut Checked) -> Option<policy::PolicySet> {
    if parts.policies.is_empty() {
        return None;
    }
    let (policy, diagnostics) = policy::read(model, &parts.policies.iter().collect::<Vec<_>>());
    checked.diagnostics.extend(diagnostics);
    Some(policy)
}

/// Checks the program against a model. Nothing is left to ask of a policy where it has errors.
fn check_types(
    case: &Case,
    model: &Model,
    main: &Parsed,
    programs: &BTreeMap<String, Arc<Parsed>>,
    checked: &mut Checked,
) -> Option<types::Query> {
    let (mut imports, mut code_files) = (BTreeMap::new(), BTreeMap::new());
    let others = programs.iter().map(|(name, parsed)| (name.as_str(), &**parsed));
    for (name, parsed) in others.chain([(MAIN, main)]) {
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        for item in &parsed.file.items {
            match item {
                Item::Import(import) => {
                    let path = plain(&folder.join(&import.file.value));
                    let imported = match programs.get(&path) {
                        Some(other) => types::Imported::File(Arc::clone(other)),
                        None if path == MAIN => types::Imported::Main,
                        None => continue,
                    };
                    imports.insert((parsed.tape.file(), import.file.value.clone()), imported);
                }
                Item::Codes(Codes { value: CodesValue::File(written), .. }) => {
                    let path = plain(&folder.join(&written.value));
                    if let Some(file) = case.file(&path) {
                        code_files.insert((parsed.tape.file(), written.value.clone()), codes(&file.text));
                    }
                }
                _ => {}
            }
        }
    }
    let library = checked.files.add("stdlib/inheritance.bq", INHERITANCE);
    let library = [syntax::parse(library, INHERITANCE).0];
    let input = types::Input {
        model,
        vocabulary: &SmallVocabulary,
        main,
        library: &library,
        imports: &imports,
        code_files: &code_files,
        params: &params(case),
    };
    let (query, diagnostics) = types::check(&input);
    checked.diagnostics.extend(diagnostics);
    let broken = checked.diagnostics.iter().any(|one| one.severity == diag::Severity::Error);
    (!broken).then_some(query)
}

/// Holds the checked program to the policy.
fn check_policy(model: &Model, policy: &policy::PolicySet, query: types::Query, checked: &mut Checked) {
    let context =
        policy::Context { model, used_on: USED_ON, known_at: jiff::Timestamp::UNIX_EPOCH, test: false };
    let (permitted, diagnostics) = policy::check(query, policy, &context);
    if permitted.is_none() && diagnostics.is_empty() {
        checked.broken.push("nothing is permitted, and nothing says why".to_owned());
    }
    checked.diagnostics.extend(diagnostics);
}

/// Whether a case is about warnings.
fn is_linted(case: &Case) -> bool {
    let page = case.page.rsplit('/').next().unwrap_or_default();
    let of_warning = case.page.starts_with("crates/diag/codes/") && page.starts_with('W');
    of_warning || case.context.get("lint").and_then(toml::Value::as_bool) == Some(true)
}

/// What a file of the language is, by its items.
enum Holds {
    Model,
    Policy,
    Program,
}

fn holds(parsed: &Parsed) -> Holds {
    let (mut model, mut policy, mut program) = (false, false, false);
    for item in &parsed.file.items {
        match item {
            Item::Model(_) | Item::Entity(_) => model = true,
            Item::Agreement(_) | Item::Purpose(_) | Item::Majority(_) | Item::Death(_) => policy = true,
            Item::Use(_)
            | Item::AsOf(_)
            | Item::Import(_)
            | Item::Param(_)
            | Item::Codes(_)
            | Item::Define(_)
            | Item::Cohort(_)
            | Item::Table(_)
            | Item::Report(_)
            | Item::Test(_) => program = true,
            Item::Error(_) => {}
        }
    }
    match (model, policy, program) {
        (true, false, false) => Holds::Model,
        (false, true, false) => Holds::Policy,
        // A mixture is a program, which says so.
        (false, false, false) | (_, _, true) | (true, true, false) => Holds::Program,
    }
}

/// The codes of a file of codes: the lines below `code` or `code,label`.
fn codes(text: &str) -> Result<Vec<types::FileCode>, String> {
    let mut lines = (1_u64..).zip(text.lines());
    match lines.next() {
        Some((_, "code" | "code,label")) => Ok(lines
            .map(|(line, text)| {
                let (curie, label) = text.split_once(',').unwrap_or((text, ""));
                let label = (!label.is_empty()).then(|| label.to_owned());
                types::FileCode { curie: curie.to_owned(), label, line }
            })
            .collect()),
        Some(_) | None => Err("line 1 names no column `code`".to_owned()),
    }
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> String {
    let mut made = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => drop(made.pop()),
            part => made.push(part),
        }
    }
    made.to_string_lossy().into_owned()
}

pub(crate) fn params(case: &Case) -> BTreeMap<String, types::Given> {
    let given = case.context.get("params").and_then(toml::Value::as_table).into_iter().flatten();
    let from = "on the command line".to_owned();
    given
        .filter_map(|(name, value)| {
            let text = value.as_str()?.to_owned();
            Some((name.clone(), types::Given { text, from: from.clone() }))
        })
        .collect()
}

fn setting<'c>(case: &'c Case, name: &str) -> Option<&'c str> {
    case.context.get(name).and_then(toml::Value::as_str)
}

fn has_ending(name: &str, ending: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|found| found == ending)
}
