//! What follows `show`: values computed from released cells.
//!
//! In a group a cell is a key or an aggregate; in a frequency table a field of the record, a key of
//! the people, or a column of the variant; in a table of rows a column of the row.

use super::compare::comparison;
use super::effects::{EffectScope, effect_conditions};
use super::literal::public;
use super::record::regroup_names;
use super::table::{Building, column_name};
use super::{Checked, Checker, with_near};
use crate::query::{
    AggregateFunction, Expr, FrequencyField, GroupCell, GroupKey, Kind, Row, Shown, ShownExpr, TableBody,
};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use syntax::tree::{self, ExprKind};
use text::Range;

pub(crate) const FIELDS: [(&str, FrequencyField); 14] = [
    ("ac", FrequencyField::Ac),
    ("an", FrequencyField::An),
    ("af", FrequencyField::Af),
    ("het", FrequencyField::Het),
    ("hom", FrequencyField::Hom),
    ("hemi", FrequencyField::Hemi),
    ("carriers", FrequencyField::Carriers),
    ("missing", FrequencyField::Missing),
    ("call_rate", FrequencyField::CallRate),
    ("people", FrequencyField::People),
    ("faf95", FrequencyField::Faf95),
    ("carrier_frequency", FrequencyField::CarrierFrequency),
    ("hwe", FrequencyField::HardyWeinberg),
    ("excess_het", FrequencyField::ExcessHet),
];

/// The aggregate functions by name.
pub(crate) fn aggregate_named(name: &str) -> Option<AggregateFunction> {
    Some(match name {
        "count" => AggregateFunction::Count,
        "sum" => AggregateFunction::Sum,
        "mean" => AggregateFunction::Mean,
        "median" => AggregateFunction::Median,
        "min" => AggregateFunction::Min,
        "max" => AggregateFunction::Max,
        "share" => AggregateFunction::Share,
        "wilson" => AggregateFunction::Wilson,
        _ => return None,
    })
}

