//! What is asked and what is kept, whoever types: a terminal, a pipe or a test.
//!
//! A question is checked, run, released and audited as that of a file, by the same functions of
//! [`Session`]. The project is opened anew for every question, so that the time up to which consent is
//! known, the policy and the lock file are those of now, however long the shell is open; and the warehouse
//! is open only while a question runs, so that it can be loaded meanwhile.

use crate::Host;
use crate::codes;
use crate::entry::{self, Form, Part, entries, is_command, parts};
use crate::interrupt::Interrupt;
use crate::program::{Kept, Program, Source};
use report::Format;
use session::params::Params;
use session::{Checked, Destination, Kind, Notes, Session, Trouble};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Why an entry was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// What is wrong was said; who can do something about it.
    Failed(Kind),
    /// Nobody reads the results any more.
    Closed,
    /// Somebody wants to leave.
    Left,
}

pub(crate) type Done = std::result::Result<(), Ended>;

/// Something that can be run.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// A question or report of its own.
    Asked(Kept),
    /// A table that was kept, by its name.
    Table(String),
}

/// What was run last, and what was withheld of it.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    pub(crate) question: Question,
    pub(crate) notes: Option<Notes>,
}

/// A session of questions.
pub(crate) struct Shell<'h> {
    pub(crate) host: &'h dyn Host,
    pub(crate) interrupt: Interrupt,
    pub(crate) session: Arc<Session>,
    pub(crate) program: Program,
    pub(crate) params: Params,
    pub(crate) format: Format,
    pub(crate) timer: bool,
    pub(crate) last: Option<Last>,
    /// Where the program would lie: paths of imports are relative to its folder.
    pub(crate) path: PathBuf,
    /// Files that this shell wrote, and may write again.
    pub(crate) saved: Vec<PathBuf>,
    /// Whether a person reads: then what is kept is said, and long results are paged.
    pub(crate) person: bool,
    entered: usize,
}

