//! The files of one program: itself, what it imports, and the code files it names.
//!
//! Paths are relative to the file that names them and stay inside the project: a program from
//! elsewhere must not be able to read this machine's files by naming them. Links are followed before
//! that is decided. A file that is imported twice is read once; files that import each other are read,
//! and the checker refuses the circle. `std/NAME` is a module of the standard library.

use crate::codes::{ESCAPE, UNREADABLE};
use crate::editor::Open;
use crate::project::Project;
use crate::stdlib;
use diag::Diagnostic;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use syntax::Parsed;
use syntax::tree::{CodesValue, Item, Text};
use text::{FileId, Files};
use types::{FileCode, Imported};

/// Files longer than this are not programs: 16 MiB.
const LONGEST: u64 = 16 << 20;

/// Codes of one file at most. Every code stands in the statement; the largest lists that are published, such as the value
/// sets of VSAC, have some tens of thousands.
const MOST_CODES: usize = 100_000;

/// What a program and its imports read beside themselves, by file and path as written.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) imports: BTreeMap<(FileId, String), Imported>,
    pub(crate) code_files: BTreeMap<(FileId, String), Result<Vec<FileCode>, String>>,
    /// Where the code files lie.
    pub(crate) code_paths: Vec<PathBuf>,
}

/// A file whose imports are still to be read.
struct Waiting {
    parsed: Option<Arc<Parsed>>,
    folder: PathBuf,
}

/// Reads what the program at `path` and its imports name. Texts that are open in an editor count before
/// those on the disk.
pub(crate) fn read(
    project: &Project,
    path: &Path,
    main: &Parsed,
    texts: &Open,
    files: &mut Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Sources {
    let folder = |path: &Path| path.parent().unwrap_or(&project.root).to_owned();
    let mut reading =
        Reading { project, texts, files, diagnostics, sources: Sources::default(), known: BTreeMap::new() };
    if let Ok(path) = std::fs::canonicalize(path) {
        reading.known.insert(path, Imported::Main);
    }
    let mut open = vec![Waiting { parsed: None, folder: folder(path) }];
    while let Some(next) = open.pop() {
        let parsed = next.parsed.as_deref().unwrap_or(main);
        reading.code_files(parsed, &next.folder);
        for item in &parsed.file.items {
            let Item::Import(import) = item else { continue };
            let key = (parsed.tape.file(), import.file.value.clone());
            if reading.sources.imports.contains_key(&key) {
                continue;
            }
            if let Some((imported, new)) = reading.import(parsed, &next.folder, &import.file) {
                reading.sources.imports.insert(key, imported);
                open.extend(new);
            }
        }
    }
    reading.sources
}

struct Reading<'a> {
    project: &'a Project,
    texts: &'a Open,
    files: &'a mut Files,
    diagnostics: &'a mut Vec<Diagnostic>,
    sources: Sources,
    /// Files that were read, by their real path.
    known: BTreeMap<PathBuf, Imported>,
}

