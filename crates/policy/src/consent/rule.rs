//! The rules that can decide a question, numbered as in the design: the steps of 3.2 by its numbers, the
//! sentences of 3.3 to 3.5 in the order of the text. A rule explains a decision; it never makes one.

use std::fmt;

use jiff::civil::Date;

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// 3.2.1: nothing is recorded by T, everything is void, or a void names nothing.
    Known,
    /// 3.2.2: nothing is effective yet.
    Effective,
    /// 3.2.3: the last word was a withdrawal or a suspension.
    Fold,
    /// 3.2.4: others consented for a child that is of age now.
    Majority,
    /// 3.2.5: death ends the consent.
    Death,
    /// 3.2.6: the window is over.
    Window,
    /// 3.2.7: no event at all, or a null where a value is needed.
    Nothing,
    /// 3.3.1: a base term.
    Base,
    /// 3.3.2: several base terms in a branch.
    Bases,
    /// 3.3.3: a modifier.
    Modifier,
    /// 3.3.4: base and modifiers together.
    Branch,
    /// 3.3.5: several branches, or a deny row.
    Scope,
    /// 3.3.6: no permit rows.
    NoPermit,
    /// 3.3.7: contact is asked for and was withdrawn.
    Contact,
    /// 3.4.1: permitted on both dates.
    BothDates,
    /// 3.4.3: a sample with events of its own.
    Sample,
    /// 3.4.4: permitted up to a cut-off.
    CutOff,
}

impl Rule {
    /// The number.
    pub fn number(self) -> &'static str {
        match self {
            Rule::Known => "3.2.1",
            Rule::Effective => "3.2.2",
            Rule::Fold => "3.2.3",
            Rule::Majority => "3.2.4",
            Rule::Death => "3.2.5",
            Rule::Window => "3.2.6",
            Rule::Nothing => "3.2.7",
            Rule::Base => "3.3.1",
            Rule::Bases => "3.3.2",
            Rule::Modifier => "3.3.3",
            Rule::Branch => "3.3.4",
            Rule::Scope => "3.3.5",
            Rule::NoPermit => "3.3.6",
            Rule::Contact => "3.3.7",
            Rule::BothDates => "3.4.1",
            Rule::Sample => "3.4.3",
            Rule::CutOff => "3.4.4",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

/// Which date of a question decided, and that date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// D, the reference date.
    Reference(Date),
    /// U, the date of use.
    Use(Date),
}

impl At {
    /// `D` or `U`.
    pub fn letter(self) -> &'static str {
        match self {
            At::Reference(_) => "D",
            At::Use(_) => "U",
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (At::Reference(day) | At::Use(day)) = self;
        write!(f, "{} {day}", self.letter())
    }
}
