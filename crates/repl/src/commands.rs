//! The commands: a line that begins with a dot.

use crate::codes;
use crate::entry::{ANSWER, Key};
use crate::shell::{Done, Ended, Last, Question, Shell};
use report::Format;
use session::{Kind, PolicySource, Style, Trouble};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A command: its name, the words after it, what it does.
pub(crate) type Command = (&'static str, &'static str, &'static str);

/// All commands, in the order in which `.help` lists them.
pub(crate) const COMMANDS: &[Command] = &[
    ("tables", "", "what can be asked about: the kinds of rows, and what was kept"),
    (
        "describe",
        "[NAME]",
        "a kind of row with its columns; a cohort, a table or the last question in English",
    ),
    ("attrition", "[COHORT]", "how many each rule of a cohort leaves; without a name, of the last one kept"),
    ("sql", "[NAME]", "the SQL of a cohort, a table or the last question"),
    ("why", "[NAME]", "what the policy decided on it, and which line of the policy says so"),
    ("plan", "[NAME]", "what it reads and under which rules; reads nothing"),
    ("release", "", "the rules under which results leave, and what was withheld of the last one"),
    ("params", "[NAME=VALUE …]", "the values of parameters; `NAME=` takes one back"),
    ("mode", "[FORMAT]", "how results look: table, csv, tsv, json, jsonl, md"),
    ("timer", "[on|off]", "say how long a question took"),
    ("show", "", "the program so far: what was kept"),
    ("forget", "NAME …", "let go of what was kept"),
    (
        "save",
        "FILE [NAME]",
        "write the program and the last question to FILE; NAME is what the question is called there",
    ),
    ("read", "FILE", "enter what FILE says"),
    ("help", "[NAME]", "this list; what a name, a word, a code or a diagnostic is"),
    ("quit", "", "leave, as Ctrl-D does"),
];

/// What `.help` says before the list.
const HELP: &str = "\
A line that is whole is an entry; one that is not goes on, and an empty line ends it.
What has a name is kept, and a later one takes its place; a question is answered:

  cohort women = from subjects where sex = female
  women
  from women group by ancestry show ancestry, people = count(subjects)

Tab completes, F1 tells what the word at the cursor is, Alt-Enter begins a new line, the arrow up
brings back earlier entries, Ctrl-C takes back what is typed or stops a question, Ctrl-D leaves.
";

impl Shell<'_> {
    /// Does a command.
    pub(crate) fn command(&mut self, line: &str) -> Done {
        let line = line.trim().trim_start_matches('.');
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().map(|word| word.trim_matches('`')).collect();
        let name = if name == "exit" { "quit" } else { name };
        let Some((name, expected, _)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
            let near = diag::near_names(name, COMMANDS.iter().map(|(name, ..)| *name));
            let help = match near.first() {
                Some(near) => format!("`.{near}` is near"),
                None => "`.help` lists them".to_owned(),
            };
            return self.usage(codes::NO_COMMAND, format!("there is no command `.{name}`"), help);
        };
        let most = match *expected {
            "" => 0,
            _ if expected.ends_with('…') || expected.ends_with("…]") => usize::MAX,
            _ => expected.split_whitespace().count(),
        };
        let least = usize::from(!expected.is_empty() && !expected.starts_with('['));
        if words.len() < least || words.len() > most {
            let message = match (words.len() < least, most) {
                (true, _) => format!("`.{name}` needs more than its name"),
                (false, 0) => format!("`.{name}` takes nothing after it"),
                (false, _) => format!("`.{name}` takes at most {most} words"),
            };
            return self.usage(
                codes::COMMAND,
                message,
                format!("it is written `.{name} {expected}`").replace(" `", "`"),
            );
        }
        let word = words.first().copied();
        match *name {
            "tables" => self.tables(),
            "describe" => match word {
                Some(name) => self.describe(name),
                None => self.in_english(None),
            },
            "attrition" => self.attrition(word),
            "sql" => self.sql(word),
            "why" => self.why(word),
            "plan" => self.plan(word),
            "release" => self.release(),
            "params" => self.set_params(&words),
            "mode" => self.mode(word),
            "timer" => self.timer(word),
            "show" => self.lines(&[self.program.text().trim_end().to_owned()]),
            "forget" => self.forget(&words),
            "save" => self.save(word.unwrap_or_default(), words.get(1).copied()),
            "read" => self.read(word.unwrap_or_default()),
            "help" => match word {
                Some(name) => self.help(name),
                None => self.all_help(),
            },
            _ => Err(Ended::Left),
        }
    }

    fn all_help(&self) -> Done {
        let head = |(name, words, _): &Command| format!(".{name} {words}");
        let width = COMMANDS.iter().map(|command| head(command).chars().count()).max().unwrap_or(0);
        let mut text = format!("{HELP}\n");
        for command in COMMANDS {
            let _ = writeln!(text, "  {:width$}  {}", head(command), command.2);
        }
        self.show(text.as_bytes())
    }

    /// What a name is: a diagnostic, a command, or whatever an editor would say of it.
    fn help(&self, name: &str) -> Done {
        if let Some(page) = diag::page(name) {
            return self.show(page.as_bytes());
        }
        if let Some(page) = self.session.pages().iter().find(|page| page.name == name || page.plural == name)
        {
            return self.show(page.text().as_bytes());
        }
        let command = name.trim_start_matches('.');
        if let Some((name, words, what)) = COMMANDS.iter().find(|(known, ..)| *known == command) {
            return self.lines(&[format!(".{name} {words}").trim_end().to_owned(), format!("  {what}")]);
        }
        match crate::look::about(self, name) {
            Some(words) => self.lines(&[words]),
            None => self.usage(
                codes::COMMAND,
                format!("nothing is known of `{name}`"),
                "`.help` lists the commands, `.tables` what can be asked about",
            ),
        }
    }

    fn tables(&self) -> Done {
        let pages = self.session.pages();
        let width = pages.iter().map(|page| page.plural.chars().count()).max().unwrap_or(0);
        let mut lines: Vec<String> = pages
            .iter()
            .map(|page| {
                // A sentence is enough here; `.describe` has them all.
                let doc = page.doc.join(" ");
                let first = doc.split_inclusive(". ").next().unwrap_or_default();
                format!("{:width$}  {first}", page.plural).trim_end().to_owned()
            })
            .collect();
        let kept: Vec<String> = self
            .program
            .items()
            .iter()
            .filter(|item| !matches!(item.key, Key::Loose))
            .map(|item| {
                let text = item.text.trim();
                let line = text.lines().find(|line| !line.trim_start().starts_with("--")).unwrap_or(text);
                line.trim_end_matches(['=', ' ']).to_owned()
            })
            .collect();
        if !kept.is_empty() {
            lines.push(String::new());
            lines.push("kept:".to_owned());
            lines.extend(kept.iter().map(|line| format!("  {line}")));
        }
        self.lines(&lines)
    }

    /// A kind of row with its columns, or what was kept, in English or as it was written.
    pub(crate) fn describe(&mut self, name: &str) -> Done {
        let pages = self.session.pages();
        if let Some(page) = pages.iter().find(|page| page.name == name || page.plural == name) {
            return self.show(page.text().as_bytes());
        }
        if self.question_of(name).is_some() {
            return self.in_english(Some(name));
        }
        match self.program.find(name) {
            Some(item) => {
                let mut lines = vec![item.text.trim().to_owned()];
                lines
                    .extend(crate::look::about(self, name).filter(|words| !item.text.contains(words.trim())));
                self.lines(&lines)
            }
            None => match crate::look::about(self, name) {
                Some(words) => self.lines(&[words]),
                // The checker knows near names, and names that were imported.
                None => self.ask(self.size_of(name)),
            },
        }
    }

    fn in_english(&mut self, name: Option<&str>) -> Done {
        let question = self.about(name)?;
        let (_, checked, result) = self.checked(&question)?;
        let of = name.map_or(result, str::to_owned);
        match self.session.methods(&checked, Some(&of), Style::Plain) {
            Ok(all) => {
                self.lines(&all.into_iter().map(|(_, text)| text.trim_end().to_owned()).collect::<Vec<_>>())
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    fn attrition(&mut self, name: Option<&str>) -> Done {
        let is_cohort =
            |item: &crate::program::Kept| crate::entry::first_word(&item.text) == Some(syntax::Kind::Cohort);
        let last = self.program.items().iter().rev().find(|item| is_cohort(item));
        let name = match (name, last.map(|item| &item.key)) {
            (Some(name), _) => name.to_owned(),
            (None, Some(Key::Name(name))) => name.clone(),
            (None, _) => {
                return self.usage(
                    codes::NOTHING_YET,
                    "no cohort was kept yet",
                    "a cohort is kept by its name: `cohort women = from subjects where sex = female`",
                );
            }
        };
        self.ask(self.made(&format!("attrition of `{name}`")))
    }

    fn sql(&mut self, name: Option<&str>) -> Done {
        let question = self.about(name)?;
        let (_, checked, result) = self.checked(&question)?;
        match self.session.compile(&checked, &[result]) {
            Ok(compiled) => {
                let texts: Vec<&str> =
                    compiled.iter().map(|table| table.statement.text().trim_end()).collect();
                self.lines(&[texts.join("\n")])
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    /// The policy's receipt: also of what it refuses, of which the diagnostics say why.
    fn why(&mut self, name: Option<&str>) -> Done {
        let question = self.about(name)?;
        let (program, _) = self.program_of(&question);
        let checked = self.check(&program)?;
        if checked.has_errors() {
            return self.wrong(&program, &checked);
        }
        let receipts = self.session.receipts(&checked);
        if receipts.is_empty() {
            self.host.say("the policy had nothing to decide: nothing of any person is read");
            return Ok(());
        }
        let by = |receipt: &session::Explained| receipt.policy.clone().unwrap_or("the language".to_owned());
        let width = receipts.iter().map(|receipt| by(receipt).chars().count()).max().unwrap_or(0);
        let line = |receipt: &session::Explained| {
            format!("{:width$}  {}: {}", by(receipt), receipt.what, receipt.rule)
        };
        let lines: Vec<String> = receipts.iter().map(line).collect();
        self.lines(&lines)
    }

    fn plan(&mut self, name: Option<&str>) -> Done {
        let question = self.about(name)?;
        let (_, checked, _) = self.checked(&question)?;
        self.lines(&self.session.plan_of(&checked))
    }

    /// The rules of disclosure control, of the agreement that is in use.
    fn release(&mut self) -> Done {
        self.refresh()?;
        let question = self.last.as_ref().map(|last| last.question.clone());
        let program = match &question {
            Some(question) => self.program_of(question).0,
            None => self.program.clone(),
        };
        let checked = self.check(&program)?;
        let permitted = checked.permitted.as_ref();
        let Some(permitted) = permitted.filter(|permitted| !permitted.grounds().agreements.is_empty()) else {
            return self.usage(
                codes::NOTHING_YET,
                "no agreement is in use that could say how results leave",
                self.agreement_help(),
            );
        };
        let grounds = permitted.grounds();
        let rules = &grounds.release;
        let mut lines = Vec::new();
        for (name, version) in &grounds.agreements {
            lines.push(format!("agreement \"{name}\" version {version}, level {}", grounds.level.name()));
        }
        lines.push(format!("counts below {} people are withheld", rules.min_subjects));
        if rules.round_to > 1 {
            lines.push(format!("counts are rounded to the nearest {}", rules.round_to));
        }
        lines.push(format!("zeros are {}", if rules.zeros_shown { "shown" } else { "withheld" }));
        let [p, k, margin] = [rules.dominance.p, rules.dominance.k, rules.margin]
            .map(|share| share.scale(100, 1).unwrap_or(share));
        lines.push(format!(
            "sums in which the second greatest contributor could estimate the greatest to within {p} %, or of which the \
             {} greatest hold more than {k} %, are withheld",
            rules.dominance.n
        ));
        lines.push(format!("what more than {margin} % of a group have is withheld where it is sensitive"));
        if rules.difference > 1 {
            lines.push(format!("two sets of people differ by nobody or by at least {}", rules.difference));
        }
        lines.push(format!("frequencies need {} people", rules.frequency_min_subjects));
        if rules.allele_min_carriers > 1 {
            lines
                .push(format!("alleles with fewer than {} carriers are withheld", rules.allele_min_carriers));
        }
        let formats: Vec<&str> = grounds.formats.iter().map(String::as_str).collect();
        lines.push(format!(
            "formats: table{}{}",
            if formats.is_empty() { "" } else { ", " },
            formats.join(", ")
        ));
        if let Some(Last { notes: Some(notes), .. }) = &self.last {
            let withheld = notes.withheld + notes.secondary;
            lines.push(format!("of the last result {withheld} of {} cells were withheld", notes.cells));
        }
        self.lines(&lines)
    }

    /// How an agreement is named, with those that there are.
    pub(crate) fn agreement_help(&self) -> String {
        let names: Vec<&String> = self.session.policy().0.agreements.keys().collect();
        match names.as_slice() {
            [] => {
                "the project has no policy; the steward installs one with `baseq policy install`".to_owned()
            }
            [only] => format!("enter `use agreement \"{only}\"`"),
            [first, ..] => {
                format!("enter `use agreement \"{first}\"`, or another of {}; Tab lists them", names.len())
            }
        }
    }

    fn set_params(&mut self, words: &[&str]) -> Done {
        if words.is_empty() {
            let mut lines: Vec<String> = Vec::new();
            let checked = self.check(&self.program)?;
            lines.extend(checked.params.iter().map(|(name, value)| {
                let given = self.params.get(name).map_or("its default", |given| given.from.as_str());
                format!("{name} = {value}  ({given})")
            }));
            let unknown = self
                .params
                .iter()
                .filter(|(name, _)| !checked.params.iter().any(|(known, _)| known == *name));
            lines.extend(
                unknown.map(|(name, given)| format!("{name} = {}  (no such parameter yet)", given.text)),
            );
            if lines.is_empty() {
                self.host.say("there are no parameters; `param NAME: TYPE = DEFAULT` declares one");
            }
            return self.lines(&lines);
        }
        // A value may hold spaces: `.params follow_up=2 years`.
        let mut given: Vec<(String, String)> = Vec::new();
        for word in words {
            match (word.split_once('='), given.last_mut()) {
                (Some((name, value)), _) if !name.is_empty() => {
                    given.push((name.to_owned(), value.to_owned()));
                }
                (_, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(word);
                }
                _ => {
                    return self.usage(
                        codes::COMMAND,
                        format!("`{word}` gives no parameter a value"),
                        "write `.params NAME=VALUE`",
                    );
                }
            }
        }
        let before = self.params.clone();
        for (name, value) in &given {
            if value.is_empty() {
                self.params.remove(name);
            } else {
                let one = [(name.clone(), value.clone())];
                self.params.extend(session::params::given(&one, "by `.params`"));
            }
        }
        let checked = self.check(&self.program)?;
        if checked.has_errors() {
            self.params = before;
            return self.wrong(&self.program, &checked);
        }
        Ok(())
    }

    fn mode(&mut self, word: Option<&str>) -> Done {
        let Some(word) = word else { return self.lines(&[self.format.word().to_owned()]) };
        let shown: Vec<&str> =
            Format::ALL.iter().filter(|format| is_shown(**format)).map(|format| format.word()).collect();
        match Format::of_word(word) {
            Some(format) if is_shown(format) => {
                self.format = format;
                Ok(())
            }
            Some(_) => self.usage(
                codes::COMMAND,
                format!("{word} is not for reading"),
                "`.save FILE` and `baseq run FILE -o OUTPUT` write it to a file",
            ),
            None => self.usage(
                codes::COMMAND,
                format!("`{word}` is not a format"),
                format!("the formats are {}", shown.join(", ")),
            ),
        }
    }

    fn timer(&mut self, word: Option<&str>) -> Done {
        match word {
            None => return self.lines(&[(if self.timer { "on" } else { "off" }).to_owned()]),
            Some("on") => self.timer = true,
            Some("off") => self.timer = false,
            Some(other) => {
                return self.usage(
                    codes::COMMAND,
                    format!("`{other}` is neither on nor off"),
                    "write `.timer on`",
                );
            }
        }
        Ok(())
    }

    fn forget(&mut self, names: &[&str]) -> Done {
        let mut program = self.program.clone();
        for name in names {
            if !program.forget(name) {
                let known = self.program.names();
                let near = diag::near_names(name, known.iter().map(String::as_str));
                let help = near.first().map_or_else(
                    || "`.show` shows what was kept".to_owned(),
                    |near| format!("`{near}` is near"),
                );
                return self.usage(codes::COMMAND, format!("nothing of the name `{name}` was kept"), help);
            }
        }
        self.refresh()?;
        let checked = self.check(&program)?;
        if checked.has_errors() {
            return self.wrong(&program, &checked).inspect_err(|_| {
                self.host.say("nothing was changed: something else uses it");
            });
        }
        self.program = program;
        // What was asked last may be gone.
        self.last = None;
        Ok(())
    }

    /// Writes the program with the last question; what is written has been checked where it will lie.
    fn save(&mut self, file: &str, name: Option<&str>) -> Done {
        let path = absolute(file);
        let mut text = self.program.text();
        if let Some(Last { question: Question::Asked(item), .. }) = &self.last {
            let item = item.text.trim();
            let table = format!("table {ANSWER} =");
            match (name, item.strip_prefix(&table)) {
                (Some(name), Some(rest)) => {
                    let _ = writeln!(text, "table {}{}", named(name), format_args!(" ={rest}"));
                }
                _ => text.push_str(item),
            }
        }
        if text.trim().is_empty() {
            return self.usage(
                codes::NOTHING_YET,
                "there is nothing to save yet",
                "keep a cohort, or ask something",
            );
        }
        let given: Vec<String> = self
            .params
            .iter()
            .map(|(name, given)| format!(" --param {name}={}", quoted(&given.text)))
            .collect();
        if !given.is_empty() {
            text = format!("-- asked with{}\n{text}", given.concat());
        }
        let text = format::format(&text);
        if path.exists() && !self.saved.contains(&path) {
            return self.usage(
                codes::NOT_SAVED,
                format!("{file} is there already, and is not written over"),
                "give another name",
            );
        }
        self.refresh()?;
        let checked = match self.session.check_text(&path, &text, &self.params) {
            Ok(checked) => checked,
            Err(trouble) => return self.trouble(&trouble),
        };
        // An import may lead nowhere from there.
        if checked.has_errors() {
            self.host.diagnostics(&checked.diagnostics, &checked.files);
            return self.usage(
                codes::NOT_SAVED,
                format!("{file} was not written: it would be refused there"),
                "save it beside the files that it imports",
            );
        }
        if let Err(error) = std::fs::write(&path, &text) {
            return self.usage(codes::NOT_SAVED, format!("{file}: {error}"), "give another name");
        }
        self.host.say(&format!("wrote {file}; `baseq run {file}` asks it again"));
        self.saved.push(path);
        Ok(())
    }

    fn read(&mut self, file: &str) -> Done {
        let path = absolute(file);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
                    _ => error.to_string(),
                };
                let trouble =
                    Trouble::new(Kind::Usage, session::codes::UNREADABLE, format!("{file}: {reason}"));
                return self.trouble(&trouble);
            }
        };
        // Paths in the file are relative to it, and from now on in the program to the same folder.
        let moved = self.path.parent() != path.parent();
        let imports = self.program.items().iter().any(|item| matches!(item.key, Key::Import(_)));
        let before = self.path.clone();
        if moved && !imports {
            self.path = path.with_file_name("repl.bq");
        }
        self.enter_from(file, &text).inspect_err(|_| self.path = before)
    }

    /// What a person should know first: of the project and of the agreement.
    pub(crate) fn banner(&self) -> Vec<String> {
        let mut lines = vec!["`.help` says what can be entered; Ctrl-D leaves".to_owned()];
        match self.session.policy() {
            (policy, PolicySource::Draft) if !policy.agreements.is_empty() => lines.push(
                "the lock file pins no policy, so questions are checked and not run: see `baseq schema pull`"
                    .to_owned(),
            ),
            _ => {}
        }
        if !self.program.items().iter().any(|item| item.key == Key::Use) {
            lines.push(self.agreement_help());
        }
        lines
    }
}

/// Whether results of a format are for reading here.
pub(crate) fn is_shown(format: Format) -> bool {
    !format.is_binary() && format != Format::Svg
}

/// A path from the root.
fn absolute(file: &str) -> PathBuf {
    std::path::absolute(Path::new(file)).unwrap_or_else(|_| PathBuf::from(file))
}

/// A name as a program writes it.
fn named(name: &str) -> String {
    let (tape, _) = syntax::lex(text::FileId(0), name);
    match tape.kinds() {
        [kind] if kind.is_name() => name.to_owned(),
        _ => format!("`{name}`"),
    }
}

/// A value as a command line takes it.
fn quoted(value: &str) -> String {
    if value.chars().all(|c| c.is_alphanumeric() || ".-_%:".contains(c)) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}