impl Reading<'_> {
    /// What a path leads to, and the file itself where it was not read before.
    fn import(&mut self, by: &Parsed, folder: &Path, written: &Text) -> Option<(Imported, Option<Waiting>)> {
        if let Some(name) = written.value.strip_prefix(stdlib::MODULES) {
            let (shown, text) = stdlib::module(name)?;
            return Some(self.parse(PathBuf::from(&shown), shown, text, folder.to_owned()));
        }
        match inside(self.project, folder, written) {
            Ok(path) => match self.text(&path) {
                Ok(text) => {
                    let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
                    let folder = path.parent().unwrap_or(folder).to_owned();
                    Some(self.parse(real, self.project.shown(&path), &text, folder))
                }
                Err(Unread::Missing) => None,
                Err(Unread::Reason(reason)) => {
                    self.diagnostics.push(Diagnostic::error(
                        UNREADABLE,
                        format!("`{}` cannot be read: {reason}", written.value),
                        by.range(written.span),
                        "this file",
                    ));
                    None
                }
            },
            Err(Outside::Missing) => None,
            Err(Outside::Escapes) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        ESCAPE,
                        format!("`{}` lies outside the project", written.value),
                        by.range(written.span),
                        "leaves the folder of `baseq.toml`",
                    )
                    .note("a program reads only files of its own project"),
                );
                None
            }
        }
    }

    fn text(&self, path: &Path) -> Result<String, Unread> {
        self.texts.get(path).map_or_else(|| read_text(path), |text| Ok(text.to_string()))
    }

    fn parse(
        &mut self,
        real: PathBuf,
        shown: String,
        text: &str,
        folder: PathBuf,
    ) -> (Imported, Option<Waiting>) {
        if let Some(known) = self.known.get(&real) {
            return (known.clone(), None);
        }
        let id = self.files.add(shown, text);
        let (parsed, more) = syntax::parse(id, text);
        self.diagnostics.extend(more);
        let parsed = Arc::new(parsed);
        let imported = Imported::File(Arc::clone(&parsed));
        self.known.insert(real, imported.clone());
        (imported, Some(Waiting { parsed: Some(parsed), folder }))
    }

    /// The code files that a file names.
    fn code_files(&mut self, parsed: &Parsed, folder: &Path) {
        for written in codes_of(parsed) {
            let codes = match inside(self.project, folder, &written) {
                Ok(path) => {
                    let read = codes(&path);
                    self.sources.code_paths.push(path);
                    read
                }
                Err(Outside::Escapes) => Err("it lies outside the project".to_owned()),
                // The checker says that there is no such file.
                Err(Outside::Missing) => continue,
            };
            self.sources.code_files.insert((parsed.tape.file(), written.value), codes);
        }
    }
}

fn codes_of(parsed: &Parsed) -> Vec<Text> {
    let files = parsed.file.items.iter().filter_map(|item| match item {
        Item::Codes(codes) => match &codes.value {
            CodesValue::File(file) => Some(file.clone()),
            CodesValue::Set(_) => None,
        },
        Item::Use(_)
        | Item::AsOf(_)
        | Item::Import(_)
        | Item::Param(_)
        | Item::Define(_)
        | Item::Cohort(_)
        | Item::Table(_)
        | Item::Report(_)
        | Item::Test(_)
        | Item::Model(_)
        | Item::Entity(_)
        | Item::Agreement(_)
        | Item::Purpose(_)
        | Item::Majority(_)
        | Item::Death(_)
        | Item::Error(_) => None,
    });
    files.collect()
}

enum Outside {
    Escapes,
    Missing,
}

/// The path of a file that a program names, if it lies in the project.
fn inside(project: &Project, folder: &Path, written: &Text) -> Result<PathBuf, Outside> {
    let asked = Path::new(&written.value);
    if asked.is_absolute() || written.value.contains('\\') {
        return Err(Outside::Escapes);
    }
    // By words first, so that a path to nothing outside is no way to learn what is there.
    if !crate::project::plain(&folder.join(asked)).starts_with(&project.root) {
        return Err(Outside::Escapes);
    }
    let path = std::fs::canonicalize(folder.join(asked)).map_err(|_| Outside::Missing)?;
    let root = std::fs::canonicalize(&project.root).map_err(|_| Outside::Missing)?;
    match path.strip_prefix(&root) {
        Ok(below) => Ok(project.root.join(below)),
        Err(_) => Err(Outside::Escapes),
    }
}

/// Why a text could not be read.
pub(crate) enum Unread {
    Missing,
    Reason(String),
}

/// The text of a program.
pub(crate) fn read_text(path: &Path) -> Result<String, Unread> {
    let reason = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            Unread::Missing
        } else {
            Unread::Reason(error.to_string())
        }
    };
    let length = std::fs::metadata(path).map_err(reason)?;
    if length.is_dir() {
        return Err(Unread::Reason("it is a folder".into()));
    }
    if length.len() > LONGEST {
        return Err(Unread::Reason("it is longer than 16 MiB".into()));
    }
    let bytes = std::fs::read(path).map_err(reason)?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        Unread::Reason(format!("line {line} is not UTF-8"))
    })
}

