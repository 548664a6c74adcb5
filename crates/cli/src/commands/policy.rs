//! `baseq policy`: what a draft changes, whose signature it needs, its installation, and what holds.

use crate::args::{Common, Policy};
use crate::exit::{Exit, Failure, Result, usage};
use crate::out::Out;
use crate::warehouse;
use engine::Store;
use load::schema::literal;
use session::{
    AUDIT_TABLE, CREATE_AUDIT_TABLE, CREATE_KEY_TABLE, CREATE_POLICY_TABLE, CREATE_SIGNATURE_TABLE,
    CREATE_STEWARD_TABLE, Draft, KEY_TABLE, POLICY_TABLE, PolicyChange, PolicySource, SIGNATURE_TABLE,
    STEWARD_TABLE,
};
use signing::{PublicKey, Purpose, SecretKey};
use std::fmt::Write as _;
use std::path::Path;

pub(super) fn run(command: &Policy, common: &Common, out: Out) -> Result<Exit> {
    match command {
        Policy::Install { key, new_audit_log } => install(key.as_deref(), *new_audit_log, common, out),
        Policy::Check => check(common, out),
        Policy::Diff => diff(common, out),
        Policy::Trust { public, key } => trust(public, key.as_deref(), common, out),
        Policy::Show => show(common, out),
    }
}

/// A signature of a policy, with whose it is.
struct Signed {
    key: String,
    signature: String,
}

fn install(key: Option<&Path>, new_audit_log: bool, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let (draft, known_log) = {
        let mut reader = warehouse::reader(session.project(), common)?;
        (session.draft(&mut reader)?, session.audit_log_of_warehouse(&mut reader)?)
    };
    let other_log = known_log.is_some() && session.audit_log().ok() != known_log;
    if other_log && !new_audit_log {
        return Err(refused(
            "the audit log of this project is not the one that the warehouse goes by".to_owned(),
            "`audit` in baseq.toml names it; `baseq policy install --new-audit-log` lets this one take its place",
        ));
    }
    if other_log && key.is_none() && !draft.stewards.is_empty() {
        return Err(refused(
            "another audit log begins the accounting anew, and no steward has signed that".to_owned(),
            "a steward whom the warehouse trusts says so with `--new-audit-log --key FILE`",
        ));
    }
    for change in &draft.changes {
        out.say(&line(change));
    }
    let signed = match key {
        None if draft.widens() && !draft.stewards.is_empty() => {
            return Err(refused(
                "this policy allows what the installed one does not, and no steward has signed it".to_owned(),
                "a steward whom the warehouse trusts installs it with `baseq policy install --key FILE`",
            ));
        }
        None => None,
        Some(path) => {
            let secret = SecretKey::read(path).map_err(|error| usage(error.to_string()))?;
            let key = secret.public().to_string();
            if !draft.stewards.contains(&key) {
                return Err(refused(
                    format!("the warehouse does not trust the key of {}", path.display()),
                    "`baseq policy trust FILE.pub` makes it trust a first key; later ones need the signature of a trusted one",
                ));
            }
            let signature = secret.sign(Purpose::Policy, draft.message().as_bytes());
            Some(Signed { key, signature })
        }
    };
    let mut store = warehouse::store(session.project(), common)?;
    let engine = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    store.begin().map_err(engine)?;
    if let Err(failure) = write(&mut store, &draft, signed.as_ref()) {
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
        signed_by: signed.as_ref().map(|signed| signed.key.clone()),
    })?;
    // The log is known by its first record, which may be this one.
    let log = session.audit_log()?;
    let [first, path] = log.map(|text| literal(&text));
    let known = format!(
        "insert into {AUDIT_TABLE} select {first}, {path} where not exists (select 1 from {AUDIT_TABLE})"
    );
    let forget = other_log.then(|| format!("delete from {AUDIT_TABLE}"));
    for sql in [Some(CREATE_AUDIT_TABLE.to_owned()), forget, Some(known)].into_iter().flatten() {
        store.execute(&sql).map_err(engine)?;
    }
    for (name, version) in &draft.agreements {
        out.line(&format!("installed {name} version {version}"))?;
    }
    match &signed {
        Some(signed) => out.say(&format!("signed by {}", signed.key)),
        None if draft.stewards.is_empty() => {
            out.say(
                "nobody signed it: the warehouse trusts no steward yet (`baseq key`, `baseq policy trust`)",
            );
        }
        None => {}
    }
    out.say("`baseq schema pull` takes it into the lock file, so that checks go by it");
    Ok(Exit::Done)
}

/// A refusal of the policy itself, with what to do.
fn refused(message: String, help: &str) -> Failure {
    let trouble = session::Trouble::new(session::Kind::Refused, session::codes::UNSIGNED, message);
    Failure::Trouble(trouble.help(help))
}

fn check(common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    // The differences are of no interest here; that the files are sound is.
    session.policy_changes()?;
    out.line("the policy files are sound; `baseq policy diff` says what they change")?;
    Ok(Exit::Done)
}

