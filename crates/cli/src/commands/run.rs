//! `baseq run`: released rows.

use super::check::{errors_of, look};
use super::in_force;
use crate::args::{AttritionArguments, Common, Give, RunArguments};
use crate::exit::{Exit, Failure, Result, usage};
use crate::out::{Out, write_file};
use crate::warehouse;
use engine::Reader as _;
use report::Format;
use session::params::Params;
use session::{Checked, Destination, ReportLine, Session};
use std::path::{Path, PathBuf};

pub(super) fn run(command: &RunArguments, common: &Common, out: Out) -> Result<Exit> {
    if let Some(name) = command.file.to_str().and_then(|file| file.strip_prefix('@')) {
        return saved(name, command, common, out);
    }
    let session = warehouse::session(common, Some(&command.file))?;
    let params = in_force(&command.give.params)?;
    let checked = session.check(&command.file, &params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    if checked.has_errors() {
        return Ok(errors_of(&checked));
    }
    let pivot = command.pivot.as_deref();
    give(&session, &checked, &command.names, (&params, pivot), &command.give, common, out)
}

/// A saved query, by its name: its program and table, and its values of parameters under those given here.
fn saved(name: &str, command: &RunArguments, common: &Common, out: Out) -> Result<Exit> {
    if !command.names.is_empty() {
        return Err(usage(format!("`@{name}` is one table; what is named after it has no place")));
    }
    let session = warehouse::session(common, None)?;
    let saved = session.project().saved_query(name)?;
    let values: Vec<(String, String)> = saved.params.clone().into_iter().collect();
    let mut params = session::params::given(&values, session::SAVED_FILE);
    params.extend(in_force(&command.give.params)?);
    let checked = session.check(&session.project().root.join(&saved.file), &params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    if checked.has_errors() {
        return Ok(errors_of(&checked));
    }
    let stale = saved.stale(&session.to_save(&checked, &saved.table, &params)?);
    if !stale.is_empty() {
        out.say(&format!("`{name}` is stale: since it was saved, other {}", stale.join(", ")));
    }
    let pivot = command.pivot.as_deref();
    give(&session, &checked, &[saved.table], (&params, pivot), &command.give, common, out)
}

/// `baseq attrition`: of any cohort of the program, asked for or not.
pub(super) fn attrition(command: &AttritionArguments, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, Some(&command.file))?;
    let params = in_force(&command.give.params)?;
    let (checked, name) = session.check_attrition(&command.file, &command.name, &params)?;
    out.diagnostics(&checked.diagnostics, &checked.files, look(out));
    match name {
        Some(name) => give(&session, &checked, &[name], (&params, None), &command.give, common, out),
        None => Ok(errors_of(&checked)),
    }
}

/// Runs the named results of a checked program, or all, and writes what is released.
fn give(
    session: &Session,
    checked: &Checked,
    names: &[String],
    (params, pivot): (&Params, Option<&str>),
    give: &Give,
    common: &Common,
    out: Out,
) -> Result<Exit> {
    // Names are looked at before anything is opened.
    let compiled = session.compile(checked, names)?;
    let wanted: Vec<String> = compiled.iter().map(|table| table.name.clone()).collect();
    if wanted.is_empty() {
        out.say("the program has no tables, so there is nothing to show");
        return Ok(Exit::Done);
    }
    let format = format(give)?;
    if format == Format::Svg
        && let Some(table) = compiled.iter().find(|table| table.plan.shape.attrition.is_none())
    {
        return Err(usage(format!("`{}` is a table, and only an attrition is drawn", table.name)));
    }
    if let Some(key) = pivot {
        for table in &compiled {
            may_turn(table, key)?;
        }
    }
    let target = Target::of(give, format, wanted.len())?;
    session.may_write(checked, format.word())?;
    if give.dry_run {
        let lines = session.plan_of(checked);
        if out.json {
            out.json(&serde_json::json!({ "tables": wanted, "plan": lines }))?;
        } else {
            out.line(&format!("tables {}", wanted.join(", ")))?;
            for line in lines {
                out.line(&line)?;
            }
        }
        return Ok(Exit::Done);
    }
    let mut reader = warehouse::reader(session.project(), common)?;
    let canceller = reader.canceller();
    // A second Ctrl-C finds the handler still there; the engine stops at the first.
    ctrlc::set_handler(move || canceller.cancel())
        .map_err(|error| Failure::Said(Exit::Internal, format!("Ctrl-C cannot be listened to: {error}")))?;
    let render = |name: &str, released: &session::Released| {
        let turned = match pivot {
            Some(key) => Some(released.pivoted(key).map_err(|reason| {
                let message = format!("`{name}` cannot be turned: {reason}");
                session::Trouble::new(session::Kind::Usage, session::codes::FORMAT, message)
            })?),
            None => None,
        };
        report::render(turned.as_ref().unwrap_or(released), format).map_err(|error| {
            let message = format!("`{name}` cannot be written as {}: {error}", format.word());
            session::Trouble::new(session::Kind::Program, session::codes::FORMAT, message)
        })
    };
    let to = Destination { format: format.word(), path: &target.shown(), render: &render };
    // All tables are released and made before anything is written, so that a failure leaves nothing behind.
    let answers = session.run(checked, names, &mut reader, to)?;
    // What the data left undecided is told beside the rows; without it they stand all the same.
    let undecided = give.report.then(|| session.run_report(checked, params, &mut reader));
    drop(reader);
    for (at, answer) in answers.iter().enumerate() {
        let (name, bytes) = (&answer.name, &answer.bytes);
        match &target {
            Target::Terminal => {
                if answers.len() > 1 {
                    out.line(&heading(name, format, at))?;
                }
                out.result(bytes)?;
            }
            Target::File(path) => {
                write_file(path, bytes)?;
                out.say(&format!("wrote {}", path.display()));
            }
            Target::Folder(folder) => {
                let path = folder.join(format!("{name}.{}", ending(format)));
                write_file(&path, bytes)?;
                out.say(&format!("wrote {}", path.display()));
            }
        }
    }
    if let Some(undecided) = undecided {
        tell(undecided, out);
    }
    Ok(Exit::Done)
}

/// A number as a number; what was withheld as people read it.
fn figure(people: &session::ReleasedValue) -> serde_json::Value {
    let text = report::cell_text(people);
    text.parse::<i64>().map_or_else(|_| text.clone().into(), Into::into)
}

/// Says the run report, beside the rows and not among them.
fn tell(undecided: session::Result<Vec<ReportLine>>, out: Out) {
    let lines = match undecided {
        Ok(lines) => lines,
        Err(trouble) => {
            let reason = trouble.diagnostics.first().map_or("", |diagnostic| diagnostic.message.as_str());
            out.say(&format!("no run report: {reason}"));
            return;
        }
    };
    if out.json {
        let lines: Vec<_> = lines
            .iter()
            .map(|line| {
                serde_json::json!({
                    "about": line.about, "what": line.what, "people": line.people.as_ref().ok().map(figure),
                    "not_told": line.people.as_ref().err().map(|reason| reason.words()),
                })
            })
            .collect();
        out.say(&serde_json::json!({ "run_report": lines }).to_string());
        return;
    }
    for line in lines {
        let people = match &line.people {
            Ok(people) => format!("{} people", report::cell_text(people)),
            Err(reason) => format!("not told, {}", reason.words()),
        };
        out.say(&format!("{}, {}: {people}", line.about, line.what));
    }
}

/// Whether a table has a key of this name and another one; said before anything is read.
fn may_turn(table: &session::Compiled, key: &str) -> Result<()> {
    let shape = &table.plan.shape;
    let keys = shape.key_names();
    let name = &table.name;
    if keys.len() < 2 || keys.len() == shape.shown.len() {
        return Err(usage(format!("`{name}` cannot be turned: it has not two keys and a value beside them")));
    }
    if !keys.contains(&key) {
        return Err(usage(format!("`{name}` has no key `{key}`; its keys are {}", keys.join(", "))));
    }
    Ok(())
}

/// Where the rows go.
enum Target {
    Terminal,
    File(PathBuf),
    Folder(PathBuf),
}

impl Target {
    fn of(command: &Give, format: Format, tables: usize) -> Result<Target> {
        match &command.output {
            None if tables > 1 && !matches!(format, Format::Table | Format::Md) => Err(usage(format!(
                "the program has {tables} tables, which cannot share one output as {}; name one, or give a folder with -o",
                format.word()
            ))),
            None => Ok(Target::Terminal),
            Some(path) if path.as_os_str() == "-" => Ok(Target::Terminal),
            Some(path) if path.is_dir() => Ok(Target::Folder(path.clone())),
            Some(path) if tables > 1 => Err(usage(format!(
                "the program has {tables} tables, and {} is no folder; name one table",
                path.display()
            ))),
            Some(path) => Ok(Target::File(path.clone())),
        }
    }

    fn shown(&self) -> String {
        match self {
            Target::Terminal => "-".to_owned(),
            Target::File(path) | Target::Folder(path) => path.display().to_string(),
        }
    }
}

/// The format that was asked for, else that of the file's name, else a table.
fn format(command: &Give) -> Result<Format> {
    if let Some(format) = command.rows_as {
        return Ok(format.into());
    }
    let Some(path) = command.output.as_deref().filter(|path| !path.is_dir() && path.as_os_str() != "-")
    else {
        return Ok(Format::Table);
    };
    let word = path.extension().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let found = Format::ALL.into_iter().find(|format| ending(*format) == word);
    found.ok_or_else(|| {
        usage(format!("the format of {} is not told by its name; give it with --as", shown(path)))
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// How files of a format end.
fn ending(format: Format) -> &'static str {
    match format {
        Format::Table => "txt",
        Format::Csv
        | Format::Tsv
        | Format::Json
        | Format::Jsonl
        | Format::Md
        | Format::Parquet
        | Format::Arrow
        | Format::Svg => format.word(),
    }
}

fn heading(name: &str, format: Format, at: usize) -> String {
    let before = if at > 0 { "\n" } else { "" };
    match format {
        Format::Md => format!("{before}## {name}\n"),
        Format::Table
        | Format::Csv
        | Format::Tsv
        | Format::Json
        | Format::Jsonl
        | Format::Parquet
        | Format::Arrow
        | Format::Svg => format!("{before}{name}"),
    }
}
