//! What may be asked, of whom, and what may leave: consent, agreements, and the check of a query against them.
//!
//! [`read`] turns the policy files of a steward into a [`PolicySet`]; [`check`] compares a checked query with it
//! and gives a [`Permitted`] query together with its [`Grounds`]. Nobody else can make one. `consent` decides
//! about single people. Nothing here makes SQL, reads a clock or suppresses a cell: guards are built by the
//! lowering from the grounds, and release rules are carried out by `release`.

mod agreement;
mod changes;
mod check;
pub mod codes;
pub mod consent;
mod meet;
mod model_changes;
mod permitted;
mod read;
#[cfg(test)]
mod testing;

pub use agreement::{
    Agreement, Base, Dominance, FLOOR, Grant, GrantedColumns, Level, Lines, ReleaseRules, ShowGrant, Showable,
};
pub use changes::{Change, Direction, changes};
pub use check::check;
pub use model_changes::model_changes;
pub use permitted::{Context, Grounds, Permitted, Read, Receipt};
pub use read::{PolicySet, read};
