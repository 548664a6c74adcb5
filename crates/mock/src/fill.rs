//! What no rule asked about: values that a warehouse cannot be without, and the person's own, so that groups
//! have people in them. What is null because nobody chose it may decide a rule, so a person who was filled in
//! is looked at again.

use crate::days::add_days;
use crate::draft::{At, Draft};
use crate::scope::Asked;
use model::{Column, ColumnId, ColumnType, Entity, Linkage, Model};
use std::collections::BTreeSet;
use types::{Allele, CodeTest, Kind, Number, Query, Value};

/// Codes for systems that a program does not mention; the text of a code is all that a warehouse checks.
const CODES: [(&str, &str); 8] = [
    ("HP", "HP:0000118"),
    ("SO", "SO:0001583"),
    ("ICD10", "ICD10:Z00.0"),
    ("ICD10CM", "ICD10CM:Z00.00"),
    ("ATC", "ATC:N02BE01"),
    ("LOINC", "LOINC:718-7"),
    ("OPCS4", "OPCS4:X36.9"),
    ("SNOMED", "SNOMED:404684003"),
];

/// Codes of a system that a program names, or one that is known here.
pub(crate) fn code_of(query: &Query, system: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut see = |test: &CodeTest| {
        if test.system == system {
            found.extend(test.exact.iter().chain(&test.prefixes).take(4).cloned());
        }
    };
    for cohort in &query.cohorts {
        for rule in &cohort.rules {
            types::each_expr(&rule.condition, &mut |expr| {
                if let Kind::InCodes(_, test) = &expr.kind {
                    see(test);
                }
            });
        }
    }
    for table in &query.tables {
        for rule in &table.rules {
            types::each_expr(&rule.condition, &mut |expr| {
                if let Kind::InCodes(_, test) = &expr.kind {
                    see(test);
                }
            });
        }
    }
    let known = CODES.iter().find(|(of, _)| *of == system).map(|(_, code)| (*code).to_owned());
    found.into_iter().take(6).chain(known).chain([format!("{system}:1")]).take(8).collect()
}

