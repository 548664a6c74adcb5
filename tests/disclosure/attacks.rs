//! Attacks on one bit of one person: does the target have it? Half of the targets do.
//!
//! The attacker knows everybody's age, sex and region, can name any set of people by them, and asks for numbers of people
//! who have the bit. After the answers the bit is guessed; a coin is thrown where nothing is learned.

use crate::recipient::{Answer, Question, Recipient, terms};

/// What a guess stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Numbers alone.
    Numbers,
    /// Numbers, and which questions are refused.
    Refusals,
}

/// How results are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// `difference`; 1 compares nothing.
    pub(crate) difference: u32,
    /// `round to`.
    pub(crate) round_to: Option<u32>,
    pub(crate) reads: Reads,
}

/// An attack that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attack {
    Pair,
    Tracker,
    Staircase,
    Bands,
    BandsBesideWithheld,
    MarginElsewhere,
    TwoAgreements,
    TwoRecipients,
    TwoRecipientsStaircase,
}

impl Attack {
    pub(crate) const ALL: [(Attack, &'static str); 9] = [
        (Attack::Pair, "pair: all, and all but the target"),
        (Attack::Tracker, "tracker: target or T, target or not T, and all"),
        (Attack::Staircase, "staircase: 21 pairs, 42 questions"),
        (Attack::Bands, "bands of five years, then of nine"),
        (Attack::BandsBesideWithheld, "the same, with a cell that is withheld beside the bands"),
        (Attack::MarginElsewhere, "a withheld cell from a total that is asked apart"),
        (Attack::TwoAgreements, "pair, under two agreements of one recipient"),
        (Attack::TwoRecipients, "pair, split between two recipients"),
        (Attack::TwoRecipientsStaircase, "staircase, split between two recipients"),
    ];
}

fn one(people: Vec<u32>) -> Question {
    Question::Groups { rows: vec![("all".to_owned(), people)], total: false }
}

/// Those of a range who have the bit; the target is person 0.
fn who(has: &dyn Fn(u32) -> bool, all: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut people: Vec<u32> = all.into_iter().filter(|person| has(*person)).collect();
    people.sort_unstable();
    people
}

/// The share of targets, in hundredths, whose bit is guessed right.
pub(crate) fn success(attack: Attack, setting: Setting, targets: u32, seed: u64) -> u32 {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut right = 0;
    for target in 0..targets {
        let bit = target % 2 == 0;
        let mut of_others = fastrand::Rng::with_seed(random.u64(..));
        let others: Vec<bool> = (0..6000).map(|_| of_others.u32(0..100) < 40).collect();
        let has = move |person: u32| if person == 0 { bit } else { others[person as usize % 6000] };
        let guess = guess(attack, setting, &has).unwrap_or_else(|| random.bool());
        right += u32::from(guess == bit);
    }
    right * 100 / targets
}

/// What the attacker says; nothing where nothing was learned.
fn guess(attack: Attack, setting: Setting, has: &dyn Fn(u32) -> bool) -> Option<bool> {
    let mut first = Recipient::new(terms(setting.round_to, setting.difference), session::MOST_REFUSALS);
    let mut second = Recipient::new(terms(setting.round_to, setting.difference), session::MOST_REFUSALS);
    match attack {
        // What agreement it is does not matter: recipients are compared.
        Attack::Pair | Attack::TwoAgreements => staircase(&mut first, None, setting, has, 1),
        Attack::Staircase => staircase(&mut first, None, setting, has, 21),
        Attack::TwoRecipients => staircase(&mut first, Some(&mut second), setting, has, 1),
        Attack::TwoRecipientsStaircase => staircase(&mut first, Some(&mut second), setting, has, 21),
        Attack::Tracker => {
            let all = first.ask("all", &one(who(has, 0..400)));
            let with = first.ask("or T", &one(who(has, 0..200)));
            let without = first.ask("or not T", &one(who(has, (200..400).chain([0]))));
            if setting.reads == Reads::Refusals
                && [&all, &with, &without].iter().any(|told| told.is_refused())
            {
                return Some(true);
            }
            let (all, with, without) = (all.number()?, with.number()?, without.number()?);
            match setting.round_to {
                None => Some(with + without > all),
                // Rounded, only a sum that is a step too large says something.
                Some(_) => (with + without > all).then_some(true),
            }
        }
        Attack::Bands | Attack::BandsBesideWithheld => bands(&mut first, attack, setting, has),
        Attack::MarginElsewhere => {
            // Nine sites; in the ninth seven people have it, or six.
            let site = |at: u32| who(has, at * 100 + 1..at * 100 + 100);
            let mut rows: Vec<(String, Vec<u32>)> = (0..8).map(|at| (at.to_string(), site(at))).collect();
            let small = (0..6).map(|at| 5000 + at).chain((0..1).filter(|_| has(0)));
            rows.push(("small".to_owned(), small.clone().collect()));
            let mut everybody: Vec<u32> = rows.iter().flat_map(|(_, people)| people).copied().collect();
            everybody.sort_unstable();
            let by_site = first.ask("by site", &Question::Groups { rows, total: false });
            let total = first.ask("all", &one(everybody));
            if setting.reads == Reads::Refusals && total.is_refused() {
                // It differs by few either way.
                return None;
            }
            let shown: i64 = by_site.numbers()?.into_iter().flatten().sum();
            Some(total.number()? - shown > 6)
        }
    }
}

/// Pairs of base sets with the target and without; the second number of each goes to somebody else where there are two.
fn staircase(
    first: &mut Recipient,
    mut second: Option<&mut Recipient>,
    setting: Setting,
    has: &dyn Fn(u32) -> bool,
    pairs: u32,
) -> Option<bool> {
    let mut same = 0;
    for step in 0..pairs {
        // Each step has ten people more who have the bit and one of other size, so that roundings differ.
        let base = || 1 + step * 200..1 + step * 200 + 150 + step % 7;
        let with = first.ask(&format!("with {step}"), &one(who(has, base().chain([0]))));
        let teller = second.as_deref_mut().unwrap_or(first);
        let without = teller.ask(&format!("without {step}"), &one(who(has, base())));
        if setting.reads == Reads::Refusals && (with.is_refused() || without.is_refused()) {
            // Sets of whom one holds the target, and which are not the same.
            return Some(true);
        }
        let (Some(with), Some(without)) = (with.number(), without.number()) else { continue };
        if with != without {
            return Some(true);
        }
        same += 1;
    }
    // Of one pair of rounded numbers one in five would differ; of twenty-one nearly all.
    let certain = setting.round_to.is_none() || same >= 20;
    ((setting.reads == Reads::Refusals && second.is_none() && setting.difference > 1) || certain && same > 0)
        .then_some(false)
}

/// Ages of six people each: bands of five years against bands of nine, which end at 35 and 36 years. Whoever takes thirty-five
/// from thirty-six years has those of one age, among them the target.
fn bands(first: &mut Recipient, attack: Attack, setting: Setting, has: &dyn Fn(u32) -> bool) -> Option<bool> {
    let of_age = |age: u32| -> Vec<u32> {
        // Everybody has it but the target, of whom it is asked, so that the small number is 5 or 6.
        let people = age * 6..age * 6 + 6;
        people.filter(|person| *person != 35 * 6 || has(0)).collect()
    };
    let band = |from: u32, to: u32| -> Vec<u32> { (from..to).flat_map(of_age).collect() };
    let mut fives: Vec<(String, Vec<u32>)> =
        (0..7).map(|at| (format!("five {at}"), band(at * 5, at * 5 + 5))).collect();
    // Up to 36: 9 + 9 + 9 + 9.
    let mut nines: Vec<(String, Vec<u32>)> =
        (0..4).map(|at| (format!("nine {at}"), band(at * 9, at * 9 + 9))).collect();
    if attack == Attack::BandsBesideWithheld {
        fives.push(("of three".to_owned(), vec![4000, 4001, 4002]));
        nines.push(("of three".to_owned(), vec![4000, 4001, 4002]));
    }
    let fives = first.ask("fives", &Question::Groups { rows: fives, total: false });
    let nines = first.ask("nines", &Question::Groups { rows: nines, total: false });
    if nines.is_refused() {
        // It would be refused for five as for six.
        return None;
    }
    let sum = |answer: &Answer| Some(answer.numbers()?.into_iter().flatten().sum::<i64>());
    let apart = sum(&nines)? - sum(&fives)?;
    match setting.round_to {
        None => Some(apart > 5),
        Some(_) => None,
    }
}

/// One attacker, one history, one target after the other by pairs: how many bits are learned for certain before nothing is
/// told any more.
pub(crate) fn campaign(targets: u32, percent_with: u32, seed: u64) -> (u32, u32) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut recipient = Recipient::new(terms(Some(5), 10), session::MOST_REFUSALS);
    let (mut learned, mut with) = (0, 0);
    for target in 0..targets {
        let bit = random.u32(0..100) < percent_with;
        // Of people who are near nobody else's.
        let base: Vec<u32> = (target * 40 + 1..target * 40 + 40).collect();
        let mut all = base.clone();
        if bit {
            all.insert(0, target * 40);
        }
        let told = [
            recipient.ask(&format!("with {target}"), &one(all)),
            recipient.ask(&format!("without {target}"), &one(base)),
        ];
        if told.iter().any(|answer| matches!(answer, Answer::Stopped)) {
            break;
        }
        learned += 1;
        with += u32::from(told.iter().any(Answer::is_refused));
    }
    (learned, with)
}
