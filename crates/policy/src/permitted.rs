//! A query that may run, and why: [`Permitted`] and its [`Grounds`].
//!
//! Only [`check`](crate::check) makes a [`Permitted`], so whatever takes one (the lowering, the engines) can
//! rely on it. The guards themselves are made by the lowering, from the linkage of the model and the grounds.

use crate::agreement::{Level, ReleaseRules};
use crate::consent::{self, Purpose};
use jiff::Timestamp;
use jiff::civil::Date;
use model::{ColumnId, EntityId, Model};
use std::collections::{BTreeMap, BTreeSet};
use text::Range;
use types::Query;

/// A query all of whose cohorts and tables an agreement allows. What it does not allow is not in it.
#[derive(Clone, Debug)]
pub struct Permitted {
    query: Query,
    grounds: Grounds,
}

impl Permitted {
    pub(crate) fn new(query: Query, grounds: Grounds) -> Permitted {
        Permitted { query, grounds }
    }

    /// What is asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Why it may be asked, and on what terms.
    pub fn grounds(&self) -> &Grounds {
        &self.grounds
    }
}

/// What a check stands on besides the query and the policy.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The model that the query and the policy were read with.
    pub model: &'a Model,
    /// U: the day on which the query is run.
    pub used_on: Date,
    /// T: consent that was recorded later does not count.
    pub known_at: Timestamp,
    /// The query asks about the made-up people of a `test` block: without a `use agreement` everything may be
    /// read, and the dates of an agreement do not hold. What comes out says so ([`Grounds::made_up`]).
    pub test: bool,
}

/// Why a query may be asked, and on what terms.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// Names and versions of the agreements, in the order of the query. Empty where nothing linked is read.
    pub agreements: Vec<(String, u32)>,
    /// SHA-256 of the policy texts, lower-case hex.
    pub policy_hash: String,
    /// P: what consent is asked for. `None` where no agreement is used, and then nothing linked is read
    /// (unless `made_up`).
    pub purpose: Option<Purpose>,
    /// The purpose of the agreement, where `purpose` is a narrower one that the query names. A guard asks for
    /// both, so that a narrower use never reaches a person whom the agreement does not.
    pub agreed: Option<Purpose>,
    /// Purposes that the query names in `consent valid … for P`, by name.
    pub purposes: BTreeMap<String, Purpose>,
    /// D, `as of`. `None` only where nothing linked is read (unless `made_up`).
    pub as_of: Option<Date>,
    /// U.
    pub used_on: Date,
    /// T.
    pub known_at: Timestamp,
    /// The steward's parameters of consent.
    pub consent: consent::Policy,
    /// The highest level that the agreements allow; of the public tables of a file without one, nothing.
    pub level: Level,
    /// The release rules, of several agreements the stricter.
    pub release: ReleaseRules,
    /// Formats in which the result may be written, in order.
    pub formats: BTreeSet<String>,
    /// What the query names of linked tables, in the order of the model.
    pub reads: Vec<Read>,
    /// Every decision with its reason, in the order of the query.
    pub receipts: Vec<Receipt>,
    /// The people are those of a `test` block. Never true of a query on a warehouse.
    pub made_up: bool,
}

/// What is read of a linked entity by the words of a query. What the language reads by itself (keys of
/// relations, consent, the bounds of `as of`, the chosen sample, expected copies) is not among it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// The entity.
    pub entity: EntityId,
    /// Its columns.
    pub columns: BTreeSet<ColumnId>,
}

/// A decision with the line of the policy that asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What was decided on, in words: ``condition on `phenotype.term` ``.
    pub what: String,
    /// Where it stands in the query; `None` where it holds for the whole file.
    pub range: Option<Range>,
    /// The rule, in words.
    pub rule: String,
    /// The line of the policy; `None` where the language itself decides.
    pub policy: Option<Range>,
}
