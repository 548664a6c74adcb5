//! Treatments that come in courses, and what happens around them: boxes of PCSK9 inhibitors that follow each
//! other with gaps, levodopa, clopidogrel and the infarcts that it did not prevent.

use crate::clinic::{Diagnoses, Treatments, day_of_visit};
use crate::day::END;
use crate::health::Health;
use crate::people::Person;
use crate::random::Random;
use std::io;

/// Parkinson's disease and what is taken for it.
pub(crate) fn parkinson(
    random: &mut Random,
    person: &Person,
    health: &Health,
    diagnoses: &mut Diagnoses,
    treatments: &mut Treatments,
) -> io::Result<()> {
    let Some(day) = health.parkinson else { return Ok(()) };
    diagnoses.add(person, "ICD10:G20", day)?;
    let from = day.plus(random.between(10, 700));
    if random.percent(80) && from < person.last_day() {
        treatments.add(person, "ATC:N04BA02", from, None, 100)?;
    }
    Ok(())
}

/// Evolocumab or alirocumab, in boxes of four weeks. Most are fetched within days of the end of the one
/// before; some people stop, some begin again after months.
pub(crate) fn pcsk9_inhibitors(
    random: &mut Random,
    person: &Person,
    diagnoses: &mut Diagnoses,
    treatments: &mut Treatments,
) -> io::Result<()> {
    if person.age() < 38 || !random.percent(13) {
        return Ok(());
    }
    let (last, drug) = (person.last_day(), *random.pick(&["ATC:C10AX13", "ATC:C10AX14"]));
    let mut from = day_of_visit(random, person).min(END.plus(-300));
    if random.percent(22) {
        diagnoses.add(person, "ICD10:I21.9", from.plus(-random.between(20, 1_500)).max(person.birth))?;
    }
    for _ in 0..random.between(2, 14) {
        if from >= last {
            break;
        }
        treatments.add(person, drug, from, Some(from.plus(27)), 140)?;
        let gap = if random.percent(93) { random.between(0, 16) } else { random.between(35, 160) };
        from = from.plus(28 + gap);
    }
    Ok(())
}

/// Clopidogrel after a stent. Who cannot activate it has another infarct more often.
pub(crate) fn clopidogrel(
    random: &mut Random,
    person: &Person,
    health: &Health,
    diagnoses: &mut Diagnoses,
    treatments: &mut Treatments,
) -> io::Result<()> {
    if person.age() < 45 || !random.percent(30) {
        return Ok(());
    }
    let from = day_of_visit(random, person).min(END.plus(-450));
    let to = from.plus(random.between(180, 420));
    treatments.add(person, "ATC:B01AC04", from, Some(to), 75)?;
    if random.percent(if health.slow_clopidogrel { 46 } else { 8 }) {
        let day = from.plus(random.between(5, 350));
        if day < person.last_day() {
            diagnoses.add(person, "ICD10:I21.4", day)?;
        }
    }
    Ok(())
}