impl<'h> Shell<'h> {
    /// A shell in the folder where it is started.
    ///
    /// # Errors
    /// The project cannot be opened.
    pub(crate) fn open(
        host: &'h dyn Host,
        interrupt: Interrupt,
        params: Params,
        person: bool,
    ) -> session::Result<Shell<'h>> {
        let session = Arc::new(host.session()?);
        Ok(Shell {
            host,
            interrupt,
            session,
            program: Program::default(),
            params,
            format: Format::Table,
            timer: false,
            last: None,
            path: std::env::current_dir().unwrap_or_default().join("repl.bq"),
            saved: Vec::new(),
            person,
            entered: 0,
        })
    }

    /// Does what a text says, entry by entry, up to the first that fails.
    pub(crate) fn enter(&mut self, text: &str) -> Done {
        self.entered += 1;
        let name = format!("entry {}", self.entered);
        self.enter_from(&name, text)
    }

    /// The same for a text of that name.
    pub(crate) fn enter_from(&mut self, name: &str, text: &str) -> Done {
        // In a file that is read, places are those of the whole file.
        let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
        for range in entries(text) {
            let entry = text.get(range.clone()).unwrap_or("");
            if is_command(entry) {
                self.command(entry)?;
                continue;
            }
            let parts = parts(entry).into_iter().map(|part| Part {
                range: part.range.start + range.start..part.range.end + range.start,
                word: part.word.start + range.start..part.word.end + range.start,
                ..part
            });
            self.parts(&source, &parts.collect::<Vec<Part>>())?;
        }
        Ok(())
    }

    fn parts(&mut self, source: &Arc<Source>, parts: &[Part]) -> Done {
        let mut questions = Vec::new();
        let mut kept = Vec::new();
        for part in parts {
            match &part.form {
                Form::Item(_) | Form::Let(_) => kept.push(Kept::new(source, part)),
                Form::Question | Form::Report => questions.push(Question::Asked(Kept::new(source, part))),
                Form::Name(name) => return self.named(name),
                Form::Other => return self.no_question(source, part),
            }
        }
        if !kept.is_empty() {
            self.keep(&kept)?;
        }
        for question in questions {
            self.ask(question)?;
        }
        Ok(())
    }

    /// Opens the project anew, as of now.
    pub(crate) fn refresh(&mut self) -> Done {
        match self.host.session() {
            Ok(session) => {
                self.session = Arc::new(session);
                Ok(())
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    /// Keeps items if the program stands with them.
    fn keep(&mut self, items: &[Kept]) -> Done {
        self.refresh()?;
        let mut candidates = [self.program.clone(), self.program.clone()];
        for item in items {
            candidates[0].put(item.clone());
            candidates[1].put_last(item.clone());
        }
        let mut wrong = None;
        for candidate in candidates {
            let checked = self.check(&candidate)?;
            if !checked.has_errors() {
                self.program = candidate;
                return Ok(());
            }
            wrong.get_or_insert((candidate, checked));
        }
        match wrong {
            Some((program, checked)) => {
                let others =
                    items.len() < program.items().len() && self.is_elsewhere(&program, items, &checked);
                self.wrong(&program, &checked).inspect_err(|_| {
                    if others {
                        self.host
                            .say("nothing was changed; `.forget NAME` lets go of what stands against it");
                    }
                })
            }
            None => Ok(()),
        }
    }

    /// Whether what is wrong stands in items that were kept before.
    fn is_elsewhere(&self, program: &Program, items: &[Kept], checked: &Checked) -> bool {
        let (told, files) = program.told(&checked.diagnostics, checked.main, &checked.files);
        told.iter().filter_map(diag::Diagnostic::range).any(|range| {
            let name = &files.get(range.file).name;
            !items.iter().any(|item| item.source_name() == &**name)
        })
    }

    /// Checks a program with the values of those parameters that it has.
    pub(crate) fn check(&self, program: &Program) -> std::result::Result<Checked, Ended> {
        let declared = program.names();
        let mut params = self.params.clone();
        params.retain(|name, _| declared.contains(name));
        self.session
            .check_text(&self.path, &program.text(), &params)
            .map_err(|trouble| self.trouble(&trouble).err().unwrap_or(Ended::Failed(trouble.kind)))
    }

    /// Shows what is wrong with a program.
    pub(crate) fn wrong(&self, program: &Program, checked: &Checked) -> Done {
        let (told, files) = program.told(&checked.diagnostics, checked.main, &checked.files);
        self.host.diagnostics(&told, &files);
        Err(Ended::Failed(if checked.only_refused() { Kind::Refused } else { Kind::Program }))
    }

    /// The program with a question, and the name of its result.
    pub(crate) fn program_of(&self, question: &Question) -> (Program, Option<String>) {
        let mut program = self.program.clone();
        match question {
            Question::Asked(item) => {
                program.put_last(item.clone());
                (program, None)
            }
            Question::Table(name) => (program, Some(name.clone())),
        }
    }

    /// Checks the program with a question; gives it with the name of its result.
    pub(crate) fn checked(
        &self,
        question: &Question,
    ) -> std::result::Result<(Program, Checked, String), Ended> {
        let (program, name) = self.program_of(question);
        let checked = self.check(&program)?;
        if checked.has_errors() {
            self.wrong(&program, &checked)?;
        }
        let name = name.or_else(|| checked.tables.last().cloned()).unwrap_or_default();
        Ok((program, checked, name))
    }

    /// Runs a question and shows what is released.
    pub(crate) fn ask(&mut self, question: Question) -> Done {
        self.refresh()?;
        let begun = Instant::now();
        // What is asked about next is this question, also where it is refused.
        self.last = Some(Last { question: question.clone(), notes: None });
        let (_, checked, name) = self.checked(&question)?;
        let answers = match self.run(&checked, &name) {
            Ok(answers) => answers,
            Err(trouble) => return self.trouble(&trouble),
        };
        for answer in &answers {
            if let Some(last) = &mut self.last {
                last.notes = Some(answer.released.notes());
            }
            self.paged(&answer.bytes, self.format == Format::Table)?;
        }
        if self.timer {
            self.host.say(&format!("{:.3} s", begun.elapsed().as_secs_f64()));
        }
        Ok(())
    }

    fn run(&self, checked: &Checked, name: &str) -> session::Result<Vec<session::Answer>> {
        let format = self.format;
        self.session.may_write(checked, format.word())?;
        let mut reader = self.interrupt.watch(self.host.reader(self.session.project())?);
        let render = |name: &str, released: &session::Released| {
            report::render(released, format).map_err(|error| {
                let message = format!("`{name}` cannot be written as {}: {error}", format.word());
                Trouble::new(Kind::Program, session::codes::FORMAT, message)
            })
        };
        let to = Destination { format: format.word(), path: "-", render: &render };
        self.session.run(checked, &[name.to_owned()], &mut reader, to)
    }

    /// A name alone: the rows of a table, the size of a cohort, what anything else is.
    fn named(&mut self, name: &str) -> Done {
        match self.question_of(name) {
            Some(question) => self.ask(question),
            None => self.describe(name),
        }
    }

    /// What a name asks for; `None` where it is no table and no cohort.
    pub(crate) fn question_of(&self, name: &str) -> Option<Question> {
        let first = self.program.find(name).and_then(|item| entry::first_word(&item.text));
        match first {
            Some(syntax::Kind::Table) => Some(Question::Table(name.to_owned())),
            Some(syntax::Kind::Cohort) => Some(self.size_of(name)),
            Some(_) => None,
            // What is imported may be a cohort, which only the checker knows.
            None if self.program.imports(name) => {
                let question = self.size_of(name);
                let checked = self.check(&self.program_of(&question).0).ok()?;
                (!checked.has_errors()).then_some(question)
            }
            None => None,
        }
    }

    /// How many people a cohort has.
    pub(crate) fn size_of(&self, cohort: &str) -> Question {
        let model = self.session.model();
        let people = model.subject().map_or("subjects", |id| &model.entity(id).plural);
        self.made(&format!("from `{cohort}` show people = count({people})"))
    }

    /// A question that a command stands for.
    pub(crate) fn made(&self, text: &str) -> Question {
        let source = Arc::new(Source { name: "question".to_owned(), text: text.to_owned() });
        let whole = Part { form: Form::Other, range: 0..text.len(), word: 0..0 };
        let part = parts(text).into_iter().next().unwrap_or(whole);
        Question::Asked(Kept::new(&source, &part))
    }

    /// What is neither kept nor a question: what the parser says of it, or that it is a value.
    fn no_question(&self, source: &Arc<Source>, part: &Part) -> Done {
        let (_, as_value) = syntax::parse(
            text::FileId(0),
            &format!("define value = {}", source.text.get(part.range.clone()).unwrap_or("")),
        );
        if !as_value.iter().any(diag::Diagnostic::is_error) {
            let trouble = Trouble::new(Kind::Program, codes::NO_QUESTION, "a value alone is no question")
                .help("ask for it of somebody: `from subjects show n = count(subjects)`; or give it a name: `let NAME = …`");
            return self.trouble(&trouble);
        }
        let mut program = Program::default();
        program.put(Kept::new(source, part));
        let mut files = text::Files::new();
        let main = files.add("entry", program.text());
        let (_, mut diagnostics) = syntax::parse(main, &program.text());
        for diagnostic in &mut diagnostics {
            if diagnostic.helps.is_empty() && diagnostic.fixes.is_empty() {
                diagnostic.helps.push("`.help` says what can be entered".to_owned());
            }
        }
        let (told, files) = program.told(&diagnostics, main, &files);
        self.host.diagnostics(&told, &files);
        Err(Ended::Failed(Kind::Program))
    }

    /// Shows words.
    pub(crate) fn show(&self, bytes: &[u8]) -> Done {
        self.paged(bytes, false)
    }

    /// Shows words, or what is drawn.
    fn paged(&self, bytes: &[u8], drawn: bool) -> Done {
        let paged = self.person && crate::pager::show(bytes, drawn);
        if paged || self.host.result(bytes).is_ok() { Ok(()) } else { Err(Ended::Closed) }
    }

    /// Shows lines of text as a result.
    pub(crate) fn lines(&self, lines: &[String]) -> Done {
        if lines.is_empty() { Ok(()) } else { self.show(format!("{}\n", lines.join("\n")).as_bytes()) }
    }

    /// Says why something was not done.
    pub(crate) fn trouble(&self, trouble: &Trouble) -> Done {
        self.host.trouble(trouble);
        Err(Ended::Failed(trouble.kind))
    }

    /// Says that a command was used wrongly.
    pub(crate) fn usage(
        &self,
        code: diag::Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Done {
        self.trouble(&Trouble::new(Kind::Usage, code, message).help(help))
    }

    /// The question that a command is about: that of a name, or the last one.
    pub(crate) fn about(&mut self, name: Option<&str>) -> std::result::Result<Question, Ended> {
        self.refresh()?;
        let found = match name {
            Some(name) => self.question_of(name),
            None => self.last.as_ref().map(|last| last.question.clone()),
        };
        let Some(question) = found else {
            let ended = match name {
                Some(name) => {
                    let known = self.program.names();
                    let near = diag::near_names(name, known.iter().map(String::as_str));
                    let help = match near.first() {
                        Some(near) => format!("`{near}` is near"),
                        None => "`.tables` lists what was kept".to_owned(),
                    };
                    self.usage(
                        session::codes::NO_TABLE,
                        format!("no cohort or table `{name}` was kept"),
                        help,
                    )
                }
                None => self.usage(
                    codes::NOTHING_YET,
                    "nothing was asked yet",
                    "ask something, or give the name of a cohort or table",
                ),
            };
            return Err(ended.err().unwrap_or(Ended::Failed(Kind::Usage)));
        };
        Ok(question)
    }
}
