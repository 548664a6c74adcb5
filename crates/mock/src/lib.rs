//! People who satisfy, and people who just miss, each rule of a program: for writing it where there is no data.
//!
//! A checked program says what it asks of a person: a code of a set, a day within a window of another day, a
//! quantity at or above a bound, so many rows on different days. Each of these is solved for values that decide
//! it (the day on either side of the window, the last value below the bound, a code beside the set, one row too
//! few, a phenotype that was looked for and excluded), and what no rule asks about is filled in. No person is
//! drawn and thrown away, so that narrow windows and rare combinations get as many people as wide ones.
//!
//! What a person was made for is then asked of `eval`, the reference interpreter, which shares no code with the
//! search. Only who does what was promised is given; a rule for which nobody does is named with the reason.
//!
//! Nobody here knows of files or of warehouses: rows come out, and a front end writes them.

mod check;
mod days;
mod draft;
mod fill;
mod goals;
mod logic;
mod scope;
mod solve;
mod tables;
mod value;

pub use tables::Table;

use check::{Judge, held};
use draft::{Consent, Draft, Made as Row};
use goals::{Goal, Item, Reached};
use jiff::civil::{Date, date};
use model::Model;
use policy::PolicySet;
use scope::Asked;
use solve::Solver;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use text::Range;
use types::{Allele, Query, Vocabulary};

/// How many ways of reaching a goal are looked at.
const WAYS: usize = 20;

/// A program, and what it stands on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The program, checked.
    pub query: &'a Query,
    /// Its model.
    pub model: &'a Model,
    /// Codes and genes.
    pub vocabulary: &'a dyn Vocabulary,
    /// The policy, for the interpreter. It is not asked what may be shown.
    pub policy: &'a PolicySet,
    /// The ancestors of a disease and itself.
    pub above: &'a dyn Fn(&str) -> Option<Vec<String>>,
    /// D.
    pub as_of: Date,
    /// The words of a place in the program.
    pub words: &'a dyn Fn(Range) -> String,
    /// HGVS names and rs numbers with their alleles, which the annotation that is made beside the people has.
    pub named: &'a [(String, Vec<Allele>)],
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("as_of", &self.as_of).finish_non_exhaustive()
    }
}

/// How many people, and which.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many at least. There are more where the rules of the program need more.
    pub people: usize,
    /// Other numbers give other people, beside those at the bounds.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// All tables of the model and the two of consent, each after those that its rows name.
    pub tables: Vec<Table>,
    /// Everybody, in the order of their keys.
    pub people: Vec<Person>,
    /// Rules that nobody passes, or that nobody just misses, in the order of the program.
    pub unsolved: Vec<Unsolved>,
}

/// Somebody who was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The key.
    pub key: String,
    /// The cohort or table that the person was made for.
    pub item: String,
    /// The rule that is just missed, and its number from 1; `None` for who passes all.
    pub missed: Option<(usize, String)>,
    /// What is special.
    pub note: String,
}

/// A rule for which the right people could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsolved {
    /// The cohort or table.
    pub item: String,
    /// The rule; `None` where nobody passes all rules of the item.
    pub rule: Option<String>,
    /// Where it stands.
    pub range: Range,
    /// Why.
    pub reason: String,
}

/// A person with what the person was made for.
struct Kept {
    draft: Draft,
    item: Item,
    goal: Goal,
    /// The key of the row that the rules are of.
    key: String,
    note: String,
}

/// Makes people for every rule of a program.
///
/// # Errors
/// The interpreter could not ask what was made, which is an error of the compiler.
pub fn make(input: &Input<'_>, options: Options) -> Result<Made, String> {
    let asked =
        Asked { query: input.query, model: input.model, vocabulary: input.vocabulary, as_of: input.as_of };
    let mut maker = Maker {
        solver: Solver::new(asked, input.words),
        shared: Vec::new(),
        next_public: 1,
        people: Vec::new(),
        unsolved: BTreeMap::new(),
    };
    maker.annotate(input.named);
    maker.near();
    maker.more(options);
    let judge = Judge {
        query: input.query,
        model: input.model,
        policy: input.policy,
        above: input.above,
        as_of: input.as_of,
    };
    maker.judged(&judge)
}

struct Maker<'a> {
    solver: Solver<'a>,
    /// Public rows.
    shared: Vec<Rc<Row>>,
    next_public: i64,
    people: Vec<Kept>,
    unsolved: BTreeMap<(Item, Option<usize>), String>,
}

