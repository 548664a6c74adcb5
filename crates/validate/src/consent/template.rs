//! Our own consent section, filled in for one purpose.

use super::scope::Asker;
use crate::demand::ConsentDemand;
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
    demand: &ConsentDemand,
    purpose: &Purpose,
    at_use: bool,
) -> Result<BTreeMap<String, Body>, Violation> {
    let used = if at_use { day(demand.used_on) } else { "c.at".to_owned() };
    let asker = Asker { demand, purpose, used: &used };
    let marked = if purpose.flags.contains(&Flag::Contact) { "h.no_contact" } else { "FALSE" };
    fill(demand, &asker.tests(), &asker.excluded(), marked)
}

/// The section where nobody is permitted, because there is no purpose.
pub(super) fn nobody(demand: &ConsentDemand) -> Result<BTreeMap<String, Body>, Violation> {
    let mut parts = fill(demand, "0", "1", "FALSE")?;
    let text = "WITH answer AS (SELECT q.subject_id AS subject_id, q.own AS own, q.at AS at, CAST(0 AS BIGINT) AS answer, \
                CAST(NULL AS DATE) AS cut_off FROM asked AS q) SELECT answer.own FROM answer";
    for table in read::read_own(text)?.tables {
        parts.insert(table.name, table.body);
    }
    Ok(parts)
}

fn fill(
    demand: &ConsentDemand,
    tests: &str,
    excluded: &str,
    marked: &str,
) -> Result<BTreeMap<String, Body>, Violation> {
    let known_at = jiff::tz::Offset::UTC.to_datetime(demand.known_at);
    let answers = if demand.purposes.len() > 1 { "both" } else { "answer" };
    let text = TEXT
        .replace("{known_at}", &format!("TIMESTAMP '{}'", known_at.strftime("%Y-%m-%d %H:%M:%S")))
        .replace("{asked}", &asked(demand))
        .replace("{majority}", &majority(demand))
        .replace("{death}", death(demand))
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
fn asked(demand: &ConsentDemand) -> String {
    let mut days = vec![demand.as_of];
    if demand.used_on != demand.as_of {
        days.push(demand.used_on);
    }
    let blocks = days.into_iter().map(|at| {
        let at = day(at);
        format!(
            "SELECT s.subject_id AS subject_id, '' AS own, {at} AS at FROM subject AS s UNION ALL \
             SELECT DISTINCT e.subject_id AS subject_id, e.own AS own, {at} AS at FROM kept AS e WHERE e.own <> ''"
        )
    });
    blocks.collect::<Vec<_>>().join(" UNION ALL ")
}

/// 3.2.4: whoever came of age after somebody else spoke for them.
fn majority(demand: &ConsentDemand) -> String {
    if demand.policy.majority_otherwise == Otherwise::Continue {
        return String::new();
    }
    let age = demand.policy.majority_age;
    let of_age = |day: &str| {
        let birthday = |day: &str| format!("100 * month({day}) + day({day})");
        format!(
            "CASE WHEN s.birth_date IS NOT NULL THEN (CASE WHEN s.birth_date <= {day} THEN \
             year({day}) - year(s.birth_date) - CASE WHEN {} < {} THEN 1 ELSE 0 END END >= {age}) IS TRUE \
             ELSE (TRY_CAST(CAST(year({day}) AS HUGEINT) - s.birth_year AS BIGINT) >= {age}) IS TRUE END",
            birthday(day),
            birthday("s.birth_date"),
        )
    };
    format!("AND NOT ({} AND f.actor <> 'self' AND NOT {})", of_age("f.at"), of_age("f.given_from"))
}

/// 3.2.5.
fn death(demand: &ConsentDemand) -> &'static str {
    match demand.policy.death {
        Death::Continue => "",
        Death::End => "AND (s.death_date IS NULL OR f.at < s.death_date)",
    }
}
