//! Release rule 6 at a run: the sets of people behind a result against all that its recipients were told before.
//!
//! The statement that runs is that of the plan with the people of its counts beside them, validated like any
//! other. What `release` then tells is compared and, where nothing is too near, written into the history beside
//! the audit log, before the outcome is recorded and so before a row is readable. The history is locked from the comparison to the
//! outcome, so that two runs at once cannot both be compared with what was told before either.
//!
//! People are persons of the history: a keyed hash under the warehouse's own key.

use crate::codes::{EARLIER, HISTORY, NO_HISTORY_KEY, TOO_CLOSE, TOO_MANY_REFUSED, TOO_MANY_SETS};
use crate::compile::Compiled;
use crate::run::KEY_TABLE;
use crate::session::Session;
use crate::trouble::{Kind, Result, Trouble};
use crate::warehouse::{has_table, texts};
use audit::{Differencing, History, HistoryError, Log, Pin, Terms};
use differencing::{Conflict, Families, Family};
use engine::Reader;
use plan::Plan;
use policy::Permitted;
use release::Behind;
use sql::Statement;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// After so many different questions that rule 6 refused under an agreement of one version, nothing more is told under
/// it: each refusal tells one bit, and a steward should see them before there are more. Installing the next
/// version of the agreement begins anew.
pub const MOST_REFUSALS: usize = 30;

/// What runs in the place of a compiled table: the same, and who is behind its numbers.
pub(crate) struct Listed {
    /// Its name in the program.
    pub(crate) name: String,
    pub(crate) plan: Plan,
    pub(crate) statement: Statement,
}

/// What a result is compared under.
pub(crate) struct Comparison {
    path: PathBuf,
    log: Log,
    key: Vec<u8>,
    terms: Terms,
    difference: u32,
}

/// What the comparison says of a result that may be told. The history stays locked until it is dropped.
pub(crate) struct Cleared {
    pub(crate) verdict: Differencing,
    pub(crate) pin: Option<Pin>,
    _history: Option<History>,
}

/// Why a result is not told.
pub(crate) struct TooNear {
    pub(crate) verdict: Differencing,
    pub(crate) pin: Option<Pin>,
    pub(crate) trouble: Trouble,
    _history: Option<History>,
}

impl TooNear {
    /// What the outcome says of it; the trouble is for the person who asked.
    pub(crate) fn told(&self, verdict: &mut Differencing, pin: &mut Option<Pin>) -> Trouble {
        verdict.clone_from(&self.verdict);
        pin.clone_from(&self.pin);
        self.trouble.clone()
    }
}

impl Session {
    /// The statement of a table that also lists the people behind its numbers.
    pub(crate) fn listed(
        &self,
        permitted: &Permitted,
        table: &Compiled,
        above: &dyn Fn(&str) -> Option<Vec<String>>,
    ) -> Result<Listed> {
        let plan = table.plan.with_members();
        let statement = self.printed(permitted, &table.name, &plan, above, self.dialect)?;
        Ok(Listed { name: table.name.clone(), plan, statement })
    }

    /// What results of a program are compared under; `None` where no agreement is used, because then no table with
    /// people in it is read.
    pub(crate) fn comparison(
        &self,
        permitted: &Permitted,
        log: &Log,
        reader: &mut dyn Reader,
    ) -> Result<Option<Comparison>> {
        let grounds = permitted.grounds();
        if grounds.agreements.is_empty() {
            return Ok(None);
        }
        let (policy, _) = self.policy();
        let mut recipients = BTreeSet::new();
        for (name, _) in &grounds.agreements {
            let agreement = policy.agreements.get(name).ok_or_else(|| {
                Trouble::internal("an agreement of a permitted query is not in the policy", name.clone())
            })?;
            // A space more is no other recipient.
            let words: Vec<String> = agreement.recipient.split_whitespace().map(str::to_lowercase).collect();
            recipients.insert(words.join(" "));
        }
        let agreements =
            grounds.agreements.iter().map(|(name, version)| (name.clone(), u64::from(*version))).collect();
        let audit = self.project().root.join(&self.project().settings.audit);
        let mut name = audit.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
        name.push(".history");
        Ok(Some(Comparison {
            path: audit.with_file_name(name),
            log: log.clone(),
            key: history_key(reader)?,
            terms: Terms { recipients, agreements },
            difference: grounds.release.difference,
        }))
    }
}

