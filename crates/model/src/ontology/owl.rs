//! OWL in RDF/XML, as DUO publishes it.
//!
//! Read are the named classes of one prefix with `oboInOwl:id`, label, shorthand, synonyms, deprecation
//! and named superclasses. Anonymous superclasses (restrictions) and axioms are passed over. A class id
//! is its `oboInOwl:id` where it has one: DUO 2021-02-23 writes `DUO_00000044` in the IRI of DUO:0000044.

use super::open::{Builder, OpenTerm, at, release};
use super::{Ontology, OntologyError, Scope, Synonym};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

const OBO: &str = "http://purl.obolibrary.org/obo/";

/// Reads a whole OWL text. `prefix` chooses the classes (`DUO`); `version` is used where the text has no
/// `owl:versionIRI` or `owl:versionInfo`.
///
/// # Errors
/// Malformed XML, a class twice, a superclass of the prefix that is not in the text, a circle, or no
/// version; with the line.
pub fn read(text: &str, prefix: &str, version: Option<&str>) -> Result<Ontology, OntologyError> {
    let mut reader = Reader::from_str(text);
    let mut state = State {
        prefix,
        stated: None,
        path: Vec::new(),
        class: None,
        classes: Vec::new(),
        text: String::new(),
    };
    let mut lines = Lines { text, at: 0, line: 1 };
    loop {
        let before = reader.buffer_position();
        let event = reader.read_event();
        let line = lines.line_of(before);
        let event = event
            .map_err(|error| at(lines.line_of(reader.buffer_position()), format!("not XML: {error}")))?;
        match event {
            Event::Start(element) => state.open(&element, line)?,
            Event::Empty(element) => {
                state.open(&element, line)?;
                state.close();
            }
            Event::End(_) => state.close(),
            Event::Text(part) => {
                state.text.push_str(&part);
            }
            Event::GeneralRef(name) => match quick_xml::escape::unescape(&format!("&{};", &*name)) {
                Ok(character) => state.text.push_str(&character),
                Err(error) => return Err(at(line, format!("not XML: {error}"))),
            },
            Event::CData(part) => {
                state.text.push_str(&part);
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => break,
        }
    }
    if let Some(open) = state.path.last() {
        return Err(at(lines.line_of(u64::MAX), format!("not XML: <{open}> is not closed")));
    }
    state.finish(version)
}

struct State<'a> {
    prefix: &'a str,
    stated: Option<String>,
    /// Names of the open elements.
    path: Vec<String>,
    /// The open class and its IRI.
    class: Option<(String, OpenTerm)>,
    classes: Vec<(String, OpenTerm)>,
    /// Text of the innermost element so far.
    text: String,
}

impl State<'_> {
    fn open(&mut self, element: &BytesStart<'_>, line: u64) -> Result<(), OntologyError> {
        self.text.clear();
        let name = element.name().as_ref().to_owned();
        let parent = self.path.last().map(String::as_str);
        match (self.path.len(), name.as_str()) {
            (1, "owl:Class") => {
                if let Some(iri) = attribute(element, "rdf:about", line)? {
                    self.class = Some((iri, OpenTerm { line, ..OpenTerm::default() }));
                }
            }
            (2, "owl:versionIRI") if parent == Some("owl:Ontology") => {
                self.stated = attribute(element, "rdf:resource", line)?.map(|iri| release(&iri));
            }
            (2, "rdfs:subClassOf") => {
                let resource = attribute(element, "rdf:resource", line)?;
                if let (Some((_, class)), Some(iri)) = (&mut self.class, resource) {
                    class.parents.push((line, iri));
                }
            }
            // "term replaced by", as the OBO library maps replaced_by.
            (2, "obo:IAO_0100001") => {
                let resource = attribute(element, "rdf:resource", line)?;
                if let (Some((_, class)), Some(iri)) = (&mut self.class, resource) {
                    class.replaced_by.push(curie(&iri).unwrap_or(iri));
                }
            }
            _ => {}
        }
        self.path.push(name);
        Ok(())
    }

    fn close(&mut self) {
        let name = self.path.pop().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if self.path.len() == 2 && self.path[1] == "owl:Ontology" && name == "owl:versionInfo" {
            self.stated.get_or_insert_with(|| release(text));
        }
        if self.path.len() == 1
            && name == "owl:Class"
            && let Some((iri, class)) = self.class.take()
        {
            self.classes.push((iri, class));
        }
        let Some((_, class)) = self.class.as_mut().filter(|_| self.path.len() == 2) else { return };
        let synonym = |scope| Synonym { text: text.to_owned(), scope };
        match name.as_str() {
            "oboInOwl:id" => text.clone_into(&mut class.id),
            "rdfs:label" => text.clone_into(&mut class.label),
            "owl:deprecated" => class.obsolete = text == "true",
            "obo:IAO_0100001" if !text.is_empty() => {
                class.replaced_by.push(curie(text).unwrap_or_else(|| text.to_owned()));
            }
            "oboInOwl:consider" => class.consider.push(text.to_owned()),
            "oboInOwl:hasAlternativeId" => class.alternatives.push(text.to_owned()),
            "oboInOwl:shorthand" | "oboInOwl:hasExactSynonym" => class.synonyms.push(synonym(Scope::Exact)),
            "oboInOwl:hasBroadSynonym" => class.synonyms.push(synonym(Scope::Broad)),
            "oboInOwl:hasNarrowSynonym" => class.synonyms.push(synonym(Scope::Narrow)),
            "oboInOwl:hasRelatedSynonym" => class.synonyms.push(synonym(Scope::Related)),
            _ => {}
        }
    }

    /// Superclasses are written as IRIs, so they become ids only when all classes are known.
    fn finish(self, version: Option<&str>) -> Result<Ontology, OntologyError> {
        let id_of: std::collections::BTreeMap<String, String> = self
            .classes
            .iter()
            .map(|(iri, class)| {
                let id = if class.id.is_empty() {
                    curie(iri).unwrap_or_else(|| iri.clone())
                } else {
                    class.id.clone()
                };
                (iri.clone(), id)
            })
            .collect();
        let mut builder = Builder::default();
        for (iri, mut class) in self.classes {
            class.id.clone_from(&id_of[&iri]);
            if super::open::prefix_of(&class.id) != Some(self.prefix) {
                continue;
            }
            for (_, parent) in &mut class.parents {
                *parent = id_of.get(parent).cloned().or_else(|| curie(parent)).unwrap_or_default();
            }
            builder.add(class)?;
        }
        builder.finish(Some(self.prefix), self.stated.or_else(|| version.map(str::to_owned)))
    }
}

