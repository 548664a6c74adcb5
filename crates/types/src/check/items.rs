//! The items of a file: headers, parameters, cohorts.

use super::scope::{Frame, Global};
use super::{Checked, Checker};
use crate::query::{CodeSet, Expr, Kind, Uses, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::Parsed;
use syntax::tree::{self, AsOfDate, Item};
use text::Range;

impl<'a> Checker<'a> {
    pub(crate) fn file(&mut self) {
        let library = self.input.library;
        for parsed in library {
            self.collect(parsed);
        }
        let main = self.input.main;
        self.header(main);
        self.imports(main);
        self.collect(main);
        self.definitions(main);
        for item in &main.file.items {
            let before = self.errors();
            match item {
                Item::Cohort(cohort) => {
                    self.cohort(cohort);
                    if self.errors() > before {
                        self.globals.insert(cohort.name.text.clone(), Global::Broken);
                    }
                }
                Item::Table(table) => self.table(table),
                Item::Codes(codes) => {
                    // Checked where they stand, so that a mistake is found also when nobody uses them.
                    let checked = self.codes_item(codes);
                    if let Checked::Codes(test, _) = checked {
                        let (name, range) = (codes.name.text.clone(), self.range(codes.span));
                        self.query.code_sets.push(CodeSet { name, tests: vec![test], range });
                    }
                }
                Item::Define(define) => self.codes_of_definition(define),
                Item::Report(report) => self.report_item(report),
                // Tests look at tables and cohorts wherever these stand.
                Item::Test(_) => {}
                Item::Agreement(_) | Item::Purpose(_) | Item::Majority(_) | Item::Death(_) => {
                    let range = self.range(item_span(item));
                    self.error(
                        "E0115",
                        "policy does not stand in a query file",
                        range,
                        "belongs in a file of the steward",
                    );
                }
                Item::Model(_) | Item::Entity(_) => {
                    let range = self.range(item_span(item));
                    self.error(
                        "E0115",
                        "a model does not stand in a query file",
                        range,
                        "belongs in a model file",
                    );
                }
                Item::Use(_) | Item::AsOf(_) | Item::Import(_) | Item::Param(_) | Item::Error(_) => {}
            }
        }
        for item in &main.file.items {
            if let Item::Test(test) = item {
                self.test(test);
            }
        }
    }

    /// `use` and `as of`: one each.
    fn header(&mut self, main: &'a Parsed) {
        // Parameters first: `as of` may name one.
        for item in &main.file.items {
            if let Item::Param(param) = item {
                self.param(param);
            }
        }
        for item in &main.file.items {
            match item {
                Item::Use(line) => {
                    let range = self.range(line.span);
                    if let Some(before) = &self.query.uses {
                        let before = before.range;
                        self.report(
                            Diagnostic::error(Code("E0116"), "a file has one `use agreement` line", range, "the second one")
                                .label(before, "the first one")
                                .help("several agreements stand in one line, with commas; the stricter value of every field holds"),
                        );
                        continue;
                    }
                    self.query.uses = Some(Uses {
                        agreements: line
                            .agreements
                            .iter()
                            .map(|name| (name.value.clone(), self.range(name.span)))
                            .collect(),
                        purpose: line.purpose.as_ref().and_then(|path| {
                            path.names.last().map(|name| (name.text.clone(), self.range(path.span)))
                        }),
                        range,
                    });
                }
                Item::AsOf(line) => self.as_of(line),
                _ => {}
            }
        }
        if self.as_of_instead.is_some() {
            self.query.as_of = self.as_of_instead;
        }
    }

    fn as_of(&mut self, line: &'a tree::AsOf) {
        let range = self.range(line.span);
        if let Some((_, before)) = self.query.as_of {
            self.report(
                Diagnostic::error(Code("E0116"), "a file has one `as of` line", range, "the second one")
                    .label(before, "the first one"),
            );
            return;
        }
        self.as_of_written = true;
        match &line.date {
            AsOfDate::Date(written, span) => {
                let at = self.range(*span);
                if let Checked::One(Expr { kind: Kind::Literal(Value::Date(date)), ty: Type::Date, .. }) =
                    self.date_literal(written, at)
                {
                    self.query.as_of = Some((date, range));
                } else if written.len() == 7 {
                    self.error("E0206", "`as of` needs a day", at, "a month has several");
                }
            }
            AsOfDate::Name(name) => {
                let at = self.range(name.span);
                match self.globals.get(&name.text) {
                    Some(Global::Param(Checked::One(Expr {
                        kind: Kind::Literal(Value::Date(date)),
                        ..
                    }))) => {
                        self.query.as_of = Some((*date, range));
                    }
                    Some(Global::Broken) => {}
                    Some(_) | None => {
                        self.report(
                            Diagnostic::error(
                                Code("E0101"),
                                format!("`{}` is not a parameter of type date", name.text),
                                at,
                                "a date was expected",
                            )
                            .help(format!("write a day, or `param {}: date = 2026-06-01`", name.text)),
                        );
                    }
                }
            }
        }
    }

    pub(crate) fn param(&mut self, param: &'a tree::Param) {
        let name = &param.formal.name;
        let value = self.param_value(&param.formal);
        if self.globals.contains_key(&name.text) {
            return self.twice(name, self.range(name.span));
        }
        let global = match value {
            Some((value, words)) => {
                // A file that is imported may have a parameter of the same name, and then of the same value.
                let known = self.query.params.contains(&(name.text.clone(), words.clone()));
                if !known {
                    self.query.params.push((name.text.clone(), words));
                }
                Global::Param(value)
            }
            None => Global::Broken,
        };
        self.globals.insert(name.text.clone(), global);
    }

    /// The value in force, and its words: the one that was given, else the default.
    fn param_value(&mut self, formal: &'a tree::Formal) -> Option<(Checked, String)> {
        let range = self.range(formal.name.span);
        let declared = self.declared(&formal.ty)?;
        let name = &formal.name.text;
        let given = self.input.params.get(name);
        match (given, &formal.default) {
            (Some(given), _) => {
                let before = self.errors();
                let value = self.read_text(&given.text, &declared, range);
                if value.is_none() && self.errors() == before {
                    let message = format!("`{}` is not {declared}", given.text);
                    let label = format!("parameter `{name}` is {declared}");
                    let diagnostic = Diagnostic::error(Code("E0117"), message, range, label);
                    self.report(diagnostic.note(format!("the value was given {}", given.from)));
                }
                Some((value?, given.text.clone()))
            }
            (None, Some(default)) => {
                let at = self.range(default.span);
                let value = self.expr(default, declared.expected());
                let value = self.fitted(value, &declared, at, &format!("the default of `{name}`"))?;
                let words = match &value {
                    Checked::One(value) => super::member::literal_of(value).map(value_words),
                    _ => None,
                };
                Some((value, words.unwrap_or_else(|| self.parsed.tape.slice_of(default.span).to_owned())))
            }
            (None, None) => {
                self.report(
                    Diagnostic::error(
                        Code("E0117"),
                        format!("parameter `{name}` has no value"),
                        range,
                        "no default",
                    )
                    .help(format!("give it on the command line: `--param {name}=…`"))
                    .help("or in a file: `--params FILE`")
                    .help("or write a default after `=`"),
                );
                None
            }
        }
    }

    /// Reports a name that two items have.
    pub(crate) fn twice(&mut self, name: &tree::Name, range: Range) {
        let diagnostic = Diagnostic::error(
            Code("E0107"),
            format!("`{}` is defined twice", name.text),
            range,
            "defined here again",
        );
        let first = self.first_of(&name.text);
        self.report(match first {
            Some(first) => diagnostic.label(first, "defined here first"),
            None => diagnostic,
        });
    }

    /// Where the item stands that has a name.
    pub(crate) fn first_of(&self, name: &str) -> Option<Range> {
        match self.globals.get(name)? {
            Global::Codes(parsed, codes) => Some(parsed.range(codes.name.span)),
            Global::Define(parsed, define) => Some(parsed.range(define.name.span)),
            Global::Cohort(id) => self.query.cohorts.get(id.0 as usize).map(|cohort| cohort.range),
            Global::Table(id) => self.query.tables.get(id.0 as usize).map(|table| table.range),
            Global::Param(_) | Global::Broken => None,
        }
    }

    /// A `let`: kept as what it is, so that it may also name rows.
    pub(crate) fn let_on(&mut self, frame: &Frame, clause: &tree::Let) -> Checked {
        self.frames.push(frame.clone());
        let value = self.expr(&clause.value, None);
        self.frames.pop();
        value
    }
}

fn value_words(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(value) => value.clone(),
        Value::Date(value) => value.to_string(),
    }
}

fn item_span(item: &Item) -> tree::Span {
    match item {
        Item::Use(item) => item.span,
        Item::AsOf(item) => item.span,
        Item::Import(item) => item.span,
        Item::Param(item) => item.span,
        Item::Codes(item) => item.span,
        Item::Define(item) => item.span,
        Item::Cohort(item) => item.span,
        Item::Table(item) => item.span,
        Item::Report(item) => item.span,
        Item::Test(item) => item.span,
        Item::Model(item) => item.span,
        Item::Entity(item) => item.span,
        Item::Agreement(item) => item.span,
        Item::Purpose(item) => item.span,
        Item::Majority(item) => item.span,
        Item::Death(item) => item.span,
        Item::Error(span) => *span,
    }
}
