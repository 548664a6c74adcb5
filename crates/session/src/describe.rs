//! The model as people browse it: `baseq schema show`.

use model::{ColumnType, Entity, Linkage, Model, Unit};
use serde::Serialize;
use std::fmt::Write as _;
use syntax::tree::ColumnLabel;

/// An entity as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityPage {
    /// Singular.
    pub name: String,
    /// Plural.
    pub plural: String,
    /// The table in the warehouse.
    pub table: String,
    /// What it is.
    pub doc: Vec<String>,
    /// Its key.
    pub key: Vec<String>,
    /// How its rows belong to people, as the model writes it.
    pub linkage: String,
    /// The column that `R in CODE` tests.
    pub coded_by: Option<String>,
    /// The date that windows test.
    pub dated_by: Option<String>,
    /// Columns in order.
    pub columns: Vec<ColumnLine>,
    /// Relations in order.
    pub relations: Vec<RelationLine>,
}

impl EntityPage {
    /// On one screen.
    pub fn text(&self) -> String {
        let mut text = format!("{} ({}), table {}\n", self.name, self.plural, self.table);
        for line in &self.doc {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "  key {}", self.key.join(", "));
        let _ = writeln!(text, "  linkage {}", self.linkage);
        if let Some(column) = &self.coded_by {
            let _ = writeln!(text, "  coded by {column}");
        }
        if let Some(column) = &self.dated_by {
            let _ = writeln!(text, "  dated by {column}");
        }
        let name = self.columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
        let ty = self.columns.iter().map(|column| column.ty.chars().count().min(40)).max().unwrap_or(0);
        text.push_str("\ncolumns\n");
        for column in &self.columns {
            let _ = writeln!(
                text,
                "  {:name$}  {:ty$}  {:10}  {}",
                column.name,
                column.ty,
                column.label,
                column.doc.join(" ")
            );
        }
        if !self.relations.is_empty() {
            text.push_str("\nrelations\n");
            let name = self.relations.iter().map(|relation| relation.name.len()).max().unwrap_or(0);
            for relation in &self.relations {
                let _ = writeln!(text, "  {:name$}  {} {}", relation.name, relation.rows, relation.entity);
            }
        }
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
    }
}

/// A column as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnLine {
    /// Its name.
    pub name: String,
    /// Its type; a `?` says that it may be null.
    #[serde(rename = "type")]
    pub ty: String,
    /// `identifier`, `quasi`, `sensitive`, `general`, `public`.
    pub label: String,
    /// What it is.
    pub doc: Vec<String>,
}

/// A relation as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelationLine {
    /// Its name.
    pub name: String,
    /// `one`, `one or none`, `many`.
    pub rows: String,
    /// The other entity.
    pub entity: String,
}

/// All entities in the order of the model.
pub(crate) fn pages(model: &Model) -> Vec<EntityPage> {
    model.ids().map(|id| page(model, model.entity(id))).collect()
}

fn page(model: &Model, entity: &Entity) -> EntityPage {
    let column = |id: model::ColumnId| entity.column(id).name.clone();
    EntityPage {
        name: entity.name.clone(),
        plural: entity.plural.clone(),
        table: entity.table.clone(),
        doc: entity.doc.clone(),
        key: entity.key.iter().map(|id| column(*id)).collect(),
        linkage: linkage(model, entity),
        coded_by: entity.coded_by.map(column),
        dated_by: entity.dated_by.map(|dated| match dated.end {
            Some(end) => format!("{} .. {}", column(dated.start), column(end)),
            None => entity.date_name().unwrap_or_default().to_owned(),
        }),
        columns: entity
            .columns
            .iter()
            .map(|column| column_line(entity, column))
            .chain(entity.intervals.iter().map(|interval| interval_line(entity, interval)))
            .collect(),
        relations: entity
            .relations
            .iter()
            .map(|relation| RelationLine {
                name: relation.name.clone(),
                rows: match (relation.many, relation.optional) {
                    (true, _) => "many",
                    (false, true) => "one or none",
                    (false, false) => "one",
                }
                .to_owned(),
                entity: model.entity(relation.target).name.clone(),
            })
            .collect(),
    }
}

pub(crate) fn column_line(entity: &Entity, column: &model::Column) -> ColumnLine {
    let unit = match &column.unit {
        Some(Unit::Fixed(unit)) => format!(" in '{unit}'"),
        Some(Unit::From(other)) => format!(" unit from {}", entity.column(*other).name),
        None => String::new(),
    };
    let ty = match (&column.ty, column.optional) {
        (ColumnType::Enum { .. }, true) => format!("{} ?", column.ty.words()),
        (_, true) => format!("{}?", column.ty.words()),
        (_, false) => column.ty.words(),
    };
    ColumnLine {
        name: column.name.clone(),
        ty: format!("{ty}{unit}"),
        label: label(column.label).to_owned(),
        doc: column.doc.clone(),
    }
}

/// An interval as people read it: it stands for the two columns.
fn interval_line(entity: &Entity, interval: &model::Interval) -> ColumnLine {
    let (first, last) = (entity.column(interval.earliest), entity.column(interval.latest));
    ColumnLine {
        name: interval.name.clone(),
        ty: format!("{} .. {}", first.name, last.name),
        label: label(first.label.max(last.label)).to_owned(),
        doc: interval.doc.clone(),
    }
}

fn linkage(model: &Model, entity: &Entity) -> String {
    match &entity.linkage {
        Linkage::Public => "public".into(),
        Linkage::Subject => "subject".into(),
        Linkage::Aggregate => "aggregate of subjects".into(),
        Linkage::Of(paths) => {
            let words: Vec<String> = paths.iter().map(|steps| path(model, entity, steps)).collect();
            let subjects = if words.len() > 1 { "subjects" } else { "subject" };
            format!("of {subjects} via {}", words.join(", "))
        }
    }
}

/// A path of relations as the model writes it: `sample.subject`.
pub(crate) fn path(model: &Model, from: &Entity, steps: &[model::RelationId]) -> String {
    let mut at = from;
    let mut names = Vec::new();
    for step in steps {
        let relation = at.relation(*step);
        names.push(relation.name.as_str());
        at = model.entity(relation.target);
    }
    names.join(".")
}

/// A label as the model writes it.
pub(crate) fn label(label: ColumnLabel) -> &'static str {
    match label {
        ColumnLabel::Identifier => "identifier",
        ColumnLabel::Quasi => "quasi",
        ColumnLabel::Sensitive => "sensitive",
        ColumnLabel::General => "general",
        ColumnLabel::Public => "public",
    }
}
