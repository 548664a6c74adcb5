//! What is wrong with a text, and what was found in one that is right.

use std::fmt;

/// Which rule a text breaks; its [`id`](Rule::id) never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The text is one query made of the words and forms that the printer has.
    Form,
    /// Relations are tables of the model, consent tables, or common table expressions defined before.
    Source,
    /// Columns belong to a relation of their block.
    Column,
    /// Joins are inner, left or cross.
    Join,
    /// Memberships are never negated bare.
    Membership,
    /// Functions are on the list.
    Function,
    /// Operators and casts fail on no row.
    Total,
    /// Literals have the forms of the literal printer.
    Literal,
    /// A linked table is read by its guard and by the consent section only.
    Guard,
    /// The consent section is the one that the policy demands.
    Consent,
    /// What decides about people is computed before anything reads it.
    Fence,
    /// The final order is total.
    Order,
    /// The result has the columns that were asked for.
    Columns,
}

impl Rule {
    /// A stable name for records and messages.
    pub fn id(self) -> &'static str {
        match self {
            Rule::Form => "form",
            Rule::Source => "source",
            Rule::Column => "column",
            Rule::Join => "join",
            Rule::Membership => "membership",
            Rule::Function => "function",
            Rule::Total => "total",
            Rule::Literal => "literal",
            Rule::Guard => "guard",
            Rule::Consent => "consent",
            Rule::Fence => "fence",
            Rule::Order => "order",
            Rule::Columns => "columns",
        }
    }
}

/// One thing that is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The common table expression where it is; empty for the statement as a whole.
    pub table: String,
    /// What is wrong, a sentence.
    pub sentence: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.table.is_empty() {
            write!(f, "{}: {}", self.rule.id(), self.sentence)
        } else {
            write!(f, "{} in {}: {}", self.rule.id(), self.table, self.sentence)
        }
    }
}

impl std::error::Error for Violation {}

/// Violations as they are found.
#[derive(Debug, Default)]
pub(crate) struct Violations(pub(crate) Vec<Violation>);

impl Violations {
    pub(crate) fn add(&mut self, rule: Rule, table: &str, sentence: impl Into<String>) {
        self.0.push(Violation { rule, table: table.to_owned(), sentence: sentence.into() });
    }
}

/// What was found in a text that breaks no rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Each guard: its name in the text, the table that it reads, and the guards that it stands on.
    pub guards: Vec<GuardFound>,
    /// The consent section: names in the text, each with the part that it plays.
    pub consent: Vec<(String, &'static str)>,
    /// Public tables that are read, in byte order.
    pub public: Vec<String>,
}

/// A guard that was found and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardFound {
    /// Its name in the text.
    pub name: String,
    /// The table.
    pub table: String,
    /// The guards that it is joined with, by their names in the text.
    pub under: Vec<String>,
}
