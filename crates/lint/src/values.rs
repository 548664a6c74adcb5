//! Sets of values of one term: an interval of whole numbers, perhaps only some of it.
//!
//! Every ordered value of the language is a whole number of something: days, years, multiples of 10⁻¹², the
//! place of a member in its list. So `<` is `<=` of the number before, and sets can be compared exactly.

use std::collections::BTreeSet;
use types::Comparison;

/// Some values of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Values {
    low: i128,
    high: i128,
    among: Option<BTreeSet<i128>>,
    out: BTreeSet<i128>,
}

impl Values {
    /// Every value.
    pub(crate) fn any() -> Values {
        Values { low: i128::MIN, high: i128::MAX, among: None, out: BTreeSet::new() }
    }

    /// From one to another, both included.
    pub(crate) fn between(low: i128, high: i128) -> Values {
        Values { low, high, ..Values::any() }
    }

    /// These alone.
    pub(crate) fn these(values: impl IntoIterator<Item = i128>) -> Values {
        Values { among: Some(values.into_iter().collect()), ..Values::any() }
    }

    /// Those for which a comparison with `bound` is true.
    pub(crate) fn compared(comparison: Comparison, bound: i128) -> Values {
        match comparison {
            Comparison::Equal => Values::these([bound]),
            Comparison::NotEqual => Values { out: BTreeSet::from([bound]), ..Values::any() },
            Comparison::Less => Values::between(i128::MIN, bound.saturating_sub(1)),
            Comparison::LessOrEqual => Values::between(i128::MIN, bound),
            Comparison::Greater => Values::between(bound.saturating_add(1), i128::MAX),
            Comparison::GreaterOrEqual => Values::between(bound, i128::MAX),
        }
    }

    pub(crate) fn holds(&self, value: i128) -> bool {
        self.low <= value
            && value <= self.high
            && !self.out.contains(&value)
            && self.among.as_ref().is_none_or(|among| among.contains(&value))
    }

    /// The values in both.
    pub(crate) fn meet(&self, other: &Values) -> Values {
        let among = match (&self.among, &other.among) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (Some(a), Some(b)) => Some(a.intersection(b).copied().collect()),
        };
        Values {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
            among,
            out: self.out.union(&other.out).copied().collect(),
        }
    }

    /// All values one by one, where they are few.
    fn listed(&self) -> Option<Vec<i128>> {
        if let Some(among) = &self.among {
            return Some(among.iter().copied().filter(|value| self.holds(*value)).collect());
        }
        let length = self.high.checked_sub(self.low)?;
        (length <= 1000).then(|| (self.low..=self.high).filter(|value| self.holds(*value)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.low > self.high || self.listed().is_some_and(|values| values.is_empty())
    }

    /// Whether every one of these is one of the others.
    pub(crate) fn within(&self, other: &Values) -> bool {
        if let Some(values) = self.listed() {
            return values.into_iter().all(|value| other.holds(value));
        }
        other.among.is_none()
            && other.low <= self.low
            && self.high <= other.high
            && other.out.iter().all(|value| !self.holds(*value))
    }

    /// The only value.
    pub(crate) fn only(&self) -> Option<i128> {
        match self.listed()?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// All other values, where they are an interval or a list again.
    pub(crate) fn others(&self) -> Option<Values> {
        let bounded = (self.low > i128::MIN, self.high < i128::MAX);
        match (bounded, &self.among, self.out.is_empty()) {
            ((false, false), Some(among), true) => Some(Values { out: among.clone(), ..Values::any() }),
            ((false, false), None, false) => Some(Values::these(self.out.iter().copied())),
            ((true, false), None, true) => Some(Values::between(i128::MIN, self.low.saturating_sub(1))),
            ((false, true), None, true) => Some(Values::between(self.high.saturating_add(1), i128::MAX)),
            _ => None,
        }
    }

    /// The values in either, where both are lists.
    pub(crate) fn join(&self, other: &Values) -> Option<Values> {
        let (mut all, more) = (self.listed()?, other.listed()?);
        all.extend(more);
        Some(Values::these(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Comparison::{Greater, GreaterOrEqual, Less, NotEqual};

    #[test]
    fn sets_of_whole_numbers() {
        let adult = Values::compared(GreaterOrEqual, 18);
        let minor = Values::compared(Less, 18);
        assert!(adult.meet(&minor).is_empty());
        assert_eq!(minor.others(), Some(adult.clone()));
        assert!(Values::compared(Greater, 17).within(&adult), "17 < x is 18 <= x");
        assert!(!adult.within(&Values::compared(GreaterOrEqual, 19)));
        let bool_but = Values::these([0, 1]).meet(&Values::compared(NotEqual, 0));
        assert_eq!(bool_but.only(), Some(1));
        assert!(
            Values::between(3, 4)
                .meet(&Values::compared(NotEqual, 3))
                .meet(&Values::compared(NotEqual, 4))
                .is_empty()
        );
        assert!(Values::any().within(&Values::any()) && !Values::any().within(&adult));
    }
}
