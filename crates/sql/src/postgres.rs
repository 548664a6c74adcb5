//! PostgreSQL 16: placeholder of the second spelling.
use crate::duckdb::DuckDb;
use crate::operand::Operand;
use crate::spelling::{Rows, Spelling};
use plan::{AggregateFunction, Function, Type};
use sqlparser::ast::{DataType, Expr};
use sqlparser::dialect::{Dialect, PostgreSqlDialect};

/// The spelling of PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres;

impl Spelling for Postgres {
    fn grammar(&self) -> &'static dyn Dialect {
        &PostgreSqlDialect {}
    }
    fn type_of(&self, ty: Type, wide: bool) -> DataType {
        DuckDb.type_of(ty, wide)
    }
    fn call(&self, function: Function, arguments: &[Operand]) -> Result<Expr, String> {
        DuckDb.call(function, arguments)
    }
    fn aggregate(&self, function: AggregateFunction, argument: Expr, ty: Type, rows: &Rows) -> Expr {
        DuckDb.aggregate(function, argument, ty, rows)
    }
    fn by_bytes(&self, text: Expr) -> Expr {
        text
    }
}
