//! What somebody typed or piped in: cut into entries, each told by its form alone.
//!
//! Three rules, which `.help` tells too. A line that begins with a dot is a command. A line that is whole
//! is an entry; an entry of several lines ends with an empty line. In a script, where nobody presses Enter,
//! an empty line ends an entry if what comes after it begins at the margin and is no clause.
//!
//! What has a name (`cohort`, `define`, `codes`, …) is kept; what has none (`from …`, `attrition of …`) is
//! a question and is answered.

use std::ops::Range;
use syntax::tree::{AsOf, Define, Item, Test};
use syntax::{Kind, Parsed};
use text::FileId;

/// What a question without a name is called in the program that is run.
pub(crate) const ANSWER: &str = "answer";

/// By what a later item takes the place of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// `use agreement`: one of a program.
    Use,
    /// `as of`: one of a program.
    AsOf,
    /// `import`, by its path.
    Import(String),
    /// What has a name: all but the definitions of an entity share one space.
    Name(String),
    /// `define ENTITY.NAME`
    Of(String, String),
    /// `test`, by its title.
    Test(String),
    /// What cannot be kept; the checker says why.
    Loose,
}

/// What a part of an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An item that is kept.
    Item(Key),
    /// `let NAME = …`, which is kept as a definition.
    Let(Key),
    /// `from …`: a table without a name.
    Question,
    /// `attrition of …`, `describe …`, `compare …`.
    Report,
    /// A name alone.
    Name(String),
    /// No item and no question.
    Other,
}

/// A part of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) form: Form,
    /// Its bytes in the entry, the comments before it among them.
    pub(crate) range: Range<usize>,
    /// Its first word: of `let` the word that is written in another way.
    pub(crate) word: Range<usize>,
}

/// Whether a text is a command.
pub(crate) fn is_command(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next() == Some('.') && letters.next().is_some_and(char::is_alphabetic)
}

/// Whether Enter ends an entry.
pub(crate) fn is_whole(text: &str) -> bool {
    if text.trim().is_empty() || is_command(text) {
        return true;
    }
    if let Some((_, last)) = text.rsplit_once('\n') {
        return last.trim().is_empty();
    }
    let parts = parts(text);
    let Some(last) = parts.last() else {
        // A comment, which belongs to what comes after it.
        return false;
    };
    let (written, _) = as_program(&text[last.range.clone()], &last.form, &last.word, last.range.start);
    !syntax::wants_more(&written) && !is_open(&written, &last.form)
}

/// Whether an item parses and cannot be meant yet: a question that shows nothing, a cohort without a rule.
fn is_open(written: &str, form: &Form) -> bool {
    if !matches!(form, Form::Item(_) | Form::Question) {
        return false;
    }
    let (parsed, _) = syntax::parse(FileId(0), written);
    match parsed.file.items.last() {
        Some(Item::Cohort(cohort)) => cohort.clauses.is_empty(),
        Some(Item::Table(table)) => !table.clauses.iter().any(|clause| {
            matches!(
                clause,
                syntax::tree::Clause::Show(_)
                    | syntax::tree::Clause::Frequency(_)
                    | syntax::tree::Clause::Error(_)
            )
        }),
        _ => false,
    }
}

/// The entries of a script, as bytes of it.
pub(crate) fn entries(script: &str) -> Vec<Range<usize>> {
    let mut entries: Vec<Range<usize>> = Vec::new();
    // The entry that may go on, and whether an empty line came after it.
    let (mut open, mut blank) = (false, false);
    let mut at = 0;
    for line in script.split_inclusive('\n') {
        let end = at + line.trim_end().len();
        if line.trim().is_empty() {
            blank = true;
        } else if is_command(line) {
            entries.push(at..end);
            open = false;
        } else if open && !(blank && begins_anew(line)) {
            if let Some(last) = entries.last_mut() {
                last.end = end;
            }
        } else {
            entries.push(at..end);
            open = true;
        }
        if !line.trim().is_empty() {
            blank = false;
        }
        at += line.len();
    }
    entries
}