/// `http://purl.obolibrary.org/obo/DUO_0000001` as `DUO:0000001`.
fn curie(iri: &str) -> Option<String> {
    let (prefix, local) = iri.strip_prefix(OBO)?.split_once('_')?;
    Some(format!("{prefix}:{local}"))
}

fn attribute(element: &BytesStart<'_>, name: &str, line: u64) -> Result<Option<String>, OntologyError> {
    let bad = |error: &dyn std::fmt::Display| at(line, format!("not XML: {error}"));
    let found = element.try_get_attribute(name).map_err(|error| bad(&error))?;
    found
        .map(|found| {
            quick_xml::escape::unescape(&found.value)
                .map(std::borrow::Cow::into_owned)
                .map_err(|error| bad(&error))
        })
        .transpose()
}

/// Counts lines up to byte offsets that only grow.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn line_of(&mut self, offset: u64) -> u64 {
        let to = usize::try_from(offset).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        self.line +=
            self.text.as_bytes()[self.at..to].split(|byte| *byte == b'\n').skip(1).map(|_| 1).sum::<u64>();
        self.at = to;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"<?xml version="1.0"?>
<rdf:RDF>
  <owl:Ontology rdf:about="http://purl.obolibrary.org/obo/duo.owl">
    <owl:versionIRI rdf:resource="http://purl.obolibrary.org/obo/duo/releases/2021-02-23/duo.owl"/>
  </owl:Ontology>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/DUO_0000001">
    <rdfs:label>data use permission</rdfs:label>
    <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/IAO_0000030"/>
  </owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/DUO_00000042">
    <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/DUO_0000001"/>
    <rdfs:subClassOf><owl:Restriction><rdfs:label>no</rdfs:label></owl:Restriction></rdfs:subClassOf>
    <oboInOwl:id>DUO:0000042</oboInOwl:id>
    <oboInOwl:shorthand>GRU</oboInOwl:shorthand>
    <rdfs:label>general &amp; research use</rdfs:label>
  </owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/DUO_0000002">
    <owl:deprecated>true</owl:deprecated>
  </owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/IAO_0000030"/>
</rdf:RDF>
"#;

    #[test]
    fn classes_of_one_prefix() {
        let duo = read(SMALL, "DUO", None).unwrap();
        assert_eq!((duo.version.as_str(), duo.terms().len()), ("2021-02-23", 3));
        let gru = duo.find("DUO:0000042").unwrap();
        assert_eq!(duo.term(gru).label, "general & research use");
        assert_eq!(duo.term(gru).synonyms[0].text, "GRU");
        assert!(duo.is_under(gru, duo.find("DUO:0000001").unwrap()));
        assert!(duo.term(duo.find("DUO:0000002").unwrap()).obsolete);
    }

    #[test]
    fn a_missing_superclass_is_refused_with_its_line() {
        let error = read(&SMALL.replace("DUO_0000001\">", "DUO_0000009\">"), "DUO", None).unwrap_err();
        assert_eq!(error.line, 11, "{error}");
    }

    #[test]
    fn broken_xml_is_refused() {
        assert!(read("<rdf:RDF><owl:Class>", "DUO", Some("1")).is_err());
        assert!(read("<a></b>", "DUO", Some("1")).is_err());
    }
}
