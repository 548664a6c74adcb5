//! Damage: every statement that differs from a given one in one small thing.
//!
//! Expressions are damaged at every node, blocks in every clause, tables in their fence and their sources.
//! No kind of damage here keeps the meaning in general; where one happens to, it is still a text that the
//! compiler does not emit.

use crate::tree::{Arithmetic, Block, Body, Call, Comparison, Expr, Join, JoinKind, Source, Statement};

/// A damaged statement.
pub(super) struct Mutant {
    /// Which table, and what was done.
    pub(super) words: String,
    pub(super) statement: Statement,
}

/// Every damage to the tables that `wanted` names, one after the other.
pub(super) fn of_tables(statement: &Statement, wanted: &dyn Fn(&str) -> bool, visit: &mut dyn FnMut(Mutant)) {
    for (place, table) in statement.tables.iter().enumerate() {
        if !wanted(&table.name) {
            continue;
        }
        let mut add = |words: String, body: Body| {
            let mut statement = statement.clone();
            statement.tables[place].body = body;
            visit(Mutant { words: format!("{}: {words}", table.name), statement });
        };
        let blocks = table.body.blocks();
        let put = |nth: usize, block: Block| match &table.body {
            Body::Select(_) => Body::Select(block),
            Body::UnionAll(_) | Body::Values { .. } => {
                let mut blocks = blocks.to_vec();
                blocks[nth] = block;
                Body::UnionAll(blocks)
            }
        };
        for (nth, block) in blocks.iter().enumerate() {
            for (words, damaged) in of_block(block) {
                add(words, put(nth, damaged));
            }
        }
        if blocks.len() > 1 {
            for nth in 0..blocks.len() {
                let mut fewer = blocks.to_vec();
                fewer.remove(nth);
                add(format!("drop block {nth}"), Body::UnionAll(fewer));
            }
        }
        if let Some(first) = blocks.first() {
            let mut open = first.clone();
            open.joins.clear();
            open.filter = None;
            let mut more = blocks.to_vec();
            more.push(open);
            add("one more block without joins and condition".to_owned(), Body::UnionAll(more));
        }
    }
}

/// Every damage to a block.
fn of_block(block: &Block) -> Vec<(String, Block)> {
    let mut all: Vec<(String, Block)> = Vec::new();
    let mut change = |words: String, with: &dyn Fn(&mut Block)| {
        let mut damaged = block.clone();
        with(&mut damaged);
        if damaged != *block {
            all.push((words, damaged));
        }
    };
    change("toggle DISTINCT".into(), &|block| block.distinct = !block.distinct);
    change("drop WHERE".into(), &|block| block.filter = None);
    change("drop GROUP BY".into(), &|block| block.group = None);
    if block.group.is_none() {
        change("group by the first column".into(), &|block| {
            block.group = Some(vec![block.items[0].1.clone()]);
        });
    }
    if let Some(keys) = &block.group {
        for nth in 0..keys.len() {
            change(format!("drop key {nth}"), &|block| {
                if let Some(keys) = &mut block.group {
                    keys.remove(nth);
                }
            });
        }
    }
    if block.filter.is_some() {
        change("OR TRUE".into(), &|block| {
            block.filter = block.filter.take().map(|filter| Expr::Or(vec![filter, Expr::Bool(true)]));
        });
        change("NOT the whole".into(), &|block| {
            block.filter = block.filter.take().map(|filter| Expr::Not(Box::new(filter)));
        });
    }
    for nth in 0..block.joins.len() {
        change(format!("drop join {nth}"), &|block| {
            block.joins.remove(nth);
        });
        change(format!("turn join {nth}"), &|block| {
            let join = &mut block.joins[nth];
            join.kind = if join.kind == JoinKind::Inner { JoinKind::Left } else { JoinKind::Inner };
        });
        change(format!("cross join {nth}"), &|block| {
            block.joins[nth].kind = JoinKind::Cross;
            block.joins[nth].on = None;
        });
        change(format!("read the first relation in join {nth}"), &|block| {
            if let Some(from) = &block.from {
                block.joins[nth].source.name = from.name.clone();
            }
        });
        change(format!("twice join {nth}"), &|block| {
            let join = block.joins[nth].clone();
            let source = Source { alias: format!("{}_again", join.source.alias), ..join.source };
            block.joins.push(Join { source, ..join });
        });
    }
    change("join the first relation once more".into(), &|block| {
        if let Some(from) = block.from.clone() {
            let source = Source { alias: "once_more".to_owned(), ..from };
            block.joins.push(Join { kind: JoinKind::Cross, source, on: None });
        }
    });
    for nth in 0..block.items.len() {
        if nth > 0 {
            change(format!("swap the values of columns {} and {nth}", nth - 1), &|block| {
                let (one, other) = (block.items[nth - 1].1.clone(), block.items[nth].1.clone());
                block.items[nth - 1].1 = other;
                block.items[nth].1 = one;
            });
        }
        for (words, value) in of_expr(&block.items[nth].1, block) {
            change(format!("column {}: {words}", block.items[nth].0), &|block| {
                block.items[nth].1 = value.clone();
            });
        }
    }
    for nth in 0..block.joins.len() {
        if let Some(on) = &block.joins[nth].on {
            for (words, damaged) in of_expr(on, block) {
                change(format!("join {nth}: {words}"), &|block| block.joins[nth].on = Some(damaged.clone()));
            }
        }
    }
    if let Some(filter) = &block.filter {
        for (words, damaged) in of_expr(filter, block) {
            change(format!("WHERE: {words}"), &|block| block.filter = Some(damaged.clone()));
        }
    }
    all
}

