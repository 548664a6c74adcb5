//! The words and signs of the language, once.
//!
//! One table names every word and sign with its spelling and meaning. From it come the lexer's
//! enum, the way a kind is printed in a message, and [`KEYWORDS`] for completion, hover and the
//! editors' grammars, so that they cannot drift apart. The forms of literals are regular expressions
//! below the table. What a literal must satisfy beyond its form is checked in the lexer, not here.

use std::fmt;

use logos::Logos;

/// Whether a word may also be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Never a name; also read in capitals, with a diagnostic.
    Reserved,
    /// A word inside its phrase only; a name elsewhere.
    Contextual,
    /// Brackets, operators, separators.
    Sign,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The kind of its tokens.
    pub kind: Kind,
    /// How it is written.
    pub spelling: &'static str,
    /// Whether it may be a name.
    pub class: Class,
    /// What it is for, in a few words.
    pub meaning: &'static str,
}

macro_rules! tokens {
    ($($variant:ident $spelling:tt $class:ident $meaning:tt)*) => {
        /// The kind of a token.
        #[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[logos(skip r"[ \t\r\n]+")]
        #[repr(u8)]
        pub enum Kind {
            $(
                #[doc = concat!("`", $spelling, "`: ", $meaning)]
                #[token($spelling)]
                $variant,
            )*
            /// A name without quotes that is no word of the table.
            #[regex(r"[\p{L}_][\p{L}0-9_]*", priority = 3)]
            Word,
            /// A name in backquotes. A gene symbol with a minus (`NKX2-5`) is read as one too, with a
            /// diagnostic that asks for the backquotes.
            #[regex(r"`[^`\r\n]*`")]
            #[regex(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+", priority = 6)]
            Quoted,
            /// `1_000`
            #[regex(r"[0-9]+(_[0-9]+)*", priority = 10)]
            Int,
            /// `0.05`, `5e-8`
            #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?", priority = 9)]
            Decimal,
            /// `2026-06-01`, `2024-03`
            #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9](-[0-9][0-9])?", priority = 20)]
            Date,
            /// `"text"`
            #[regex(r#""([^"\\\r\n]|\\[^\r\n])*""#)]
            Str,
            /// `'mmol/mol'`
            #[regex(r"'[^'\r\n]*'")]
            Ucum,
            /// `HP:0001638`: a system that begins with a capital, and a code with a digit.
            #[regex(r"[A-Z][A-Za-z0-9_]*:([A-Za-z_]+[./-])*[A-Za-z_]*[0-9][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*", priority = 30)]
            Code,
            /// `GRCh38:chrX`, `GRCh38:chr17:43044295-43125364`, `GRCh38:chr13:32340300:GT:G`
            #[regex(r"GRCh[0-9]+:[A-Za-z0-9_]+(\.[0-9]+)?(:[0-9]+(-[0-9]+|:[A-Za-z]+:([A-Za-z]+|\*|<[A-Za-z0-9:]+>))?)?", priority = 50)]
            Locus,
            /// `NM_000059.4:c.5946del`
            #[regex(r"([NX][MRPCGTW]_[0-9]+|ENS[TGP][0-9]+)\.[0-9]+:[cgmnpr]\.[A-Za-z0-9_+\-*>=]+", priority = 60)]
            #[regex(r"LRG_[0-9]+([tp][0-9]+)?:[cgmnpr]\.[A-Za-z0-9_+\-*>=]+", priority = 60)]
            Hgvs,
            /// `rs80357906`
            #[regex(r"rs[0-9]+", priority = 10)]
            Rs,
            /// Something that is no token; the lexer has said why, so the parser need not.
            #[regex(r#""([^"\\\r\n]|\\[^\r\n])*"#)]
            #[regex(r"`[^`\r\n]*")]
            #[regex(r"'[^'\r\n]*")]
            #[regex(r"[0-9]+(-[0-9]+)+", priority = 8)]
            #[regex(r"[0-9][0-9_]*(\.[0-9_]+)?[\p{L}_][\p{L}0-9_]*", priority = 4)]
            #[regex(r"([NX][MRPCGTW]_[0-9]+|ENS[TGP][0-9]+):[cgmnpr]\.[A-Za-z0-9_+\-*>=]+", priority = 59)]
            #[regex(r"==+|<>|&&?|\|\||;|≤|≥|≠", priority = 10)]
            Bad,
            /// `-- why`; hangs on a token and is none itself.
            #[regex(r"--[^\r\n]*", priority = 40, allow_greedy = true)]
            Comment,
        }

        /// Every word and sign, in the order of the table.
        pub const KEYWORDS: &[Keyword] = &[
            $(Keyword { kind: Kind::$variant, spelling: $spelling, class: Class::$class, meaning: $meaning },)*
        ];
    };
}

