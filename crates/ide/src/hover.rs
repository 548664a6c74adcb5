//! What a thing under the cursor is: Markdown, with the policy that holds for it.

use crate::View;
use crate::phrase::{label_words, name_at};
use std::fmt::Write as _;
use syntax::Node;
use syntax::tree::LiteralKind;
use text::Range;
use types::{CodeStatus, Meaning};

/// How many terms above a code are shown.
const ABOVE: usize = 6;

/// What to show, and for which stretch of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The stretch.
    pub range: Range,
    /// Markdown.
    pub markdown: String,
}

impl View<'_> {
    /// What is at a byte.
    pub fn hover(&self, offset: u32) -> Option<Hover> {
        let parsed = &self.analysis.parsed;
        let nodes = parsed.node_at(offset);
        if let Some(Node::Literal(literal)) = nodes.iter().rev().find(|node| matches!(node, Node::Literal(_)))
            && let LiteralKind::Code { system, code, .. } = &literal.kind
        {
            return Some(Hover {
                range: parsed.range(literal.span),
                markdown: self.code_markdown(&format!("{system}:{code}")),
            });
        }
        if let Some(name) = name_at(&nodes) {
            let range = parsed.range(name.span);
            if let Some(noted) = self.analysis.notes.at(range) {
                let markdown = self.meaning_markdown(&name.text, &noted.means, &noted.is);
                return Some(Hover { range, markdown: self.with_grounds(markdown, range) });
            }
            if self.declarations().contains(&range)
                && let Some(declared) = self.declared_here(range)
            {
                return Some(Hover { range, markdown: declared });
            }
        }
        // A word of the language.
        let token = parsed.tape.token_at(offset)?;
        let kind = parsed.tape.kinds().get(token as usize)?;
        let keyword = kind.keyword().filter(|_| kind.is_reserved())?;
        let range = parsed.tape.range(syntax::tree::Span { start: token, end: token + 1 });
        Some(Hover { range, markdown: format!("`{}` — {}", keyword.spelling, keyword.meaning) })
    }

    /// Markdown for what a name means: also the text beside a completion.
    pub(crate) fn meaning_markdown(&self, name: &str, means: &Meaning, is: &str) -> String {
        let model = self.session.model();
        let mut text = format!("```bq\n{}\n```", self.head(name, means));
        let mut say = |line: &str| {
            if !line.is_empty() {
                text += "\n\n";
                text += line;
            }
        };
        match means {
            Meaning::Entity(id) => {
                say(&model.entity(*id).doc.join(" "));
                say(self.linkage_words(*id));
            }
            Meaning::Column(entity, column) => {
                let line = self.session.column_line(*entity, *column);
                say(&line.doc.join(" "));
                say(label_words(&line.label));
                if let Some(why) = self.session.not_granted(&self.analysis.parsed).get(&(*entity, *column)) {
                    say(&format!("**Not readable here:** {why}"));
                }
            }
            Meaning::Relation(entity, relation) => {
                let relation = model.entity(*entity).relation(*relation);
                say(&relation.doc.join(" "));
                say(self.linkage_words(relation.target));
            }
            Meaning::Item(range) => say(&self.item_doc(*range).join(" ")),
            Meaning::Param(_) | Meaning::Local(_) | Meaning::BuiltIn(_) | Meaning::Value(_) => {}
        }
        // A column says its own type.
        if !is.is_empty() && !matches!(means, Meaning::Column(..) | Meaning::Value(_)) {
            say(&format!("*{is}*"));
        }
        text
    }

    /// The decisions of the policy on what stands here, with the line of the policy that made them.
    fn with_grounds(&self, mut markdown: String, range: Range) -> String {
        let Some(permitted) = &self.analysis.checked.permitted else { return markdown };
        let receipts = permitted.grounds().receipts.iter();
        let here = receipts.filter(|receipt| {
            receipt.range.is_some_and(|other| {
                other.file == range.file && other.start <= range.start && range.end <= other.end
            })
        });
        let files = &self.analysis.checked.files;
        let mut lines: Vec<String> = here
            .map(|receipt| {
                let by = receipt.policy.map_or_else(String::new, |policy| {
                    format!(" ({}:{})", files.get(policy.file).name, files.line_column(policy).line)
                });
                format!("- {}: {}{by}", receipt.what, receipt.rule)
            })
            .collect();
        lines.sort();
        lines.dedup();
        if !lines.is_empty() {
            markdown += "\n\n**Policy**\n\n";
            markdown += &lines.join("\n");
        }
        markdown
    }

    /// What an item or clause is, at the name that it gives.
    fn declared_here(&self, range: Range) -> Option<String> {
        let item = self.enclosing_item(range.start)?;
        let span = item.span();
        let head = self.head("", &Meaning::Item(range));
        let doc = self.analysis.parsed.tape.doc(span.start).join(" ");
        let mut markdown = format!("```bq\n{head}\n```");
        if !doc.is_empty() {
            let _ = write!(markdown, "\n\n{doc}");
        }
        Some(self.with_grounds(markdown, range))
    }

    pub(crate) fn code_markdown(&self, curie: &str) -> String {
        let page = self.session.code_page(curie);
        let system = curie.split(':').next().unwrap_or_default();
        let release = page.release.map_or_else(String::new, |release| format!(" ({system} {release})"));
        let mut text = match &page.status {
            CodeStatus::Current(label) => format!("**{curie}** {label}{release}"),
            CodeStatus::ReplacedBy { id, label } => {
                format!("**{curie}** was replaced by `{id}` {label}{release}")
            }
            CodeStatus::Obsolete(label) => {
                format!("**{curie}** {label}: obsolete, with no successor{release}")
            }
            CodeStatus::Unknown => format!("**{curie}** is not in the pinned release{release}"),
            CodeStatus::Unlisted => format!("**{curie}**: no list of {system} is pinned"),
        };
        if page.below > 0 {
            let _ = write!(text, "\n\nwith {} terms below it", page.below);
        }
        if !page.above.is_empty() {
            text += "\n\nbelow";
            for (id, label) in page.above.iter().rev().take(ABOVE) {
                let _ = write!(text, "\n- `{id}` {label}");
            }
            if page.above.len() > ABOVE {
                let _ = write!(text, "\n- and {} more", page.above.len() - ABOVE);
            }
        }
        text
    }
}
