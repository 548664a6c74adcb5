//! Who asks, as far as the operating system tells.
//!
//! The environment is what a person says of themselves; the user id is what the system says, so it wins
//! where it can be had.

use audit::Actor;

/// The account that runs this process.
pub(crate) fn actor() -> Actor {
    if let Some(id) = user_id() {
        let name = account(id).unwrap_or_else(|| format!("user {id}"));
        return Actor { name, known_by: "operating system".into() };
    }
    let name = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    Actor { name: name.unwrap_or_else(|| "unknown".into()), known_by: "environment".into() }
}

/// The effective user id: the owner of the process's own folder, where the system has such folders.
#[cfg(unix)]
fn user_id() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata))
}

#[cfg(not(unix))]
fn user_id() -> Option<u32> {
    None
}

/// The name of an account in the system's list.
fn account(id: u32) -> Option<String> {
    let list = std::fs::read_to_string("/etc/passwd").ok()?;
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn the_system_knows_who_runs_this() {
        let actor = super::actor();
        assert_eq!(actor.known_by, "operating system");
        assert!(!actor.name.is_empty());
    }
}
