//! The data use terms of 3.3 as data: which primary uses a base term covers, and what a modifier asks.
//!
//! One description, two readers: `scope` evaluates it for one person, the lowering prints SQL from it for all
//! of them. So there are no functions in here. A term is known by its CURIE and by nothing else: `NMDS` of
//! DUO and the `MDS` suffix of dbGaP strings mean opposite things, so a likeness counts for nothing.

use super::purpose::{Flag, Place, Primary};

/// A term that opens a purpose: every branch needs one.
#[derive(Debug, PartialEq, Eq)]
pub struct BaseTerm {
    /// As it stands in `consent_scope.term`.
    pub curie: &'static str,
    /// The short name.
    pub label: &'static str,
    /// Does the row have to name a disease that the ontology knows? If it does not, every primary use is
    /// refer.
    pub names_disease: bool,
    /// The answer by primary use. A use that is not listed: no.
    pub covers: &'static [(Primary, Cover)],
}

/// The answer of a base term to a primary use that it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Yes.
    Always,
    /// Yes if the purpose does not have the flag, else no.
    Unless(Flag),
    /// Yes if every disease of the purpose is the row's or below it, and also if the purpose names none. On a
    /// row of polarity deny: yes if any is, and also if the purpose names none.
    Diseases,
    /// A human must decide.
    Refer,
}

/// A term that limits a branch: all its modifiers must answer yes.
#[derive(Debug, PartialEq, Eq)]
pub struct ModifierTerm {
    /// As it stands in `consent_scope.term`.
    pub curie: &'static str,
    /// The short name.
    pub label: &'static str,
    /// What it asks.
    pub test: Test,
}

/// What a modifier asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Yes if the purpose has none of the flags and is none of the primary uses, else no.
    Neither(&'static [Flag], &'static [Primary]),
    /// Yes if the purpose has the flag, else no.
    Has(Flag),
    /// Yes if the value of the purpose equals the value of one of the term's rows in the branch, else no.
    OneOf {
        /// The column of the rows.
        column: Column,
        /// The value of the purpose.
        place: Place,
        /// The answer when the purpose does not say.
        unsaid: Null,
        /// What a row without a value does.
        unnamed: UnnamedRow,
    },
    /// Yes if the date of use is before `until_date`, else no; null is refer. Every row must answer yes.
    UsedBefore,
    /// Yes if the purpose does not publish or the date of use is `until_date` or later, else no; null is
    /// refer, publish or not. Every row must answer yes.
    PublishedFrom,
    /// A human must decide.
    Refer,
}

/// The columns of `consent_scope` that a purpose is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `region`
    Region,
    /// `party`
    Party,
    /// `project`
    Project,
}

impl Column {
    /// As the table spells it.
    pub fn name(self) -> &'static str {
        match self {
            Column::Region => "region",
            Column::Party => "party",
            Column::Project => "project",
        }
    }
}

/// The answer when the purpose has no value to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// No.
    No,
    /// Refer.
    Refer,
}

/// What a row without a value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnnamedRow {
    /// It matches nothing.
    MatchesNothing,
    /// The term answers refer, even if another row matches, and before a purpose without value is looked at.
    Refers,
}

/// The base terms.
pub const BASE_TERMS: &[BaseTerm] = &[
    BaseTerm {
        curie: "DUO:0000004",
        label: "NRES",
        names_disease: false,
        covers: &[
            (Primary::General, Cover::Always),
            (Primary::Hmb, Cover::Always),
            (Primary::Ds, Cover::Always),
            (Primary::Poa, Cover::Always),
            (Primary::Methods, Cover::Always),
            (Primary::Cc, Cover::Always),
        ],
    },
    BaseTerm {
        curie: "DUO:0000042",
        label: "GRU",
        names_disease: false,
        covers: &[
            (Primary::General, Cover::Always),
            (Primary::Hmb, Cover::Always),
            (Primary::Ds, Cover::Always),
            (Primary::Poa, Cover::Always),
            (Primary::Methods, Cover::Always),
        ],
    },
    BaseTerm {
        curie: "DUO:0000006",
        label: "HMB",
        names_disease: false,
        covers: &[
            (Primary::Hmb, Cover::Unless(Flag::Ancestry)),
            (Primary::Ds, Cover::Unless(Flag::Ancestry)),
            (Primary::Methods, Cover::Unless(Flag::Ancestry)),
            (Primary::Cc, Cover::Refer),
        ],
    },
    BaseTerm {
        curie: "DUO:0000007",
        label: "DS",
        names_disease: true,
        covers: &[(Primary::Ds, Cover::Diseases), (Primary::Methods, Cover::Diseases)],
    },
    BaseTerm {
        curie: "DUO:0000011",
        label: "POA",
        names_disease: false,
        covers: &[(Primary::Poa, Cover::Always)],
    },
    BaseTerm {
        curie: "DUO:0000043",
        label: "CC",
        names_disease: false,
        covers: &[(Primary::Cc, Cover::Always)],
    },
];