impl Maker<'_> {
    fn empty(&self, turn: usize) -> Draft {
        let number = i64::try_from(self.people.len()).unwrap_or(i64::MAX - 1) + 1;
        let consent = Consent { from: date(1900, 1, 1), withdrawn: None, limits: Vec::new() };
        let name = format!("P{number:06}");
        let public = (self.shared.as_slice(), self.next_public);
        Draft::new(self.solver.asked.model, public, number, name, consent, turn)
    }

    /// The alleles that a project knows by name.
    fn annotate(&mut self, named: &[(String, Vec<Allele>)]) {
        let model = self.solver.asked.model;
        let Some(variant) = model.find("variant") else { return };
        let mut draft = self.empty(0);
        for (name, alleles) in named {
            for allele in alleles {
                let at = draft.variant(model, allele).unwrap_or_else(|| {
                    let at = draft.create(model, variant, &[]);
                    draft.identify(model, at, allele);
                    at
                });
                let declared = model.entity(variant);
                let text = |text: &str| Some(types::Value::Text(text.to_owned()));
                match (name.split_once(':'), declared.find_relation("effects")) {
                    (Some((accession, _)), Some(effects)) => {
                        let Some(effect) = draft.relate(model, at, effects) else { continue };
                        let of = model.entity(draft.row(effect).entity);
                        let protein = name.contains(":p.");
                        let change = if protein { "hgvs_p" } else { "hgvs_c" };
                        let cells = [("transcript", accession), (change, name.as_str())];
                        for (column, value) in cells {
                            if let Some(column) = of.find_column(column) {
                                draft.put(effect, column, text(value));
                            }
                        }
                    }
                    (None, _) => {
                        if let Some(rs) = declared.find_column("rs") {
                            draft.put(at, rs, text(name));
                        }
                    }
                    (Some(_), None) => {}
                }
            }
        }
        let draft = self.solver.asked.filled(&draft, false);
        self.share(&draft);
    }

    /// The public rows of a draft, for everybody after it.
    fn share(&mut self, draft: &Draft) {
        let model = self.solver.asked.model;
        for row in draft.rows() {
            if !row.shared && model.entity(row.entity).linkage == model::Linkage::Public {
                self.shared.push(Rc::new(Row { shared: true, ..Row::clone(row) }));
            }
        }
        self.next_public = draft.next_public();
    }

    /// For every rule, who passes and who just misses it, each in every way that there is.
    fn near(&mut self) {
        for item in self.solver.items() {
            for goal in self.solver.goals(item) {
                let most = match goal {
                    Goal::Pass => 2,
                    Goal::Miss(_) => usize::MAX,
                    Goal::Value(_) => 1,
                };
                self.solver.unsolved.borrow_mut().clear();
                let mut kept = 0;
                let mut offered = self.solver.reach(&self.empty(0), item, goal);
                let mut known = self.shared.len();
                for way in 0..WAYS {
                    // Public rows that the last one left are those of everybody after it.
                    if self.shared.len() != known {
                        offered = self.solver.reach(&self.empty(0), item, goal);
                        known = self.shared.len();
                    }
                    let Some(mut reached) = offered.get(way).cloned() else { break };
                    let empty = self.empty(0);
                    if reached.draft.name != empty.name {
                        reached.draft = match reached.draft.renamed(empty.number, &empty.name) {
                            Some(draft) => draft,
                            None => {
                                offered = self.solver.reach(&empty, item, goal);
                                let Some(again) = offered.get(way).cloned() else { break };
                                again.draft
                            }
                        };
                    }
                    kept += usize::from(self.keep(item, goal, reached));
                    if kept >= most {
                        break;
                    }
                }
                let rule = match goal {
                    Goal::Pass => None,
                    Goal::Miss(rule) => Some(rule),
                    Goal::Value(_) => continue,
                };
                if kept == 0 {
                    let reasons = self.solver.unsolved.borrow().join("; ");
                    let reason = match (reasons.is_empty(), rule) {
                        (false, _) => reasons,
                        (true, None) => "no values were found with which somebody passes all rules".to_owned(),
                        (true, Some(_)) => {
                            "no values were found with which somebody passes the other rules and misses this one"
                                .to_owned()
                        }
                    };
                    self.unsolved.insert((item, rule), reason);
                }
            }
        }
    }

    /// People like those, until there are enough: with other values within the same bounds.
    fn more(&mut self, options: Options) {
        let mut goals: Vec<(Item, Goal)> = Vec::new();
        for kept in &self.people {
            let one = (kept.item, kept.goal);
            // Who passes is three times as frequent as who misses a rule.
            let often = if matches!(kept.goal, Goal::Pass) { 3 } else { 1 };
            if !goals.contains(&one) {
                goals.extend(std::iter::repeat_n(one, often));
            }
        }
        let first = usize::try_from(options.seed % 1000).unwrap_or(0) * 13 + 1;
        let mut idle = 0;
        let mut turn = first;
        while self.people.len() < options.people && idle < goals.len() {
            idle = 0;
            for (item, goal) in &goals {
                if self.people.len() >= options.people {
                    break;
                }
                turn += 1;
                let reached = self.solver.reach(&self.empty(turn), *item, *goal);
                let length = reached.len();
                let one = reached.into_iter().nth(turn % length.max(1));
                if !one.is_some_and(|one| self.keep(*item, *goal, one)) {
                    idle += 1;
                }
            }
        }
    }

    /// Fills a person in and keeps it, if it still is what it was made for.
    fn keep(&mut self, item: Item, goal: Goal, reached: Reached) -> bool {
        let Reached { draft, row, note } = reached;
        let still = |filled: &Draft| self.solver.is_still(&draft, filled, item, row);
        let filled = [true, false].into_iter().map(|own| self.solver.asked.filled(&draft, own)).find(still);
        let Some(draft) = filled else { return false };
        let entity = self.solver.asked.model.entity(draft.row(row).entity);
        let key = tables::key(entity).and_then(|column| draft.cell(row, column));
        let key = match key {
            Some(types::Value::Text(key)) => key,
            Some(types::Value::Int(key)) => key.to_string(),
            _ => return false,
        };
        self.share(&draft);
        self.people.push(Kept { draft, item, goal, key, note });
        true
    }

    /// Asks the interpreter, and keeps those who do what they were made for.
    fn judged(mut self, judge: &Judge<'_>) -> Result<Made, String> {
        let model = self.solver.asked.model;
        let of = |people: &[Kept], shared: &[Rc<Row>]| {
            let drafts: Vec<&Draft> = people.iter().map(|kept| &kept.draft).collect();
            tables::tables(model, shared, &drafts)
        };
        let passed = judge.passed(&of(&self.people, &self.shared))?;
        let mut reached: BTreeSet<(Item, Option<usize>)> = BTreeSet::new();
        let mut broken: BTreeMap<(Item, Option<usize>), &'static str> = BTreeMap::new();
        let solver = &self.solver;
        self.people.retain(|kept| {
            let rules = solver.told(kept.item).len();
            let rule = match kept.goal {
                Goal::Pass | Goal::Value(_) => None,
                Goal::Miss(rule) => Some(rule),
            };
            // Who permits nothing is nowhere, and so just misses a rule that asks for the permission.
            let nowhere = kept.draft.consent.withdrawn.is_some();
            let judged = held(&passed, kept.item, rules, kept.goal, nowhere, &kept.key);
            if judged == Some(true) {
                reached.insert((kept.item, rule));
            } else {
                broken.entry((kept.item, rule)).or_insert(match judged {
                    Some(_) => "the interpreter does not find in whoever was made what they were made for",
                    None => "the interpreter cannot be asked about it alone, so whoever was made is left out",
                });
            }
            judged == Some(true)
        });
        for (of, reason) in broken {
            if !reached.contains(&of) {
                self.unsolved.insert(of, reason.to_owned());
            }
        }
        let tables = of(&self.people, &self.shared);
        let people = self
            .people
            .iter()
            .map(|kept| Person {
                key: kept.draft.name.clone(),
                item: self.solver.name(kept.item).to_owned(),
                missed: match kept.goal {
                    Goal::Miss(rule) => {
                        let told = self.solver.told(kept.item).into_iter().nth(rule);
                        Some((rule + 1, told.map(|told| told.words).unwrap_or_default()))
                    }
                    Goal::Pass | Goal::Value(_) => None,
                },
                note: if kept.note.is_empty() { "misses it".to_owned() } else { kept.note.clone() },
            })
            .collect();
        let unsolved = self.unsolved.iter().filter_map(|((item, rule), reason)| {
            let told = rule.and_then(|rule| self.solver.told(*item).into_iter().nth(rule));
            Some(Unsolved {
                item: self.solver.name(*item).to_owned(),
                range: told.as_ref().map(|told| told.range).or(self.solver.range(*item))?,
                rule: told.map(|told| told.words),
                reason: reason.clone(),
            })
        });
        let mut unsolved: Vec<Unsolved> = unsolved.collect();
        unsolved.sort_by_key(|one| one.range);
        Ok(Made { tables, people, unsolved })
    }
}
