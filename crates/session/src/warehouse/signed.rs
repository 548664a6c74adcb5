//! Whether the installed policy got there by the steward's door.
//!
//! What widens a policy needs a steward's signature when it is installed (consent-and-policy.md, section 4).
//! A policy may have come by another way, so the history of policies is followed again before a question runs: from the
//! day on which the warehouse first trusted a steward, every version either narrows the one before it or carries a
//! signature for exactly this step. A warehouse that trusts nobody has no signatures to ask for.
//!
//! It finds a policy that another program or an older one wrote. Whoever writes to the warehouse at will can also write
//! the days of its policies or empty the list of its stewards: the owner of the database is trusted.

use super::{POLICY_TABLE, SIGNATURE_TABLE, STEWARD_TABLE, has_table, policies, stewards, texts};
use crate::codes::STALE;
use crate::session::{installed_model, read_policy};
use crate::trouble::{Kind, Result, Trouble};
use engine::Reader;
use model::Model;
use policy::{Direction, PolicySet};
use signing::{PublicKey, Purpose};
use std::collections::BTreeMap;
use text::Files;

/// What a steward signs: this policy, in the place of that one, so that a signature is good for one step and an old
/// policy does not come back by its old signature. `before` is empty where none was installed.
pub(crate) fn message(hash: &str, before: &str) -> String {
    format!("{hash}\nafter {}\n", if before.is_empty() { "none" } else { before })
}

/// Follows the policies of a warehouse from the first to the installed one.
///
/// # Errors
/// A version allows more than the one before it, and no steward whom the warehouse trusts signed that; or the
/// warehouse cannot be read.
pub(crate) fn authorised(model: &Model, reader: &mut dyn Reader) -> Result<()> {
    let keys = stewards(reader)?;
    if keys.is_empty() {
        return Ok(());
    }
    // A key that is none verifies nothing.
    let trusted: Vec<PublicKey> = keys.iter().filter_map(|key| PublicKey::parse(key)).collect();
    let before_trust = versions_before_trust(reader)?;
    let signatures = signatures(reader)?;
    // A signature is good for its one step, so that a steward who signs what follows a forged one has seen that.
    let (mut before, mut model_before, mut good) = (PolicySet::default(), None, true);
    for (at, files) in policies(reader)?.iter().enumerate() {
        let (now, _) = read_policy(model, files, &mut Files::new());
        let step = message(&now.hash, &before.hash);
        let signed = signatures.get(&now.hash).is_some_and(|all| {
            all.iter().any(|signature| {
                trusted.iter().any(|key| key.verifies(Purpose::Policy, step.as_bytes(), signature))
            })
        });
        let of = installed_model(files);
        let narrows = || {
            let models = match (&model_before, &of) {
                (Some(before), Some(now)) => policy::model_changes(before, now),
                (None, _) | (_, None) => return false,
            };
            let mut changes = models.into_iter().chain(policy::changes(model, &before, &now));
            changes.all(|change| change.direction != Direction::Widens)
        };
        good = at < before_trust || signed || (good && narrows());
        before = now;
        model_before = of;
    }
    if good {
        return Ok(());
    }
    let message = "the installed policy allows more than the one before it, and no steward whom the warehouse trusts has \
                   signed that";
    Err(Trouble::new(Kind::Refused, STALE, message)
        .help("it did not come by `baseq policy install`: the steward installs a policy and signs it"))
}

/// How many of the oldest policies were there before the warehouse trusted anybody.
fn versions_before_trust(reader: &mut dyn Reader) -> Result<usize> {
    let sql = format!(
        "select distinct version::VARCHAR from {POLICY_TABLE} where installed_at <= (select min(added_at) from {STEWARD_TABLE})"
    );
    Ok(if has_table(reader, POLICY_TABLE)? { texts(reader, &sql, 1)?.len() } else { 0 })
}

/// The signatures by the hash of the policy that they are for.
fn signatures(reader: &mut dyn Reader) -> Result<BTreeMap<String, Vec<String>>> {
    let mut all = BTreeMap::<String, Vec<String>>::new();
    if has_table(reader, SIGNATURE_TABLE)? {
        let sql = format!("select sha256, signature from {SIGNATURE_TABLE} order by sha256, signature");
        for row in texts(reader, &sql, 2)? {
            let [hash, signature] = <[String; 2]>::try_from(row).unwrap_or_default();
            all.entry(hash).or_default().push(signature);
        }
    }
    Ok(all)
}
