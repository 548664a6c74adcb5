//! Codes and sets of codes: what is in them, with labels checked and expansions pinned.

use super::{Checked, Checker};
use crate::query::{CodeSet, CodeTest};
use crate::vocabulary::CodeStatus;
use diag::{Code, Diagnostic};
use syntax::tree::{self, CodesValue, End, Entry, LiteralKind, Member};
use text::Range;

impl<'a> Checker<'a> {
    /// The value of a `codes` item.
    pub(crate) fn codes_item(&mut self, codes: &'a tree::Codes) -> Checked {
        match &codes.value {
            CodesValue::Set(set) => self.set(set, None),
            CodesValue::File(file) => {
                let range = self.range(file.span);
                let key = (self.parsed.tape.file(), file.value.clone());
                match self.input.code_files.get(&key) {
                    Some(Ok(codes)) => self.codes_of_file(&file.value, codes, range),
                    Some(Err(reason)) => {
                        let reason = reason.clone();
                        self.error(
                            "E0408",
                            format!("`{}` cannot be read: {reason}", file.value),
                            range,
                            "this file",
                        );
                        Checked::Error
                    }
                    None => {
                        self.error(
                            "E0408",
                            format!("`{}` was not found", file.value),
                            range,
                            "no such file beside this one",
                        );
                        Checked::Error
                    }
                }
            }
        }
    }

    /// The sets of codes that stand in a definition. What is wrong with them is said where the definition is
    /// checked.
    pub(crate) fn codes_of_definition(&mut self, define: &'a tree::Define) {
        let mut sets = Vec::new();
        syntax::walk_node(syntax::Node::Expr(&define.value), &mut |node| {
            if let syntax::Node::Set(set) = node
                && names_codes(set)
            {
                sets.push(set);
            }
            true
        });
        let mut tests = Vec::new();
        for set in sets {
            let (said, unsaid) = (self.diagnostics.len(), self.unsaid);
            if let Checked::Codes(test, _) = self.set(set, None) {
                tests.push(test);
            }
            self.diagnostics.truncate(said);
            self.unsaid = unsaid;
        }
        if tests.is_empty() {
            return;
        }
        let name = match &define.entity {
            Some(entity) => format!("{}.{}", entity.text, define.name.text),
            None => define.name.text.clone(),
        };
        let range = self.range(define.span);
        self.query.code_sets.push(CodeSet { name, tests, range });
    }

