//! `baseq policy`: install what the steward signed, show what holds.

use crate::args::{Common, Policy};
use crate::exit::{Exit, Failure, Result};
use crate::out::Out;
use crate::warehouse;
use engine::Store;
use load::schema::literal;
use session::{CREATE_KEY_TABLE, CREATE_POLICY_TABLE, Draft, KEY_TABLE, POLICY_TABLE, PolicySource};
use std::fmt::Write as _;

pub(super) fn run(command: &Policy, common: &Common, out: Out) -> Result<Exit> {
    match command {
        Policy::Install => install(common, out),
        Policy::Show => show(common, out),
    }
}

fn install(common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let draft = {
        let mut reader = warehouse::reader(session.project(), common)?;
        session.draft(&mut reader)?
    };
    let mut store = warehouse::store(session.project(), common)?;
    let engine = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    store.begin().map_err(engine)?;
    if let Err(failure) = write(&mut store, &draft) {
        // The first error is the one to tell.
        let _ = store.rollback();
        return Err(failure);
    }
    store.commit().map_err(engine)?;
    session.record(session::Change::Policy {
        hash: draft.hash.clone(),
        agreements: draft
            .agreements
            .iter()
            .map(|(name, version)| (name.clone(), u64::from(*version)))
            .collect(),
        signed_by: None,
    })?;
    for (name, version) in &draft.agreements {
        out.line(&format!("installed {name} version {version}"))?;
    }
    out.say("`baseq schema pull` takes it into the lock file, so that checks go by it");
    Ok(Exit::Done)
}

/// Writes the files as the next version, and a key for pseudonyms for every agreement that has none.
fn write(store: &mut dyn Store, draft: &Draft) -> Result<()> {
    let engine = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    let mut run = |sql: &str| store.execute(sql).map_err(engine);
    run(CREATE_POLICY_TABLE)?;
    run(CREATE_KEY_TABLE)?;
    let actor = std::env::var("USER").unwrap_or_else(|_| "unknown".into());
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
    // One number for all files of an installation, taken before the first of them is written.
    run(
        "create or replace temp table next_policy as select coalesce(max(version), 0) + 1 as version from baseq_policy",
    )?;
    for (name, text) in &draft.files {
        run(&format!(
            "insert into {POLICY_TABLE} select version, {}, {}, {}, {}, {} from next_policy",
            literal(name),
            literal(text),
            literal(&draft.hash),
            literal(&now),
            literal(&actor)
        ))?;
    }
    for (name, _) in &draft.agreements {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key).map_err(|error| {
            Failure::Said(Exit::Unavailable, format!("the system gives no random numbers: {error}"))
        })?;
        let digits = key.iter().fold(String::new(), |mut digits, byte| {
            // Writing to a string does not fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        run(&format!(
            "insert into {KEY_TABLE} select {name}, {} where not exists (select 1 from {KEY_TABLE} where agreement = {name})",
            literal(&digits),
            name = literal(name)
        ))?;
    }
    Ok(())
}

fn show(common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let (policy, source) = session.policy();
    let from = match source {
        PolicySource::Installed => "installed in the warehouse, from the lock file",
        PolicySource::Draft => {
            "drafts of this project; nothing runs under them before `baseq policy install`"
        }
    };
    if out.json {
        let agreements: Vec<_> = policy
            .agreements
            .values()
            .map(|agreement| {
                serde_json::json!({
                    "name": agreement.name, "version": agreement.version, "recipient": agreement.recipient,
                    "valid_from": agreement.valid_from.to_string(),
                    "valid_until": agreement.valid_until.map(|until| until.to_string()),
                    "level": agreement.level.name(), "min_subjects": agreement.release.min_subjects,
                    "round_to": agreement.release.round_to, "formats": agreement.formats,
                })
            })
            .collect();
        out.json(&serde_json::json!({ "from": from, "hash": policy.hash, "agreements": agreements }))?;
        return Ok(Exit::Done);
    }
    out.line(&format!("policy {} ({from})", policy.hash.get(..12).unwrap_or("")))?;
    for agreement in policy.agreements.values() {
        let until = agreement.valid_until.map_or_else(|| "open".to_owned(), |until| until.to_string());
        out.line(&format!(
            "{} version {} for {}: valid {} until {until}, level {}, min subjects {}, round to {}",
            agreement.name,
            agreement.version,
            agreement.recipient,
            agreement.valid_from,
            agreement.level.name(),
            agreement.release.min_subjects,
            agreement.release.round_to
        ))?;
    }
    Ok(Exit::Done)
}