impl Checker<'_> {
    pub(crate) fn show(&mut self, columns: &tree::Columns, building: &mut Building) -> Vec<Shown> {
        if building.body.is_none() {
            let mut names = Vec::new();
            let all = columns.columns.iter().all(|column| {
                let takes_all = takes_all(&column.value, &names);
                names.extend(column.name.as_ref().map(|name| name.text.as_str()));
                takes_all
            });
            building.body = Some(if all {
                TableBody::Groups { keys: Vec::new(), totals: false }
            } else {
                TableBody::Rows { values: Vec::new() }
            });
        }
        let mut shown = unnamed_keys(building, columns);
        for column in &columns.columns {
            let range = self.range(column.span);
            let name =
                column.name.as_ref().map_or_else(|| column_name(&column.value), |name| name.text.clone());
            if shown.iter().any(|other| other.name == name) {
                self.report(
                    Diagnostic::error(
                        Code("E0124"),
                        format!("two columns are named `{name}`"),
                        range,
                        "the second one",
                    )
                    .help("give it another name: `name = …`"),
                );
                continue;
            }
            let value = match &column.nested {
                Some(nested) => self.nested(&column.value, nested, building),
                None => self.shown(&column.value, building, &shown),
            };
            if let Some((value, ty)) = value {
                shown.push(Shown { name, value, ty, range });
            }
        }
        shown
    }

    /// A condition over the released row.
    pub(crate) fn shown_condition(
        &mut self,
        expr: &tree::Expr,
        building: &Building,
        shown: &[Shown],
    ) -> Option<ShownExpr> {
        let mut building = building.clone_shape();
        let range = self.range(expr.span);
        let (value, ty) = self.shown(expr, &mut building, shown)?;
        if ty != Type::Bool {
            self.error(
                "E0202",
                format!("this is {ty}, and a condition was expected"),
                range,
                "not true or false",
            );
            return None;
        }
        Some(value)
    }

    /// A value over the released row.
    pub(crate) fn shown_value(
        &mut self,
        expr: &tree::Expr,
        building: &Building,
        shown: &[Shown],
    ) -> Option<ShownExpr> {
        let mut building = building.clone_shape();
        let values = building.value_count();
        let range = self.range(expr.span);
        let (value, ty) = self.shown(expr, &mut building, shown)?;
        let operand = (value, ty, range);
        if !self.single(&operand, "rows are put in order by one value") {
            return None;
        }
        let (value, ..) = operand;
        if let ShownExpr::Literal(_) = value {
            self.report(
                Diagnostic::error(
                    Code("E0125"),
                    "rows are put in order by a value that is the same in each",
                    range,
                    "no column",
                )
                .note("columns have names and no numbers")
                .help("order by the name of a shown column"),
            );
            return None;
        }
        if building.value_count() != values {
            self.report(
                Diagnostic::error(Code("E0125"), "this is not among the shown columns", range, "not shown")
                    .help("what follows `show` reads released values: show it, then order by its name"),
            );
            return None;
        }
        Some(value)
    }

    pub(crate) fn shown(
        &mut self,
        expr: &tree::Expr,
        building: &mut Building,
        before: &[Shown],
    ) -> Option<(ShownExpr, Type)> {
        let range = self.range(expr.span);
        match &expr.kind {
            ExprKind::Call(call) if call.arguments.is_none() => {
                self.shown_name(&call.name, expr, building, before)
            }
            ExprKind::Member { of, call } if call.arguments.is_none() => {
                match self.of_record(of, &call.name, building, range) {
                    Some(found) => found,
                    None => self.row_value(expr, building, range),
                }
            }
            ExprKind::Call(call) if call.name.text == "fisher" && !call.name.quoted => {
                self.test_alone(range);
                None
            }
            ExprKind::Call(call) if call.name.text == "previous" && !call.name.quoted => {
                self.previous(call, building, before)
            }
            ExprKind::Call(call) => {
                let arguments = call.arguments.as_deref().unwrap_or(&[]);
                let (named, arguments) = if call.name.text == "quantile" && !call.name.quoted {
                    let (function, argument) = self.quantile(arguments, range)?;
                    (Some(function), argument)
                } else {
                    (aggregate_named(&call.name.text), arguments)
                };
                if let Some(function) = named {
                    if building.regroup.is_some() {
                        return self.regrouped(function, arguments, building, range);
                    }
                    match building.body {
                        Some(TableBody::Groups { .. }) => {
                            return self.group_aggregate(function, arguments, building, range);
                        }
                        Some(TableBody::Rows { .. } | TableBody::Frequency { .. }) | None => {
                            if let [argument] = arguments
                                && (super::group::counts_events(&argument.value, building)
                                    || self.counted_around(&argument.value, building).is_some())
                            {
                                self.all_rows_beside_one(range);
                                return None;
                            }
                        }
                    }
                }
                if call.arguments.is_some() && self.is_no_function(call, building) {
                    self.frames.push(building.frame.clone());
                    self.unknown_function(&call.name.text, self.range(call.name.span));
                    self.frames.pop();
                    return None;
                }
                self.row_value(expr, building, range)
            }
            ExprKind::Arithmetic { operator: tree::Arithmetic::Divide, left, right }
                if super::in_unit::is_unit(right) && self.is_quantity(left, building) =>
            {
                self.row_value(expr, building, range)
            }
            ExprKind::Arithmetic { operator, left, right } => {
                let (left_range, right_range) = (self.range(left.span), self.range(right.span));
                let (left, right) = (self.shown(left, building, before), self.shown(right, building, before));
                let ((left, left_ty), (right, right_ty)) = (left?, right?);
                let (left, right) = ((left, left_ty, left_range), (right, right_ty, right_range));
                self.shown_arithmetic(*operator, left, right)
            }
            ExprKind::Compare { left, right, .. }
                if self.is_interval(left, building) || self.is_interval(right, building) =>
            {
                self.row_value(expr, building, range)
            }
            ExprKind::IsKnown { value, .. } if self.is_interval(value, building) => {
                self.row_value(expr, building, range)
            }
            ExprKind::Compare { operator, left, right, absent, .. } => {
                let (left_range, right_range) = (self.range(left.span), self.range(right.span));
                let outer = building.comparing.replace((*absent, range));
                let left = self.shown(left, building, before);
                let member = match (&left, &right.kind) {
                    // A member of the list of the left side: `where sex = male` after `show`.
                    (Some((_, ty)), ExprKind::Call(call)) if call.arguments.is_none() => {
                        self.expected_member(&call.name.text, Some(ty), right_range)
                    }
                    (_, _) => None,
                };
                let right = match member {
                    Some(Checked::One(Expr { kind: Kind::Literal(value), ty, .. })) => {
                        Some((ShownExpr::Literal(value), ty))
                    }
                    Some(_) | None => self.shown(right, building, before),
                };
                building.comparing = outer;
                let ((left, left_ty), (right, right_ty)) = (left?, right?);
                let (left, right) = ((left, left_ty, left_range), (right, right_ty, right_range));
                self.shown_comparison(comparison(*operator), left, right, range)
            }
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                // Every part is checked before any is refused.
                let parts: Vec<Option<ShownExpr>> = parts
                    .iter()
                    .map(|part| {
                        let value = self.shown(part, building, before)?;
                        self.shown_truth(value, self.range(part.span))
                    })
                    .collect();
                let parts = parts.into_iter().collect::<Option<Vec<ShownExpr>>>()?;
                Some((
                    if matches!(expr.kind, ExprKind::And(_)) {
                        ShownExpr::And(parts)
                    } else {
                        ShownExpr::Or(parts)
                    },
                    Type::Bool,
                ))
            }
            ExprKind::Not(inner) => {
                let at = self.range(inner.span);
                let inner = self.shown(inner, building, before)?;
                let inner = self.shown_truth(inner, at)?;
                Some((ShownExpr::Not(Box::new(inner)), Type::Bool))
            }
            ExprKind::IsKnown { value, negated } => {
                let (value, _) = self.shown(value, building, before)?;
                let known = ShownExpr::IsKnown(Box::new(value));
                Some((if *negated { ShownExpr::Not(Box::new(known)) } else { known }, Type::Bool))
            }
            ExprKind::Literal(literal) => match self.literal(literal) {
                Checked::One(Expr { kind: Kind::Literal(value), ty, .. }) => {
                    Some((ShownExpr::Literal(value), ty))
                }
                Checked::Error => None,
                _ => {
                    self.error("E0204", "a set is not shown", range, "not a value");
                    None
                }
            },
            ExprKind::Group(inner) if inner.len() == 1 => self.shown(&inner[0], building, before),
            _ => self.row_value(expr, building, range),
        }
    }

    /// `count(subjects)` beside a column of one subject.
    fn all_rows_beside_one(&mut self, range: Range) {
        self.report(
            Diagnostic::error(
                Code("E0126"),
                "this counts all rows, and another column is of one row",
                range,
                "one number for all rows",
            )
            .note("a table shows rows, or groups of them, not both")
            .help("name the other columns in `group by` before `show`"),
        );
    }

    /// A bare name: a shown column, a key, a field of the record, or a column of the row.
    fn shown_name(
        &mut self,
        name: &tree::Name,
        expr: &tree::Expr,
        building: &mut Building,
        before: &[Shown],
    ) -> Option<(ShownExpr, Type)> {
        let range = self.range(name.span);
        let word = name.text.as_str();
        if let Some(at) = before.iter().position(|shown| shown.name == word) {
            if matches!(before[at].value, ShownExpr::Cell(GroupCell::Nested(_))) {
                self.nested_as_value(word, range);
                return None;
            }
            return Some((ShownExpr::Shown(index(at)), before[at].ty.clone()));
        }
        if let Some((_, value, ty)) = building.lets.iter().find(|(known, ..)| known == word) {
            if *ty == Type::Unknown {
                self.unsaid += 1;
                return None;
            }
            return Some((value.clone(), ty.clone()));
        }
        if building.tests.iter().any(|(known, _)| known == word) {
            self.test_alone(range);
            return None;
        }
        if let Some(found) = self.regroup_key(word, building) {
            return Some(found);
        }
        let keys: Vec<&GroupKey> = match &building.body {
            Some(body) if building.regroup.is_none() && !matches!(body, TableBody::Rows { .. }) => {
                keys_of(body)
            }
            Some(TableBody::Groups { .. } | TableBody::Frequency { .. }) => Vec::new(),
            Some(TableBody::Rows { .. }) | None => {
                if FIELDS.iter().any(|(field, _)| *field == word)
                    && self.model().entity(building.frame.row.entity).name == "variant"
                    && self.is_unknown_on(&building.frame, name)
                {
                    self.report(
                        Diagnostic::error(
                            Code("E0101"),
                            format!("`{word}` is counted by `frequency`, and this table has none"),
                            range,
                            "a field of the frequency record",
                        )
                        .help("write `frequency among subjects` before `show`"),
                    );
                    return None;
                }
                return self.row_value(expr, building, range);
            }
        };
        if let Some(at) = keys.iter().position(|key| key.name == word) {
            return Some((ShownExpr::Cell(GroupCell::Key(index(at))), keys[at].value.ty.clone()));
        }
        if let Some(TableBody::Frequency { pooled, .. }) = &building.body
            && building.regroup.is_none()
        {
            let pooled = pooled.is_some();
            if FIELDS.iter().any(|(field, _)| *field == word) {
                return self.bare_field(word, building, range);
            }
            if pooled {
                self.many_alleles(word, range);
                return None;
            }
            if self.is_unknown_on(&building.frame, name) {
                self.unknown_shown(name, building, before);
                return None;
            }
            return self.row_value(expr, building, range);
        }
        let mut known: Vec<String> = keys.iter().map(|key| key.name.clone()).collect();
        known.extend(regroup_names(building));
        known.extend(before.iter().map(|shown| shown.name.clone()));
        known.extend(building.lets.iter().map(|(name, ..)| name.clone()));
        let near = near_names(word, known.iter().map(String::as_str));
        if near.is_empty() && self.is_unknown_on(&building.frame, name) {
            self.frames.push(building.frame.clone());
            self.unknown_name(name, None);
            self.frames.pop();
            return None;
        }
        let diagnostic = Diagnostic::error(
            Code("E0126"),
            format!("`{word}` is neither a key of the group nor an aggregate"),
            range,
            "many values in one group",
        )
        .note("a row of the result is a group: it shows its keys, and aggregates such as `count(…)` or `mean(…)` over its rows");
        self.report(if near.is_empty() {
            diagnostic
                .help(format!("add it to `group by`, or take an aggregate: `count(subjects if {word} …)`"))
        } else {
            with_near(diagnostic, &near)
        });
        None
    }

    /// Whether nothing that is called has this name.
    fn is_no_function(&self, call: &tree::Call, building: &Building) -> bool {
        !super::functions::FUNCTIONS.iter().any(|(name, ..)| *name == call.name.text)
            && self.is_unknown_on(&building.frame, &call.name)
    }

    /// Whether neither the row nor the items know a name.
    fn is_unknown_on(&self, frame: &super::scope::Frame, name: &tree::Name) -> bool {
        let word = &name.text;
        word != "as_of"
            && !self.globals.contains_key(word)
            && !self.names_of(frame.row.entity).contains(word)
            && self.model().find(word).is_none()
            && !frame.names.iter().any(|(known, _)| known == word)
    }

    /// A name that a frequency table does not have: near ones among record, keys and variant.
    fn unknown_shown(&mut self, name: &tree::Name, building: &Building, before: &[Shown]) {
        let mut known: Vec<String> = FIELDS.iter().map(|(field, _)| (*field).to_owned()).collect();
        if let Some(body) = &building.body {
            known.extend(keys_of(body).into_iter().map(|key| key.name.clone()));
        }
        known.extend(before.iter().map(|shown| shown.name.clone()));
        known.extend(self.names_of(building.frame.row.entity));
        let range = self.range(name.span);
        let message = format!("`{}` is neither in the frequency record nor a column of a variant", name.text);
        let fields: Vec<&str> = FIELDS.iter().map(|(field, _)| *field).collect();
        let diagnostic = Diagnostic::error(Code("E0101"), message, range, "unknown name")
            .note(format!("the frequency record has {}", fields.join(", ")));
        self.report(with_near(diagnostic, &super::unknown::nearest(&name.text, &known)));
    }

    /// A value of the source's row, kept among the table's values.
    pub(crate) fn row_value(
        &mut self,
        expr: &tree::Expr,
        building: &mut Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let of_groups = building.regroup.is_some()
            || matches!(
                building.body,
                Some(TableBody::Groups { .. } | TableBody::Frequency { pooled: Some(_), .. })
            );
        if of_groups {
            self.report(
                Diagnostic::error(
                    Code("E0126"),
                    "this is read from one row, and a group has many",
                    range,
                    "not an aggregate",
                )
                .help("name it in `group by`, or take an aggregate over it"),
            );
            return None;
        }
        let frame = building.frame.clone();
        let row = frame.row.clone();
        self.frames.push(frame);
        self.effects.push(EffectScope::new(row.clone()));
        let checked = self.expr(expr, None);
        let value = match checked {
            // A row shown is its key: an allele, or a person's pseudonym.
            Checked::Row(row, at) => Some(self.shown_row(&row, at)),
            checked => self.one(checked, range),
        };
        let scope = self.effects.pop();
        let value = match (value, scope) {
            (Some(value), Some(scope)) => {
                let conditions: Vec<(Row, Expr)> =
                    building.rules.iter().flat_map(|rule| effect_conditions(&rule.condition)).collect();
                Some(self.first_effect(scope, value, &conditions))
            }
            (value, _) => value,
        };
        self.frames.pop();
        let value = match building.comparing {
            Some((Some(tree::Absent::Zero), _)) => self.or_zero(value?),
            Some((None, comparison)) => {
                let value = value?;
                if !self.says_absent(&value, comparison) {
                    return None;
                }
                value
            }
            Some((Some(tree::Absent::Unknown), _)) | None => value?,
        };
        let ty = value.ty.clone();
        let values = match &mut building.body {
            Some(TableBody::Rows { values } | TableBody::Frequency { values, .. }) => values,
            Some(TableBody::Groups { .. }) | None => return None,
        };
        let at = values.iter().position(|known| known.kind == value.kind).unwrap_or_else(|| {
            values.push(value);
            values.len() - 1
        });
        Some((ShownExpr::Cell(GroupCell::Value(index(at))), ty))
    }

    /// The key of the table's own row, as a value of it.
    pub(crate) fn key_value(
        &mut self,
        row: &Row,
        building: &mut Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let key = self.shown_row(row, range);
        let ty = key.ty.clone();
        let Some(TableBody::Frequency { values, .. }) = &mut building.body else { return None };
        let at = values.iter().position(|known| known.kind == key.kind).unwrap_or_else(|| {
            values.push(key);
            values.len() - 1
        });
        Some((ShownExpr::Cell(GroupCell::Value(index(at))), ty))
    }

    pub(crate) fn shown_row(&self, row: &Row, range: Range) -> Expr {
        let entity = self.model().entity(row.entity);
        if entity.name == "variant" {
            return public(Kind::Key(row.clone()), Type::Allele, range);
        }
        let label = entity
            .key
            .iter()
            .map(|key| entity.column(*key).label)
            .max()
            .unwrap_or(model::ColumnLabel::Identifier);
        Expr { kind: Kind::Key(row.clone()), ty: Type::Id, label, range }
    }
}