    /// One code: itself and its descendants, or with `only` itself.
    pub(crate) fn code(
        &mut self,
        system: &str,
        code: &str,
        label: Option<&tree::Text>,
        only: bool,
        range: Range,
    ) -> Option<CodeTest> {
        if !model::is_code_system(system) {
            let near = diag::near_names(system, model::CODE_SYSTEMS.iter().copied());
            let diagnostic = Diagnostic::error(
                Code("E0401"),
                format!("`{system}` is not a code system that is known here"),
                range,
                "unknown code system",
            )
            .note(format!("the systems are {}", model::CODE_SYSTEMS.join(", ")));
            let system_only =
                Range::new(range.file, range.start, range.start + u32::try_from(system.len()).unwrap_or(0));
            self.report(match near.first() {
                Some(near) => {
                    diagnostic.likely(format!("write `{near}`"), vec![(system_only, (*near).to_owned())])
                }
                None => diagnostic,
            });
            return None;
        }
        let mut curie = format!("{system}:{code}");
        match self.input.vocabulary.code(&curie) {
            CodeStatus::Current(name) => self.label(&curie, label, &name, range),
            CodeStatus::ReplacedBy { id, label: name } => {
                self.report(
                    Diagnostic::warning(
                        Code("W0401"),
                        format!("`{curie}` is obsolete and was replaced by `{id}`"),
                        range,
                        "read as its successor",
                    )
                    .fix(format!("write `{id} \"{name}\"`"), vec![(range, format!("{id} \"{name}\""))]),
                );
                curie = id;
            }
            CodeStatus::Obsolete(name) => {
                let near =
                    self.input.vocabulary.near_codes(&curie, Some(name.trim_start_matches("obsolete ")));
                let mut diagnostic = Diagnostic::error(
                    Code("E0402"),
                    format!("`{curie}` (\"{name}\") is obsolete, and nothing has replaced it"),
                    range,
                    "an obsolete code is in no set",
                )
                .note(
                    "nobody is recorded with it any more; people are recorded with the terms that are in use",
                );
                for (id, name) in near.into_iter().filter(|(id, _)| *id != curie) {
                    diagnostic = diagnostic.help(format!("`{id} \"{name}\"` is near"));
                }
                self.report(diagnostic);
                return None;
            }
            CodeStatus::Unknown => {
                let near = self.input.vocabulary.near_codes(&curie, label.map(|label| label.value.as_str()));
                let mut diagnostic = Diagnostic::error(
                    Code("E0403"),
                    format!("the pinned version of {system} has no code `{curie}`"),
                    range,
                    "no such code",
                );
                // The one term that has the label which was written is the one that was meant.
                let meant = |name: &String| label.is_some_and(|label| same_label(&label.value, name));
                diagnostic = match near.as_slice() {
                    [(id, name)] if meant(name) => {
                        diagnostic.likely(format!("write `{id}`"), vec![(range, format!("{id} \"{name}\""))])
                    }
                    near => near.iter().fold(diagnostic, |diagnostic, (id, name)| {
                        diagnostic.help(format!("`{id} \"{name}\"` is near"))
                    }),
                };
                self.report(diagnostic);
                return None;
            }
            CodeStatus::Unlisted => {}
        }
        let mut test = CodeTest { system: system.to_owned(), ..CodeTest::default() };
        if only {
            test.exact.push(curie);
        } else if self.input.vocabulary.has_closure(system) {
            test.exact = self.input.vocabulary.descendants_or_self(&curie);
        } else if is_by_prefix(system) {
            test.prefixes.push(curie);
        } else {
            test.exact.push(curie);
        }
        Some(test)
    }

    /// A label that was written must be that of the code: of the two one is a mistake.
    fn label(&mut self, curie: &str, written: Option<&tree::Text>, name: &str, whole: Range) {
        let Some(written) = written else { return };
        if same_label(&written.value, name) {
            return;
        }
        let range = self.range(written.span);
        let mut diagnostic = Diagnostic::error(
            Code("E0409"),
            format!("`{curie}` is \"{name}\", not \"{}\"", written.value),
            range,
            "not the label of this code",
        )
        .note("a label is checked, so that a mistyped number does not pass as another disease")
        .likely(format!("write \"{name}\""), vec![(range, format!("\"{name}\""))]);
        let other = self.input.vocabulary.near_codes(curie, Some(&written.value));
        if let Some((id, label)) = other.iter().find(|(_, label)| same_label(&written.value, label)) {
            diagnostic =
                diagnostic.likely(format!("write `{id}`"), vec![(whole, format!("{id} \"{label}\""))]);
        }
        self.report(diagnostic);
    }

