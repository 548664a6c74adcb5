//! A person who is being made: rows with the values that were chosen so far, and how rows find each other.
//!
//! A value that nobody chose is not there yet and reads as null; it may still be set. A value that was chosen,
//! null among them, stays. Rows of public annotation are shared by all people: those of people made before
//! are there from the beginning and are read, never changed.

use jiff::civil::Date;
use model::{ColumnId, ColumnType, EntityId, Linkage, Model, Relation, RelationId};
use std::collections::BTreeMap;
use std::rc::Rc;
use types::{Allele, Value};

/// A value, or null.
pub(crate) type Cell = Option<Value>;

/// A row of a draft, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At(pub(crate) usize);

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) entity: EntityId,
    pub(crate) cells: BTreeMap<ColumnId, Cell>,
    /// Of a person made before: it is read only.
    pub(crate) shared: bool,
}

/// What a person permits: everything from a day on, unless a rule asks for less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Consent {
    /// The first day.
    pub(crate) from: Date,
    /// The day before which the permission was taken back.
    pub(crate) withdrawn: Option<Date>,
    /// Terms that limit it, as CURIEs of DUO.
    pub(crate) limits: Vec<&'static str>,
}

/// A person who is being made.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    rows: Vec<Rc<Made>>,
    /// The name that the keys of its rows begin with.
    pub(crate) name: String,
    /// The number of the person, from 1.
    pub(crate) number: i64,
    /// The number of the next public row.
    next_public: i64,
    pub(crate) consent: Consent,
    /// Which of equally good values come first: 0 takes the bounds.
    pub(crate) turn: usize,
    /// What distinguishes this way from others, in words.
    pub(crate) note: Option<String>,
    /// Whether a key is a number made of the person's.
    numbered: bool,
}

impl Draft {
    /// A person of whom nothing is known, beside the public rows of those before.
    pub(crate) fn new(
        model: &Model,
        (shared, next_public): (&[Rc<Made>], i64),
        number: i64,
        name: String,
        consent: Consent,
        turn: usize,
    ) -> Draft {
        let mut draft = Draft {
            rows: shared.to_vec(),
            name,
            number,
            next_public,
            consent,
            turn,
            note: None,
            numbered: false,
        };
        if let Some(subject) = model.subject() {
            draft.create(model, subject, &[]);
        }
        draft
    }

    /// The same person under another number and name; `None` where numbers stand in its keys.
    pub(crate) fn renamed(&self, number: i64, name: &str) -> Option<Draft> {
        if self.numbered {
            return None;
        }
        let mut draft = Draft { number, name: name.to_owned(), ..self.clone() };
        for row in draft.rows.iter_mut().filter(|row| !row.shared) {
            for cell in Rc::make_mut(row).cells.values_mut() {
                if let Some(Value::Text(text)) = cell
                    && let Some(rest) = text.strip_prefix(&self.name)
                    && (rest.is_empty() || rest.starts_with('-'))
                {
                    *text = format!("{name}{rest}");
                }
            }
        }
        Some(draft)
    }

    /// The row of the person.
    pub(crate) fn subject(&self, model: &Model) -> Option<At> {
        let subject = model.subject()?;
        self.of(subject).next()
    }

    /// The number of the last public row.
    pub(crate) fn next_public(&self) -> i64 {
        self.next_public
    }

    /// All rows.
    pub(crate) fn rows(&self) -> &[Rc<Made>] {
        &self.rows
    }

    /// The row at a place.
    pub(crate) fn row(&self, at: At) -> &Made {
        &self.rows[at.0]
    }

