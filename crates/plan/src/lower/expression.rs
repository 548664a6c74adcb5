//! Typed expressions to columns of a block.

use super::block::Block;
use super::{Lowering, block_of, from, named};
use crate::expr::{Comparison, Expr, Function, Type, Value};
use crate::step::{Join, JoinKind, Select, Source, StepId};
use types::{Allele, Arithmetic, CodeTest, Kind, Region, Row};

impl Lowering<'_> {
    /// The value of an expression in a block; joins what it needs.
    pub(crate) fn expr(&mut self, block: &mut Block, expr: &types::Expr) -> Expr {
        let made = self.at(Some(expr.range), |lowering| lowering.of_kind(block, expr));
        self.comes_from(&made, expr.range);
        made
    }

    fn of_kind(&mut self, block: &mut Block, expr: &types::Expr) -> Expr {
        match &expr.kind {
            Kind::Literal(value) => literal(value, &expr.ty),
            Kind::Null => Expr::null(of_type(&expr.ty)),
            Kind::Column(row, column) => self.column_of(block, row, *column),
            Kind::Key(row) => self.shown_key(block, row),
            Kind::Index(row) => self.index_of(block, *row),
            Kind::Exit(row, part) => {
                let (date, reason) = block
                    .exits
                    .get(row)
                    .cloned()
                    .unwrap_or_else(|| (Expr::null(Type::Date), Expr::null(Type::Text)));
                match part {
                    types::ExitPart::Date => date,
                    types::ExitPart::Reason => reason,
                }
            }
            Kind::Episode(row, bound) => {
                let alias = self.row_alias(block, row);
                let column = match bound {
                    types::Bound::Started => "started",
                    types::Bound::Ended => "ended",
                };
                Expr::column(&alias, column, Type::Date)
            }
            Kind::And(parts) => {
                Expr::and(parts.iter().map(|part| self.expr(block, part)).collect::<Vec<_>>())
            }
            Kind::Or(parts) => Expr::Or(parts.iter().map(|part| self.expr(block, part)).collect()),
            Kind::Not(inner) => self.expr(block, inner).not(),
            Kind::Compare(comparison, left, right) => {
                let (a, b) = (self.expr(block, left), self.expr(block, right));
                let (a, b) = match &left.ty {
                    types::Type::Enum(list) if list.ordered && !equality(*comparison) => {
                        (ordinal(&list.members, a), ordinal(&list.members, b))
                    }
                    _ => (a, b),
                };
                Expr::compare(comparison_of(*comparison), a, b)
            }
            Kind::CompareQuantity { comparison, value, unit, in_units } => {
                let (value, unit) = (self.expr(block, value), self.expr(block, unit));
                let arms = in_units
                    .iter()
                    .map(|(name, number)| {
                        let bound = Expr::Literal(Value::Decimal(number.0), Type::Decimal);
                        (
                            Expr::equal(unit.clone(), Expr::text(name)),
                            Expr::compare(comparison_of(*comparison), value.clone(), bound),
                        )
                    })
                    .collect();
                Expr::Case { arms, otherwise: Box::new(Expr::null(Type::Bool)) }
            }
            Kind::InCodes(code, test) => {
                let code = self.expr(block, code);
                in_codes(&code, test)
            }
            Kind::InGeneCodes { code, gene, annotation } => {
                let values = vec![self.expr(block, gene), self.expr(block, code)];
                let step = self.gene_codes(annotation);
                Expr::InStep { values, step, columns: vec!["gene".to_owned(), "code".to_owned()] }
            }
            Kind::InValues(value, values) => {
                let ty = of_type(&value.ty);
                let values = values.iter().map(|literal| plain(literal, &value.ty)).collect();
                let value = self.expr(block, value);
                // Kleene: a null is neither in nor out.
                Expr::Case {
                    arms: vec![(value.clone().is_null(), Expr::null(Type::Bool))],
                    otherwise: Box::new(Expr::InValues(Box::new(value), values, ty)),
                }
            }
            Kind::InTable { value, table, column } => self.in_table(block, value, *table, *column),
            Kind::IsAllele(row, alleles) => self.is_allele(block, row, alleles),
            Kind::InRegion(row, region) => self.in_region(block, row, region),
            Kind::InCohort(row, cohort) => {
                let step = self.cohort(*cohort);
                let values = self.key_of(block, row);
                let columns = self
                    .model
                    .entity(row.entity)
                    .key
                    .iter()
                    .map(|key| self.model.entity(row.entity).column(*key).name.clone())
                    .collect();
                Expr::InStep { values, step, columns }
            }
            Kind::IsKnown(inner) => self.expr(block, inner).is_known(),
            Kind::OrElse(inner, value) => {
                let ty = inner.ty.clone();
                Expr::Call(Function::Coalesce, vec![self.expr(block, inner), literal(value, &ty)])
            }
            Kind::Case(arms, otherwise) => {
                let arms = arms
                    .iter()
                    .map(|(when, then)| (self.expr(block, when), self.expr(block, then)))
                    .collect();
                Expr::Case { arms, otherwise: Box::new(self.expr(block, otherwise)) }
            }
            Kind::Arithmetic(operator, left, right) => {
                let function = arithmetic(*operator, of_type(&expr.ty));
                Expr::Call(function, vec![self.expr(block, left), self.expr(block, right)])
            }
            Kind::InUnit(inner, _) => self.expr(block, inner),
            Kind::ToDecimal(inner) => Expr::Call(Function::IntToDecimal, vec![self.expr(block, inner)]),
            Kind::AddDays(date, days) => {
                Expr::Call(Function::AddDays, vec![self.expr(block, date), self.expr(block, days)])
            }
            Kind::AddMonths(date, months) => {
                Expr::Call(Function::AddMonths, vec![self.expr(block, date), self.expr(block, months)])
            }
            Kind::DaysBetween(later, earlier) => {
                Expr::Call(Function::DaysBetween, vec![self.expr(block, later), self.expr(block, earlier)])
            }
            Kind::AgeAt(row, date) => {
                let date = self.expr(block, date);
                self.age_at(block, row, date)
            }
            Kind::Zygosity(call) => {
                let alias = self.row_alias(block, call);
                Expr::column(&alias, "zygosity", Type::Text)
            }
            Kind::MonthOf(date) => Expr::Call(Function::MonthStart, vec![self.expr(block, date)]),
            Kind::YearOf(date) => Expr::Call(Function::Year, vec![self.expr(block, date)]),
            Kind::Band(number, width) => {
                let number = self.expr(block, number);
                Expr::Call(Function::FloorTo, vec![number, Expr::int(*width)])
            }
            Kind::Has(rows) => self.has(block, rows),
            Kind::Counted(count, bound, rows) => self.counted(block, *count, *bound, rows),
            Kind::CountedOf(count, bound, parts) => {
                let parts: Vec<Expr> = parts.iter().map(|part| self.expr(block, part)).collect();
                let sum = |of: &dyn Fn(Expr) -> Expr| {
                    parts
                        .iter()
                        .map(|part| Expr::Case {
                            arms: vec![(of(part.clone()), Expr::int(1))],
                            otherwise: Box::new(Expr::int(0)),
                        })
                        .reduce(|a, b| Expr::Call(Function::AddInt, vec![a, b]))
                        .unwrap_or_else(|| Expr::int(0))
                };
                let yes = sum(&|part| part);
                let unknown = sum(&Expr::is_null);
                super::rows::decide(*count, *bound, yes, unknown, Vec::new())
            }
            Kind::Pick { rows, order, value } => self.pick(block, rows, order, value),
            Kind::Aggregate { function, rows, argument, filter } => {
                self.aggregate_of(block, *function, rows, argument.as_deref(), filter.as_deref())
            }
            Kind::Observed { subject, from, to } => {
                let (from, to) = (self.expr(block, from), self.expr(block, to));
                self.observed(block, subject, from, to)
            }
            Kind::ConsentValid { row, at, purpose } => {
                let at = at.as_ref().map(|at| self.expr(block, at));
                self.consent_valid(block, row, at, purpose.as_deref())
            }
        }
    }

    /// A row as it is shown: an allele in writing, else its key.
    fn shown_key(&mut self, block: &mut Block, row: &Row) -> Expr {
        let entity = self.model.entity(row.entity).clone();
        if entity.name == "variant" {
            let parts = ["build", "contig", "position", "ref", "alt"];
            let parts = parts.iter().filter_map(|name| entity.find_column(name)).collect::<Vec<_>>();
            let parts = parts.into_iter().map(|column| self.column_of(block, row, column)).collect();
            return Expr::Call(Function::AlleleName, parts);
        }
        self.key_of(block, row).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text))
    }

    fn age_at(&mut self, block: &mut Block, row: &Row, date: Expr) -> Expr {
        let entity = self.model.entity(row.entity).clone();
        let Some(birth) = entity.life.birth_date else { return Expr::null(Type::Int) };
        let birth = self.column_of(block, row, birth);
        let until = match entity.life.death_date {
            Some(death) => Expr::Call(Function::Least, vec![date.clone(), self.column_of(block, row, death)]),
            None => date.clone(),
        };
        if matches!(date, Expr::Literal(Value::Date(_), _)) {
            return Expr::Call(Function::AgeYears, vec![birth, until]);
        }
        // Least skips nulls, and an age at no date is not the age at death.
        Expr::Case {
            arms: vec![(date.is_null(), Expr::null(Type::Int))],
            otherwise: Box::new(Expr::Call(Function::AgeYears, vec![birth, until])),
        }
    }

    /// The codes that each gene is annotated with, and what descends from them in the ontology that the
    /// warehouse holds: `gene`, `code`.
    fn gene_codes(&mut self, annotation: &types::GeneCodes) -> StepId {
        if let Some(step) = self.once.get("gene_codes") {
            return *step;
        }
        let entity = self.model.entity(annotation.entity).clone();
        let rows = self.guarded(annotation.entity);
        let name = |column| entity.column(column).name.clone();
        let (gene, code) = (name(annotation.gene), name(annotation.code));
        let text = |alias: &str, column: &str| Expr::column(alias, column, Type::Text);
        let below = Source::Public { table: "ontology_closure".to_owned(), alias: "below".to_owned() };
        let on = Expr::and([
            Expr::equal(text("below", "system"), Expr::text(&annotation.system)),
            Expr::equal(text("below", "ancestor"), text("annotation", &code)),
        ]);
        let select = Select {
            distinct: true,
            joins: vec![Join { kind: JoinKind::Inner, source: below, on }],
            ..block_of(
                from(rows, "annotation"),
                named([("gene", text("annotation", &gene)), ("code", text("below", "descendant"))]),
            )
        };
        let step = self.select("gene_codes", "the codes of genes, with what descends from them", select);
        self.once.insert("gene_codes", step);
        step
    }

    fn variant_column(&mut self, block: &mut Block, row: &Row, name: &str) -> Expr {
        let entity = self.model.entity(row.entity);
        match entity.find_column(name) {
            Some(column) => self.column_of(block, row, column),
            None => Expr::null(Type::Text),
        }
    }

    pub(crate) fn is_allele(&mut self, block: &mut Block, row: &Row, alleles: &[Allele]) -> Expr {
        let column = |lowering: &mut Self, block: &mut Block, name| lowering.variant_column(block, row, name);
        let mut tests = Vec::new();
        for allele in alleles {
            tests.push(Expr::and([
                Expr::equal(column(self, block, "build"), Expr::text(&allele.build)),
                Expr::equal(column(self, block, "contig"), Expr::text(&allele.contig)),
                Expr::equal(column(self, block, "position"), Expr::int(allele.position)),
                Expr::equal(column(self, block, "ref"), Expr::text(&allele.reference)),
                Expr::equal(column(self, block, "alt"), Expr::text(&allele.alternate)),
            ]));
        }
        if tests.len() == 1 { tests.remove(0) } else { Expr::Or(tests) }
    }

    fn in_region(&mut self, block: &mut Block, row: &Row, region: &Region) -> Expr {
        let mut tests = vec![
            Expr::equal(self.variant_column(block, row, "build"), Expr::text(&region.build)),
            Expr::equal(self.variant_column(block, row, "contig"), Expr::text(&region.contig)),
        ];
        if let Some((start, end)) = region.positions {
            tests.push(Expr::at_most(self.variant_column(block, row, "position"), Expr::int(end)));
            tests.push(Expr::compare(
                Comparison::GreaterOrEqual,
                self.variant_column(block, row, "end_position"),
                Expr::int(start),
            ));
        }
        Expr::and(tests)
    }
}