    /// `MEMBER [excluding MEMBER]`. `expected` types names in a list.
    pub(crate) fn set(&mut self, set: &tree::Set, expected: Option<&crate::ty::Type>) -> Checked {
        let range = self.range(set.span);
        let member = self.member_set(&set.member, expected, range);
        let Some(excluding) = &set.excluding else { return member };
        let out = self.member_set(excluding, expected, range);
        match (member, out) {
            (Checked::Codes(mut test, _), Checked::Codes(out, _)) => {
                if test.system != out.system {
                    self.error(
                        "E0413",
                        format!("codes of {} cannot be taken out of codes of {}", out.system, test.system),
                        range,
                        "two systems",
                    );
                    return Checked::Error;
                }
                // Both are lists of what they mean: take out here, so that an empty set is seen.
                if test.prefixes.is_empty()
                    && test.ranges.is_empty()
                    && out.prefixes.is_empty()
                    && out.ranges.is_empty()
                {
                    test.exact.retain(|curie| !out.exact.contains(curie));
                    if test.exact.is_empty() {
                        self.error("E0407", "this set holds no codes", range, "everything is excluded again");
                        return Checked::Error;
                    }
                } else {
                    test.excluding = Some(Box::new(out));
                }
                Checked::Codes(test, range)
            }
            (Checked::Error, _) | (_, Checked::Error) => Checked::Error,
            (
                Checked::One(_)
                | Checked::Between(..)
                | Checked::Row(..)
                | Checked::Many(..)
                | Checked::Picked(..)
                | Checked::Codes(..)
                | Checked::List(..)
                | Checked::Alleles(..)
                | Checked::Region(..)
                | Checked::GeneCodes(..)
                | Checked::Cohort(..)
                | Checked::Table(..),
                _,
            ) => {
                self.error("E0410", "`excluding` takes codes out of codes", range, "not two sets of codes");
                Checked::Error
            }
        }
    }

    fn member_set(&mut self, member: &Member, expected: Option<&crate::ty::Type>, range: Range) -> Checked {
        match member {
            Member::End(end) => self.end(end, expected),
            Member::Range(from, to) => match (self.range_end(from), self.range_end(to)) {
                (Some(from), Some(to)) => self.code_range(&from, &to, range),
                (Some(_) | None, Some(_) | None) => Checked::Error,
            },
            Member::List(list) => self.list(list, expected),
        }
    }

    fn end(&mut self, end: &End, expected: Option<&crate::ty::Type>) -> Checked {
        match end {
            End::Literal { only: false, literal } => self.literal(literal),
            End::Literal { only: true, literal } => self.only(literal),
            End::Path(path) => {
                let Some((first, rest)) = path.names.split_first() else { return Checked::Error };
                let mut checked = self.name(first, if rest.is_empty() { expected } else { None });
                for name in rest {
                    checked = self.member(checked, name);
                }
                checked
            }
        }
    }

    fn only(&mut self, literal: &tree::Literal) -> Checked {
        let range = self.range(literal.span);
        if let LiteralKind::Code { system, code, label } = &literal.kind {
            return match self.code(system, code, label.as_ref(), true, range) {
                Some(test) => Checked::Codes(test, range),
                None => Checked::Error,
            };
        }
        self.error("E0410", "`only` stands before a code", range, "not a code");
        Checked::Error
    }

    fn range_end(&mut self, end: &End) -> Option<(String, String)> {
        if let End::Literal { only: false, literal } = end
            && let LiteralKind::Code { system, code, .. } = &literal.kind
        {
            return Some((system.clone(), code.clone()));
        }
        let span = match end {
            End::Literal { literal, .. } => literal.span,
            End::Path(path) => path.span,
        };
        let range = self.range(span);
        self.error("E0410", "the ends of a range are codes", range, "not a code");
        None
    }

    fn code_range(&mut self, from: &(String, String), to: &(String, String), range: Range) -> Checked {
        if from.0 != to.0 {
            self.error("E0413", format!("this range goes from {} to {}", from.0, to.0), range, "two systems");
            return Checked::Error;
        }
        if !is_ordered(&from.0) {
            self.report(
                Diagnostic::error(
                    Code("E0411"),
                    format!("codes of {} have no order", from.0),
                    range,
                    "a range needs an ordered system",
                )
                .help("list the codes, or name the term above them"),
            );
            return Checked::Error;
        }
        if from.1 > to.1 {
            self.error("E0411", "this range ends before it starts", range, "the second code comes first");
            return Checked::Error;
        }
        let curie = |end: &(String, String)| format!("{}:{}", end.0, end.1);
        Checked::Codes(
            CodeTest {
                system: from.0.clone(),
                ranges: vec![(curie(from), curie(to))],
                ..CodeTest::default()
            },
            range,
        )
    }

