//! `baseq fmt`: files in the one style.

use super::check::programs;
use crate::exit::{Exit, Result, usage};
use crate::out::{Out, write_file};
use similar::TextDiff;
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub(super) fn run(paths: &[PathBuf], check: bool, diff: bool, out: Out) -> Result<Exit> {
    if let [only] = paths
        && only.as_os_str() == "-"
    {
        return stdin(check, diff, out);
    }
    let here = [PathBuf::from(".")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &here[..] } else { paths } {
        if path.is_dir() {
            programs(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    let mut changed = 0;
    for file in &files {
        let text =
            std::fs::read_to_string(file).map_err(|error| usage(format!("{}: {error}", file.display())))?;
        let laid_out = format::format(&text);
        if laid_out == text {
            continue;
        }
        changed += 1;
        if diff {
            shown(file, &text, &laid_out, out)?;
        } else if check {
            out.line(&file.display().to_string())?;
        } else {
            write_file(file, laid_out.as_bytes())?;
        }
    }
    let same = files.len() - changed;
    let verb = if check || diff { "would change" } else { "laid out" };
    out.say(&format!("{changed} {verb}, {same} unchanged"));
    Ok(if (check || diff) && changed > 0 { Exit::Diagnostics } else { Exit::Done })
}

/// From standard input to standard output.
fn stdin(check: bool, diff: bool, out: Out) -> Result<Exit> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| usage(format!("the standard input cannot be read: {error}")))?;
    let laid_out = format::format(&text);
    let changes = laid_out != text;
    if diff {
        if changes {
            shown(Path::new("<stdin>"), &text, &laid_out, out)?;
        }
    } else if !check {
        out.result(laid_out.as_bytes())?;
    }
    Ok(if (check || diff) && changes { Exit::Diagnostics } else { Exit::Done })
}

fn shown(file: &Path, text: &str, laid_out: &str, out: Out) -> Result<()> {
    let name = file.display().to_string();
    let diff = TextDiff::from_lines(text, laid_out);
    out.result(diff.unified_diff().context_radius(2).header(&name, &name).to_string().as_bytes())
}
