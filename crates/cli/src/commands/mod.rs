//! One file per command.

mod audit;
mod check;
mod demo;
mod describe;
mod explain;
mod fmt;
mod init;
mod load;
pub(crate) mod mock;
mod policy;
mod repl;
mod run;
mod saved;
mod schema;
mod source_map;
mod sql;
mod test;

use crate::args::{Arguments, Command, ParamArguments};
use crate::exit::{Exit, Failure, Result};
use crate::out::Out;
use session::params::Params;

/// Runs a command.
pub(crate) fn run(arguments: &Arguments, out: Out) -> Result<Exit> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Demo { folder } => demo::run(folder, common, out),
        Command::Init { folder } => init::run(folder, out),
        Command::Load { kind, rejects } => load::run(kind, rejects.as_deref(), common, out),
        Command::Schema(command) => schema::run(command, common, out),
        Command::Check { check, explain_policy } => check::run(check, *explain_policy, common, out),
        Command::Lint { check } => check::lint(check, common, out),
        Command::Test { paths, library, params } => {
            test::run(paths, *library, &in_force(params)?, common, out)
        }
        Command::Mock(command) => mock::run(command, common, out),
        Command::Fmt { paths, check, diff } => fmt::run(paths, *check, *diff, out),
        Command::Lsp { stdio: _ } => lsp::serve_stdio()
            .map(|code| if code == 0 { Exit::Done } else { Exit::Diagnostics })
            .map_err(|error| Failure::Said(Exit::Internal, error.to_string())),
        Command::Describe { file, name, plain, params } => {
            describe::run(file, name.as_deref(), *plain, &in_force(params)?, common, out)
        }
        Command::Sql { file, names, dialect, map, params } => {
            sql::run(file, names, (*dialect, *map), &in_force(params)?, common, out)
        }
        Command::Save { name, file, table, params } => {
            saved::save(name, file, table, &in_force(params)?, common, out)
        }
        Command::List => saved::list(common, out),
        Command::Run(command) => run::run(command, common, out),
        Command::Attrition(command) => run::attrition(command, common, out),
        Command::Repl { file, commands, params } => {
            repl::run(file.as_deref(), commands, in_force(params)?, common, out)
        }
        Command::Explain { code } => explain::run(code.as_deref(), out),
        Command::Policy(command) => policy::run(command, common, out),
        Command::Audit(command) => audit::run(command, common, out),
        Command::Activity { last, log } => audit::activity(*last, log, common, out),
        Command::Key { file } => audit::key(file, out),
    }
}

/// Values of parameters, from files and the command line.
fn in_force(params: &ParamArguments) -> Result<Params> {
    let mut all = Params::new();
    for file in &params.files {
        all.extend(session::params::in_file(file)?);
    }
    all.extend(session::params::on_command_line(&params.given));
    Ok(all)
}
