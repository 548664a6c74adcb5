//! The source map: which words of a query a stretch of its SQL comes from, and the other way round.

use crate::compile::Compiled;
use crate::session::{Checked, Session};
use crate::trouble::{Result, Trouble};
use plan::ReleasedColumns;
use std::collections::BTreeMap;

/// A stretch of SQL and the words it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Bytes of the statement's text.
    pub sql: std::ops::Range<usize>,
    /// The words; they may stand in an imported file.
    pub query: text::Range,
    /// The name of the step in the text, where it is a whole step.
    pub step: Option<String>,
}

impl Session {
    /// The source map of a compiled table or report, in the order of the SQL, the widest stretch first. What
    /// only the compiler asks for (the bounds of `as of`, keys of relations) is in no stretch of its own, but in
    /// that of its step.
    ///
    /// # Errors
    /// The compiler made another text than before.
    pub fn source_map(&self, checked: &Checked, compiled: &Compiled) -> Result<Vec<Mapped>> {
        let other = || Trouble::internal(&format!("`{}` has no source map", compiled.name), String::new());
        let permitted = checked.permitted.as_ref().ok_or_else(other)?;
        let above = |disease: &str| self.vocabulary.above(disease);
        let none = ReleasedColumns::new();
        let (plan, _, origins) =
            plan::lower_with_origins(permitted, &self.model, &above, &compiled.name, &none)
                .ok_or_else(other)?;
        let (wanted, from): (Vec<plan::Expr>, Vec<text::Range>) = origins.exprs.into_iter().unzip();
        let (statement, places) = sql::build_with_places(&plan, compiled.statement.dialect(), &wanted)
            .map_err(|error| Trouble::internal("a statement without places", error.to_string()))?;
        if statement != compiled.statement {
            return Err(other());
        }
        let mut all = Vec::new();
        for (step, (name, sql)) in plan.steps.iter().zip(places.steps) {
            if let Some(query) = origins.steps.get(&step.name) {
                all.push(Mapped { sql, query: *query, step: Some(name) });
            }
        }
        // Words that stand for one another (a name, parentheses) become one stretch: the longest are kept.
        let mut widest: BTreeMap<(usize, usize), Vec<text::Range>> = BTreeMap::new();
        for (at, sql) in places.exprs {
            let Some(query) = from.get(at) else { continue };
            let known = widest.entry((sql.start, sql.end)).or_default();
            let holds = |outer: &text::Range, inner: &text::Range| {
                outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
            };
            if !known.iter().any(|known| holds(known, query)) {
                known.retain(|known| !holds(query, known));
                known.push(*query);
            }
        }
        for ((start, end), queries) in widest {
            all.extend(queries.into_iter().map(|query| Mapped { sql: start..end, query, step: None }));
        }
        all.sort_by_key(|one| (one.sql.start, std::cmp::Reverse(one.sql.end), one.query));
        Ok(all)
    }
}
