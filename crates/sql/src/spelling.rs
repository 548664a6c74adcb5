//! What differs between engines.

use crate::operand::Operand;
use plan::{AggregateFunction, Function, Type};
use sqlparser::ast::{DataType, Expr, FunctionArgExpr, WindowSpec, WindowType};
use sqlparser::dialect::Dialect;

/// The functions that printed text may call, of all engines, in order. Operators, casts and `CASE`
/// stand beside them.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "chr",
    "coalesce",
    "count",
    "date_diff",
    "day",
    "greatest",
    "least",
    "list_append",
    "list_contains",
    "list_extract",
    "list_transform",
    "make_date",
    "max",
    "min",
    "month",
    "nullif",
    "quantile_disc",
    "row_number",
    "sha256",
    "sign",
    "starts_with",
    "sum",
    "to_months",
    "trunc",
    "year",
];

/// How an engine writes types, functions and aggregates.
pub(crate) trait Spelling {
    /// The grammar in which the printed text is read back.
    fn grammar(&self) -> &'static dyn Dialect;

    /// A type; `wide` gives a decimal 26 digits before the point instead of 18.
    fn type_of(&self, ty: Type, wide: bool) -> DataType;

    /// A call. All arguments are there: the caller has counted them.
    ///
    /// # Errors
    /// The reason, for arguments that the function does not take.
    fn call(&self, function: Function, arguments: &[Operand]) -> Result<Expr, String>;

    /// An aggregate of a value of a type, over the rows of `rows`.
    fn aggregate(&self, function: AggregateFunction, argument: Expr, ty: Type, rows: &Rows) -> Expr;

    /// A text so that it is compared by its bytes.
    fn by_bytes(&self, text: Expr) -> Expr;
}

/// Which rows an aggregate takes in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Only distinct values.
    pub(crate) distinct: bool,
    /// Only rows for which this is true.
    pub(crate) filter: Option<Expr>,
    /// The window, where it is a window function.
    pub(crate) over: Option<WindowSpec>,
}

impl Rows {
    /// An engine's aggregate function over these rows.
    pub(crate) fn of(&self, name: &str, arguments: Vec<Expr>) -> Expr {
        self.apply(name, arguments.into_iter().map(FunctionArgExpr::Expr).collect())
    }

    /// `count(*)` over these rows.
    pub(crate) fn count(&self) -> Expr {
        self.apply("count", vec![FunctionArgExpr::Wildcard])
    }

    fn apply(&self, name: &str, arguments: Vec<FunctionArgExpr>) -> Expr {
        use sqlparser::ast::{DuplicateTreatment, FunctionArguments};
        let mut function = crate::tree::function(name, arguments);
        if let (true, FunctionArguments::List(list)) = (self.distinct, &mut function.args) {
            list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
        }
        function.filter = self.filter.clone().map(Box::new);
        function.over = self.over.clone().map(WindowType::WindowSpec);
        Expr::Function(function)
    }
}
