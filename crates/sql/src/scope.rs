//! What the names of one select block stand for.

use crate::names;
use plan::Type;
use sqlparser::ast::{Expr, Ident};

/// The printed form of a step: its name and its columns.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    /// Its printed name.
    pub(crate) name: String,
    /// Its columns in order.
    pub(crate) columns: Vec<Column>,
}

/// A column of a step.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its name in the plan.
    pub(crate) name: String,
    /// Its printed name.
    pub(crate) printed: String,
    /// Its type.
    pub(crate) ty: Type,
    /// A decimal that may have 26 digits before the point.
    pub(crate) wide: bool,
}

impl Relation {
    /// A column by its name in the plan.
    pub(crate) fn column(&self, name: &str) -> Result<&Column, String> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| format!("step {:?} has no column {name:?}", self.name))
    }
}

/// The sources of a block by their aliases.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    sources: Vec<Entry<'a>>,
    any_alias: bool,
}

#[derive(Debug)]
struct Entry<'a> {
    alias: String,
    printed: String,
    /// `None` for a table of the warehouse.
    relation: Option<&'a Relation>,
}

impl<'a> Scope<'a> {
    /// One step under any alias: the result that an order reads.
    pub(crate) fn only(relation: &'a Relation) -> Scope<'a> {
        let entry = Entry { alias: String::new(), printed: relation.name.clone(), relation: Some(relation) };
        Scope { sources: vec![entry], any_alias: true }
    }

    /// One more source.
    ///
    /// # Errors
    /// The reason, for an alias that the block has already.
    pub(crate) fn push(
        &mut self,
        alias: &str,
        printed: String,
        relation: Option<&'a Relation>,
    ) -> Result<(), String> {
        if self.sources.iter().any(|entry| entry.alias == alias) {
            return Err(format!("two sources are called {alias:?}"));
        }
        self.sources.push(Entry { alias: alias.to_owned(), printed, relation });
        Ok(())
    }

    /// `alias.column`, and whether it is a wide decimal.
    ///
    /// # Errors
    /// The reason, for an alias or column that does not exist.
    pub(crate) fn column(
        &self,
        source: &str,
        column: &str,
        longest: Option<usize>,
    ) -> Result<(Expr, bool), String> {
        let entry = self
            .sources
            .iter()
            .find(|entry| self.any_alias || entry.alias == source)
            .ok_or_else(|| format!("no source is called {source:?}"))?;
        let (name, wide): (Ident, bool) = match entry.relation {
            Some(relation) => {
                let column = relation.column(column)?;
                (names::quoted(&column.printed), column.wide)
            }
            None => (names::given(column, longest)?, false),
        };
        Ok((Expr::CompoundIdentifier(vec![names::quoted(&entry.printed), name]), wide))
    }
}
