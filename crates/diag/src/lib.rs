//! Diagnostics as data: what is wrong, where, by which rule, and what could be written instead.
//!
//! Nothing here draws; `report` turns a [`Diagnostic`] into a picture, JSON or SARIF. Every [`Code`]
//! has a page in `codes/`, with a refused and a repaired program that the test suite runs.
//!
//! House style: the message is one line in lower case without a full stop, in the user's words, and
//! can be understood alone; a label says what *this* is; a note states the rule; a help says what
//! could be written instead. No "you", no blame.

use text::Range;

mod near;
mod pages;

pub use near::{distance, near_names};

/// The stable name of a kind of diagnostic, `E` for errors and `W` for lints: `E0412`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// What `codes/` says of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code: `E0412`.
    pub code: &'static str,
    /// Its title, the rule in a few words.
    pub title: &'static str,
    /// The whole page, as Markdown.
    pub text: &'static str,
}

/// Every page, in the order of the codes.
pub fn pages() -> &'static [Page] {
    pages::PAGES
}

/// The page of a code, as Markdown.
pub fn page(code: &str) -> Option<&'static str> {
    pages().binary_search_by_key(&code, |page| page.code).ok().map(|at| pages()[at].text)
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The item cannot be used.
    Error,
    /// The item works, but probably does not say what was meant.
    Warning,
}

/// Words at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub range: Range,
    /// What stands there.
    pub text: String,
}

/// Whether an edit may be made without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// It says what was meant, and nothing else could be meant. A tool may apply it unasked.
    Certain,
    /// It is probably what was meant: a near name, or one of several readings. A person chooses.
    Likely,
}

impl Applicability {
    /// For programs: `certain`, `likely`.
    pub fn name(self) -> &'static str {
        match self {
            Applicability::Certain => "certain",
            Applicability::Likely => "likely",
        }
    }
}

/// An edit that repairs the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, as an imperative: "write the symbol in backquotes".
    pub title: String,
    /// Replacements; ranges do not overlap.
    pub edits: Vec<(Range, String)>,
    /// Whether it may be made unasked.
    pub applicability: Applicability,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Its gravity.
    pub severity: Severity,
    /// One line, understandable alone.
    pub message: String,
    /// Places; the first is the primary one. Empty only for diagnostics that have no source text.
    pub labels: Vec<Label>,
    /// The rule.
    pub notes: Vec<String>,
    /// What could be written instead.
    pub helps: Vec<String>,
    /// Repairs. One that is certain stands alone: where there are several, each is a choice.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at `range`; `label` says what stands there.
    pub fn error(
        code: Code,
        message: impl Into<String>,
        range: Range,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label { range, text: label.into() }],
            notes: Vec::new(),
            helps: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// A warning at `range`.
    pub fn warning(
        code: Code,
        message: impl Into<String>,
        range: Range,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message, range, label) }
    }

    /// An error that no source text caused, such as an unreachable warehouse.
    pub fn placeless(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, range: Range, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { range, text: text.into() });
        self
    }

    /// Adds the rule.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Adds what could be written instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.helps.push(text.into());
        self
    }

    /// Adds a certain repair. A second repair makes a choice of both.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, edits: Vec<(Range, String)>) -> Diagnostic {
        self.repair(title.into(), edits, Applicability::Certain)
    }

    /// Adds a repair that is only likely, such as a near name.
    #[must_use]
    pub fn likely(self, title: impl Into<String>, edits: Vec<(Range, String)>) -> Diagnostic {
        self.repair(title.into(), edits, Applicability::Likely)
    }

    fn repair(
        mut self,
        title: String,
        edits: Vec<(Range, String)>,
        applicability: Applicability,
    ) -> Diagnostic {
        self.fixes.push(Fix { title, edits, applicability });
        if self.fixes.len() > 1 {
            for fix in &mut self.fixes {
                fix.applicability = Applicability::Likely;
            }
        }
        self
    }

    /// Offers near names: an edit for one, "`male`, `female` are near" for several.
    #[must_use]
    pub fn near(self, near: &[&str]) -> Diagnostic {
        match (near, self.range()) {
            ([], _) => self,
            ([one], Some(range)) => self.likely(format!("write `{one}`"), vec![(range, (*one).to_owned())]),
            ([one], None) => self.help(format!("`{one}` is near")),
            (many, _) => {
                let names: Vec<String> = many.iter().map(|name| format!("`{name}`")).collect();
                self.help(format!("{} are near", names.join(", ")))
            }
        }
    }

    /// The primary place, if the diagnostic has one.
    pub fn range(&self) -> Option<Range> {
        self.labels.first().map(|label| label.range)
    }

    /// Whether it stops the item.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Sorts diagnostics by place, then code, so that output does not depend on the order of checks.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.range(), a.code, &a.message).cmp(&(b.range(), b.code, &b.message)));
    diagnostics.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;

    #[test]
    fn a_certain_fix_stands_alone() {
        let here = Range::new(FileId(0), 0, 1);
        let edit = || vec![(here, "x".to_owned())];
        let one = Diagnostic::error(Code("E0101"), "m", here, "l").fix("write `x`", edit());
        assert_eq!(one.fixes[0].applicability, Applicability::Certain);
        let two = one.clone().fix("write `y`", edit());
        assert!(two.fixes.iter().all(|fix| fix.applicability == Applicability::Likely));
        let near = Diagnostic::error(Code("E0101"), "m", here, "l").near(&["name"]);
        assert_eq!(near.fixes[0].applicability, Applicability::Likely);
    }
}