/// Membership of a stored CURIE in a set: two-valued.
fn in_codes(code: &Expr, test: &CodeTest) -> Expr {
    let mut parts = Vec::new();
    if !test.exact.is_empty() {
        let values = test.exact.iter().cloned().map(Value::Text).collect();
        parts.push(Expr::InValues(Box::new(code.clone()), values, Type::Text));
    }
    let prefix = |prefix: &String| Expr::Call(Function::StartsWith, vec![code.clone(), Expr::text(prefix)]);
    parts.extend(test.prefixes.iter().map(prefix));
    for (from, to) in &test.ranges {
        parts.push(Expr::and([
            Expr::compare(Comparison::GreaterOrEqual, code.clone(), Expr::text(from)),
            Expr::Or(vec![Expr::at_most(code.clone(), Expr::text(to)), prefix(to)]),
        ]));
    }
    let mut found = match parts.as_slice() {
        [Expr::InValues(..)] => parts.remove(0),
        _ => Expr::IsTrue(Box::new(Expr::Or(parts))),
    };
    if let Some(out) = &test.excluding {
        found = Expr::and([found, in_codes(code, out).not()]);
    }
    found
}

/// The place of an enum member in its declaration, from 0.
pub(crate) fn ordinal(members: &[String], value: Expr) -> Expr {
    if let Expr::Literal(Value::Text(text), _) = &value {
        let at = members.iter().position(|member| member == text).and_then(|at| i64::try_from(at).ok());
        return at.map_or_else(|| Expr::null(Type::Int), Expr::int);
    }
    Expr::Case {
        arms: members
            .iter()
            .zip(0..)
            .map(|(member, at)| (Expr::equal(value.clone(), Expr::text(member)), Expr::int(at)))
            .collect(),
        otherwise: Box::new(Expr::null(Type::Int)),
    }
}