/// Every damage to an expression: at its root, and at every part.
fn of_expr(expr: &Expr, block: &Block) -> Vec<(String, Expr)> {
    let mut all: Vec<(String, Expr)> = at_root(expr, block)
        .into_iter()
        .map(|damaged| (format!("{} for {}", brief(&damaged), brief(expr)), damaged))
        .collect();
    let count = expr.parts().len();
    for nth in 0..count {
        for (words, part) in of_expr(expr.parts()[nth], block) {
            all.push((words, with_part(expr, nth, part)));
        }
    }
    all
}

fn brief(expr: &Expr) -> String {
    format!("{expr:?}").chars().take(90).collect()
}

fn at_root(expr: &Expr, block: &Block) -> Vec<Expr> {
    let mut all = Vec::new();
    match expr {
        Expr::Column(source, column) => {
            let mut others: Vec<&Expr> = Vec::new();
            for root in block.expressions() {
                root.each(&mut |part| {
                    if let Expr::Column(..) = part {
                        others.push(part);
                    }
                });
            }
            others.sort();
            others.dedup();
            all.extend(others.iter().filter(|other| ***other != *expr).take(3).map(|other| (*other).clone()));
            all.push(Expr::Column(source.clone(), format!("{column}_2")));
            all.push(Expr::Null);
        }
        Expr::Null => all.push(Expr::Number("0".into())),
        Expr::Bool(value) => all.push(Expr::Bool(!value)),
        Expr::Number(digits) => {
            all.push(Expr::Number(digits.parse::<i128>().map_or("7".to_owned(), |n| (n + 1).to_string())));
        }
        Expr::Text(text) => all.extend([Expr::Text(format!("{text}x")), Expr::Text(String::new())]),
        Expr::Date(_) => all.extend([Expr::Date("2026-06-02".into()), Expr::Date("9999-12-31".into())]),
        Expr::Instant(_) => all.push(Expr::Instant("9999-12-31 00:00:00".into())),
        Expr::And(terms) | Expr::Or(terms) => {
            let same = |terms: Vec<Expr>| {
                if matches!(expr, Expr::And(_)) { Expr::And(terms) } else { Expr::Or(terms) }
            };
            all.push(if matches!(expr, Expr::And(_)) {
                Expr::Or(terms.clone())
            } else {
                Expr::And(terms.clone())
            });
            for nth in 0..terms.len() {
                let mut fewer = terms.clone();
                let gone = fewer.remove(nth);
                all.push(if fewer.len() == 1 { fewer[0].clone() } else { same(fewer.clone()) });
                fewer.push(Expr::Not(Box::new(gone.clone())));
                all.push(same(fewer.clone()));
                fewer.pop();
                fewer.push(Expr::Or(vec![gone, Expr::Bool(true)]));
                all.push(same(fewer));
            }
        }
        Expr::Not(inner) | Expr::Minus(inner) => all.push((**inner).clone()),
        Expr::IsNull(inner) => all.push(Expr::IsNotNull(inner.clone())),
        Expr::IsNotNull(inner) => all.push(Expr::IsNull(inner.clone())),
        Expr::IsTrue(inner) => all.push(Expr::Not(inner.clone())),
        Expr::Compare(comparison, left, right) => {
            use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
            for other in [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual] {
                if other != *comparison {
                    all.push(Expr::Compare(other, left.clone(), right.clone()));
                }
            }
            all.push(Expr::Bool(true));
        }
        Expr::Between(three) => {
            all.push(Expr::Between(Box::new([three[0].clone(), three[2].clone(), three[1].clone()])));
        }
        Expr::In(value, list) => {
            all.push(Expr::Not(Box::new(expr.clone())));
            let mut fewer = list.clone();
            fewer.pop();
            all.push(Expr::In(value.clone(), fewer));
            let mut more = list.clone();
            more.push(Expr::Text("more".into()));
            all.push(Expr::In(value.clone(), more));
        }
        Expr::InTable { .. } => {
            all.extend([Expr::Bool(true), Expr::Bool(false), Expr::Not(Box::new(expr.clone()))]);
        }
        Expr::Arithmetic(operator, left, right) => {
            let other = if *operator == Arithmetic::Add { Arithmetic::Subtract } else { Arithmetic::Add };
            all.push(Expr::Arithmetic(other, left.clone(), right.clone()));
        }
        Expr::Case { arms, otherwise } => {
            for nth in 0..arms.len() {
                let mut fewer = arms.clone();
                fewer.remove(nth);
                if !fewer.is_empty() {
                    all.push(Expr::Case { arms: fewer, otherwise: otherwise.clone() });
                }
            }
            all.push(Expr::Case { arms: arms.clone(), otherwise: None });
        }
        Expr::Cast { or_null, value, ty } => {
            all.push((**value).clone());
            all.push(Expr::Cast { or_null: !or_null, value: value.clone(), ty: ty.clone() });
            all.push(Expr::Cast { or_null: true, value: value.clone(), ty: "INTEGER".into() });
        }
        Expr::Call(call) => all.extend(of_call(call)),
        Expr::List(_) | Expr::Row(_) | Expr::Lambda(..) => {}
    }
    all.retain(|damaged| damaged != expr);
    all
}