impl Comparison {
    /// Compares what a result tells with what was told before, and writes it down.
    ///
    /// # Errors
    /// It may not be told: it is too near to something, or the history cannot be read or written.
    pub(crate) fn compare(
        &self,
        table: &str,
        question: &str,
        intent: u64,
        records: bool,
        behind: &Behind,
    ) -> std::result::Result<Cleared, Box<TooNear>> {
        if records {
            let reason = "rows of people tell of each by themselves".to_owned();
            return Ok(Cleared { verdict: Differencing::NotChecked { reason }, pin: None, _history: None });
        }
        let mut history = self.open(question)?;
        let told = history_error(history.families(behind, &self.key)).map_err(unusable)?;
        let earlier = history.told(&self.terms.recipients);
        let sets: Vec<Families> = earlier.iter().map(|(_, families)| families.clone()).collect();
        let conflict = differencing::first_conflict(history.sets(), &sets, &told, self.difference)
            .map_err(|error| uncompared(table, error))?;
        let Some(conflict) = conflict else {
            // A number that was withheld beside another is a bit like a refusal, and counts like one.
            if behind.near {
                history_error(history.refuse(intent, self.terms.clone(), question)).map_err(unusable)?;
            }
            let pin = history_error(history.tell(intent, self.terms.clone(), &told)).map_err(unusable)?;
            let earlier = u64::try_from(earlier.len()).unwrap_or(u64::MAX);
            let verdict = Differencing::Compared { earlier, complete: behind.complete };
            return Ok(Cleared { verdict, pin: Some(pin), _history: Some(history) });
        };
        let pin = history_error(history.refuse(intent, self.terms.clone(), question)).map_err(unusable)?;
        let (verdict, trouble) = match conflict {
            Conflict::Within => {
                let message = format!(
                    "two numbers of `{table}` are of people who differ by so few that their difference would tell of them"
                );
                let trouble = Trouble::new(Kind::Refused, TOO_CLOSE, message)
                    .help("ask for one of them, or for groups that share nobody");
                (Differencing::TooNearWithin, trouble)
            }
            Conflict::Earlier(at) => {
                let earlier = earlier.get(at).map_or(0, |(intent, _)| *intent);
                let message = format!(
                    "`{table}` and what this recipient was told before are of people who differ by fewer than {}, so \
                     that a subtraction would tell of them",
                    self.difference
                );
                let trouble = Trouble::new(Kind::Refused, EARLIER, message).help(
                    "ask the same as before, or what differs by more: a rule more or fewer, a wider band, a later \
                     refresh of the data; `baseq explain E0831` says how it is compared",
                );
                (Differencing::TooNear { earlier }, trouble)
            }
        };
        Err(Box::new(TooNear { verdict, pin: Some(pin), trouble, _history: Some(history) }))
    }

    /// What is said of a result that release itself has refused because two of its sets are too near: it tells the
    /// same bit as one that is too near to an earlier result, and counts like it.
    pub(crate) fn refused(&self, question: &str, intent: u64, trouble: Trouble) -> Box<TooNear> {
        let refused = self.open(question).and_then(|mut history| {
            match history_error(history.refuse(intent, self.terms.clone(), question)) {
                Ok(pin) => Ok((pin, history)),
                Err(trouble) => Err(unusable(trouble)),
            }
        });
        match refused {
            Ok((pin, history)) => Box::new(TooNear {
                verdict: Differencing::TooNearWithin,
                pin: Some(pin),
                trouble,
                _history: Some(history),
            }),
            Err(other) => other,
        }
    }