/// The type of a value in a plan.
pub(crate) fn of_type(ty: &types::Type) -> Type {
    match ty {
        types::Type::Bool => Type::Bool,
        types::Type::Int
        | types::Type::Age
        | types::Type::AgeInDays
        | types::Type::Days
        | types::Type::Months
        | types::Type::Band { .. } => Type::Int,
        // An interval is no value of a row, and has a cell of its own.
        types::Type::Interval
        | types::Type::Decimal
        | types::Type::Percent
        | types::Type::Quantity(_)
        | types::Type::QuantityOf(_) => Type::Decimal,
        types::Type::Date | types::Type::Month => Type::Date,
        types::Type::Text
        | types::Type::Enum(_)
        | types::Type::Code(_)
        | types::Type::Gene
        | types::Type::Id
        | types::Type::Allele
        | types::Type::Unknown => Type::Text,
    }
}

pub(crate) fn plain(value: &types::Value, ty: &types::Type) -> Value {
    match (value, of_type(ty)) {
        (types::Value::Int(int), Type::Decimal) => Value::Decimal(types::Number::int(*int).0),
        (types::Value::Bool(value), _) => Value::Bool(*value),
        (types::Value::Int(int), _) => Value::Int(*int),
        (types::Value::Number(number), _) => Value::Decimal(number.0),
        (types::Value::Text(text), _) => Value::Text(text.clone()),
        (types::Value::Date(date), _) => Value::Date(*date),
    }
}