tokens! {
    // Items.
    Import "import" Reserved "take definitions from another file"
    Use "use" Reserved "the agreement under which the file asks"
    As "as" Reserved "`as of DATE`: the date on which everything is read"
    Param "param" Reserved "a value given when the file is run"
    Codes "codes" Reserved "a named set of codes"
    Define "define" Reserved "a named expression"
    Cohort "cohort" Reserved "a named group of people"
    Table "table" Reserved "a result with rows and columns"
    Attrition "attrition" Reserved "how many each rule of a cohort left out"
    Describe "describe" Reserved "a cohort at a glance"
    Compare "compare" Reserved "two cohorts side by side"
    Test "test" Reserved "made-up people and what must hold for them"
    // Clauses.
    From "from" Reserved "what the rows are taken from"
    Where "where" Reserved "a rule that keeps rows"
    Let "let" Reserved "a name for a value of each row"
    Index "index" Reserved "the date on which a person enters, `index at DATE`"
    Exit "exit" Reserved "the dates on which a person leaves, `exit at DATE, …`"
    Match "match" Reserved "controls for cases"
    Draw "draw" Reserved "a sample that is the same every time"
    For "for" Reserved "`for each ROW in ROWS`, or the purpose of a consent"
    Group "group" Reserved "`group by`: one row per group"
    Frequency "frequency" Reserved "allele frequencies among people or samples"
    Show "show" Reserved "the columns of the result"
    Order "order" Reserved "`order by`: the order of the rows"
    Limit "limit" Reserved "at most so many rows"
    // Words of expressions.
    And "and" Reserved "both"
    Or "or" Reserved "at least one of both"
    Not "not" Reserved "the opposite; unknown stays unknown"
    Has "has" Reserved "some row"
    No "no" Reserved "no row"
    Excludes "excludes" Reserved "recorded as excluded"
    At "at" Reserved "the state at a date"
    Exactly "exactly" Reserved "so many rows"
    Observed "observed" Reserved "under observation on every day"
    Consent "consent" Reserved "`consent valid at DATE for PURPOSE`"
    In "in" Reserved "one of a set"
    Is "is" Reserved "`is known`, `is not known`"
    Only "only" Reserved "a code without its descendants"
    Excluding "excluding" Reserved "a set without some members"
    Counting "counting" Reserved "`counting absent as zero`, or as unknown"
    Before "before" Reserved "on an earlier day"
    After "after" Reserved "on a later day"
    On "on" Reserved "on that day"
    Within "within" Reserved "no further away than"
    During "during" Reserved "in an interval"
    Of "of" Reserved "what a count, a window, a list or a report is about"
    Each "each" Reserved "one row for every one"
    By "by" Reserved "what groups, orders or links"
    With "with" Reserved "`with totals`, or the other cohort of a comparison"
    Among "among" Reserved "the people or samples of a frequency"
    If "if" Reserved "which rows an aggregate takes"
    Case "case" Reserved "a value by conditions"
    When "when" Reserved "a condition of a case"
    Then "then" Reserved "the value where the condition holds"
    Otherwise "otherwise" Reserved "the value where no condition holds"
    Expect "expect" Reserved "what must hold in a test"
    True "true" Reserved "the truth value"
    False "false" Reserved "the truth value"
    // Words inside their phrase.
    Agreement "agreement" Contextual "what a recipient may ask, and for what"
    To "to" Contextual "`match 4 to each of`"
    Seed "seed" Contextual "the number that fixes a draw"
    Totals "totals" Contextual "`with totals`: also all groups together"
    Descending "descending" Contextual "the largest first"
    Least "least" Contextual "`at least n`"
    Most "most" Contextual "`at most n`"
    Valid "valid" Contextual "`consent valid`, or the days of an agreement"
    Absent "absent" Contextual "not listed in a reference"
    Zero "zero" Contextual "an absent record counts as 0"
    Unknown "unknown" Contextual "an absent record decides nothing"
    Known "known" Contextual "has a value"
    Different "different" Contextual "`on different days`"
    Other "other" Contextual "`of each other`"
    Day "day" Contextual "a duration"
    Days "days" Contextual "a duration"
    Week "week" Contextual "a duration"
    Weeks "weeks" Contextual "a duration"
    Month "month" Contextual "a duration, by the calendar"
    Months "months" Contextual "a duration, by the calendar"
    Year "year" Contextual "a duration, by the calendar"
    Years "years" Contextual "a duration, by the calendar"
    // Words of model files.
    Model "model" Contextual "the name and version of a model"
    Version "version" Contextual "the version of a model or an agreement"
    Entity "entity" Contextual "a kind of row and its table"
    Key "key" Contextual "the columns that name a row"
    Linkage "linkage" Contextual "how a table is linked to people"
    Coded "coded" Contextual "`coded by`: the column that holds the code"
    Dated "dated" Contextual "`dated by`: the columns that hold the date"
    Assessed "assessed" Contextual "`assessed when`: where absence means no"
    Undated "undated" Contextual "`undated outside`: rows without a date are outside every window"
    Outside "outside" Contextual "`undated outside`: rows without a date are outside every window"
    Converts "converts" Contextual "`converts`: how a unit becomes one of another kind, for some codes"
    Times "times" Contextual "the factor of a conversion"
    Source "source" Contextual "where a formula is from"
    Example "example" Contextual "a tested example of a conversion"
    Born "born" Contextual "`born`: the columns that hold the birth of a person"
    Died "died" Contextual "`died`: the column that holds the death of a person"
    Identifier "identifier" Contextual "a label: names a person, never leaves"
    Quasi "quasi" Contextual "a label: narrows down who it is"
    Sensitive "sensitive" Contextual "a label: what is to be protected"
    General "general" Contextual "a label: of a person, but harmless"
    Public "public" Contextual "a label or linkage: of no person"
    Subject "subject" Contextual "the person a table is about"
    Subjects "subjects" Contextual "the persons a table is about"
    Via "via" Contextual "the path to the subject"
    Aggregate "aggregate" Contextual "counts made elsewhere"
    One "one" Contextual "a relation to one row"
    Many "many" Contextual "a relation to many rows"
    Unit "unit" Contextual "the unit of a column"
    // Words of policy files.
    Recipient "recipient" Contextual "who receives the results"
    Purpose "purpose" Contextual "what the results are for"
    Until "until" Contextual "the first day after the agreement"
    May "may" Contextual "`may test`, `may show`"
    Level "level" Contextual "aggregate or record"
    Release "release" Contextual "the rules of disclosure control"
    Formats "formats" Contextual "the file formats that may be written"
    Party "party" Contextual "the party of a purpose"
    Institution "institution" Contextual "the institution of a purpose"
    Project "project" Contextual "the project of a purpose"
    Region "region" Contextual "the region of a purpose"
    Majority "majority" Contextual "the age from which own consent is needed"
    Age "age" Contextual "`majority age`"
    Death "death" Contextual "what death does to a consent"
    // Signs.
    OpenParen "(" Sign "opens arguments, a condition on rows, or a group"
    CloseParen ")" Sign "closes arguments, a condition on rows, or a group"
    OpenBracket "[" Sign "opens a list"
    CloseBracket "]" Sign "closes a list"
    OpenBrace "{" Sign "opens nested columns or a body"
    CloseBrace "}" Sign "closes nested columns or a body"
    Comma "," Sign "separates"
    Dot "." Sign "reads a column or follows a relation"
    DotDot ".." Sign "from … to, both included"
    Colon ":" Sign "names a rule or an argument, or gives a type"
    Equal "=" Sign "names a value, or compares"
    NotEqual "!=" Sign "differs"
    LessOrEqual "<=" Sign "at most"
    Less "<" Sign "less; orders the members of an enum"
    GreaterOrEqual ">=" Sign "at least"
    Greater ">" Sign "more"
    Plus "+" Sign "adds"
    Minus "-" Sign "subtracts"
    Star "*" Sign "multiplies"
    Slash "/" Sign "divides"
    Percent "%" Sign "hundredths"
    Question "?" Sign "may be absent"
    Bar "|" Sign "separates the members of an enum"
}

