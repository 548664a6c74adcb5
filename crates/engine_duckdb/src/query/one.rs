//! Whether a text is one query and nothing else.
//!
//! A locked, read-only connection would still let `copy … to` overwrite the warehouse's own log file,
//! because the engine keeps that path open to itself; and several statements in one text all run. So
//! what is not a single `select` never reaches the engine. This looks at tokens only, and refuses the
//! quotes that our printer never writes instead of understanding them.

/// Whether `sql` is one statement that begins with `select` or `with`.
pub(super) fn is_one_query(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once(['\n', '\r']).map_or("", |(_, after)| after.trim_start());
    }
    let first = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    (first.eq_ignore_ascii_case("select") || first.eq_ignore_ascii_case("with")) && is_one_statement(sql)
}

/// No `;` outside quotes and comments; no quotes but `'…'` and `"…"`.
fn is_one_statement(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match byte {
            // `E'…'` has escapes of its own, `$$…$$` anything, and `/* */` may nest.
            b'\'' if at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_') => {
                return false;
            }
            b';' | b'$' => return false,
            b'/' if next == Some(&b'*') => return false,
            b'\'' | b'"' => match closing(bytes, at) {
                Some(end) => at = end,
                None => return false,
            },
            b'-' if next == Some(&b'-') => {
                match bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                    Some(length) => at += length,
                    None => return true,
                }
            }
            _ => {}
        }
        at += 1;
    }
    true
}

/// Where the quote that opens at `from` closes; a doubled quote is one inside.
fn closing(bytes: &[u8], from: usize) -> Option<usize> {
    let quote = bytes[from];
    let mut at = from + 1;
    loop {
        let found = at + bytes[at..].iter().position(|byte| *byte == quote)?;
        if bytes.get(found + 1) != Some(&quote) {
            return Some(found);
        }
        at = found + 2;
        if at > bytes.len() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_query;

    #[test]
    fn queries_are_told_from_the_rest() {
        let fine = [
            "select 1",
            "WITH a AS (select ';' as x, \"a;b\" from t) select * from a",
            "select 'it''s; fine' -- and; this\nfrom t",
            "select date '2026-01-01', ''",
            "-- one; two\nselect 1",
        ];
        for sql in fine {
            assert!(is_one_query(sql), "{sql}");
        }
        let refused = [
            "",
            "copy t to 'x'",
            "select 1; copy t to 'x'",
            "select 1;",
            "selector",
            "select E'\\''; copy t to 'x' --'",
            "select $$;$$",
            "select /* ' */ 1; copy t to 'x' /* ' */",
            "select 'open",
            "select \"open",
            "-- select\ncopy t to 'x'",
            "(select 1)",
            "select 1 -- a\r; copy t to 'x'",
        ];
        for sql in refused {
            assert!(!is_one_query(sql), "{sql}");
        }
    }
}
