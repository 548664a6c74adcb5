//! Orders of rows.

use crate::cell::Cell;
use plan::Order;
use std::cmp::Ordering;

/// Compares the keys of two rows; `orders` says of each key where nulls go and which end is first.
pub(crate) fn compare(orders: &[Order], left: &[Cell], right: &[Cell]) -> Ordering {
    for ((order, left), right) in orders.iter().zip(left).zip(right) {
        let nulls_last = if order.nulls_first { Ordering::Less } else { Ordering::Greater };
        let found = match (left.is_null(), right.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => nulls_last,
            (false, true) => nulls_last.reverse(),
            (false, false) if order.descending => right.cmp(left),
            (false, false) => left.cmp(right),
        };
        if found.is_ne() {
            return found;
        }
    }
    Ordering::Equal
}
