//! Which words of the query a plan comes from: the source map's upper half.
//!
//! While an expression of the query is lowered, its place is the place of every step that is made for it, and
//! what it becomes is kept with it. Reads of linked tables and the consent before them come from the line that
//! names the agreement, whichever words made them necessary first.

use super::Lowering;
use crate::expr::Expr;
use crate::step::StepId;
use std::collections::BTreeMap;
use text::Range;

/// Which words of the query the parts of a plan come from.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// Of steps, by name. A step that no words ask for has none.
    pub steps: BTreeMap<String, Range>,
    /// Of expressions, as they stand in the steps. One may come from several places.
    pub exprs: Vec<(Expr, Range)>,
}

impl Lowering<'_> {
    /// Lowers something that stands at a place.
    pub(crate) fn at<T>(&mut self, place: Option<Range>, lower: impl FnOnce(&mut Self) -> T) -> T {
        self.places.push(place);
        let made = lower(self);
        self.places.pop();
        made
    }

    /// Lowers what the agreement asks for.
    pub(crate) fn at_agreement<T>(&mut self, lower: impl FnOnce(&mut Self) -> T) -> T {
        let place = self.query.uses.as_ref().map(|uses| uses.range);
        self.at(place, lower)
    }

    /// Keeps what an expression of the query has become.
    pub(crate) fn comes_from(&mut self, made: &Expr, place: Range) {
        match made {
            // These stand everywhere and say nothing.
            Expr::Column { .. } | Expr::Literal(..) => {}
            Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::Compare(..)
            | Expr::IsNull(_)
            | Expr::IsTrue(_)
            | Expr::InValues(..)
            | Expr::InStep { .. }
            | Expr::Case { .. }
            | Expr::Call(..)
            | Expr::Aggregate(_)
            | Expr::Window(_) => self.origins.exprs.push((made.clone(), place)),
        }
    }

    /// Keeps the place of a step that was just made.
    pub(crate) fn step_comes_from(&mut self, name: &str) {
        if let Some(place) = self.places.last().copied().flatten() {
            self.origins.steps.insert(name.to_owned(), place);
        }
    }

    /// The origins of a finished plan, whose steps moved to `places`.
    pub(crate) fn origins(&mut self, places: &[StepId]) {
        for (expr, _) in &mut self.origins.exprs {
            super::prune::move_steps(expr, places);
        }
    }
}
