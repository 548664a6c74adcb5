//! Who may be read: consent matching, section 3 of the consent design.
//!
//! Records in, decisions out. `rows` reads the four tables into `records`; `fold` and `state` give what a
//! person's events come to on a day (3.2); `terms`, `purpose` and `scope` compare a purpose with what was
//! consented to (3.3); `decide` puts both dates, the person and the sample together (3.4) and answers
//! `consent valid at E for P` (3.5). `rule` numbers the reasons. Nothing here knows of queries, tables or
//! SQL, and nothing here reads a clock.
//!
//! It has two users: the policy itself, where one person is asked about, and the tests of the SQL that the
//! lowering makes from the same rules for everybody at once.
//!
//! # The fold by its last holder
//!
//! The text folds events one after the other. A query cannot walk, so the lowering uses a closed form. Take
//! the events that step 1 and step 2 leave, in the order of step 2, and call the last grant, renew or amend
//! among them the *holder* G. A later one replaces the earlier wholly, whatever happened between, so
//! nothing before G matters. Then, of what comes after G:
//!
//! | question | answer |
//! |---|---|
//! | is there a consent? | no if there is no G, or any withdrawal of use after G |
//! | is it suspended? | yes if the last of all suspends and resumes after G is a suspend |
//! | the cut-off | the earliest `effective_from` of the withdrawals of access after G |
//! | no contact? | yes if there is any withdrawal of contact after G |
//!
//! `holder` states it in code and compares it with `fold` on 60,000 random lists: the result is the same in
//! every part. Why: within the events after G no event gives, so none can undo a withdrawal; suspend and
//! resume only set one mark; access and contact only ever add. On the way from G a withdrawal of use ends
//! all, and all marks with it, as it does in the table's first row.
//!
//! The two would part in these places, and only there, so a lowering has to mind them:
//!
//! * "After G" is after in the whole order (`effective_from`, `recorded_at`, kind, `event_id` by bytes),
//!   not on a later day. A withdrawal of the same day and instant comes after a grant; a withdrawal
//!   effective earlier but recorded later comes before it. An engine that compares text by a locale orders
//!   `event_id` otherwise.
//! * G is the last of those that are left, so voids, T and D come first. The latest grant of all, filtered
//!   afterwards, is another.
//! * The order is total because `event_id` is a key. Two events with one id and everything else equal have
//!   no order in SQL; `rows` refuses them.
//! * Which event is *named* as the reason is defined by the fold: of several withdrawals of use the last,
//!   of several suspensions the first since the last resume. SQL that names another decides the same.
//! * An aggregate over no rows is null: no withdrawal of access means no cut-off, and no suspend or resume
//!   means not suspended.
//! * Majority, death and the window's end are not part of the fold. They look at G (its actor, day and end)
//!   and at the day asked, so they apply after either form, and a resume cannot lift the suspension of
//!   majority.

mod decide;
mod diseases;
mod fold;
#[cfg(test)]
mod holder;
mod purpose;
mod records;
mod rows;
mod rule;
mod scope;
mod state;
mod terms;
#[cfg(test)]
mod tests;

pub use decide::{About, Basis, Dates, Decision, LaterThanUse, Verdict, decide, valid_at};
pub use diseases::Diseases;
pub use fold::{Folded, Held, NoConsent, fold};
pub use purpose::{Aim, DiseaseIds, Flag, Place, Primary, Purpose};
pub use records::{
    Actor, Birth, Event, Events, GiveKind, Given, Level, Polarity, Sample, ScopeRow, Subject, What,
};
pub use rows::{EventColumns, Register, RowError, SampleColumns, ScopeColumns, SubjectColumns, register};
pub use rule::{At, Rule};
pub use scope::{Answer, Asked, scope};
pub use state::{Death, Life, NotValid, Otherwise, Policy, State, majority, state};
pub use terms::{BASE_TERMS, BaseTerm, Column, Cover, MODIFIERS, ModifierTerm, Null, Term, Test, UnnamedRow};
