//! What the cases of a match got: all the controls they were to have, fewer, or none for want of a key.
//!
//! The three are the cases, whose number may be known from elsewhere, so one that is too small to be told could
//! be found from the others: they are told together or not at all.

use super::{Block, Chain, number};
use crate::error::Error;
use crate::raw::RawTable;
use crate::value::{ReleasedValue, Withheld};
use plan::{Attrition, AttritionStepKind};
use std::collections::BTreeMap;

/// Cases by the step that is their match: with all controls, with fewer, with an unknown key.
pub(super) struct Cases(BTreeMap<usize, [u64; 3]>);

/// Reads them; none where no step is a match.
pub(super) fn read(attrition: &Attrition, table: &RawTable) -> Result<Option<Cases>, Error> {
    let Some(raw) = attrition.cases else { return Ok(None) };
    let mut cases = BTreeMap::new();
    for row in 0..table.rows {
        let malformed = || Error::malformed("a case of a match that is not there".to_owned());
        let step = usize::try_from(table.count(raw, row)?).map_err(|_| malformed())?;
        if step == 0 {
            continue;
        }
        let got = usize::try_from(table.count(attrition.first, row)?).map_err(|_| malformed())?;
        let of_step: &mut [u64; 3] = cases.entry(step).or_default();
        let cell = of_step.get_mut(got).ok_or_else(malformed)?;
        *cell = cell.saturating_add(table.count(attrition.people, row)?);
    }
    Ok(Some(Cases(cases)))
}

impl Cases {
    /// The cells of a released step.
    pub(super) fn row(&self, block: Block, chain: &Chain<'_>) -> Result<[ReleasedValue; 3], Error> {
        let null = || ReleasedValue::Null;
        let plain = || ReleasedValue::from(Withheld::PLAIN);
        let steps = chain.attrition.steps.iter().zip(1..).take(block.last).skip(block.first - 1);
        let mut matches = steps.filter(|(step, _)| step.kind == AttritionStepKind::Match).map(|(_, at)| at);
        let Some(step) = matches.next() else { return Ok([null(), null(), null()]) };
        // Somebody can be a case of both, so of two matches that are told together nothing adds up.
        let got = self.0.get(&step).copied().unwrap_or_default();
        if matches.next().is_some() || got.into_iter().any(|cases| chain.is_small(cases)) {
            return Ok([plain(), plain(), plain()]);
        }
        let [complete, fewer, unknown] = got.map(|cases| chain.rounded(cases));
        Ok([number(complete)?, number(fewer)?, number(unknown)?])
    }
}