/// Whether a line after an empty one is the beginning of something, and not a further clause.
fn begins_anew(line: &str) -> bool {
    if line.starts_with(char::is_whitespace) {
        return false;
    }
    let (tape, _) = syntax::lex(FileId(0), line);
    match tape.kinds().first() {
        None => true,
        Some(
            Kind::Where
            | Kind::Index
            | Kind::Exit
            | Kind::Match
            | Kind::Draw
            | Kind::For
            | Kind::Group
            | Kind::Frequency
            | Kind::Show
            | Kind::Order
            | Kind::Limit,
        ) => false,
        Some(kind) => kind.keyword().is_none_or(|word| word.class != syntax::Class::Sign),
    }
}

/// The parts of an entry in order; none where it holds no word.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let (tape, _) = syntax::lex(FileId(0), text);
    let (Some(first), kinds) = (tape.tokens().first(), tape.kinds()) else { return Vec::new() };
    let word = first.start as usize..first.end as usize;
    let alone = |form| vec![Part { form, range: 0..text.len(), word: word.clone() }];
    if let [kind] = kinds
        && kind.is_name()
    {
        return alone(Form::Name(tape.text(0).trim_matches('`').to_owned()));
    }
    // What is no item by itself is read as the item that it stands for.
    let form = match kinds.first() {
        Some(Kind::From) => Form::Question,
        Some(Kind::Let) => Form::Let(Key::Loose),
        _ => Form::Item(Key::Loose),
    };
    let (written, added) = as_program(text, &form, &word, 0);
    let (parsed, _) = syntax::parse(FileId(0), &written);
    if parsed.file.items.is_empty() {
        return alone(Form::Other);
    }
    // Bytes of what was read as bytes of the entry.
    let back = |at: usize| at.saturating_add_signed(-added).clamp(word.start, text.len());
    let mut parts = Vec::new();
    let mut from = 0;
    let last = parsed.file.items.len() - 1;
    for (number, item) in parsed.file.items.iter().enumerate() {
        let end = if number == last { text.len() } else { back(end_of(&parsed, item)) };
        let start = parsed.range(item.span()).start as usize;
        let (form, word) = match (number, &form) {
            (0, Form::Question) => (Form::Question, word.clone()),
            (0, Form::Let(_)) => (Form::Let(key(item)), word.clone()),
            (..) => (form_of(item), back(start)..back(start)),
        };
        parts.push(Part { form, range: from..end, word });
        from = end;
    }
    parts
}

/// How a part is written in a program, and how many bytes that is longer before its second word. `offset`
/// is where the text begins in the entry that `word` counts in.
pub(crate) fn as_program(text: &str, form: &Form, word: &Range<usize>, offset: usize) -> (String, isize) {
    let at = word.start.saturating_sub(offset).min(text.len());
    let put = |what: &str, length: usize| {
        let written = format!("{}{what}{}", &text[..at], text.get(at + length..).unwrap_or(""));
        let added = isize::try_from(written.len()).unwrap_or(0) - isize::try_from(text.len()).unwrap_or(0);
        (written, added)
    };
    match form {
        Form::Question => put(&format!("table {ANSWER} = "), 0),
        Form::Let(_) => put("define", word.len()),
        Form::Item(_) | Form::Report | Form::Name(_) | Form::Other => (text.to_owned(), 0),
    }
}

/// The first word of an item.
pub(crate) fn first_word(item: &str) -> Option<Kind> {
    syntax::lex(FileId(0), item).0.kinds().first().copied()
}

/// One past the last byte of an item, the comment on its last line among it.
fn end_of(parsed: &Parsed, item: &Item) -> usize {
    let last = item.span().end.saturating_sub(1) as usize;
    let token = parsed.tape.tokens().get(last);
    token.map_or(0, |token| token.trailing.map_or(token.end, |comment| comment.end)) as usize
}

fn form_of(item: &Item) -> Form {
    match item {
        Item::Report(_) => Form::Report,
        Item::Error(_) => Form::Other,
        _ => Form::Item(key(item)),
    }
}

