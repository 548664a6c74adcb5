//! Purposes as written: `DS [DOID:114] with genetic, irb in region "BE"`, or the name of a `purpose` item.

use super::{Reader, with_near};
use crate::codes;
use crate::consent::{Aim, DiseaseIds, Flag, Place, Primary, Purpose};
use diag::{Diagnostic, near_names};
use syntax::Parsed;
use syntax::tree::{Literal, LiteralKind, PurposeText};

const PLACES: [Place; 4] = [Place::Party, Place::Institution, Place::Project, Place::Region];

impl Reader<'_> {
    /// A purpose; `named` says that it may be the name of a purpose item. Errors are reported.
    pub(super) fn purpose(&mut self, parsed: &Parsed, text: &PurposeText, named: bool) -> Option<Purpose> {
        let range = parsed.range(text.span);
        let Some(primary) = Primary::ALL.into_iter().find(|primary| primary.name() == text.primary.text)
        else {
            return self.named_purpose(parsed, text, named);
        };
        let mut whole = true;
        let mut ids = Vec::new();
        for disease in &text.diseases {
            if let Some(id) = disease_id(disease) {
                ids.push(id);
            } else {
                whole = false;
                let at = parsed.range(disease.span);
                self.report(
                    Diagnostic::error(codes::BAD_PURPOSE, "a disease is a term of DOID or MONDO", at, "not such a term")
                        .note("consent names terms of a disease ontology; a code of another system would match none of them")
                        .help("write it as `DOID:114`"),
                );
            }
        }
        if !whole {
            return None;
        }
        let aim = match (primary, DiseaseIds::new(ids)) {
            (Primary::Ds, Some(ids)) => Aim::Ds(ids),
            (Primary::Ds, None) => {
                self.report(
                    Diagnostic::error(codes::BAD_PURPOSE, "DS needs a disease", range, "which disease?")
                        .help("name it: `DS [DOID:114]`; for all of health research write `HMB`"),
                );
                return None;
            }
            (Primary::Methods, ids) => Aim::Methods(ids),
            (Primary::General, None) => Aim::General,
            (Primary::Hmb, None) => Aim::Hmb,
            (Primary::Poa, None) => Aim::Poa,
            (Primary::Cc, None) => Aim::Cc,
            (Primary::General | Primary::Hmb | Primary::Poa | Primary::Cc, Some(_)) => {
                self.report(
                    Diagnostic::error(
                        codes::BAD_PURPOSE,
                        format!("{primary} names no disease"),
                        range,
                        "with a disease",
                    )
                    .help("research on certain diseases is `DS`"),
                );
                return None;
            }
        };
        let mut purpose = Purpose::new(aim);
        for word in &text.flags {
            if let Some(flag) = Flag::ALL.into_iter().find(|flag| flag.name() == word.text) {
                purpose.flags.insert(flag);
            } else {
                whole = false;
                let known = Flag::ALL.map(Flag::name);
                self.unknown_word("a flag of a purpose", word, &known, parsed.range(word.span));
            }
        }
        for (word, value) in &text.places {
            let slot = match PLACES.into_iter().find(|place| place.name() == word.text) {
                Some(Place::Party) => &mut purpose.party,
                Some(Place::Institution) => &mut purpose.institution,
                Some(Place::Project) => &mut purpose.project,
                Some(Place::Region) => &mut purpose.region,
                None => {
                    whole = false;
                    let known = PLACES.map(Place::name);
                    self.unknown_word("a place of a purpose", word, &known, parsed.range(word.span));
                    continue;
                }
            };
            if slot.replace(value.value.clone()).is_some() {
                whole = false;
                let at = parsed.range(value.span);
                self.error(
                    codes::BAD_PURPOSE,
                    format!("a purpose has one {}", word.text),
                    at,
                    "the second one",
                );
            }
        }
        whole.then_some(purpose)
    }

    /// The purpose that a name stands for.
    fn named_purpose(&mut self, parsed: &Parsed, text: &PurposeText, named: bool) -> Option<Purpose> {
        let name = &text.primary;
        let at = parsed.range(name.span);
        if let Some((purpose, _)) = self.set.purposes.get(&name.text)
            && named
        {
            if text.diseases.is_empty() && text.flags.is_empty() && text.places.is_empty() {
                return Some(purpose.clone());
            }
            self.report(
                Diagnostic::error(
                    codes::BAD_PURPOSE,
                    format!("`{}` is a whole purpose, and nothing is added to it", name.text),
                    parsed.range(text.span),
                    "more than the name",
                )
                .help("name it alone, or write the purpose out"),
            );
            return None;
        }
        if named && self.set.broken.contains(&name.text) {
            return None;
        }
        let mut known: Vec<&str> = Primary::ALL.iter().map(|primary| primary.name()).collect();
        if named {
            known.extend(self.set.purposes.keys().map(String::as_str));
        }
        let near = near_names(&name.text, known.iter().copied());
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_WORD,
            format!("`{}` is not a purpose", name.text),
            at,
            "unknown word",
        )
        .note(format!("known: {}", known.join(", ")));
        let diagnostic = with_near(diagnostic, &near);
        self.report(diagnostic);
        None
    }
}

/// `DOID:` or `MONDO:` and digits.
fn disease_id(literal: &Literal) -> Option<String> {
    let LiteralKind::Code { system, code, .. } = &literal.kind else { return None };
    let digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    (matches!(system.as_str(), "DOID" | "MONDO") && digits).then(|| format!("{system}:{code}"))
}
