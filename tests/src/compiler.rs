//! What the suite asks of a compiler, so that the judge does not change when the compiler grows a stage.

use diag::Diagnostic;
use spec::Case;
use text::Files;

/// A compiler as the suite sees it.
pub trait Compiler: Sync {
    /// Checks every `.bq` file of a case, under the case's context.
    fn check(&self, case: &Case) -> Checked;

    /// What comes for an expectation block: its language, such as `sql`, and the words after it. `None` when no
    /// stage makes such blocks.
    fn made(&self, case: &Case, checked: &Checked, lang: &str, info: &str) -> Option<Made>;
}

/// The text for an expectation block, or why there is none.
pub type Made = Result<String, String>;

/// What checking gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// The files of the case, under the names that the case gives them, and any others that were read.
    pub files: Files,
    /// All diagnostics, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// Promises that hold for every program and were broken for this one, one sentence each.
    pub broken: Vec<String>,
}

impl Checked {
    /// The diagnostics as a `diagnostics` block shows them: message, places, notes, helps and fixes, without
    /// pictures.
    pub fn shown(&self) -> String {
        let mut shown = String::new();
        for diagnostic in &self.diagnostics {
            let mut line = |indent: &str, text: &str| {
                shown.push_str(indent);
                shown.push_str(text);
                shown.push('\n');
            };
            line("", &headline(diagnostic));
            for label in &diagnostic.labels {
                let at = self.files.line_column(label.range);
                let name = &self.files.get(label.range.file).name;
                line("  ", &format!("{name}:{}:{}: {}", at.line, at.column, label.text));
            }
            for note in &diagnostic.notes {
                line("  note: ", note);
            }
            for help in &diagnostic.helps {
                line("  help: ", help);
            }
            for fix in &diagnostic.fixes {
                match fix.applicability {
                    diag::Applicability::Certain => line("  fix: ", &fix.title),
                    diag::Applicability::Likely => line("  perhaps: ", &fix.title),
                }
            }
        }
        shown
    }
}

/// `error[E0101]: no such name`
pub(crate) fn headline(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        diag::Severity::Error => "error",
        diag::Severity::Warning => "warning",
    };
    format!("{severity}[{}]: {}", diagnostic.code.0, diagnostic.message)
}