/// The modifiers. Any term that is neither here nor among the base terms answers refer, as RS does.
pub const MODIFIERS: &[ModifierTerm] = &[
    modifier("DUO:0000045", "NPU", Test::Neither(&[Flag::ForProfit], &[])),
    modifier("DUO:0000046", "NCU", Test::Neither(&[Flag::Commercial], &[])),
    modifier("DUO:0000018", "NPUNCU", Test::Neither(&[Flag::ForProfit, Flag::Commercial], &[])),
    modifier("DUO:0000016", "GSO", Test::Has(Flag::Genetic)),
    modifier("DUO:0000015", "NMDS", Test::Neither(&[], &[Primary::Methods])),
    modifier("DUO:0000044", "NPOA", Test::Neither(&[Flag::Ancestry], &[Primary::Poa])),
    modifier("DUO:0000021", "IRB", Test::Has(Flag::Irb)),
    modifier("DUO:0000019", "PUB", Test::Has(Flag::Publish)),
    modifier("DUO:0000029", "RTN", Test::Has(Flag::ReturnResults)),
    modifier("DUO:0000022", "GS", one_of(Column::Region, Place::Region, Null::Refer)),
    modifier("DUO:0000026", "US", one_of(Column::Party, Place::Party, Null::No)),
    modifier("DUO:0000027", "PS", one_of(Column::Project, Place::Project, Null::No)),
    // There is no institution column: an IS row holds its institution in `party`.
    modifier("DUO:0000028", "IS", one_of(Column::Party, Place::Institution, Null::No)),
    modifier(
        "DUO:0000020",
        "COL",
        Test::OneOf {
            column: Column::Party,
            place: Place::Party,
            unsaid: Null::No,
            unnamed: UnnamedRow::Refers,
        },
    ),
    modifier("DUO:0000025", "TS", Test::UsedBefore),
    modifier("DUO:0000024", "MOR", Test::PublishedFrom),
    modifier("DUO:0000012", "RS", Test::Refer),
];

const fn modifier(curie: &'static str, label: &'static str, test: Test) -> ModifierTerm {
    ModifierTerm { curie, label, test }
}

const fn one_of(column: Column, place: Place, unsaid: Null) -> Test {
    Test::OneOf { column, place, unsaid, unnamed: UnnamedRow::MatchesNothing }
}

/// The term of a scope row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// One of `BASE_TERMS`.
    Base(&'static BaseTerm),
    /// One of `MODIFIERS`.
    Modifier(&'static ModifierTerm),
    /// Any other spelling or term: refer.
    Other(String),
}

impl Term {
    /// Looks a spelling up. Exact: letter case, prefix and digits.
    pub fn of(spelling: &str) -> Self {
        if let Some(base) = BASE_TERMS.iter().find(|term| term.curie == spelling) {
            return Term::Base(base);
        }
        if let Some(modifier) = MODIFIERS.iter().find(|term| term.curie == spelling) {
            return Term::Modifier(modifier);
        }
        Term::Other(spelling.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_its_curie_and_no_likeness_of_it() {
        for spelling in ["NMDS", "MDS", "GRU-MDS", "duo:0000015", "DUO:15", "DUO_0000015", " DUO:0000015"] {
            assert_eq!(Term::of(spelling), Term::Other(spelling.to_owned()));
        }
        let Term::Modifier(term) = Term::of("DUO:0000015") else { unreachable!("a modifier") };
        assert_eq!(term.label, "NMDS");
    }

    #[test]
    fn no_curie_and_no_label_occurs_twice() {
        let mut names: Vec<&str> = BASE_TERMS.iter().flat_map(|t| [t.curie, t.label]).collect();
        names.extend(MODIFIERS.iter().flat_map(|t| [t.curie, t.label]));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
