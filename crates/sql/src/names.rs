//! Identifiers: the one printer of names, and names that are unique for an engine.
//!
//! Engines compare names without case, cut them after 63 bytes (Postgres) and let a common table
//! expression hide a table of the same name. A plan knows none of this, so its names are mapped to
//! names that stay apart under all three.

use sqlparser::ast::Ident;
use std::collections::BTreeSet;

/// The longest name that every engine keeps whole, in bytes.
pub(crate) const LONGEST: usize = 63;

/// Names of the bound values inside formulas; no alias of a block may be one of them.
pub(crate) const LETS: [&str; 5] = ["_1", "_2", "_3", "_4", "_5"];

/// A name between double quotes, quotes in it doubled.
///
/// The tree holds the name as it stands between the quotes: `sqlparser` prints doubled quotes as
/// they are, while it takes a quote after a backslash for an escaped one.
pub(crate) fn quoted(name: &str) -> Ident {
    Ident::with_quote('"', name.replace('"', "\"\""))
}

/// A name that the warehouse gave, which cannot be changed.
///
/// # Errors
/// The reason, for a name that no engine takes: an empty one, or one with control characters; and for one
/// that is longer than the engine keeps, of which it would read another.
pub(crate) fn given(name: &str, longest: Option<usize>) -> Result<Ident, String> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(format!("{name:?} cannot be the name of a table or column"));
    }
    match longest {
        Some(longest) if name.len() > longest => {
            Err(format!("the engine cuts the name {name:?} after {longest} bytes"))
        }
        Some(_) | None => Ok(quoted(name)),
    }
}

/// Hands out names that differ in more than case.
#[derive(Debug, Default)]
pub(crate) struct Namer {
    taken: BTreeSet<String>,
}

impl Namer {
    /// Keeps a name from being handed out.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// The wanted name, or as little else as makes it unique: at most 63 bytes, no control characters.
    pub(crate) fn unique(&mut self, wanted: &str) -> String {
        let clean: String = wanted.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
        let clean = if clean.is_empty() { "unnamed".to_owned() } else { clean };
        let mut name = shortened(&clean, LONGEST).to_owned();
        let mut number = 2_u32;
        while self.taken.contains(&name.to_lowercase()) {
            let end = format!("_{number}");
            name = format!("{}{end}", shortened(&clean, LONGEST - end.len()));
            number += 1;
        }
        self.reserve(&name);
        name
    }
}

/// The longest beginning of at most so many bytes.
fn shortened(name: &str, bytes: usize) -> &str {
    let mut end = bytes.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_apart_without_case_and_within_63_bytes() {
        let mut namer = Namer::default();
        namer.reserve("gene");
        assert_eq!(namer.unique("Gene"), "Gene_2");
        assert_eq!(namer.unique("GENE"), "GENE_3");
        let long = "é".repeat(40);
        assert_eq!(namer.unique(&long).len(), 62);
        let second = namer.unique(&long);
        assert!(second.ends_with("_2") && second.len() <= LONGEST, "{second}");
        assert_eq!(namer.unique("a\nb\0"), "a_b_");
    }

    #[test]
    fn quotes_in_names_are_doubled_even_after_a_backslash() {
        assert_eq!(quoted(r#"a"b"#).to_string(), r#""a""b""#);
        assert_eq!(quoted(r#"a\"b"#).to_string(), r#""a\""b""#);
        assert_eq!(quoted(r#"""\""#).to_string(), r#""""""\""""#);
    }
}