fn diff(common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let changes = session.policy_changes()?;
    if out.json {
        let all: Vec<_> = changes
            .iter()
            .map(|change| {
                serde_json::json!({
                    "agreement": change.agreement, "widens": change.widens, "what": change.words, "place": change.place,
                })
            })
            .collect();
        out.json(&serde_json::Value::Array(all))?;
        return Ok(Exit::Done);
    }
    for change in &changes {
        out.line(&line(change))?;
    }
    let widening = changes.iter().filter(|change| change.widens).count();
    out.say(&match (changes.len(), widening) {
        (0, _) => "nothing changes".to_owned(),
        (all, 0) => format!("{all} changes, all of them narrow: no signature is needed"),
        (all, widening) => {
            format!("{all} changes, {widening} of them widen: a steward's signature is needed")
        }
    });
    Ok(Exit::Done)
}

/// `widens   "HEART-24": level record, was aggregate (policy/heart.bq:7)`
fn line(change: &PolicyChange) -> String {
    let word = if change.widens { "widens" } else { "narrows" };
    let agreement = change.agreement.as_ref().map_or_else(String::new, |name| format!("\"{name}\": "));
    let place = change.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    format!("{word:<8} {agreement}{}{place}", change.words)
}

fn trust(public: &Path, key: Option<&Path>, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let wanted = PublicKey::read(public).map_err(|error| usage(error.to_string()))?.to_string();
    let stewards = {
        let mut reader = warehouse::reader(session.project(), common)?;
        session.stewards(&mut reader)?
    };
    if stewards.contains(&wanted) {
        out.line("the warehouse trusts this key already")?;
        return Ok(Exit::Done);
    }
    if !stewards.is_empty() {
        let vouched = match key {
            None => false,
            Some(path) => {
                let secret = SecretKey::read(path).map_err(|error| usage(error.to_string()))?;
                stewards.contains(&secret.public().to_string())
            }
        };
        if !vouched {
            return Err(refused(
                "the warehouse trusts a steward already, who must vouch for another one".to_owned(),
                "a trusted steward runs `baseq policy trust FILE.pub --key FILE`",
            ));
        }
    }
    let mut store = warehouse::store(session.project(), common)?;
    let engine = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    let add = format!(
        "insert into {STEWARD_TABLE} values ({}, {}, {})",
        literal(&wanted),
        literal(&now()),
        literal(&actor())
    );
    store.begin().map_err(engine)?;
    let done =
        store.execute(CREATE_STEWARD_TABLE).and_then(|()| store.execute(&add)).and_then(|()| store.commit());
    if let Err(error) = done {
        let _ = store.rollback();
        return Err(engine(error));
    }
    session.record(session::Change::Steward { key: wanted })?;
    out.line("from now on, what widens the policy needs this steward's signature")?;
    Ok(Exit::Done)
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn actor() -> String {
    std::env::var("USER").unwrap_or_else(|_| "unknown".into())
}

/// Writes the files as the next version with its signature, a key for pseudonyms for every agreement that has
/// none, and, under no name, the key for the history of releases.
fn write(store: &mut dyn Store, draft: &Draft, signed: Option<&Signed>) -> Result<()> {
    let engine = |error: engine::Error| Failure::Said(Exit::Unavailable, error.message);
    let mut run = |sql: &str| store.execute(sql).map_err(engine);
    run(CREATE_POLICY_TABLE)?;
    run(CREATE_KEY_TABLE)?;
    let (actor, now) = (actor(), now());
    // One number for all files of an installation, taken before the first of them is written.
    run("drop table if exists next_policy")?;
    run(
        "create temp table next_policy as select coalesce(max(version), 0) + 1 as version from baseq_policy",
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
    if let Some(Signed { key, signature }) = signed {
        run(CREATE_SIGNATURE_TABLE)?;
        run(&format!(
            "insert into {SIGNATURE_TABLE} values ({}, {}, {}, {}, {})",
            literal(&draft.hash),
            literal(&draft.before),
            literal(key),
            literal(signature),
            literal(&now)
        ))?;
    }
    let agreements = draft.agreements.iter().map(|(name, _)| name.as_str());
    for name in agreements.chain([""]) {
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
                    "dominance": {
                        "p": agreement.release.dominance.p.to_string(),
                        "n": agreement.release.dominance.n,
                        "k": agreement.release.dominance.k.to_string(),
                    },
                    "margin": agreement.release.margin.to_string(),
                })
            })
            .collect();
        out.json(&serde_json::json!({ "from": from, "hash": policy.hash, "agreements": agreements }))?;
        return Ok(Exit::Done);
    }
    out.line(&format!("policy {} ({from})", policy.hash.get(..12).unwrap_or("")))?;
    for agreement in policy.agreements.values() {
        let until = agreement.valid_until.map_or_else(|| "open".to_owned(), |until| until.to_string());
        let rules = &agreement.release;
        let [p, k, margin] = [rules.dominance.p, rules.dominance.k, rules.margin]
            .map(|share| share.scale(100, 1).unwrap_or(share));
        out.line(&format!(
            "{} version {} for {}: valid {} until {until}, level {}, min subjects {}, round to {}, dominance {p}% ({}, \
             {k}%), margin {margin}%",
            agreement.name,
            agreement.version,
            agreement.recipient,
            agreement.valid_from,
            agreement.level.name(),
            agreement.release.min_subjects,
            agreement.release.round_to,
            rules.dominance.n
        ))?;
    }
    Ok(Exit::Done)
}
