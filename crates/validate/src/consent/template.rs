//! Our own consent section, filled in for one purpose.

use super::scope::Asker;
use crate::demand::{ConsentDemand, Demand, PeopleDemand};
use crate::read;
use crate::tree::Body;
use crate::violation::Violation;
use policy::consent::{Death, Flag, Otherwise, Purpose};
use std::collections::BTreeMap;

const TEXT: &str = include_str!("consent.sql");

/// The parts of the section by name, for a purpose and a meaning of U: the day of use, or the day asked about.
///
/// # Errors
/// A mistake in our own text; a purpose whose words cannot be written as literals.
pub(super) fn section(
    whole: &Demand,
    purpose: &Purpose,
    at_use: bool,
) -> Result<BTreeMap<String, Body>, Violation> {
    let demand = &whole.consent;
    let used = if at_use { day(demand.used_on) } else { "c.at".to_owned() };
    let asker = Asker { demand, purpose, used: &used };
    let marked = if purpose.flags.contains(&Flag::Contact) { "h.no_contact" } else { "FALSE" };
    fill(whole, &asker.tests(), &asker.excluded(), marked)
}

/// The section where nobody is permitted, because there is no purpose.
pub(super) fn nobody(demand: &Demand) -> Result<BTreeMap<String, Body>, Violation> {
    let mut parts = fill(demand, "0", "1", "FALSE")?;
    let text = "WITH answer AS (SELECT q.subject_id AS subject_id, q.own AS own, q.at AS at, CAST(0 AS BIGINT) AS answer, \
                CAST(NULL AS DATE) AS cut_off FROM asked AS q) SELECT answer.own FROM answer";
    for table in read::read_own(text)?.tables {
        parts.insert(table.name, table.body);
    }
    Ok(parts)
}

fn fill(
    whole: &Demand,
    tests: &str,
    excluded: &str,
    marked: &str,
) -> Result<BTreeMap<String, Body>, Violation> {
    let (demand, people) = (&whole.consent, &whole.people);
    let known_at = jiff::tz::Offset::UTC.to_datetime(demand.known_at);
    let answers = if demand.purposes.len() > 1 { "both" } else { "answer" };
    let text = TEXT
        .replace("{known_at}", &format!("TIMESTAMP '{}'", known_at.strftime("%Y-%m-%d %H:%M:%S")))
        .replace("{asked}", &asked(demand, people))
        .replace("{people}", &quoted(&people.table))
        .replace("{person}", &quoted(&people.key))
        .replace("{majority}", &majority(demand, people))
        .replace("{death}", &death(demand, people))
        .replace("{tests}", tests)
        .replace("{excluded}", excluded)
        .replace("{marked}", marked)
        .replace("{answers}", answers);
    Ok(read::read_own(&text)?.tables.into_iter().map(|table| (table.name, table.body)).collect())
}

fn day(day: jiff::civil::Date) -> String {
    format!("DATE '{day}'")
}

/// Everybody and every sample with events of its own, on each of the days D and U.
fn asked(demand: &ConsentDemand, people: &PeopleDemand) -> String {
    let (table, key) = (quoted(&people.table), quoted(&people.key));
    let mut days = vec![demand.as_of];
    if demand.used_on != demand.as_of {
        days.push(demand.used_on);
    }
    let blocks = days.into_iter().map(|at| {
        let at = day(at);
        format!(
            "SELECT s.{key} AS subject_id, '' AS own, {at} AS at FROM {table} AS s UNION ALL \
             SELECT DISTINCT e.subject_id AS subject_id, e.own AS own, {at} AS at FROM kept AS e WHERE e.own <> ''"
        )
    });
    blocks.collect::<Vec<_>>().join(" UNION ALL ")
}

/// A name of the model, which may need quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// 3.2.4: whoever came of age after somebody else spoke for them.
fn majority(demand: &ConsentDemand, people: &PeopleDemand) -> String {
    if demand.policy.majority_otherwise == Otherwise::Continue {
        return String::new();
    }
    let age = demand.policy.majority_age;
    let of_date = |born: &str, day: &str| {
        let birthday = |day: &str| format!("100 * month({day}) + day({day})");
        format!(
            "(CASE WHEN {born} <= {day} THEN year({day}) - year({born}) - CASE WHEN {} < {} THEN 1 ELSE 0 END END \
             >= {age}) IS TRUE",
            birthday(day),
            birthday(born),
        )
    };
    let of_year = |born: &str, day: &str| {
        format!("(TRY_CAST(CAST(year({day}) AS HUGEINT) - {born} AS BIGINT) >= {age}) IS TRUE")
    };
    let column = |name: &Option<String>| name.as_deref().map(|name| format!("s.{}", quoted(name)));
    let (date, year) = (column(&people.birth_date), column(&people.birth_year));
    let of_age = |day: &str| match (&date, &year) {
        (Some(date), Some(year)) => format!(
            "CASE WHEN {date} IS NOT NULL THEN {} ELSE {} END",
            of_date(date, day),
            of_year(year, day)
        ),
        (Some(date), None) => of_date(date, day),
        (None, Some(year)) => of_year(year, day),
        (None, None) => "FALSE".to_owned(),
    };
    // Where nothing is known of anybody's birth, nobody is a minor.
    if date.is_none() && year.is_none() {
        return String::new();
    }
    format!("AND NOT ({} AND f.actor <> 'self' AND NOT {})", of_age("f.at"), of_age("f.given_from"))
}

/// 3.2.5. Where the model has no day of death, the policy cannot be followed, and nobody is valid.
fn death(demand: &ConsentDemand, people: &PeopleDemand) -> String {
    match (demand.policy.death, &people.death_date) {
        (Death::Continue, _) => String::new(),
        (Death::End, Some(died)) => {
            let died = quoted(died);
            format!("AND (s.{died} IS NULL OR f.at < s.{died})")
        }
        (Death::End, None) => "AND FALSE".to_owned(),
    }
}