/// Keys that `show` does not name stand before what it names, so that a row says which group it is.
fn unnamed_keys(building: &Building, columns: &tree::Columns) -> Vec<Shown> {
    let keys: Vec<(&str, ShownExpr, &Type, Range)> = match (&building.regroup, &building.body) {
        (Some(regroup), _) => (0..regroup.keys)
            .zip(&regroup.values)
            .map(|(at, key)| (key.name.as_str(), ShownExpr::RegroupKey(at), &key.ty, key.range))
            .collect(),
        (None, Some(body)) => keys_of(body)
            .into_iter()
            .zip(0..)
            .map(|(key, at)| {
                (key.name.as_str(), ShownExpr::Cell(GroupCell::Key(at)), &key.value.ty, key.range)
            })
            .collect(),
        (None, None) => Vec::new(),
    };
    let named = |name: &str| {
        columns.columns.iter().any(|column| {
            let bare = matches!(&column.value.kind, ExprKind::Call(call) if call.name.text == name);
            bare || column.name.as_ref().is_some_and(|own| own.text == name)
        })
    };
    keys.into_iter()
        .filter(|(name, ..)| !named(name))
        .map(|(name, value, ty, range)| Shown { name: name.to_owned(), value, ty: ty.clone(), range })
        .collect()
}

