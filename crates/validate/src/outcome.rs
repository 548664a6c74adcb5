//! The last query: its columns are those that were asked for, in a total order.

use crate::demand::Demand;
use crate::tree::{Expr, Statement};
use crate::violation::{Rule, Violations};

/// Checks the query at the end.
pub(crate) fn check(statement: &Statement, demand: &Demand, violations: &mut Violations) {
    let result = &statement.result;
    if statement.tables.last().is_none_or(|last| last.name != result.table) {
        violations.add(Rule::Columns, "", "The result is not the last table of the text.");
    }
    let mut ordered = Vec::new();
    for order in &result.order {
        match &order.key {
            Expr::Column(table, column) if *table == result.table && result.columns.contains(column) => {
                ordered.push(column);
            }
            _ => violations.add(Rule::Order, "", "A key of the final order is no column of the result."),
        }
    }
    let Some(wanted) = &demand.result else { return };
    if result.columns.len() != wanted.columns {
        let sentence = format!(
            "The result has {} columns, and {} were asked for.",
            result.columns.len(),
            wanted.columns
        );
        violations.add(Rule::Columns, "", sentence);
    }
    for key in &wanted.keys {
        if !ordered.contains(&key) {
            violations.add(Rule::Order, "", format!("The final order leaves out the key {key}."));
        }
    }
}
