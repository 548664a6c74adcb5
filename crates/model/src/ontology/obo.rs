//! OBO, versions 1.2 and 1.4, as HPO, SO and DOID publish it.
//!
//! Read are the stanzas `[Term]` with id, name, alternative ids, synonyms, obsolescence, replacements and
//! `is_a`. Other stanzas and tags are passed over: definitions, cross references and relationships have
//! no meaning in the language. The format: <https://owlcollab.github.io/oboformat/doc/obo-syntax.html>.

use super::open::{Builder, OpenTerm, at, release};
use super::{Ontology, OntologyError, Scope, Synonym};

/// Reads a whole OBO text. `version` is used where the header has no `data-version`; the prefix is the
/// most frequent one among the terms.
///
/// # Errors
/// A malformed tag, a term twice or without id, a parent that is not in the text, a circle, or no
/// version; with the line.
pub fn read(text: &str, version: Option<&str>) -> Result<Ontology, OntologyError> {
    let mut builder = Builder::default();
    let mut stated = None;
    let mut stanza = Stanza::Header;
    for (line, written) in (1..).zip(text.lines()) {
        let content = written.trim();
        if content.is_empty() || content.starts_with('!') {
            continue;
        }
        if content.starts_with('[') {
            close(stanza, &mut builder)?;
            stanza = match content {
                "[Term]" => Stanza::Term(OpenTerm { line, ..OpenTerm::default() }),
                "[Typedef]" | "[Instance]" => Stanza::Other,
                _ => return Err(at(line, format!("`{content}` is not a stanza of OBO"))),
            };
            continue;
        }
        let Some((tag, value)) = content.split_once(':') else {
            return Err(at(line, format!("`{content}` is not of the form `tag: value`")));
        };
        let value = value.trim();
        match &mut stanza {
            Stanza::Header if tag == "data-version" => stated = Some(release(value)),
            Stanza::Header | Stanza::Other => {}
            Stanza::Term(term) => tag_of_term(term, line, tag, value)?,
        }
    }
    close(stanza, &mut builder)?;
    builder.finish(None, stated.or_else(|| version.map(str::to_owned)))
}

enum Stanza {
    Header,
    Term(OpenTerm),
    Other,
}

fn close(stanza: Stanza, builder: &mut Builder) -> Result<(), OntologyError> {
    match stanza {
        Stanza::Term(term) if term.id.is_empty() => Err(at(term.line, "a term without an id".into())),
        Stanza::Term(term) => builder.add(term),
        Stanza::Header | Stanza::Other => Ok(()),
    }
}

fn tag_of_term(term: &mut OpenTerm, line: u64, tag: &str, value: &str) -> Result<(), OntologyError> {
    match tag {
        "id" if term.id.is_empty() => term.id = id_of(value),
        "id" => return Err(at(line, format!("a second id in the term {}", term.id))),
        "name" => term.label = unescape(value),
        "alt_id" => term.alternatives.push(id_of(value)),
        "replaced_by" => term.replaced_by.push(id_of(value)),
        "consider" => term.consider.push(id_of(value)),
        "is_a" => term.parents.push((line, id_of(value))),
        "is_obsolete" => {
            term.obsolete = match without_comment(value) {
                "true" => true,
                "false" => false,
                other => return Err(at(line, format!("is_obsolete is `{other}`, neither true nor false"))),
            }
        }
        "synonym" => term.synonyms.push(synonym(line, value)?),
        _ => {}
    }
    Ok(())
}

/// `"text" SCOPE type [references]`; the scope may be left out and is then RELATED.
fn synonym(line: u64, value: &str) -> Result<Synonym, OntologyError> {
    let bad = || at(line, "a synonym is not of the form \"text\" SCOPE [references]".into());
    let rest = value.strip_prefix('"').ok_or_else(bad)?;
    let mut escaped = false;
    let end = rest
        .char_indices()
        .find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        })
        .map(|(at, _)| at)
        .ok_or_else(bad)?;
    let word = rest[end + 1..].split_whitespace().next().unwrap_or("");
    let scope = Scope::of(word).unwrap_or(Scope::Related);
    Ok(Synonym { text: unescape(&rest[..end]), scope })
}

/// The id in a value that may carry qualifiers in braces and a comment after `!`.
fn id_of(value: &str) -> String {
    let bare = without_comment(value);
    unescape(bare.split_whitespace().next().unwrap_or(""))
}

fn without_comment(value: &str) -> &str {
    value.split(" !").next().unwrap_or(value).trim()
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'W') => plain.push(' '),
            Some('t') => plain.push('\t'),
            Some(other) => plain.push(other),
            None => plain.push('\\'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::{Resolution, Scope};
    use super::*;

    const SMALL: &str = "\
format-version: 1.2
data-version: hp/releases/2025-01-16

[Term]
id: HP:1
name: top

[Term]
id: HP:2
name: a \\\"quoted\\\" name
alt_id: HP:9
synonym: \"say \\\"it\\\"\" EXACT layperson []
synonym: \"near\" []
is_a: HP:1 {source=\"x\"} ! top

[Term]
id: HP:3
name: obsolete old
is_obsolete: true
replaced_by: HP:4

[Term]
id: HP:4
is_obsolete: true
replaced_by: HP:2

[Term]
id: HP:5
is_obsolete: true
consider: HP:1

[Typedef]
id: part_of
name: part of
";

    #[test]
    fn terms_synonyms_and_what_became_of_old_ids() {
        let hp = read(SMALL, None).unwrap();
        assert_eq!((hp.prefix.as_str(), hp.version.as_str()), ("HP", "2025-01-16"));
        let two = hp.find("HP:2").unwrap();
        assert_eq!(hp.term(two).label, "a \"quoted\" name");
        let scopes: Vec<_> = hp.term(two).synonyms.iter().map(|s| (s.text.as_str(), s.scope)).collect();
        assert_eq!(scopes, [("say \"it\"", Scope::Exact), ("near", Scope::Related)]);
        assert_eq!(hp.ancestors_or_self(two).len(), 2);
        assert_eq!(hp.resolve("HP:2"), Resolution::Current(two));
        assert_eq!(hp.resolve("HP:3"), Resolution::ReplacedBy(two));
        assert_eq!(hp.resolve("HP:9"), Resolution::Alternative(two));
        assert_eq!(hp.resolve("HP:5"), Resolution::Obsolete(&["HP:1".into()]));
        assert_eq!(hp.resolve("HP:7"), Resolution::Unknown);
    }

    #[test]
    fn a_subset_that_breaks_the_chain_is_refused_with_its_line() {
        let error = read("data-version: 1\n[Term]\nid: A:1\nis_a: A:2\n", None).unwrap_err();
        assert_eq!(error.line, 4);
        assert!(error.reason.contains("load a full release"), "{error}");
    }

    #[test]
    fn a_version_is_needed() {
        assert!(read("[Term]\nid: A:1\n", None).is_err());
        assert_eq!(read("[Term]\nid: A:1\n", Some("3")).unwrap().version, "3");
    }

    #[test]
    fn a_term_twice_is_refused() {
        let error = read("[Term]\nid: A:1\n\n[Term]\nid: A:1\n", Some("1")).unwrap_err();
        assert_eq!((error.line, error.reason.as_str()), (4, "A:1 is already a term on line 1"));
    }
}
