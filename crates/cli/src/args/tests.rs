//! Every command shows how it is used.

use super::*;
use clap::CommandFactory as _;

#[test]
fn every_command_has_an_example() {
    fn visit(command: &clap::Command, path: &str) {
        let name = format!("{path} {}", command.get_name());
        if command.get_subcommands().next().is_none() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("baseq "), "{name} has no example");
        }
        for sub in command.get_subcommands() {
            visit(sub, &name);
        }
    }
    Arguments::command().debug_assert();
    visit(&Arguments::command(), "");
}
