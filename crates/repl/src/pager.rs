//! A result that does not fit on the screen is shown by a pager.
//!
//! `BASEQ_PAGER` and `PAGER` name it; empty means none. `less` is told to leave what fits on the screen
//! when it ends, and not to break long lines.

use std::io::{IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

/// Shows a text by a pager if it does not fit; `false` where it was not shown. Long lines of a `drawn` text
/// are not broken; those of other texts are, and count as several.
pub(crate) fn show(text: &[u8], drawn: bool) -> bool {
    if !std::io::stdout().is_terminal() {
        return false;
    }
    let Some((width, height)) = terminal_size::terminal_size() else { return false };
    let text = String::from_utf8_lossy(text);
    if fits(&text, drawn, usize::from(width.0), usize::from(height.0)) {
        return false;
    }
    let named = ["BASEQ_PAGER", "PAGER"].into_iter().find_map(|name| std::env::var(name).ok());
    let pager = named.unwrap_or_else(|| "less".to_owned());
    if pager.trim().is_empty() {
        return false;
    }
    let mut command = Command::new("sh");
    command.args(["-c", &pager]).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", if drawn { "FRSX" } else { "FRX" });
    }
    if std::env::var_os("LESSCHARSET").is_none() {
        command.env("LESSCHARSET", "utf-8");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves before the end has seen enough.
        let _ = input.write_all(text.as_bytes());
    }
    // The shell's 127: there is no such pager.
    child.wait().is_ok_and(|status| status.code() != Some(127))
}

/// Whether a text fits, with a line for the next prompt.
fn fits(text: &str, drawn: bool, width: usize, height: usize) -> bool {
    let lengths = || text.lines().map(|line| line.chars().count());
    let rows: usize = lengths().map(|length| length.div_ceil(width.max(1)).max(1)).sum();
    rows < height && !(drawn && lengths().any(|length| length > width))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_text_fits_with_a_line_to_spare() {
        assert!(fits("a\nb\n", false, 80, 3));
        assert!(!fits("a\n\nc\n", false, 80, 3));
        assert!(fits(&"─".repeat(80), true, 80, 24));
        assert!(!fits(&"─".repeat(81), true, 80, 24));
        assert!(fits(&"a".repeat(81), false, 80, 3) && !fits(&"a".repeat(81), false, 80, 2));
    }
}
