//! From the syntax of model files to [`Model`].
//!
//! Two passes: entities and their columns first, then what refers to other entities (relations, key
//! paths). Everything that is wrong is reported; the model is given back only if nothing was.

use crate::entity::{
    Assessed, Column, ColumnId, Dated, Entity, EntityId, Life, Linkage, Model, Relation, RelationId, Unit,
};
use crate::layout;
use crate::ty::{CODE_SYSTEMS, ColumnType, is_code_system};
use diag::{Code, Diagnostic, near_names};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use syntax::Parsed;
use syntax::tree::{self, FieldKind, FieldUnit, Item, LinkageKind, Name, TraitKind};

const NO_LINKAGE: Code = Code("E0601");
const NO_LABEL: Code = Code("E0602");
pub(crate) const TWICE: Code = Code("E0603");
const UNKNOWN: Code = Code("E0604");
const UNKNOWN_TYPE: Code = Code("E0605");
const BAD_PATH: Code = Code("E0606");
const SUBJECT: Code = Code("E0607");
pub(crate) const BAD_TRAIT: Code = Code("E0608");
const OWN_LAYOUT: Code = Code("E0610");

/// Reads model files that parsed. Without an error among the diagnostics, the model is complete:
/// it has a `model` line, exactly one subject entity, and every path leads to it.
pub fn read(files: &[&Parsed]) -> (Option<Model>, Vec<Diagnostic>) {
    let mut reader = Reader { model: Model::default(), diagnostics: Vec::new() };
    let mut entities = Vec::new();
    for parsed in files {
        for item in &parsed.file.items {
            match item {
                Item::Model(line) => {
                    reader.model.name.clone_from(&line.name.text);
                    reader.model.version = line.version.digits.parse().unwrap_or(0);
                }
                Item::Entity(entity) => entities.push((*parsed, entity)),
                Item::Use(_)
                | Item::AsOf(_)
                | Item::Import(_)
                | Item::Param(_)
                | Item::Codes(_)
                | Item::Define(_)
                | Item::Cohort(_)
                | Item::Table(_)
                | Item::Report(_)
                | Item::Test(_)
                | Item::Agreement(_)
                | Item::Purpose(_)
                | Item::Majority(_)
                | Item::Death(_)
                | Item::Error(_) => {}
            }
        }
    }
    for (parsed, entity) in &entities {
        reader.columns(parsed, entity);
    }
    for (parsed, entity) in &entities {
        reader.relations(parsed, entity);
    }
    for (parsed, entity) in &entities {
        reader.linkage(parsed, entity);
    }
    for (parsed, entity) in &entities {
        reader.observed(parsed, entity);
    }
    reader.one_subject();
    reader.own_layouts();
    let Reader { mut model, mut diagnostics } = reader;
    model.hash = hash(files);
    diag::sort(&mut diagnostics);
    model.derive();
    let complete = !model.entities.is_empty() && !diagnostics.iter().any(Diagnostic::is_error);
    (complete.then_some(model), diagnostics)
}