/// By what an item is replaced.
fn key(item: &Item) -> Key {
    let named = |name: &syntax::tree::Name| Key::Name(name.text.clone());
    match item {
        Item::Use(_) => Key::Use,
        Item::AsOf(AsOf { .. }) => Key::AsOf,
        Item::Import(import) => Key::Import(import.file.value.clone()),
        Item::Param(param) => named(&param.formal.name),
        Item::Codes(codes) => named(&codes.name),
        Item::Define(Define { entity: Some(entity), name, .. }) => {
            Key::Of(entity.text.clone(), name.text.clone())
        }
        Item::Define(Define { entity: None, name, .. }) => named(name),
        Item::Cohort(cohort) => named(&cohort.name),
        Item::Table(table) => named(&table.name),
        Item::Test(Test { name, .. }) => Key::Test(name.value.clone()),
        Item::Report(_)
        | Item::Model(_)
        | Item::Entity(_)
        | Item::Agreement(_)
        | Item::Purpose(_)
        | Item::Majority(_)
        | Item::Death(_)
        | Item::Error(_) => Key::Loose,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_that_is_whole_ends_at_once() {
        for text in [
            "",
            ".tables",
            "women",
            "use agreement \"DEMO\"",
            "as of 2025-01-01",
            "cohort women = from subjects where sex = female",
            "from subjects group by sex show n = count(subjects)",
            "let old = age >= 65 years",
            "attrition of women",
            // What is wrong is told at once.
            "from subjects wher sex = female",
            "cohort = 1",
            "from subjects show n = count(subjects) and or",
        ] {
            assert!(is_whole(text), "{text}");
        }
        for text in [
            "from subjects",
            "from subjects group by sex",
            "from subjects group by sex show",
            "cohort women =",
            "cohort women = from subjects",
            "let old =",
            "-- women who",
            "attrition of",
            "codes c = [HP:0001250,",
        ] {
            assert!(!is_whole(text), "{text}");
        }
    }

    #[test]
    fn an_empty_line_ends_several() {
        assert!(!is_whole("from subjects\ngroup by sex show n = count(subjects)"));
        assert!(is_whole("from subjects\ngroup by sex show n = count(subjects)\n"));
        assert!(is_whole("from subjects\n  "));
    }

    fn cut(script: &str) -> Vec<&str> {
        entries(script).into_iter().map(|range| &script[range]).collect()
    }

    #[test]
    fn a_script_is_cut_at_commands_and_empty_lines() {
        let script = "use agreement \"A\"\nas of 2025-01-01\n\ncohort c =\n  from subjects\n\n  where sex = male\n\n\
                      from c\ngroup by sex\n\nshow n = count(subjects)\n.sql\nfrom c show n = count(subjects)\n";
        assert_eq!(
            cut(script),
            [
                "use agreement \"A\"\nas of 2025-01-01",
                "cohort c =\n  from subjects\n\n  where sex = male",
                "from c\ngroup by sex\n\nshow n = count(subjects)",
                ".sql",
                "from c show n = count(subjects)",
            ]
        );
        assert_eq!(cut("\n\n"), Vec::<&str>::new());
    }

    fn forms(text: &str) -> Vec<(Form, &str)> {
        parts(text).into_iter().map(|part| (part.form, &text[part.range])).collect()
    }

    #[test]
    fn an_entry_is_cut_into_parts() {
        let name = |name: &str| Key::Name(name.to_owned());
        assert_eq!(
            forms("-- why\nlet old = age >= 65 years -- so\ncohort c = from subjects where old"),
            [
                (Form::Let(name("old")), "-- why\nlet old = age >= 65 years -- so"),
                (Form::Item(name("c")), "\ncohort c = from subjects where old"),
            ]
        );
        assert_eq!(
            forms("from c show n = count(subjects) attrition of c"),
            [(Form::Question, "from c show n = count(subjects)"), (Form::Report, " attrition of c")]
        );
        assert_eq!(forms("`my cohort`"), [(Form::Name("my cohort".to_owned()), "`my cohort`")]);
        assert_eq!(
            forms("define measurement.high = value > 3"),
            [(
                Form::Item(Key::Of("measurement".into(), "high".into())),
                "define measurement.high = value > 3"
            )]
        );
        assert_eq!(forms("count(subjects)"), [(Form::Other, "count(subjects)")]);
        assert_eq!(forms("-- only words"), []);
    }

    #[test]
    fn a_question_becomes_a_table() {
        let text = "from c show n = 1";
        let part = parts(text).remove(0);
        assert_eq!(as_program(text, &part.form, &part.word, 0).0, "table answer = from c show n = 1");
        let text = "let old = 1";
        let part = parts(text).remove(0);
        assert_eq!(as_program(text, &part.form, &part.word, 0), ("define old = 1".to_owned(), 3));
    }
}
