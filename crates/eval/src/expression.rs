//! The value of an expression in a row.

use crate::cell::{Cell, Row};
use crate::function;
use crate::table::Relation;
use plan::{Comparison, Expr, StepId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The current row of each source of a block; `None` for the right side of a left join to which no row
/// belongs.
pub(crate) type Scope<'a> = Vec<Option<&'a Row>>;

/// The tuples of some columns of a step, none with a null.
type Members = Rc<BTreeSet<Vec<Cell>>>;

/// What expressions of a block refer to.
pub(crate) struct Context<'a> {
    /// Alias and columns of each source so far.
    pub(crate) sources: Vec<(&'a str, &'a Relation)>,
    /// The steps before.
    pub(crate) steps: &'a [Relation],
    members: RefCell<BTreeMap<(u32, Vec<String>), Members>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(steps: &'a [Relation]) -> Context<'a> {
        Context { sources: Vec::new(), steps, members: RefCell::default() }
    }

    /// One more source.
    pub(crate) fn push(&mut self, alias: &'a str, relation: &'a Relation) -> Result<(), String> {
        if self.sources.iter().any(|(other, _)| *other == alias) {
            return Err(format!("two sources are called {alias:?}"));
        }
        self.sources.push((alias, relation));
        Ok(())
    }

    /// The place of a source and that of the column in it.
    pub(crate) fn place(&self, source: &str, column: &str) -> Result<(usize, usize), String> {
        let at = self.sources.iter().position(|(alias, _)| *alias == source);
        let at = at.ok_or_else(|| format!("there is no source {source:?}"))?;
        Ok((at, self.sources[at].1.place(column)?))
    }

    /// The value of an expression that has neither aggregates nor windows.
    ///
    /// # Errors
    /// The reason, for an expression that is not well formed.
    pub(crate) fn value(&self, expr: &Expr, row: &Scope<'a>) -> Result<Cell, String> {
        match expr {
            Expr::Column { source, column, ty } => {
                let (source, column) = self.place(source, column)?;
                match row.get(source) {
                    Some(Some(row)) => row.get(column).cloned().unwrap_or(Cell::Null).of_type(*ty),
                    Some(None) => Ok(Cell::Null),
                    None => Err(format!("source {source} has no row yet")),
                }
            }
            Expr::Aggregate(_) => Err("an aggregate stands outside of a group".to_owned()),
            Expr::Window(_) => Err("a window stands where none may".to_owned()),
            other => self.combine(other, &|inner| self.value(inner, row)),
        }
    }

    /// The value of an expression from the values of its parts, which `value` gives.
    pub(crate) fn combine(
        &self,
        expr: &Expr,
        value: &dyn Fn(&Expr) -> Result<Cell, String>,
    ) -> Result<Cell, String> {
        match expr {
            Expr::Column { .. } | Expr::Aggregate(_) | Expr::Window(_) => {
                Err("an expression without parts".to_owned())
            }
            Expr::Literal(literal, ty) => Cell::of(literal).of_type(*ty),
            Expr::And(all) => {
                let mut truth = Some(true);
                for part in all {
                    truth = match (truth, value(part)?.truth()?) {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        (None, _) | (_, None) => None,
                    };
                }
                Ok(Cell::of_truth(truth))
            }
            Expr::Or(all) => {
                let mut truth = Some(false);
                for part in all {
                    truth = match (truth, value(part)?.truth()?) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        (None, _) | (_, None) => None,
                    };
                }
                Ok(Cell::of_truth(truth))
            }
            Expr::Not(inner) => Ok(Cell::of_truth(value(inner)?.truth()?.map(|truth| !truth))),
            Expr::Compare(comparison, left, right) => compare(*comparison, &value(left)?, &value(right)?),
            Expr::IsNull(inner) => Ok(Cell::Bool(value(inner)?.is_null())),
            Expr::IsTrue(inner) => Ok(Cell::Bool(value(inner)?.truth()? == Some(true))),
            Expr::Case { arms, otherwise } => {
                for (condition, then) in arms {
                    if value(condition)?.truth()? == Some(true) {
                        return value(then);
                    }
                }
                value(otherwise)
            }
            Expr::InValues(inner, list, ty) => {
                let inner = value(inner)?.of_type(*ty)?;
                let mut found = false;
                for item in list {
                    found |= !inner.is_null() && Cell::of(item).of_type(*ty)? == inner;
                }
                Ok(Cell::Bool(found))
            }
            Expr::InStep { values, step, columns } => {
                let tuple = values.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                // No member has a null, so a tuple with one is in nothing.
                Ok(Cell::Bool(self.members(*step, columns)?.contains(&tuple)))
            }
            Expr::Call(called, arguments) => {
                let arguments = arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                function::call(*called, &arguments)
            }
        }
    }

    fn members(&self, step: StepId, columns: &[String]) -> Result<Members, String> {
        let key = (step.0, columns.to_vec());
        if let Some(found) = self.members.borrow().get(&key) {
            return Ok(Rc::clone(found));
        }
        let relation = usize::try_from(step.0).ok().and_then(|place| self.steps.get(place));
        let relation = relation.ok_or_else(|| format!("there is no step {} before this one", step.0))?;
        let places = columns.iter().map(|column| relation.place(column)).collect::<Result<Vec<_>, _>>()?;
        let tuples = relation.rows.iter().map(|row| places.iter().map(|at| row[*at].clone()).collect());
        let members: Members =
            Rc::new(tuples.filter(|tuple: &Vec<Cell>| !tuple.iter().any(Cell::is_null)).collect());
        self.members.borrow_mut().insert(key, Rc::clone(&members));
        Ok(members)
    }
}

fn compare(comparison: Comparison, left: &Cell, right: &Cell) -> Result<Cell, String> {
    let (Some(one), Some(other)) = (left.ty(), right.ty()) else { return Ok(Cell::Null) };
    if one != other {
        return Err(format!("values of types {one:?} and {other:?} are compared"));
    }
    Ok(Cell::Bool(match comparison {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }))
}
