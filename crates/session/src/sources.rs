//! The files of one program: itself, what it imports, and the code files it names.
//!
//! Paths are relative to the file that names them and stay inside the project: a program from
//! elsewhere must not be able to read this machine's files by naming them. Links are followed before
//! that is decided. Imports of imports are not followed: what an imported file stands on is its own.

use crate::codes::{ESCAPE, UNREADABLE};
use crate::project::Project;
use diag::Diagnostic;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syntax::Parsed;
use syntax::tree::{CodesValue, Item, Text};
use text::Files;

/// Files longer than this are not programs: 16 MiB.
const LONGEST: u64 = 16 << 20;

/// What a program reads beside itself, by path as written.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) imports: BTreeMap<String, Parsed>,
    pub(crate) code_files: BTreeMap<String, Result<Vec<String>, String>>,
}

/// Reads what `main`, which lies in `folder`, and its imports name.
pub(crate) fn read(
    project: &Project,
    folder: &Path,
    main: &Parsed,
    files: &mut Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Sources {
    let mut sources = Sources::default();
    let mut code_files = codes_of(main, folder);
    for item in &main.file.items {
        let Item::Import(import) = item else { continue };
        let written = &import.file;
        if sources.imports.contains_key(&written.value) {
            continue;
        }
        match inside(project, folder, written) {
            Ok(path) => match read_text(&path) {
                Ok(text) => {
                    let id = files.add(project.shown(&path), text.as_str());
                    let (parsed, more) = syntax::parse(id, &text);
                    diagnostics.extend(more);
                    code_files.extend(codes_of(&parsed, path.parent().unwrap_or(folder)));
                    sources.imports.insert(written.value.clone(), parsed);
                }
                Err(Unread::Missing) => {}
                Err(Unread::Reason(reason)) => diagnostics.push(Diagnostic::error(
                    UNREADABLE,
                    format!("`{}` cannot be read: {reason}", written.value),
                    main.range(written.span),
                    "this file",
                )),
            },
            Err(Outside::Missing) => {}
            Err(Outside::Escapes) => diagnostics.push(
                Diagnostic::error(
                    ESCAPE,
                    format!("`{}` lies outside the project", written.value),
                    main.range(written.span),
                    "leaves the folder of `baseq.toml`",
                )
                .note("a program reads only files of its own project"),
            ),
        }
    }
    for (written, folder) in code_files {
        let codes = match inside(project, &folder, &written) {
            Ok(path) => codes(&path),
            Err(Outside::Escapes) => Err("it lies outside the project".to_owned()),
            // The checker says that there is no such file.
            Err(Outside::Missing) => continue,
        };
        sources.code_files.insert(written.value, codes);
    }
    sources
}

fn codes_of(parsed: &Parsed, folder: &Path) -> Vec<(Text, PathBuf)> {
    let files = parsed.file.items.iter().filter_map(|item| match item {
        Item::Codes(codes) => match &codes.value {
            CodesValue::File(file) => Some((file.clone(), folder.to_owned())),
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

/// The codes of a CSV file: its column `code`, as CURIEs of one system; other columns are for people.
fn codes(path: &Path) -> Result<Vec<String>, String> {
    let told = |error: csv::Error| match error.position() {
        Some(position) => format!("line {} is not CSV", position.line()),
        None => error.to_string(),
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(told)?;
    let header = reader.headers().map_err(told)?.clone();
    let Some(column) = header.iter().position(|name| name.trim_start_matches('\u{feff}') == "code") else {
        return Err("line 1 names no column `code`".into());
    };
    let mut codes: Vec<String> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(told)?;
        let line = record.position().map_or(0, csv::Position::line);
        let code = record.get(column).unwrap_or("");
        let system = code.split_once(':').filter(|(_, local)| !local.is_empty()).map(|(system, _)| system);
        match system {
            None => return Err(format!("line {line}: `{code}` is no code of the form SYSTEM:CODE")),
            Some(system) if !model::is_code_system(system) => {
                return Err(format!("line {line}: `{system}` is not a code system that is known here"));
            }
            Some(system) => {
                let first = codes.first().and_then(|code| code.split(':').next());
                if let Some(first) = first.filter(|first| *first != system) {
                    return Err(format!(
                        "line {line}: `{code}` is of another system than the codes before it ({first})"
                    ));
                }
            }
        }
        codes.push(code.to_owned());
    }
    codes.sort();
    codes.dedup();
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
        let folder = made.project.root.join("queries");
        let sources = read(&made.project, &folder, &parsed, &mut files, &mut diagnostics);
        (sources, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
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
        assert_eq!(sources.imports.keys().collect::<Vec<_>>(), ["../panels/b.bq", "a.bq"]);
        assert_eq!(sources.code_files["b.csv"], Ok(vec!["HP:0001250".to_owned()]));
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
        assert_eq!(sources.code_files["../../secret.csv"], Err("it lies outside the project".to_owned()));
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
        let of = |name: &str| sources.code_files[name].clone();
        assert_eq!(of("good.csv").unwrap(), ["HP:0001250", "HP:0002121"]);
        assert_eq!(of("no_column.csv").unwrap_err(), "line 1 names no column `code`");
        assert_eq!(of("bad.csv").unwrap_err(), "line 3: `Seizure` is no code of the form SYSTEM:CODE");
        assert!(of("mixed.csv").unwrap_err().starts_with("line 3"));
        assert_eq!(of("ragged.csv").unwrap_err(), "line 2 is not CSV");
        assert!(!sources.code_files.contains_key("none.csv"));
    }
}
