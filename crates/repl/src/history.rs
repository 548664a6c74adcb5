//! The entries of earlier sessions: a file of its owner alone.
//!
//! A literal can be a date of birth, a place in a genome, the id of a person. So of a project that has
//! agreements the file holds entries without their literals and comments; within a session, the arrow up
//! still brings back the whole entry, for whoever repairs it.

use crate::entry::is_command;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use syntax::tree::Item;
use syntax::{Kind, Piece};
use text::FileId;

/// Names another file, or with nothing after it none.
const VARIABLE: &str = "BASEQ_HISTORY";
/// How many entries are kept.
pub(crate) const MOST: usize = 1000;
/// What stands for a literal that was left out.
const LEFT_OUT: &str = "…";

/// The file of a project's entries; `None` where there is no home for it.
pub(crate) fn place(root: &Path) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    let state = match std::env::var_os("XDG_STATE_HOME").filter(|state| !state.is_empty()) {
        Some(state) => PathBuf::from(state),
        None => PathBuf::from(std::env::var_os("HOME").filter(|home| !home.is_empty())?).join(".local/state"),
    };
    // Two projects of one name are told apart by their whole path.
    let path: String = root
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '-' || c == '.' { c } else { '_' })
        .collect();
    Some(state.join("baseq").join(format!("history{path}")))
}

/// The entries of a file, oldest first, at most [`MOST`]. What is older is dropped from the file too.
pub(crate) fn entries(path: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let kept = lines.get(lines.len().saturating_sub(MOST)..).unwrap_or(&[]);
    if kept.len() < lines.len() {
        // A history that cannot be shortened is still a history.
        let _ = write(path, &(kept.join("\n") + "\n"), false);
    }
    kept.iter().map(|line| decoded(line)).collect()
}

/// Adds an entry.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn add(path: &Path, entry: &str, governed: bool) -> std::io::Result<()> {
    let entry = if governed { without_literals(entry) } else { entry.to_owned() };
    if entry.trim().is_empty() {
        return Ok(());
    }
    write(path, &(encoded(entry.trim_end()) + "\n"), true)
}

fn write(path: &Path, text: &str, append: bool) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).write(true).append(append).truncate(!append);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // A file that was there before may have been open to others.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

/// An entry on one line.
fn encoded(entry: &str) -> String {
    entry.replace('\\', "\\\\").replace('\n', "\\n")
}

fn decoded(line: &str) -> String {
    let mut entry = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n') => entry.push('\n'),
                Some(other) => entry.push(other),
                None => {}
            },
            (letter, false) => entry.push(letter),
        }
    }
    entry
}

/// An entry with `…` for every literal but those of `use agreement` and `as of`, and without comments. What was pasted may
/// be several entries, each a command or a part of a program.
pub(crate) fn without_literals(entry: &str) -> String {
    let mut text = String::with_capacity(entry.len());
    let mut end = 0;
    for one in crate::entry::entries(entry) {
        text.extend(
            entry.get(end..one.start).into_iter().flat_map(str::chars).filter(|letter| *letter == '\n'),
        );
        end = one.end;
        let one = entry.get(one).unwrap_or_default();
        text.push_str(&if is_command(one) {
            command_without_values(one)
        } else {
            program_without_literals(one)
        });
    }
    text
}

/// Of a command, all behind the first `=` is a value, which may have spaces in it; what `.help` is asked about may be a code.
fn command_without_values(command: &str) -> String {
    let (name, rest) = command.split_at(command.find(char::is_whitespace).unwrap_or(command.len()));
    match rest.split_once('=') {
        Some((before, _)) => format!("{name}{before}={LEFT_OUT}"),
        None if name == ".help" => format!("{name}{}", program_without_literals(rest)),
        None => command.to_owned(),
    }
}

fn program_without_literals(entry: &str) -> String {
    let (parsed, _) = syntax::parse(FileId(0), entry);
    let open: Vec<_> = parsed
        .file
        .items
        .iter()
        .filter(|item| matches!(item, Item::Use(_) | Item::AsOf(_)))
        .map(Item::span)
        .collect();
    let mut text = String::with_capacity(entry.len());
    for piece in parsed.tape.pieces() {
        match piece {
            Piece::Space(space) => text.push_str(space),
            Piece::Comment(_) => {}
            Piece::Token(number, token) => {
                let kind = parsed.tape.kinds().get(number as usize).copied();
                let harmless = open.iter().any(|span| (span.start..span.end).contains(&number));
                text.push_str(if harmless || !kind.is_some_and(is_literal) { token } else { LEFT_OUT });
            }
        }
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn is_literal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Int
            | Kind::Decimal
            | Kind::Date
            | Kind::Str
            | Kind::Ucum
            | Kind::Code
            | Kind::Locus
            | Kind::Hgvs
            | Kind::Rs
            | Kind::Bad
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_left_out() {
        assert_eq!(
            without_literals("use agreement \"DEMO\" as of 2025-01-01"),
            "use agreement \"DEMO\" as of 2025-01-01"
        );
        assert_eq!(
            without_literals(
                "-- Mrs X\ncohort c = from subjects\n  where birth_date = 1951-03-02 -- hers\n  where site in [\"Ghent\", rs80357906, HP:0001250 \"Seizure\", 48 'mmol/mol', \"open"
            ),
            "\ncohort c = from subjects\n  where birth_date = …\n  where site in […, …, … …, … …, …"
        );
        // A value of a parameter may have spaces in it, and a command may be pasted with a program below it.
        for (entry, kept) in [
            (".params day=2025-01-01 x=", ".params day=…"),
            (".params site=Ghent Hospital", ".params site=…"),
            (".help HP:0001250", ".help …"),
            (".help age", ".help age"),
            (".save queries/a.bq", ".save queries/a.bq"),
            (
                ".mode csv\n\ncohort c = from subjects where birth_date = 1951-03-02 -- hers\n.params id=P 1",
                ".mode csv\n\ncohort c = from subjects where birth_date = …\n.params id=…",
            ),
        ] {
            assert_eq!(without_literals(entry), kept);
        }
    }

    #[test]
    fn entries_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/history");
        let all = ["from subjects\n  show n = 1\n", "a \\n b", ".tables"];
        for entry in all {
            add(&path, entry, false).unwrap();
        }
        assert_eq!(entries(&path), ["from subjects\n  show n = 1", "a \\n b", ".tables"]);
        add(&path, "define x = \"secret\"", true).unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains("secret"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        std::fs::write(&path, "old\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        add(&path, ".tables", true).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let all: Vec<String> = (0..MOST + 5).map(|number| number.to_string()).collect();
        std::fs::write(&path, all.join("\n") + "\n").unwrap();
        assert_eq!(entries(&path).len(), MOST);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("5\n"));
    }
}