fn of_call(call: &Call) -> Vec<Expr> {
    let mut all = Vec::new();
    let mut change = |with: &dyn Fn(&mut Call)| {
        let mut damaged = call.clone();
        with(&mut damaged);
        all.push(Expr::Call(Box::new(damaged)));
    };
    let other = match call.name.as_str() {
        "min" => "max",
        "max" => "min",
        "least" => "greatest",
        "greatest" | "coalesce" => "least",
        "count" => "sum",
        _ => "random",
    };
    change(&|call| call.name = other.to_owned());
    change(&|call| call.name = "any_value".to_owned());
    change(&|call| call.filter = None);
    change(&|call| call.distinct = !call.distinct);
    for nth in 0..call.arguments.len() {
        change(&|call| {
            call.arguments.remove(nth);
        });
    }
    change(&|call| call.over = None);
    if let Some(over) = &call.over {
        for nth in 0..over.order.len() {
            let over_of = |call: &mut Call, with: &dyn Fn(&mut crate::tree::Over)| {
                if let Some(over) = &mut call.over {
                    with(over);
                }
            };
            change(&|call| over_of(call, &|over| over.order[nth].descending ^= true));
            change(&|call| over_of(call, &|over| over.order[nth].nulls_first ^= true));
            change(&|call| {
                over_of(call, &|over| {
                    over.order.remove(nth);
                });
            });
        }
        for nth in 0..over.partition.len() {
            change(&|call| {
                if let Some(over) = &mut call.over {
                    over.partition.remove(nth);
                }
            });
        }
    }
    all
}

