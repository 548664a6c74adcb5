//! From syntax to meaning: names are resolved and every expression gets a type, a grain and a label.
//!
//! [`check`] takes a parsed file with all it stands on (model, code systems, imported files,
//! parameters) and gives a [`Query`] in which nothing refers to text any more. An item that has an
//! error is left out of the query; the others are checked all the same.
//!
//! Grains are in the form itself: an [`Expr`] is always `one` per current row. What is `many` exists
//! only as [`Rows`], inside the quantifier, pick or aggregate that takes it, so a program in which
//! something multiplies cannot be written down here.

mod check;
mod cohort;
mod fraction;
mod inherited;
mod made_up;
mod notes;
mod number;
mod query;
mod report;
mod rows;
mod ty;
mod unit;
mod vocabulary;
mod walk;

pub use check::{
    FUNCTIONS, FileCode, Given, Imported, Input, canonical, check, check_at, check_noting, is_by_prefix,
};
pub use fraction::Fraction;
pub use inherited::{Inherited, Mode, Pair};
pub use made_up::{
    Expect, ExpectedCell, MEMBERS, MadeUp, MadeUpConsent, MadeUpRow, MadeUpVariant, Test, members,
};
pub use notes::{Meaning, Noted, Notes, Offer};
pub use number::Number;
pub use query::{
    AS_OF, AggregateFunction, Allele, Arithmetic, Bound, CodeSet, CodeTest, Cohort, CohortId, CohortSource,
    Comparison, Count, Draw, Each, EachOther, Exit, ExitPart, Expr, FisherPart, Frequency, FrequencyField,
    GeneCodes, GroupCell, GroupKey, Index, KeyDomain, Kind, Match, MatchKey, Nested, PickOrder, Pooled,
    Query, Region, Regroup, Row, RowId, Rows, RowsSource, RowsStep, Rule, Shown, ShownExpr, Table, TableBody,
    TableId, Uses, Value,
};
pub use report::{
    Attrition, AttritionStep, AttritionTest, Characteristic, Describe, Members, Report, ReportKind,
};
pub use ty::{EnumType, Type};
pub use unit::{Conversion, convert, names as units};
pub use vocabulary::{CodeStatus, NamedAlleles, NoVocabulary, Vocabulary};
pub use walk::{each_expr, each_expr_of_rows, each_row};
