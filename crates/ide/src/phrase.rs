//! The words in which things of a program are shown to people.

use crate::View;
use model::{EntityId, Linkage};
use session::ColumnLine;
use syntax::Node;
use types::Meaning;

/// `measurement.value : decimal? · sensitive`
pub(crate) fn column_head(entity: &str, line: &ColumnLine) -> String {
    format!("{entity}.{} : {}", line.name, line.ty)
}

/// What a label means for whoever reads or shows the column (consent-and-policy.md, section 5).
pub(crate) fn label_words(label: &str) -> &'static str {
    match label {
        "identifier" => "identifier: names a person; may be tested for equality of persons and never leaves",
        "quasi" => "quasi-identifier: narrows down who it is; as a group key it needs bands and thresholds",
        "sensitive" => {
            "sensitive: what is to be protected; needs a grant, and groups are never made of it raw"
        }
        "general" => "general: of a person, but harmless by itself",
        "public" => "public: of no person",
        _ => "",
    }
}

impl View<'_> {
    /// What a name stands for, in a line.
    pub(crate) fn head(&self, name: &str, means: &Meaning) -> String {
        let model = self.session.model();
        match means {
            Meaning::Entity(id) => format!("{} (the row in scope)", model.entity(*id).name),
            Meaning::Column(entity, column) => {
                column_head(&model.entity(*entity).name, &self.session.column_line(*entity, *column))
            }
            Meaning::Relation(entity, relation) => {
                let from = model.entity(*entity);
                let relation = from.relation(*relation);
                let target = model.entity(relation.target);
                let rows = match (relation.many, relation.optional) {
                    (true, _) => format!("many {}", target.plural),
                    (false, true) => format!("one {} or none", target.name),
                    (false, false) => format!("one {}", target.name),
                };
                format!("{}.{} : {rows}", from.name, relation.name)
            }
            Meaning::Item(range) => self.item_head(*range).unwrap_or_else(|| name.to_owned()),
            Meaning::Param(name) => self.param_head(name).unwrap_or_else(|| format!("param {name}")),
            Meaning::Local(name) => format!("{name} (a name of this item)"),
            Meaning::BuiltIn(name) => match name.as_str() {
                "age" => "age : whole years, or at a date `age at index`".to_owned(),
                "as_of" => "as_of : the day of the `as of` line".to_owned(),
                "variant" | "variants" => format!("{name} : many carried variants"),
                _ => format!("{name} (of the language)"),
            },
            Meaning::Value(value) => format!("{value} (a value)"),
        }
    }

    /// The first line of an item: `cohort adults`, `define older(years: duration)`.
    fn item_head(&self, range: text::Range) -> Option<String> {
        let files = &self.analysis.checked.files;
        let text = &files.get(range.file).text;
        let line_start = text.get(..range.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(line_start..)?;
        // The head ends where the value begins, or with the line.
        let end = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..end)?.trim_end();
        Some(line.split(" = ").next().unwrap_or(line).trim().to_owned())
    }

    fn param_head(&self, name: &str) -> Option<String> {
        let parsed = &self.analysis.parsed;
        parsed.file.items.iter().find_map(|item| match item {
            syntax::tree::Item::Param(param) if param.formal.name.text == name => {
                Some(parsed.tape.slice_of(param.span).to_owned())
            }
            _ => None,
        })
    }

    /// The doc comment of an item, from the file where it stands.
    pub(crate) fn item_doc(&self, range: text::Range) -> Vec<String> {
        let file = self.analysis.checked.files.get(range.file);
        let before = file.text.get(..range.start as usize).unwrap_or("");
        let mut lines: Vec<String> = Vec::new();
        // The line of the name itself is the first from below.
        for line in before.lines().rev().skip(1) {
            match line.trim().strip_prefix("--|") {
                Some(doc) => lines.push(doc.trim().to_owned()),
                None => break,
            }
        }
        lines.reverse();
        lines
    }

    /// How the rows of an entity belong to people.
    pub(crate) fn linkage_words(&self, id: EntityId) -> &'static str {
        match self.session.model().entity(id).linkage {
            Linkage::Public => "public: rows of no person",
            Linkage::Subject => "each row is a person; only people whose consent permits are read",
            Linkage::Aggregate => "counts that were made elsewhere, of people",
            Linkage::Of(_) => {
                "each row belongs to a person; only rows of people whose consent permits are read"
            }
        }
    }
}

/// The name that stands at a byte, with its node.
pub(crate) fn name_at<'t>(nodes: &[Node<'t>]) -> Option<&'t syntax::tree::Name> {
    nodes.iter().rev().find_map(|node| match node {
        Node::Name(name) => Some(*name),
        Node::Path(path) if path.names.len() == 1 => path.names.first(),
        _ => None,
    })
}