    /// The history, locked; or that nothing more is told.
    fn open(&self, question: &str) -> std::result::Result<History, Box<TooNear>> {
        let pin =
            || self.log.pin().map_err(|error| Trouble::new(Kind::Warehouse, HISTORY, error.to_string()));
        let history = History::open(&self.path, pin).map_err(unusable)?;
        if history.refusals(&self.terms.agreements, question) < MOST_REFUSALS {
            return Ok(history);
        }
        let message = format!(
            "no number is told under this agreement: {MOST_REFUSALS} different questions were refused for being too \
             near to others"
        );
        let trouble = Trouble::new(Kind::Refused, TOO_MANY_REFUSED, message).help(
            "the steward sees them with `baseq audit show`, and begins anew with the next version of the agreement",
        );
        let verdict = Differencing::TooManyRefused;
        Err(Box::new(TooNear { verdict, pin: None, trouble, _history: Some(history) }))
    }
}

/// What cannot be compared is not told. It says nothing of anybody, and is no refusal that counts.
fn uncompared(table: &str, error: differencing::Error) -> Box<TooNear> {
    match error {
        differencing::Error::Unreadable(error) => {
            unusable(Trouble::new(Kind::Warehouse, HISTORY, error.to_string()))
        }
        differencing::Error::TooMuch => {
            let message = format!(
                "the groups of `{table}` are too many to be compared with what this recipient was told before"
            );
            let trouble = Trouble::new(Kind::Refused, TOO_MANY_SETS, message)
                .help("ask for wider groups, or by fewer keys");
            let reason = "there were too many sets of people".to_owned();
            Box::new(TooNear {
                verdict: Differencing::NotChecked { reason },
                pin: None,
                trouble,
                _history: None,
            })
        }
    }
}

/// Without its history nothing is told.
fn unusable(trouble: Trouble) -> Box<TooNear> {
    let reason = "the history of releases could not be used".to_owned();
    Box::new(TooNear { verdict: Differencing::NotChecked { reason }, pin: None, trouble, _history: None })
}

/// The families of a result over the persons and sets of a history.
trait Told {
    fn families(&mut self, behind: &Behind, key: &[u8]) -> std::result::Result<Families, HistoryError>;
}

impl Told for History {
    fn families(&mut self, behind: &Behind, key: &[u8]) -> std::result::Result<Families, HistoryError> {
        let mut places: BTreeMap<u32, u32> = BTreeMap::new();
        let mut families = Families::new();
        for family in &behind.families {
            let mut sets = Vec::new();
            for set in &family.sets {
                let mut people = Vec::with_capacity(set.len());
                for person in set {
                    let place = match places.get(person) {
                        Some(place) => *place,
                        None => {
                            let name = behind.people.get(*person as usize).map_or("", String::as_str);
                            let place = self.person(release::person(key, name))?;
                            places.insert(*person, place);
                            place
                        }
                    };
                    people.push(place);
                }
                sets.push(self.set(&people)?);
            }
            let told = match family.told {
                release::Told::Number => 0,
                release::Told::Whole => 1,
                release::Told::Value => 2,
            };
            families.push(Family { told, margin: family.margin, whole: family.whole, sets });
        }
        Ok(families)
    }
}

fn history_error<T>(result: std::result::Result<T, HistoryError>) -> Result<T> {
    result.map_err(Trouble::from)
}

impl From<HistoryError> for Trouble {
    fn from(error: HistoryError) -> Trouble {
        Trouble::new(Kind::Warehouse, HISTORY, format!("nothing was given out: {error}")).help(
            "the steward restores the history from where the audit log is kept; without it nothing can be compared with \
             what was told before",
        )
    }
}

/// The key of the warehouse under which persons stand in a history.
fn history_key(reader: &mut dyn Reader) -> Result<Vec<u8>> {
    let mut found = None;
    if has_table(reader, KEY_TABLE)? {
        let sql = format!("select key from {KEY_TABLE} where agreement = ''");
        found = texts(reader, &sql, 1)?.into_iter().flatten().next();
    }
    let none = || {
        Trouble::new(
            Kind::Warehouse,
            NO_HISTORY_KEY,
            "the warehouse has no key for the history of releases, so nothing can be compared with what was told before",
        )
        .help("the steward makes one by running `baseq policy install` once more")
    };
    let key: String = found.filter(|key: &String| !key.is_empty()).ok_or_else(none)?;
    Ok(key.into_bytes())
}