/// The kinds that are not in the table and that a program can hold.
pub(crate) const LITERALS: &[Kind] = &[
    Kind::Word,
    Kind::Quoted,
    Kind::Int,
    Kind::Decimal,
    Kind::Date,
    Kind::Str,
    Kind::Ucum,
    Kind::Code,
    Kind::Locus,
    Kind::Hgvs,
    Kind::Rs,
];

/// How many kinds there are; they are numbered from 0.
pub(crate) const KINDS: usize = Kind::Comment as usize + 1;

impl Kind {
    /// Whether the token can be a name where a name is due.
    pub fn is_name(self) -> bool {
        match self.keyword() {
            Some(keyword) => keyword.class == Class::Contextual,
            None => matches!(self, Kind::Word | Kind::Quoted),
        }
    }

    /// Its row of the table; `None` for names, literals, comments and what is no token.
    pub fn keyword(self) -> Option<&'static Keyword> {
        KEYWORDS.get(self as usize)
    }

    /// The kind of a reserved word written in capitals.
    pub(crate) fn of_capitals(text: &str) -> Option<Kind> {
        if text.len() < 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        KEYWORDS
            .iter()
            .find(|keyword| keyword.class == Class::Reserved && keyword.spelling.eq_ignore_ascii_case(text))
            .map(|keyword| keyword.kind)
    }

    /// Whether it is a reserved word.
    pub fn is_reserved(self) -> bool {
        self.keyword().is_some_and(|keyword| keyword.class == Class::Reserved)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.keyword() {
            Some(keyword) => write!(f, "`{}`", keyword.spelling),
            None => f.write_str(match self {
                Kind::Word | Kind::Quoted => "a name",
                Kind::Int => "a whole number",
                Kind::Decimal => "a number",
                Kind::Date => "a date",
                Kind::Str => "a text in double quotes",
                Kind::Ucum => "a unit in single quotes",
                Kind::Code => "a code",
                Kind::Locus => "a place in the genome",
                Kind::Hgvs => "an HGVS name",
                Kind::Rs => "an rs number",
                Kind::Comment => "a comment",
                _ => "something else",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The row of a word is found by its number, so the table and the enum must agree.
    #[test]
    fn rows_stand_at_their_number() {
        for (at, keyword) in KEYWORDS.iter().enumerate() {
            assert_eq!(keyword.kind as usize, at, "{}", keyword.spelling);
            assert_eq!(Kind::lexer(keyword.spelling).next(), Some(Ok(keyword.kind)));
        }
        assert!(Kind::Word as usize == KEYWORDS.len());
    }

    #[test]
    fn every_literal_form_is_one_token() {
        for (text, kind) in [
            ("by_sex", Kind::Word),
            ("`NKX2-5`", Kind::Quoted),
            ("NKX2-5", Kind::Quoted),
            ("1_000", Kind::Int),
            ("0.05", Kind::Decimal),
            ("5e-8", Kind::Decimal),
            ("5e8", Kind::Decimal),
            ("2026-06-01", Kind::Date),
            ("2024-03", Kind::Date),
            ("HP:0001638", Kind::Code),
            ("ICD10:E11.9", Kind::Code),
            ("LOINC:59261-8", Kind::Code),
            ("DOID:114", Kind::Code),
            ("GRCh38:chr17:43044295-43125364", Kind::Locus),
            ("GRCh38:chrX", Kind::Locus),
            ("GRCh37:X", Kind::Locus),
            ("GRCh38:17", Kind::Locus),
            ("GRCh38:chr13:32340300:GT:G", Kind::Locus),
            ("NM_000059.4:c.5946del", Kind::Hgvs),
            ("NM_001360016.2:c.202G>A", Kind::Hgvs),
            ("NM_007294.4:c.68_69del", Kind::Hgvs),
            ("NM_000059.4:c.-14+1G>C", Kind::Hgvs),
            ("rs80357906", Kind::Rs),
            ("rs_count", Kind::Word),
            (r#""Gh\"ent""#, Kind::Str),
            ("'mmol/mol'", Kind::Ucum),
            ("18years", Kind::Bad),
            ("1_", Kind::Bad),
            ("2024-3", Kind::Bad),
            ("NM_000059:c.5946del", Kind::Bad),
            ("\"open", Kind::Bad),
        ] {
            let mut lexer = Kind::lexer(text);
            assert_eq!((lexer.next(), lexer.slice()), (Some(Ok(kind)), text));
        }
    }
}
