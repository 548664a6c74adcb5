//! Several agreements at once, and a purpose within another.
//!
//! Under several agreements the stricter value of every field holds. What may be read and shown is asked of each
//! of them by the check, so that a refusal can name the line that refuses; here is the rest. Two purposes have
//! no stricter one: which people a scope covers neither grows nor shrinks with the purpose, so agreements with
//! different purposes are not used together.

use crate::agreement::{Agreement, Dominance, Level, ReleaseRules};
use crate::consent::{Aim, Flag, Place, Purpose};
use std::collections::BTreeSet;

/// What several agreements say of release together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) level: Level,
    pub(crate) release: ReleaseRules,
    pub(crate) formats: BTreeSet<String>,
}

/// The stricter of every field. `None` of no agreement.
pub(crate) fn meet(agreements: &[&Agreement]) -> Option<Terms> {
    let (first, others) = agreements.split_first()?;
    let mut terms =
        Terms { level: first.level, release: first.release.clone(), formats: first.formats.clone() };
    for other in others {
        terms.level = terms.level.min(other.level);
        terms.release = stricter(&terms.release, &other.release);
        terms.formats = terms.formats.intersection(&other.formats).cloned().collect();
    }
    Some(terms)
}

fn stricter(a: &ReleaseRules, b: &ReleaseRules) -> ReleaseRules {
    ReleaseRules {
        min_subjects: a.min_subjects.max(b.min_subjects),
        round_to: a.round_to.max(b.round_to),
        zeros_shown: a.zeros_shown && b.zeros_shown,
        dominance: Dominance {
            p: a.dominance.p.max(b.dominance.p),
            n: a.dominance.n.max(b.dominance.n),
            k: a.dominance.k.min(b.dominance.k),
        },
        margin: a.margin.min(b.margin),
        difference: a.difference.max(b.difference),
        frequency_min_subjects: a.frequency_min_subjects.max(b.frequency_min_subjects),
        allele_min_carriers: a.allele_min_carriers.max(b.allele_min_carriers),
    }
}

/// Why one purpose is not within another; `None` if it is.
///
/// It is within when everything that it is used for is also a use of the other: its primary use is the same or
/// a part of it (DS of HMB, both of GENERAL), it names no disease that the other leaves out, and it claims
/// nothing more: no flag, no place. Diseases are compared as ids, without the ontology. A flag less is narrower
/// whether it opens (`irb`) or burdens (`commercial`): less is claimed, or less is done.
///
/// This alone does not make the people fewer, since consent to one disease may cover the narrower use only; so
/// a guard asks for both purposes (`Grounds::agreed`).
pub(crate) fn outside(narrow: &Purpose, wide: &Purpose) -> Option<String> {
    let part = match (&narrow.aim, &wide.aim) {
        (Aim::General, Aim::General)
        | (Aim::Hmb | Aim::Ds(_), Aim::Hmb | Aim::General)
        | (Aim::Poa, Aim::Poa)
        | (Aim::Cc, Aim::Cc)
        | (Aim::Methods(_), Aim::Methods(None)) => true,
        (Aim::Ds(_), Aim::Ds(_)) | (Aim::Methods(Some(_)), Aim::Methods(Some(_))) => {
            let known: BTreeSet<&str> = wide.aim.diseases().collect();
            if let Some(more) = narrow.aim.diseases().find(|id| !known.contains(id)) {
                return Some(format!("it names {more}, which the agreement does not"));
            }
            true
        }
        (Aim::General | Aim::Hmb | Aim::Ds(_) | Aim::Poa | Aim::Methods(_) | Aim::Cc, _) => false,
    };
    if !part {
        let (narrow, wide) = (narrow.aim.primary(), wide.aim.primary());
        return Some(format!("{narrow} is not a part of {wide}"));
    }
    if let Some(flag) = Flag::ALL.into_iter().find(|flag| narrow.has(*flag) && !wide.has(*flag)) {
        return Some(format!("it says `{}`, which the agreement does not", flag.name()));
    }
    let claimed = Place::ALL.into_iter().find(|place| match narrow.place(*place) {
        Some(said) => wide.place(*place) != Some(said),
        None => false,
    });
    claimed.map(|place| format!("it names a {} that the agreement does not", place.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::DiseaseIds;

    fn purpose(aim: Aim, flags: &[Flag]) -> Purpose {
        Purpose { flags: flags.iter().copied().collect(), ..Purpose::new(aim) }
    }

    fn ds(ids: &[&str]) -> Aim {
        DiseaseIds::new(ids.iter().map(|id| (*id).to_owned())).map_or(Aim::Cc, Aim::Ds)
    }

    #[test]
    fn a_narrower_purpose_is_a_part_and_claims_no_more() {
        let within = |narrow: &Purpose, wide: &Purpose| outside(narrow, wide).is_none();
        let hmb = purpose(Aim::Hmb, &[Flag::Genetic, Flag::Irb]);
        assert!(within(&hmb, &hmb));
        assert!(within(&purpose(ds(&["DOID:114"]), &[Flag::Genetic]), &hmb));
        assert!(within(&purpose(Aim::Hmb, &[]), &purpose(Aim::General, &[])));
        assert!(within(&purpose(ds(&["A"]), &[]), &purpose(ds(&["A", "B"]), &[])));
        assert!(!within(&purpose(ds(&["A", "C"]), &[]), &purpose(ds(&["A", "B"]), &[])));
        assert!(!within(&purpose(Aim::General, &[]), &hmb));
        assert!(!within(&purpose(Aim::Methods(None), &[]), &purpose(Aim::General, &[])));
        assert!(!within(&purpose(Aim::Hmb, &[Flag::Commercial]), &hmb));
        let mut elsewhere = purpose(Aim::Hmb, &[]);
        assert!(within(&elsewhere, &hmb));
        elsewhere.region = Some("BE".to_owned());
        assert!(!within(&elsewhere, &hmb));
    }

    #[test]
    fn the_stricter_rule_holds() {
        let strict =
            ReleaseRules { min_subjects: 20, round_to: 5, zeros_shown: true, ..ReleaseRules::default() };
        let coarse = ReleaseRules { min_subjects: 10, round_to: 10, ..ReleaseRules::default() };
        let both = stricter(&strict, &coarse);
        assert_eq!((both.min_subjects, both.round_to, both.zeros_shown), (20, 10, false));
    }
}