    /// A list: codes and alleles flatten, other values stay a list.
    pub(crate) fn list(&mut self, list: &tree::List, expected: Option<&crate::ty::Type>) -> Checked {
        let range = self.range(list.span);
        let mut codes: Option<CodeTest> = None;
        let mut alleles = Vec::new();
        let mut values = Vec::new();
        for entry in &list.entries {
            let checked = match entry {
                Entry::Expr(expr) => self.expr(expr, expected),
                Entry::Only(literal, _) => self.only(literal),
                Entry::Range(from, to, span) => {
                    let range = self.range(*span);
                    match (&from.kind, &to.kind) {
                        (
                            LiteralKind::Code { system: a, code: x, .. },
                            LiteralKind::Code { system: b, code: y, .. },
                        ) => self.code_range(&(a.clone(), x.clone()), &(b.clone(), y.clone()), range),
                        _ => {
                            self.error("E0410", "the ends of a range are codes", range, "not codes");
                            Checked::Error
                        }
                    }
                }
            };
            match checked {
                Checked::Codes(test, at) => match &mut codes {
                    None => codes = Some(test),
                    Some(all)
                        if all.system == test.system
                            && test.excluding.is_none()
                            && all.excluding.is_none() =>
                    {
                        all.exact.extend(test.exact);
                        all.prefixes.extend(test.prefixes);
                        all.ranges.extend(test.ranges);
                    }
                    Some(all) => {
                        let message = format!("this list mixes codes of {} and {}", all.system, test.system);
                        self.error("E0413", message, at, format!("a code of {}", test.system));
                        return Checked::Error;
                    }
                },
                Checked::Alleles(more, _) => alleles.extend(more),
                Checked::Error => return Checked::Error,
                Checked::List(more, _) => values.extend(more),
                other @ (Checked::One(_)
                | Checked::Between(..)
                | Checked::Row(..)
                | Checked::Many(..)
                | Checked::Picked(..)
                | Checked::Region(..)
                | Checked::GeneCodes(..)
                | Checked::Cohort(..)
                | Checked::Table(..)) => values.push(other),
            }
        }
        match (codes, alleles.is_empty(), values.is_empty()) {
            (Some(mut test), true, true) => {
                test.exact.sort();
                test.exact.dedup();
                Checked::Codes(test, range)
            }
            (None, false, true) => {
                alleles.sort();
                alleles.dedup();
                Checked::Alleles(alleles, range)
            }
            (None, true, true) => {
                self.error("E0407", "this list is empty", range, "nothing can be in it");
                Checked::Error
            }
            (None, true, false) => Checked::List(values, range),
            (Some(_), false, _) | (Some(_), _, false) | (None, false, false) => {
                self.error(
                    "E0410",
                    "this list mixes values of several kinds",
                    range,
                    "codes, alleles or values, not several",
                );
                Checked::Error
            }
        }
    }
}

/// Whether a set is written with codes, and not with names alone.
fn names_codes(set: &tree::Set) -> bool {
    let is_code = |literal: &tree::Literal| matches!(literal.kind, LiteralKind::Code { .. });
    let end = |end: &End| matches!(end, End::Literal { literal, .. } if is_code(literal));
    let member = |member: &Member| match member {
        Member::End(one) => end(one),
        Member::Range(from, _) => end(from),
        Member::List(list) => list.entries.iter().any(|entry| match entry {
            Entry::Only(literal, _) | Entry::Range(literal, _, _) => is_code(literal),
            Entry::Expr(expr) => matches!(&expr.kind, tree::ExprKind::Literal(literal) if is_code(literal)),
        }),
    };
    member(&set.member) || set.excluding.as_ref().is_some_and(member)
}

/// Labels are compared without regard to capitals and outer spaces.
pub(crate) fn same_label(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Classifications whose codes hold those that begin with them.
pub fn is_by_prefix(system: &str) -> bool {
    matches!(system, "ICD10" | "ICD10CM" | "ATC" | "OPCS4")
}

/// Systems whose codes are ordered as text.
fn is_ordered(system: &str) -> bool {
    matches!(system, "ICD10" | "ICD10CM" | "OPCS4" | "ATC")
}