impl Asked<'_> {
    /// The draft with everything that its warehouse cannot be without; with `own`, also with the person's own
    /// values, as far as they are open.
    pub(crate) fn filled(&self, draft: &Draft, own: bool) -> Draft {
        let mut draft = draft.clone();
        let first = draft.subject(self.model);
        let mut number = 0;
        // Rows that others cannot be without come behind them, and are looked at in their turn.
        while number < draft.rows().len() {
            if !draft.row(At(number)).shared {
                draft.complete(self.model, At(number));
                self.identity(&mut draft, At(number));
            }
            number += 1;
        }
        let places: Vec<At> = (0..draft.rows().len()).map(At).filter(|at| !draft.row(*at).shared).collect();
        for at in places {
            let entity = self.model.entity(draft.row(at).entity);
            let linked: BTreeSet<ColumnId> = entity
                .relations
                .iter()
                .filter(|relation| !relation.many)
                .flat_map(|relation| relation.on.iter().map(|(here, _)| *here))
                .collect();
            let is_person = first == Some(at);
            for (number, column) in (0..).zip(&entity.columns) {
                let id = ColumnId(number);
                if !draft.is_open(at, id) || entity.key.contains(&id) || linked.contains(&id) {
                    continue;
                }
                let of_variant = self.same_of_other(&draft, at, entity, &column.name);
                let value = if of_variant.is_some() {
                    of_variant
                } else if !column.optional {
                    self.needed(&draft, entity, column)
                } else if is_person && own {
                    self.own(&draft, at, entity, id, column)
                } else {
                    continue;
                };
                draft.put(at, id, value);
            }
        }
        draft
    }

    /// An allele of its own for a variant that no rule identified.
    fn identity(&self, draft: &mut Draft, at: At) {
        let entity = draft.row(at).entity;
        if self.model.find("variant") != Some(entity) {
            return;
        }
        let declared = self.model.entity(entity);
        let id = declared.find_column("variant_id").and_then(|column| draft.cell(at, column));
        let Some(Value::Int(id)) = id else { return };
        let said = |name: &str| {
            let column = declared.find_column(name)?;
            match draft.cell(at, column)? {
                Value::Text(text) => Some(text),
                _ => None,
            }
        };
        let place = match declared.find_column("position").and_then(|column| draft.cell(at, column)) {
            Some(Value::Int(place)) => place,
            _ => 1_000_000 + 1000 * id,
        };
        let allele = Allele {
            build: said("build").unwrap_or_else(|| "GRCh38".to_owned()),
            contig: said("contig").unwrap_or_else(|| "1".to_owned()),
            position: place,
            reference: said("ref").unwrap_or_else(|| "A".to_owned()),
            alternate: said("alt").unwrap_or_else(|| "G".to_owned()),
        };
        draft.identify(self.model, at, &allele);
        if let Some(kind) = declared.find_column("kind").filter(|column| draft.is_open(at, *column)) {
            let word = match (allele.reference.len(), allele.alternate.len()) {
                (1, 1) => "snv",
                (one, other) if one == other => "mnv",
                (1, _) => "insertion",
                (_, 1) => "deletion",
                _ => "complex",
            };
            draft.put(at, kind, Some(Value::Text(word.to_owned())));
        }
    }

    /// The value that a public row has because the row that it is about has it under the same name.
    fn same_of_other(&self, draft: &Draft, at: At, entity: &Entity, name: &str) -> Option<Value> {
        if entity.linkage != Linkage::Public {
            return None;
        }
        let relations = (0..).zip(&entity.relations).filter(|(_, relation)| !relation.many);
        for (number, relation) in relations {
            let Some(column) = self.model.entity(relation.target).find_column(name) else { continue };
            let other = draft.related(self.model, at, model::RelationId(number)).into_iter().next();
            if let Some(value) = other.and_then(|other| draft.cell(other, column)) {
                return Some(value);
            }
        }
        None
    }

    /// A value for a column that may not be null.
    fn needed(&self, draft: &Draft, entity: &Entity, column: &Column) -> Option<Value> {
        let turn = draft.turn + usize::try_from(draft.number).unwrap_or(0);
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        match &column.ty {
            ColumnType::Enum { members, .. } => {
                // A word for what is not known is for one in ten.
                let known: Vec<&String> = members.iter().filter(|member| *member != "unknown").collect();
                if known.len() < members.len() && turn % 10 == 9 {
                    return text("unknown");
                }
                known.get(turn % known.len().max(1)).map(|member| Value::Text((*member).clone()))
            }
            ColumnType::Date => {
                let back = i64::try_from(300 + turn % 50 * 7).unwrap_or(300);
                add_days(self.as_of, -back).map(Value::Date)
            }
            ColumnType::Bool => Some(Value::Bool(entity.name == "effect" && column.name == "reported")),
            ColumnType::Int => Some(Value::Int(1)),
            ColumnType::Decimal => Some(Value::Number(Number::int(1))),
            ColumnType::Percent => Some(Value::Number(Number::int(0))),
            ColumnType::Code(system) => {
                let codes = code_of(self.query, system);
                codes
                    .last()
                    .cloned()
                    .filter(|_| codes.len() == 1)
                    .or_else(|| {
                        // One that no rule asks about, where there is one.
                        CODES
                            .iter()
                            .find(|(of, _)| of == system)
                            .map(|(_, code)| (*code).to_owned())
                            .or(codes.last().cloned())
                    })
                    .map(Value::Text)
            }
            ColumnType::Gene => text("OBSCN"),
            ColumnType::Id | ColumnType::Text => text("made up"),
            ColumnType::Bytes => None,
        }
    }

    /// A value of the person.
    fn own(&self, draft: &Draft, at: At, entity: &Entity, id: ColumnId, column: &Column) -> Option<Value> {
        let turn = draft.turn + usize::try_from(draft.number).unwrap_or(0);
        let life = entity.life;
        if life.death_date == Some(id) {
            return None;
        }
        if life.birth_date == Some(id) {
            let years = i64::try_from(19 + turn * 7 % 63).unwrap_or(40);
            let days = i64::try_from(turn * 31 % 365).unwrap_or(0);
            return add_days(self.as_of, -years * 365 - days - years / 4).map(Value::Date);
        }
        if life.birth_year == Some(id) {
            let birth = life.birth_date.and_then(|column| draft.cell(at, column));
            return match birth {
                Some(Value::Date(day)) => Some(Value::Int(i64::from(day.year()))),
                _ => None,
            };
        }
        match &column.ty {
            // What is seldom recorded, and then decides what copies of a chromosome are expected.
            ColumnType::Enum { .. } if column.name == "karyotype" => None,
            ColumnType::Enum { members, .. } if turn % 8 != 7 => {
                members.get(turn / 2 % members.len().max(1)).cloned().map(Value::Text)
            }
            ColumnType::Bool => Some(Value::Bool(true)),
            _ => None,
        }
    }
}

/// The entity's name by which files are loaded.
pub(crate) fn entity_of_table<'m>(model: &'m Model, table: &str) -> Option<&'m Entity> {
    model.entities.iter().find(|entity| entity.table == table)
}