    /// The rows of an entity.
    pub(crate) fn of(&self, entity: EntityId) -> impl Iterator<Item = At> + '_ {
        self.rows.iter().enumerate().filter(move |(_, row)| row.entity == entity).map(|(at, _)| At(at))
    }

    /// The value of a cell, as far as it was chosen.
    pub(crate) fn cell(&self, at: At, column: ColumnId) -> Cell {
        self.row(at).cells.get(&column).cloned().flatten()
    }

    /// Whether a value was chosen.
    pub(crate) fn is_set(&self, at: At, column: ColumnId) -> bool {
        self.row(at).cells.contains_key(&column)
    }

    /// Whether a value may be chosen: none was, and the row is the person's own or new.
    pub(crate) fn is_open(&self, at: At, column: ColumnId) -> bool {
        !self.row(at).shared && !self.is_set(at, column)
    }

    /// Sets a cell, whatever it was.
    pub(crate) fn put(&mut self, at: At, column: ColumnId, value: Cell) {
        if let Some(row) = self.rows.get_mut(at.0) {
            Rc::make_mut(row).cells.insert(column, value);
        }
    }

    /// A new row, with these cells and a key where they do not give it.
    pub(crate) fn create(&mut self, model: &Model, entity: EntityId, cells: &[(ColumnId, Cell)]) -> At {
        let declared = model.entity(entity);
        let mut row = Made { entity, cells: cells.iter().cloned().collect(), shared: false };
        let ordinal = self.of(entity).count() + 1;
        for key in &declared.key {
            let column = declared.column(*key);
            if row.cells.get(key).is_some_and(Option::is_some) {
                continue;
            }
            let public = declared.linkage == Linkage::Public;
            let value = match (&column.ty, public) {
                (ColumnType::Int, true) => {
                    self.next_public += 1;
                    Value::Int(self.next_public)
                }
                (ColumnType::Int, false) => {
                    self.numbered = true;
                    Value::Int(self.number * 1000 + i64::try_from(ordinal).unwrap_or(999))
                }
                (_, true) => {
                    self.next_public += 1;
                    Value::Text(format!("{}-{}", declared.name, self.next_public))
                }
                (_, false) if model.subject() == Some(entity) && ordinal == 1 => {
                    Value::Text(self.name.clone())
                }
                (_, false) => Value::Text(format!("{}-{}-{ordinal}", self.name, declared.name)),
            };
            // A key that is a code, an enum or a date is chosen like every other value.
            if matches!(column.ty, ColumnType::Int | ColumnType::Id | ColumnType::Text) {
                row.cells.insert(*key, Some(value));
            }
        }
        self.rows.push(Rc::new(row));
        At(self.rows.len() - 1)
    }

    /// The rows that a relation leads to.
    pub(crate) fn related(&self, model: &Model, from: At, relation: RelationId) -> Vec<At> {
        let relation = model.entity(self.row(from).entity).relation(relation);
        let Some(values) = self.link(from, relation) else { return Vec::new() };
        self.of(relation.target)
            .filter(|at| {
                relation.on.iter().zip(&values).all(|((_, there), value)| {
                    self.row(*at).cells.get(there).and_then(Option::as_ref) == Some(value)
                })
            })
            .collect()
    }

    /// The values by which a relation finds its rows; `None` where one is not known.
    fn link(&self, from: At, relation: &Relation) -> Option<Vec<Value>> {
        relation.on.iter().map(|(here, _)| self.cell(from, *here)).collect()
    }

    /// A new row that a relation leads to.
    pub(crate) fn relate(&mut self, model: &Model, from: At, relation: RelationId) -> Option<At> {
        let of = self.row(from).entity;
        let relation = model.entity(of).relation(relation);
        let target = model.entity(relation.target);
        // What is said of a shared row is said of everybody's.
        if self.row(from).shared && target.linkage == Linkage::Public {
            return None;
        }
        let mut cells = Vec::new();
        let mut open = Vec::new();
        for (here, there) in &relation.on {
            match self.cell(from, *here) {
                Some(value) => cells.push((*there, Some(value))),
                None if self.is_open(from, *here) => open.push((*here, *there)),
                None => return None,
            }
        }
        // Another person, or something of one, is not made beside the person.
        if !open.is_empty() && model.subject() == Some(relation.target) {
            return None;
        }
        let made = self.create(model, relation.target, &cells);
        for (here, there) in open {
            let value = self.cell(made, there)?;
            self.put(from, here, Some(value));
        }
        Some(made)
    }

    /// The rows that a row cannot be without, where it names none yet: of a child's row in a trio its parents.
    pub(crate) fn complete(&mut self, model: &Model, at: At) {
        let entity = model.entity(self.row(at).entity);
        for relation in entity.relations.iter().filter(|relation| !relation.many && !relation.optional) {
            let needed = relation.on.iter().all(|(here, _)| {
                let column = entity.column(*here);
                self.is_open(at, *here) && !column.optional && !entity.key.contains(here)
            });
            if !needed {
                continue;
            }
            let made = self.create(model, relation.target, &[]);
            for (here, there) in &relation.on {
                let value = self.cell(made, *there);
                self.put(at, *here, value);
            }
            let sex = match relation.name.as_str() {
                "father" => "male",
                "mother" => "female",
                _ => continue,
            };
            if let Some(column) = model.entity(relation.target).find_column("sex") {
                self.put(made, column, Some(Value::Text(sex.to_owned())));
            }
        }
    }

    /// The variant's row that has an identity.
    pub(crate) fn variant(&self, model: &Model, allele: &Allele) -> Option<At> {
        let entity = model.find("variant")?;
        self.of(entity).find(|at| self.allele(model, *at).as_ref() == Some(allele))
    }

    /// The identity of a variant's row, where it was chosen.
    pub(crate) fn allele(&self, model: &Model, at: At) -> Option<Allele> {
        let entity = model.entity(self.row(at).entity);
        let text = |name: &str| match self.cell(at, entity.find_column(name)?)? {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let Value::Int(position) = self.cell(at, entity.find_column("position")?)? else { return None };
        Some(Allele {
            build: text("build")?,
            contig: text("contig")?,
            position,
            reference: text("ref")?,
            alternate: text("alt")?,
        })
    }

    /// Gives a variant's row an identity.
    pub(crate) fn identify(&mut self, model: &Model, at: At, allele: &Allele) -> bool {
        let entity = model.entity(self.row(at).entity);
        let last = allele.position + i64::try_from(allele.reference.len()).unwrap_or(1) - 1;
        let cells = [
            ("build", Value::Text(allele.build.clone())),
            ("contig", Value::Text(allele.contig.clone())),
            ("position", Value::Int(allele.position)),
            ("end_position", Value::Int(last)),
            ("ref", Value::Text(allele.reference.clone())),
            ("alt", Value::Text(allele.alternate.clone())),
        ];
        let wanted: Vec<_> = cells
            .into_iter()
            .filter_map(|(name, value)| entity.find_column(name).map(|column| (column, value)))
            .collect();
        let fits = |(column, value): &(ColumnId, Value)| {
            self.is_open(at, *column) || self.cell(at, *column).as_ref() == Some(value)
        };
        if !wanted.iter().all(fits) {
            return false;
        }
        for (column, value) in wanted {
            if self.is_open(at, column) {
                self.put(at, column, Some(value));
            }
        }
        true
    }
}