pub(crate) fn literal(value: &types::Value, ty: &types::Type) -> Expr {
    Expr::Literal(plain(value, ty), of_type(ty))
}

fn equality(comparison: types::Comparison) -> bool {
    matches!(comparison, types::Comparison::Equal | types::Comparison::NotEqual)
}

pub(crate) fn comparison_of(comparison: types::Comparison) -> Comparison {
    match comparison {
        types::Comparison::Equal => Comparison::Equal,
        types::Comparison::NotEqual => Comparison::NotEqual,
        types::Comparison::Less => Comparison::Less,
        types::Comparison::LessOrEqual => Comparison::LessOrEqual,
        types::Comparison::Greater => Comparison::Greater,
        types::Comparison::GreaterOrEqual => Comparison::GreaterOrEqual,
    }
}

fn arithmetic(operator: Arithmetic, ty: Type) -> Function {
    match (operator, ty) {
        (Arithmetic::Add, Type::Int) => Function::AddInt,
        (Arithmetic::Subtract, Type::Int) => Function::SubtractInt,
        (Arithmetic::Multiply, Type::Int) => Function::MultiplyInt,
        (Arithmetic::Add, _) => Function::AddDecimal,
        (Arithmetic::Subtract, _) => Function::SubtractDecimal,
        (Arithmetic::Multiply, _) => Function::MultiplyDecimal,
        (Arithmetic::Divide, _) => Function::DivideDecimal,
    }
}