/// SHA-256 of the tokens of model files, each after a line feed, in lower-case hex: two texts that differ in
/// comments and layout only are one model.
pub fn hash(files: &[&Parsed]) -> String {
    let mut sha = Sha256::new();
    for parsed in files {
        for piece in parsed.tape.pieces() {
            if let syntax::Piece::Token(_, token) = piece {
                sha.update(b"\n");
                sha.update(token);
            }
        }
    }
    sha.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

pub(crate) struct Reader {
    model: Model,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Reader {
    /// Registers an entity with its columns, key and traits.
    fn columns(&mut self, parsed: &Parsed, syntax: &tree::Entity) {
        let id = EntityId(u32::try_from(self.model.entities.len()).unwrap_or(u32::MAX));
        let range = parsed.range(syntax.name.span);
        let plural = syntax.plural.as_ref().unwrap_or(&syntax.name);
        for name in [&syntax.name, plural] {
            let other = self.model.by_name.insert(name.text.clone(), id);
            if other.is_some_and(|other| other != id) {
                self.diagnostics.push(Diagnostic::error(
                    TWICE,
                    format!("`{}` names two entities", name.text),
                    parsed.range(name.span),
                    "named here again",
                ));
            }
        }
        let mut columns: Vec<Column> = Vec::new();
        for field in &syntax.fields {
            if let FieldKind::Column { .. } = &field.kind {
                if let Some(before) = columns.iter().find(|column| column.name == field.name.text) {
                    self.diagnostics.push(
                        Diagnostic::error(
                            TWICE,
                            format!("`{}` is a column of `{}` twice", field.name.text, syntax.name.text),
                            parsed.range(field.name.span),
                            "declared here again",
                        )
                        .label(before.range, "declared here first"),
                    );
                    continue;
                }
                if let Some(column) = self.column(parsed, syntax, field) {
                    columns.push(column);
                }
            }
        }
        let mut entity = Entity {
            name: syntax.name.text.clone(),
            plural: plural.text.clone(),
            table: syntax.table.names.last().map_or_else(String::new, |name| name.text.clone()),
            key: Vec::new(),
            // Paths of others may lead here before `linkage` has come to this one.
            linkage: match &syntax.linkage {
                Some(linkage) if linkage.kind == LinkageKind::Subject => Linkage::Subject,
                Some(_) | None => Linkage::Public,
            },
            coded_by: None,
            dated_by: None,
            undated_outside: false,
            assessed: None,
            conversions: Vec::new(),
            life: Life::default(),
            observed_by: None,
            columns,
            intervals: Vec::new(),
            relations: Vec::new(),
            doc: syntax.doc.clone(),
            range,
        };
        entity.key = syntax.key.iter().filter_map(|name| self.own_column(parsed, &entity, name)).collect();
        self.units(parsed, syntax, &mut entity);
        self.intervals(parsed, syntax, &mut entity);
        for clause in &syntax.traits {
            match &clause.kind {
                TraitKind::CodedBy(name) => {
                    entity.coded_by = self.own_column(parsed, &entity, name);
                    if let Some(column) = entity.coded_by
                        && !matches!(entity.column(column).ty, ColumnType::Code(_))
                    {
                        self.diagnostics.push(Diagnostic::error(
                            BAD_TRAIT,
                            format!("`{}` cannot be coded by `{}`, which is no code", entity.name, name.text),
                            parsed.range(name.span),
                            format!("of type {}", entity.column(column).ty.words()),
                        ));
                    }
                }
                TraitKind::DatedBy(start, end) => {
                    entity.dated_by = match entity.find_interval(&start.text).cloned() {
                        Some(interval) => self.partly_dated(parsed, &entity, &interval, start, end.as_ref()),
                        // Its own line says what is wrong with it.
                        None if crate::interval::is_declared(syntax, &start.text) => None,
                        None => {
                            let start = self.date_column(parsed, &entity, start);
                            let end = end.as_ref().and_then(|end| self.date_column(parsed, &entity, end));
                            start.map(|start| Dated { start, latest: None, end })
                        }
                    };
                }
                TraitKind::UndatedOutside => entity.undated_outside = true,
                // The condition is typed where a query asks for rows of this entity.
                TraitKind::AssessedWhen(condition) => {
                    entity.assessed = Some(Arc::new(Assessed {
                        condition: condition.clone(),
                        file: Arc::new(parsed.clone()),
                    }));
                }
                TraitKind::Born(day, year) => {
                    entity.life.birth_date =
                        self.typed_column(parsed, &entity, day, &ColumnType::Date, "born on");
                    entity.life.birth_year = year.as_ref().and_then(|year| {
                        self.typed_column(parsed, &entity, year, &ColumnType::Int, "born in the year")
                    });
                }
                TraitKind::Died(day) => {
                    entity.life.death_date =
                        self.typed_column(parsed, &entity, day, &ColumnType::Date, "died on");
                }
                // A relation: resolved by `observed`, once all relations are known.
                TraitKind::ObservedBy(_) => {}
                TraitKind::Converts(converts) => {
                    if let Some(conversion) = self.conversion(parsed, &entity, converts) {
                        entity.conversions.push(conversion);
                    }
                }
            }
            self.fits(parsed, syntax, clause);
        }
        self.model.entities.push(entity);
    }

    /// Traits that only some entities can have.
    fn fits(&mut self, parsed: &Parsed, entity: &tree::Entity, clause: &tree::Trait) {
        let is_subject = entity.linkage.as_ref().is_some_and(|linkage| linkage.kind == LinkageKind::Subject);
        let dated = entity.traits.iter().any(|clause| matches!(clause.kind, TraitKind::DatedBy(..)));
        let (message, label) = match &clause.kind {
            TraitKind::Born(..) | TraitKind::Died(_) | TraitKind::ObservedBy(_) if !is_subject => (
                format!(
                    "`{}` is no person, so it is not born, does not die and is not observed",
                    entity.name.text
                ),
                "a trait of the entity that is declared `linkage subject`",
            ),
            TraitKind::UndatedOutside if !dated => (
                format!("rows of `{}` have no date, so no window tests them", entity.name.text),
                "a trait of an entity that is `dated by` a column",
            ),
            TraitKind::Born(..)
            | TraitKind::Died(_)
            | TraitKind::ObservedBy(_)
            | TraitKind::UndatedOutside
            | TraitKind::Converts(_)
            | TraitKind::AssessedWhen(_)
            | TraitKind::CodedBy(_)
            | TraitKind::DatedBy(..) => return,
        };
        self.diagnostics.push(Diagnostic::error(BAD_TRAIT, message, parsed.range(clause.span), label));
    }

    /// Fills in `observed by RELATION`: to many rows that are dated by a first and a last day.
    fn observed(&mut self, parsed: &Parsed, syntax: &tree::Entity) {
        let Some(id) = self.model.find(&syntax.name.text) else { return };
        for clause in &syntax.traits {
            let TraitKind::ObservedBy(name) = &clause.kind else { continue };
            let range = parsed.range(name.span);
            let entity = self.model.entity(id);
            let Some(relation) = entity.find_relation(&name.text) else {
                let near = near_names(&name.text, entity.relations.iter().map(|other| other.name.as_str()));
                let diagnostic = Diagnostic::error(
                    UNKNOWN,
                    format!("`{}` has no relation `{}`", entity.name, name.text),
                    range,
                    "unknown relation",
                );
                self.diagnostics.push(with_near(diagnostic, &near));
                continue;
            };
            let to = entity.relation(relation);
            let periods = self.model.entity(to.target);
            if !to.many || periods.dated_by.is_none_or(|dated| dated.end.is_none()) {
                self.diagnostics.push(
                    Diagnostic::error(
                        BAD_TRAIT,
                        format!("`{}` are no periods in which a person is observed", name.text),
                        range,
                        "a relation to many rows with a first and a last day was expected",
                    )
                    .help(format!("declare `{}` as `dated by FIRST .. LAST`", periods.name)),
                );
                continue;
            }
            self.model.entities[id.0 as usize].observed_by = Some(relation);
        }
    }

    /// Entities that the compiler reads in a layout of its own must have it.
    fn own_layouts(&mut self) {
        for (name, columns) in layout::LAYOUTS {
            let Some(id) = self.model.find(name) else { continue };
            let entity = self.model.entity(id);
            let missing: Vec<&str> =
                columns.iter().copied().filter(|column| entity.find_column(column).is_none()).collect();
            let first = missing.first().map(|column| format!("it has no column `{column}`"));
            let wrong = if entity.name != *name {
                Some("it is the plural of another entity here".to_owned())
            } else if entity.table != layout::table(name) {
                Some(format!("its table is `{}`, and is read as `{}`", entity.table, layout::table(name)))
            } else {
                first
            };
            let Some(wrong) = wrong else { continue };
            self.diagnostics.push(
                Diagnostic::error(
                    OWN_LAYOUT,
                    format!("`{name}` is an entity that the compiler reads itself, and {wrong}"),
                    entity.range,
                    "not in the layout of genotypes",
                )
                .note(format!(
                    "carried alleles, frequencies and the consent of samples read `{name}` by its columns {}",
                    columns.join(", ")
                ))
                .help("give the entity another name, or these columns"),
            );
        }
    }

    fn column(&mut self, parsed: &Parsed, entity: &tree::Entity, field: &tree::Field) -> Option<Column> {
        let FieldKind::Column { ty, optional, members, ordered, unit, label } = &field.kind else {
            return None;
        };
        let range = parsed.range(field.name.span);
        let Some((label, _)) = label else {
            self.diagnostics.push(
                Diagnostic::error(
                    NO_LABEL,
                    format!("column `{}` of `{}` has no label", field.name.text, entity.name.text),
                    range,
                    "what is this column for the policy?",
                )
                .note("every column is declared identifier, quasi, sensitive, general or public; there is no default")
                .help("write one of the five labels after the type"),
            );
            return None;
        };
        let ty = if members.is_empty() {
            self.simple_type(parsed, ty)?
        } else {
            let members = std::iter::once(ty).chain(members).map(|name| name.text.clone()).collect();
            ColumnType::Enum { members, ordered: *ordered }
        };
        Some(Column {
            name: field.name.text.clone(),
            ty,
            optional: *optional,
            unit: match unit {
                Some(FieldUnit::Fixed(unit, _)) => Some(Unit::Fixed(unit.clone())),
                // Resolved by `units`, once all columns are known.
                Some(FieldUnit::From(_)) | None => None,
            },
            label: *label,
            doc: field.doc.clone(),
            range,
        })
    }

    fn simple_type(&mut self, parsed: &Parsed, name: &Name) -> Option<ColumnType> {
        Some(match name.text.as_str() {
            "id" => ColumnType::Id,
            "int" => ColumnType::Int,
            "decimal" => ColumnType::Decimal,
            "percent" => ColumnType::Percent,
            "bool" => ColumnType::Bool,
            "text" => ColumnType::Text,
            "date" => ColumnType::Date,
            "gene" => ColumnType::Gene,
            "bytes" => ColumnType::Bytes,
            system if is_code_system(system) => ColumnType::Code(system.to_owned()),
            other => {
                let words = ["id", "int", "decimal", "percent", "bool", "text", "date", "gene", "bytes"];
                let near = near_names(other, words.into_iter().chain(CODE_SYSTEMS.iter().copied()));
                let diagnostic = Diagnostic::error(
                    UNKNOWN_TYPE,
                    format!("`{other}` is not a type of columns"),
                    parsed.range(name.span),
                    "a type, a code system, or the first member of a list was expected",
                )
                .note(format!(
                    "the types are {}; the code systems {}",
                    words.join(", "),
                    CODE_SYSTEMS.join(", ")
                ));
                self.diagnostics.push(with_near(diagnostic, &near));
                return None;
            }
        })
    }

    /// Fills in `unit from COLUMN`.
    fn units(&mut self, parsed: &Parsed, syntax: &tree::Entity, entity: &mut Entity) {
        for field in &syntax.fields {
            if let FieldKind::Column { unit: Some(FieldUnit::From(from)), .. } = &field.kind
                && let Some(from) = self.own_column(parsed, entity, from)
                && let Some(column) = entity.columns.iter_mut().find(|column| column.name == field.name.text)
            {
                column.unit = Some(Unit::From(from));
            }
        }
    }

    fn relations(&mut self, parsed: &Parsed, syntax: &tree::Entity) {
        let Some(id) = self.model.find(&syntax.name.text) else { return };
        for field in &syntax.fields {
            let FieldKind::Relation { many, entity: target_name, optional, by } = &field.kind else {
                continue;
            };
            let Some(target) = self.entity_named(parsed, target_name) else { continue };
            let (here, there) = (self.model.entity(id).clone(), self.model.entity(target).clone());
            let range = parsed.range(field.name.span);
            if here.find_column(&field.name.text).is_some()
                || here.find_interval(&field.name.text).is_some()
                || here.find_relation(&field.name.text).is_some()
            {
                self.diagnostics.push(Diagnostic::error(
                    TWICE,
                    format!("`{}` is a field of `{}` twice", field.name.text, here.name),
                    range,
                    "declared here again",
                ));
                continue;
            }
            // `one` names columns of this entity that hold the other's key; `many` the reverse.
            let (holder, holder_key, other) =
                if *many { (&there, &here.key, &here) } else { (&here, &there.key, &there) };
            let columns: Vec<ColumnId> =
                by.iter().filter_map(|name| self.own_column(parsed, holder, name)).collect();
            if columns.len() != by.len() {
                continue;
            }
            if columns.len() != holder_key.len() {
                self.diagnostics.push(Diagnostic::error(
                    BAD_PATH,
                    format!(
                        "`{}` is related by {} columns, but the key of `{}` has {}",
                        field.name.text,
                        columns.len(),
                        other.name,
                        holder_key.len()
                    ),
                    range,
                    "as many columns as the key has",
                ));
                continue;
            }
            let on = columns
                .iter()
                .zip(holder_key)
                .map(|(column, key)| if *many { (*key, *column) } else { (*column, *key) })
                .collect();
            let nullable = !*many && columns.iter().any(|column| here.column(*column).optional);
            self.model.entities[id.0 as usize].relations.push(Relation {
                name: field.name.text.clone(),
                target,
                many: *many,
                optional: *optional || nullable,
                on,
                doc: field.doc.clone(),
                range,
            });
        }
    }

    fn linkage(&mut self, parsed: &Parsed, syntax: &tree::Entity) {
        let Some(id) = self.model.find(&syntax.name.text) else { return };
        let Some(linkage) = &syntax.linkage else {
            self.diagnostics.push(
                Diagnostic::error(
                    NO_LINKAGE,
                    format!("entity `{}` does not say how its rows belong to people", syntax.name.text),
                    parsed.range(syntax.name.span),
                    "no linkage",
                )
                .note("every table is declared public, subject, of subject via a path, or aggregate of subjects; there is no default")
                .help("write `linkage public` if no row says anything about a person, else `linkage of subject via …`"),
            );
            return;
        };
        let resolved = match &linkage.kind {
            LinkageKind::Public => Linkage::Public,
            LinkageKind::Subject => Linkage::Subject,
            LinkageKind::Aggregate => Linkage::Aggregate,
            LinkageKind::Of { via } => {
                let paths: Vec<_> = via.iter().filter_map(|path| self.path(parsed, id, path)).collect();
                if paths.len() != via.len() {
                    return;
                }
                Linkage::Of(paths)
            }
        };
        self.model.entities[id.0 as usize].linkage = resolved;
    }

    /// A chain of to-one relations that ends at the subject entity.
    fn path(&mut self, parsed: &Parsed, from: EntityId, path: &tree::Path) -> Option<Vec<RelationId>> {
        let mut at = from;
        let mut steps = Vec::new();
        for name in &path.names {
            let entity = self.model.entity(at);
            let Some(step) = entity.find_relation(&name.text).filter(|step| !entity.relation(*step).many)
            else {
                let names: Vec<&str> = entity
                    .relations
                    .iter()
                    .filter(|relation| !relation.many)
                    .map(|relation| relation.name.as_str())
                    .collect();
                let near = near_names(&name.text, names.iter().copied());
                let diagnostic = Diagnostic::error(
                    BAD_PATH,
                    format!("`{}` is not a to-one relation of `{}`", name.text, entity.name),
                    parsed.range(name.span),
                    "a path to the subject was expected",
                )
                .note("a linkage path is a chain of `one` relations that ends at the subject");
                let diagnostic = with_near(diagnostic, &near);
                self.diagnostics.push(diagnostic);
                return None;
            };
            at = entity.relation(step).target;
            steps.push(step);
        }
        if self.model.entity(at).linkage != Linkage::Subject {
            self.diagnostics.push(Diagnostic::error(
                BAD_PATH,
                format!("this path ends at `{}`, which is not the subject", self.model.entity(at).name),
                parsed.range(path.span),
                "does not reach a person",
            ));
            return None;
        }
        Some(steps)
    }

    fn one_subject(&mut self) {
        let subjects: Vec<EntityId> =
            self.model.ids().filter(|id| self.model.entity(*id).linkage == Linkage::Subject).collect();
        match subjects.as_slice() {
            [one] => {
                let entity = self.model.entity(*one);
                // A key whose columns were not found was reported where it stands.
                if entity.key.len() > 1 {
                    let diagnostic = Diagnostic::error(
                        SUBJECT,
                        format!(
                            "the subject entity `{}` has a key of {} columns",
                            entity.name,
                            entity.key.len()
                        ),
                        entity.range,
                        "a person is known by one column",
                    );
                    self.diagnostics.push(diagnostic);
                }
            }
            [first, second, ..] => {
                let diagnostic = Diagnostic::error(
                    SUBJECT,
                    "two entities are declared `linkage subject`",
                    self.model.entity(*second).range,
                    "the second one",
                )
                .label(self.model.entity(*first).range, "the first one");
                self.diagnostics.push(diagnostic);
            }
            [] => {
                if let Some(entity) = self.model.entities.first() {
                    let diagnostic = Diagnostic::error(
                        SUBJECT,
                        "no entity of this model is declared `linkage subject`",
                        entity.range,
                        "the first entity of the model",
                    )
                    .note(
                        "consent and every threshold count people, so a model says which table they are in",
                    );
                    self.diagnostics.push(diagnostic);
                }
            }
        }
    }

    pub(crate) fn own_column(&mut self, parsed: &Parsed, entity: &Entity, name: &Name) -> Option<ColumnId> {
        let found = entity.find_column(&name.text);
        if found.is_none() {
            let near = near_names(&name.text, entity.columns.iter().map(|column| column.name.as_str()));
            let diagnostic = Diagnostic::error(
                UNKNOWN,
                format!("`{}` has no column `{}`", entity.name, name.text),
                parsed.range(name.span),
                "unknown column",
            );
            self.diagnostics.push(with_near(diagnostic, &near));
        }
        found
    }

    fn date_column(&mut self, parsed: &Parsed, entity: &Entity, name: &Name) -> Option<ColumnId> {
        self.typed_column(parsed, entity, name, &ColumnType::Date, "dated by")
    }

    /// A column of this type; `verb` says what it would be for.
    fn typed_column(
        &mut self,
        parsed: &Parsed,
        entity: &Entity,
        name: &Name,
        ty: &ColumnType,
        verb: &str,
    ) -> Option<ColumnId> {
        let id = self.own_column(parsed, entity, name)?;
        if entity.column(id).ty != *ty {
            let what = if *ty == ColumnType::Date { "date" } else { "whole number" };
            self.diagnostics.push(Diagnostic::error(
                BAD_TRAIT,
                format!("`{}` cannot be {verb} `{}`, which is no {what}", entity.name, name.text),
                parsed.range(name.span),
                format!("of type {}", entity.column(id).ty.words()),
            ));
            return None;
        }
        Some(id)
    }

    fn entity_named(&mut self, parsed: &Parsed, name: &Name) -> Option<EntityId> {
        let found = self.model.find(&name.text);
        if found.is_none() {
            let near = near_names(&name.text, self.model.by_name.keys().map(String::as_str));
            let diagnostic = Diagnostic::error(
                UNKNOWN,
                format!("there is no entity `{}`", name.text),
                parsed.range(name.span),
                "unknown entity",
            );
            let diagnostic = with_near(diagnostic, &near);
            self.diagnostics.push(diagnostic);
        }
        found
    }
}

fn with_near(diagnostic: Diagnostic, near: &[&str]) -> Diagnostic {
    diagnostic.near(near)
}
