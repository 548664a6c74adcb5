//! What differs between engines.

use crate::operand::Operand;
use plan::{AggregateFunction, Function, Type};
use sqlparser::ast::{
    DataType, Expr, FunctionArgExpr, OrderByExpr, OrderByOptions, OrderBySort, WindowSpec, WindowType,
};
use sqlparser::dialect::Dialect;

/// The functions that printed text may call, of all engines, in order. Operators, casts and `CASE`
/// stand beside them.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "array_append",
    "bool_and",
    "bool_or",
    "chr",
    "coalesce",
    "convert_to",
    "count",
    "date_diff",
    "date_trunc",
    "day",
    "div",
    "encode",
    "greatest",
    "least",
    "list",
    "list_append",
    "list_contains",
    "list_extract",
    "list_transform",
    "make_date",
    "make_interval",
    "max",
    "min",
    "month",
    "nullif",
    "percentile_disc",
    "quantile_disc",
    "round",
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

    /// The longest name that the engine does not cut, in bytes.
    fn longest_name(&self) -> Option<usize>;

    /// A type; `wide` gives a decimal 26 digits before the point instead of 18.
    fn type_of(&self, ty: Type, wide: bool) -> DataType;

    /// A call. All arguments are there: the caller has counted them.
    ///
    /// # Errors
    /// The reason, for arguments that the function does not take.
    fn call(&self, function: Function, arguments: &[Operand]) -> Result<Expr, String>;

    /// An aggregate of a value of a type, over the rows of `rows`.
    ///
    /// # Errors
    /// The reason, for an aggregate that the engine does not know over a window.
    fn aggregate(
        &self,
        function: AggregateFunction,
        argument: Expr,
        ty: Type,
        rows: &Rows,
    ) -> Result<Expr, String>;

    /// A text so that it is ordered by its bytes.
    fn by_bytes(&self, text: Expr) -> Expr;

    /// A literal so that it may be a key of groups.
    fn key(&self, literal: Expr, ty: Type) -> Expr;

    /// A value so that it may stand in either half of a recursion, where it may not stand as it is.
    fn of_both_halves(&self, value: Expr, ty: Type) -> Option<Expr>;
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

    /// The value at a share of the values in ascending or descending order.
    ///
    /// # Errors
    /// The reason, over a window.
    pub(crate) fn at(&self, share: &str, key: Expr, descending: bool) -> Result<Expr, String> {
        if self.over.is_some() {
            return Err("the engine does not know a quantile over a window".to_owned());
        }
        let mut shared = self.of("percentile_disc", vec![crate::tree::number(share)]);
        if let Expr::Function(function) = &mut shared {
            let sort = if descending { OrderBySort::Desc } else { OrderBySort::Asc };
            let options = OrderByOptions { sort: Some(sort), nulls_first: Some(false) };
            function.within_group = vec![OrderByExpr { expr: key, options, with_fill: None }];
        }
        Ok(shared)
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