/// The codes of a CSV file: its columns `code`, as CURIEs of one system, and `label`, which may be
/// missing; other columns are for people.
fn codes(path: &Path) -> Result<Vec<FileCode>, String> {
    let told = |error: csv::Error| match error.position() {
        Some(position) => format!("line {} is not CSV", position.line()),
        None => error.to_string(),
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(told)?;
    let header = reader.headers().map_err(told)?.clone();
    let place = |wanted: &str| -> Result<Option<usize>, String> {
        let mut places =
            header.iter().enumerate().filter(|(_, name)| name.trim_start_matches('\u{feff}') == wanted);
        let first = places.next();
        match places.next() {
            Some(_) => Err(format!("line 1 names two columns `{wanted}`")),
            None => Ok(first.map(|(at, _)| at)),
        }
    };
    let Some(column) = place("code")? else {
        let names: Vec<String> =
            header.iter().map(|name| format!("`{}`", name.trim_start_matches('\u{feff}'))).collect();
        return Err(format!("line 1 names no column `code`; it names {}", names.join(", ")));
    };
    let labels = place("label")?;
    let mut codes: Vec<FileCode> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(told)?;
        let line = record.position().map_or(0, csv::Position::line);
        if codes.len() == MOST_CODES {
            return Err(format!(
                "line {line}: a list has at most 100,000 codes; name codes with descendants, or load the list as a table"
            ));
        }
        let code = record.get(column).unwrap_or("");
        let system = code.split_once(':').filter(|(_, local)| !local.is_empty()).map(|(system, _)| system);
        match system {
            None => return Err(format!("line {line}: `{code}` is no code of the form SYSTEM:CODE")),
            Some(system) if !model::is_code_system(system) => {
                return Err(format!("line {line}: `{system}` is not a code system that is known here"));
            }
            Some(system) => {
                let first = codes.first().and_then(|code| code.curie.split(':').next());
                if let Some(first) = first.filter(|first| *first != system) {
                    return Err(format!(
                        "line {line}: `{code}` is of another system than the codes before it ({first})"
                    ));
                }
            }
        }
        let label = labels.and_then(|at| record.get(at)).filter(|label| !label.is_empty());
        codes.push(FileCode { curie: code.to_owned(), label: label.map(str::to_owned), line });
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Settings;

    struct Made {
        _folder: tempfile::TempDir,
        project: Project,
    }

    fn made(files: &[(&str, &str)]) -> Made {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap().join("project");
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(root.parent().unwrap().join("secret.bq"), "codes x = HP:1").unwrap();
        let project = Project { root, settings: Settings::default(), declared: true };
        Made { _folder: folder, project }
    }

    fn sources(made: &Made, main: &str) -> (Sources, Vec<String>) {
        let mut files = Files::new();
        let id = files.add("queries/main.bq", main);
        let (parsed, mut diagnostics) = syntax::parse(id, main);
        let path = made.project.root.join("queries/main.bq");
        let sources = read(&made.project, &path, &parsed, &Open::new(), &mut files, &mut diagnostics);
        (sources, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    /// The codes of a file by its path as written.
    fn of(sources: &Sources, path: &str) -> Result<Vec<String>, String> {
        let found = sources.code_files.iter().find(|((_, written), _)| written == path);
        let (_, codes) = found.expect("the file is named");
        codes.clone().map(|codes| codes.into_iter().map(|code| code.curie).collect())
    }

    #[test]
    fn a_list_without_end_is_refused() {
        let list = |codes: usize| {
            (0..codes).fold(String::from("code\n"), |list, code| list + "ICD10:E" + &code.to_string() + "\n")
        };
        let (longest, longer) = (list(MOST_CODES), list(MOST_CODES + 1));
        let made = made(&[("queries/a.csv", longest.as_str()), ("queries/b.csv", longer.as_str())]);
        let (sources, _) = sources(&made, "codes a = from \"a.csv\"\ncodes b = from \"b.csv\"");
        assert_eq!(of(&sources, "a.csv").map(|codes| codes.len()), Ok(MOST_CODES));
        let error = of(&sources, "b.csv").unwrap_err();
        assert!(error.starts_with("line 100002: a list has at most"), "{error}");
    }

    #[test]
    fn imports_of_imports_and_a_file_that_two_import() {
        let made = made(&[
            ("queries/a.bq", "import \"deep/c.bq\" import \"std/consequences\""),
            ("queries/b.bq", "import \"deep/c.bq\" import \"main.bq\""),
            ("queries/deep/c.bq", ""),
            ("queries/main.bq", ""),
        ]);
        let (sources, messages) = sources(&made, "import \"a.bq\" import \"b.bq\"");
        assert!(messages.is_empty(), "{messages:?}");
        let mut ids = Vec::new();
        for ((_, path), imported) in &sources.imports {
            match imported {
                Imported::Main => assert_eq!(path, "main.bq"),
                Imported::File(parsed) if path == "deep/c.bq" => ids.push(parsed.tape.file()),
                Imported::File(_) => {}
            }
        }
        assert_eq!(sources.imports.len(), 6);
        assert!(matches!(ids.as_slice(), [one, other] if one == other), "read once");
    }

    #[test]
    fn imports_inside_the_project() {
        let made = made(&[
            ("queries/a.bq", ""),
            ("panels/b.bq", "codes y = from \"b.csv\""),
            ("panels/b.csv", "code\nHP:0001250\n"),
        ]);
        let (sources, messages) = sources(&made, "import \"a.bq\" (x)\nimport \"../panels/b.bq\" (y)");
        assert!(messages.is_empty(), "{messages:?}");
        let paths: Vec<&str> = sources.imports.keys().map(|(_, path)| path.as_str()).collect();
        assert_eq!(paths, ["../panels/b.bq", "a.bq"]);
        assert_eq!(of(&sources, "b.csv"), Ok(vec!["HP:0001250".to_owned()]));
    }

    #[test]
    fn imports_do_not_leave_the_project() {
        let made = made(&[("queries/a.bq", "")]);
        for path in [
            "../../secret.bq",
            "/etc/passwd",
            "../../nothing.bq",
            "a/../../../secret.bq",
            "..\\\\..\\\\secret.bq",
        ] {
            let (sources, messages) = sources(&made, &format!("import \"{path}\" (x)"));
            assert!(sources.imports.is_empty(), "{path}");
            assert!(
                messages.iter().any(|message| message.ends_with("lies outside the project")),
                "{path}: {messages:?}"
            );
        }
        let (sources, _) = sources(&made, "codes c = from \"../../secret.csv\"");
        assert_eq!(of(&sources, "../../secret.csv"), Err("it lies outside the project".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_either() {
        let made = made(&[("queries/a.bq", "")]);
        std::os::unix::fs::symlink("../../secret.bq", made.project.root.join("queries/link.bq")).unwrap();
        let (_, messages) = sources(&made, "import \"link.bq\" (x)");
        assert_eq!(messages, ["`link.bq` lies outside the project"]);
    }

    #[test]
    fn code_files() {
        let made = made(&[
            (
                "queries/good.csv",
                "label,code\n\"Seizure, any\",HP:0001250\nAbsence, HP:0002121\nagain,HP:0001250\n",
            ),
            ("queries/no_column.csv", "id\nHP:1\n"),
            ("queries/bad.csv", "code,label\nHP:0001250,Seizure\nSeizure,HP:0001250\n"),
            ("queries/mixed.csv", "code\nHP:0001250\nMONDO:1\n"),
            ("queries/ragged.csv", "code,label\nHP:0001250\n"),
        ]);
        let program = "codes a = from \"good.csv\" codes b = from \"no_column.csv\" codes c = from \"bad.csv\"\n\
                       codes d = from \"mixed.csv\" codes e = from \"ragged.csv\" codes f = from \"none.csv\"";
        let (sources, messages) = sources(&made, program);
        assert!(messages.is_empty(), "{messages:?}");
        let of = |name: &str| of(&sources, name);
        assert_eq!(of("good.csv").unwrap(), ["HP:0001250", "HP:0002121", "HP:0001250"]);
        assert_eq!(of("no_column.csv").unwrap_err(), "line 1 names no column `code`; it names `id`");
        assert_eq!(of("bad.csv").unwrap_err(), "line 3: `Seizure` is no code of the form SYSTEM:CODE");
        assert!(of("mixed.csv").unwrap_err().starts_with("line 3"));
        assert_eq!(of("ragged.csv").unwrap_err(), "line 2 is not CSV");
        assert!(!sources.code_files.keys().any(|(_, path)| path == "none.csv"));
    }
}