/// Whether an expression is made of aggregates over all rows of the source, or of columns before it
/// that are.
fn takes_all(expr: &tree::Expr, before: &[&str]) -> bool {
    match &expr.kind {
        ExprKind::Call(call) if call.arguments.is_none() => before.contains(&call.name.text.as_str()),
        ExprKind::Call(call) => aggregate_named(&call.name.text).is_some() || call.name.text == "quantile",
        ExprKind::Arithmetic { left, right, .. } => {
            let literal = |expr: &tree::Expr| matches!(expr.kind, ExprKind::Literal(_));
            (takes_all(left, before) || literal(left)) && (takes_all(right, before) || literal(right))
        }
        ExprKind::Group(inner) => inner.iter().all(|inner| takes_all(inner, before)),
        _ => false,
    }
}

impl Building {
    /// The same place, to check a further expression in it.
    fn clone_shape(&self) -> Building {
        self.clone()
    }

    fn value_count(&self) -> usize {
        match &self.body {
            Some(TableBody::Rows { values } | TableBody::Frequency { values, .. }) => values.len(),
            Some(TableBody::Groups { .. }) | None => 0,
        }
    }
}

/// The keys of a table's rows in the order of [`GroupCell::Key`].
pub(crate) fn keys_of(body: &TableBody) -> Vec<&GroupKey> {
    match body {
        TableBody::Groups { keys, .. } => keys.iter().collect(),
        TableBody::Frequency { frequencies, pooled, .. } => {
            let of_people = frequencies.first().map_or(&[][..], |first| &first.keys);
            pooled.iter().flat_map(|pooled| &pooled.keys).chain(of_people).collect()
        }
        TableBody::Rows { .. } => Vec::new(),
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
