//! Writing down what names mean while they are given their meaning.
//!
//! Nothing is written unless an editor asked, so that a check from the command line pays nothing. A
//! cursor is a name that nobody else writes, put where the cursor stands: where that name is looked up
//! in vain, the scope says which names it has.

use super::scope::Global;
use super::{Checked, Checker};
use crate::notes::{Meaning, Noted, Notes, Offer};
use crate::query::Rows;
use crate::ty::Type;
use model::EntityId;
use text::Range;

/// What is written down so far.
pub(crate) struct Noting {
    cursor: String,
    notes: Notes,
}

impl Noting {
    pub(crate) fn new(cursor: &str) -> Noting {
        Noting { cursor: cursor.to_owned(), notes: Notes::default() }
    }

    /// The notes, each once.
    pub(crate) fn notes(mut self) -> Notes {
        self.notes.uses.sort();
        self.notes.uses.dedup();
        let mut seen = std::collections::BTreeSet::new();
        self.notes.offers.retain(|offer| seen.insert(offer.name.clone()));
        self.notes
    }
}

impl Checker<'_> {
    pub(crate) fn note(&mut self, range: Range, means: impl FnOnce() -> Meaning) {
        if let Some(noting) = &mut self.noting {
            noting.notes.uses.push(Noted { range, means: means(), is: String::new() });
        }
    }

    /// Notes the use of an item of the file, or of what it imports, by its name.
    pub(crate) fn note_item(&mut self, range: Range, name: &str) {
        if self.noting.is_some()
            && let Some(means) = self.item_meaning(name)
        {
            self.note(range, || means);
        }
    }

    fn item_meaning(&self, name: &str) -> Option<Meaning> {
        match self.globals.get(name)? {
            Global::Param(_) => Some(Meaning::Param(name.to_owned())),
            Global::Codes(..)
            | Global::Define(..)
            | Global::Cohort(_)
            | Global::Table(_)
            | Global::Broken => self.first_of(name).map(Meaning::Item),
        }
    }

    /// Says of the name at this place, noted before, what it turned out to be.
    pub(crate) fn note_shape(&mut self, range: Range, checked: &Checked) {
        if self.noting.is_none() {
            return;
        }
        let is = self.shape(checked);
        let noted = self.noting.iter_mut().flat_map(|noting| noting.notes.uses.iter_mut().rev());
        for noted in noted.take_while(|noted| noted.range == range) {
            noted.is.clone_from(&is);
        }
    }

    fn shape(&self, checked: &Checked) -> String {
        let entity = |id: EntityId| self.model().entity(id).name.as_str();
        let rows = |rows: &Rows| {
            rows.steps.last().map_or("rows", |step| self.model().entity(step.row.entity).plural.as_str())
        };
        match checked {
            Checked::One(value) => value.ty.to_string(),
            Checked::Between(ends, _) => format!("an interval: {}", ends.earliest.ty),
            Checked::Row(row, _) => format!("one {}", entity(row.entity)),
            Checked::Many(many, tail) => match tail.as_ref() {
                Checked::One(value) => format!("{}, one per each of many {}", value.ty, rows(many)),
                _ => format!("many {}", rows(many)),
            },
            Checked::Picked(many, _, tail, _) => match tail.as_ref() {
                Checked::One(value) => format!("{} of one of the {}, or none", value.ty, rows(many)),
                _ => format!("one of the {}, or none", rows(many)),
            },
            Checked::Codes(codes, _) => match codes.exact.len() {
                1 => format!("one code of {}", codes.system),
                0 => format!("codes of {}", codes.system),
                count => format!("{count} codes of {}", codes.system),
            },
            Checked::List(values, _) => format!("a list of {}", values.len()),
            Checked::Alleles(alleles, _) => match alleles.len() {
                1 => "one allele".to_owned(),
                count => format!("{count} alleles"),
            },
            Checked::Region(..) => "a region".to_owned(),
            Checked::GeneCodes(_, codes, _) => format!("the codes of {} of a gene", codes.system),
            Checked::Cohort(..) => "a cohort".to_owned(),
            Checked::Table(_, None, _) => "a table, as it was released".to_owned(),
            Checked::Table(_, Some(_), _) => "a column of a table, as it was released".to_owned(),
            Checked::Error => String::new(),
        }
    }

    /// Whether this name is the cursor.
    pub(crate) fn offers_at(&self, word: &str) -> bool {
        self.noting.as_ref().is_some_and(|noting| !word.is_empty() && noting.cursor == word)
    }

    /// The names that may follow a row.
    pub(crate) fn offer_row(&mut self, id: EntityId) {
        self.unsaid += 1;
        let offers = self.offers_of(id);
        self.offer(offers);
    }

    /// The names that may stand alone.
    pub(crate) fn offer_scope(&mut self, expected: Option<&Type>) {
        self.unsaid += 1;
        let mut offers = Vec::new();
        if let Some(Type::Enum(list)) = expected {
            let value = |name: &String| Offer { name: name.clone(), means: Meaning::Value(name.clone()) };
            offers.extend(list.members.iter().map(value));
        }
        if expected == Some(&Type::Bool) {
            let value = |name: &str| Offer { name: name.to_owned(), means: Meaning::Value(name.to_owned()) };
            offers.extend(["true", "false"].map(value));
        }
        offers.extend(self.arguments.iter().map(|(name, _)| local(name)));
        for frame in self.frames.iter().rev() {
            offers.extend(frame.names.iter().rev().map(|(name, _)| local(name)));
            offers.extend(self.offers_of(frame.row.entity));
        }
        let items = self
            .globals
            .keys()
            .filter_map(|name| self.item_meaning(name).map(|means| Offer { name: name.clone(), means }));
        offers.extend(items);
        self.offer(offers);
    }

    fn offer(&mut self, offers: Vec<Offer>) {
        if let Some(noting) = &mut self.noting {
            noting.notes.offers.extend(offers);
        }
    }

    fn offers_of(&self, id: EntityId) -> Vec<Offer> {
        let entity = self.model().entity(id);
        let means = |name: &str| {
            if name == entity.name {
                Meaning::Entity(id)
            } else if let Some(column) = entity.find_column(name) {
                Meaning::Column(id, column)
            } else if let Some(interval) = entity.find_interval(name) {
                Meaning::Column(id, interval.earliest)
            } else if let Some((parsed, define)) = self.of_entity.get(&(id, name.to_owned())) {
                Meaning::Item(parsed.range(define.name.span))
            } else if let Some(relation) = entity.find_relation(name).or_else(|| self.relation_to(id, name)) {
                Meaning::Relation(id, relation)
            } else {
                Meaning::BuiltIn(name.to_owned())
            }
        };
        self.names_of(id).into_iter().map(|name| Offer { means: means(&name), name }).collect()
    }
}

fn local(name: &str) -> Offer {
    Offer { name: name.to_owned(), means: Meaning::Local(name.to_owned()) }
}
