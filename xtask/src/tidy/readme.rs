//! The commands that a README tells people to type exist.

use crate::repository::{Finding, Repository};

const READMES: [&str; 2] = ["README.md", "crates/README.md"];

pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>, String> {
    let makefile = repository.text("Makefile")?;
    let targets: Vec<&str> = makefile
        .lines()
        .filter_map(|(_, line)| line.split_once(':'))
        .map(|(name, _)| name)
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        .collect();
    let mut findings = Vec::new();
    for path in READMES {
        let readme = repository.text(path)?;
        let mut block = false;
        for (number, line) in readme.lines() {
            if line.starts_with("```") {
                block = !block;
                continue;
            }
            for target in commands(line, block).filter(|target| !targets.contains(target)) {
                let reason = format!("the Makefile has no target `{target}`");
                findings.push(Finding::new(path, number, reason));
            }
        }
    }
    Ok(findings)
}

/// The targets of `make` on a line: in a block a command at its start, with or without a prompt; in prose a
/// command in backticks.
fn commands(line: &str, block: bool) -> impl Iterator<Item = &str> {
    let spans: Vec<&str> = if block {
        vec![line.trim_start_matches(['$', ' '])]
    } else {
        line.split('`').skip(1).step_by(2).collect()
    };
    spans
        .into_iter()
        .filter_map(|span| span.strip_prefix("make "))
        .flat_map(|rest| rest.split_whitespace().take_while(|word| !word.starts_with('#')))
        .filter(|word| !word.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_blocks_and_in_backticks() {
        assert_eq!(commands("$ make demo   # rows in minutes", true).collect::<Vec<_>>(), ["demo"]);
        assert_eq!(
            commands("With `make lint` and `make bench N=3`.", false).collect::<Vec<_>>(),
            ["lint", "bench"]
        );
        assert_eq!(commands("It will make do.", false).count(), 0);
    }
}