/// The expression with one of its parts replaced, in the order of [`Expr::parts`].
fn with_part(expr: &Expr, nth: usize, part: Expr) -> Expr {
    let mut expr = expr.clone();
    let mut slots: Vec<&mut Expr> = match &mut expr {
        Expr::Column(..)
        | Expr::Null
        | Expr::Bool(_)
        | Expr::Number(_)
        | Expr::Text(_)
        | Expr::Date(_)
        | Expr::Instant(_) => Vec::new(),
        Expr::And(all) | Expr::Or(all) | Expr::List(all) | Expr::InTable { values: all, .. } => {
            all.iter_mut().collect()
        }
        Expr::Not(one)
        | Expr::IsNull(one)
        | Expr::IsNotNull(one)
        | Expr::IsTrue(one)
        | Expr::Minus(one)
        | Expr::Cast { value: one, .. }
        | Expr::Lambda(_, one) => vec![one],
        Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right) => vec![left, right],
        Expr::Between(three) => three.iter_mut().collect(),
        Expr::In(value, list) => std::iter::once(value.as_mut()).chain(list).collect(),
        Expr::Case { arms, otherwise } => {
            arms.iter_mut().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref_mut()).collect()
        }
        Expr::Call(call) => {
            let over = call.over.iter_mut().flat_map(|over| {
                over.partition.iter_mut().chain(over.order.iter_mut().map(|order| &mut order.key))
            });
            call.arguments.iter_mut().chain(&mut call.filter).chain(over).collect()
        }
        Expr::Row(fields) => fields.iter_mut().map(|(_, value)| value).collect(),
    };
    *slots[nth] = part;
    expr
}

/// Damage to the whole: fences gone, tables gone, guards passed by, one more reader of a linked table.
pub(super) fn of_whole(
    statement: &Statement,
    guards: &[(String, String)],
    fenced: &[&str],
    visit: &mut dyn FnMut(Mutant),
) {
    let mut change = |words: String, with: &dyn Fn(&mut Statement)| {
        let mut statement = statement.clone();
        with(&mut statement);
        visit(Mutant { words, statement });
    };
    for (place, table) in statement.tables.iter().enumerate() {
        if fenced.contains(&table.name.as_str()) {
            change(format!("{}: no fence", table.name), &|statement| statement.tables[place].fenced = false);
        }
        change(format!("{}: gone", table.name), &|statement| {
            statement.tables.remove(place);
        });
        change(format!("{}: twice", table.name), &|statement| {
            let again = statement.tables[place].clone();
            statement.tables.insert(place, again);
        });
        for (nth, block) in table.body.blocks().iter().enumerate() {
            for (which, source) in block.sources().enumerate() {
                for base in guards.iter().filter(|(guard, _)| *guard == source.name).map(|(_, base)| base) {
                    change(format!("{}: reads {base} itself", table.name), &|statement| {
                        let blocks = match &mut statement.tables[place].body {
                            Body::Select(block) => std::slice::from_mut(block),
                            Body::UnionAll(blocks) => blocks.as_mut_slice(),
                            Body::Values { .. } => &mut [],
                        };
                        let block = &mut blocks[nth];
                        match which.checked_sub(1) {
                            None => {
                                if let Some(from) = &mut block.from {
                                    from.name = base.clone();
                                }
                            }
                            Some(join) => block.joins[join].source.name = base.clone(),
                        }
                    });
                }
            }
        }
    }
    let bases: Vec<&str> = guards
        .iter()
        .map(|(_, base)| base.as_str())
        .chain(["consent_event", "consent_scope", "SUBJECT"])
        .collect();
    for base in bases {
        for (place, table) in statement.tables.iter().enumerate() {
            change(format!("{}: a cross join with {base}", table.name), &|statement| {
                if let Body::Select(block) = &mut statement.tables[place].body {
                    let source = Source { name: base.to_owned(), alias: "more".to_owned() };
                    block.joins.push(Join { kind: JoinKind::Cross, source, on: None });
                } else {
                    statement.tables.remove(place);
                }
            });
        }
        let last = statement.tables.len() - 1;
        change(format!("a membership in {base}"), &|statement| {
            if let Body::Select(block) = &mut statement.tables[last].body {
                let values = vec![Expr::Text("x".into())];
                block.filter = Some(Expr::InTable {
                    values,
                    table: base.to_owned(),
                    columns: vec!["subject_id".into()],
                });
            }
        });
    }
}
