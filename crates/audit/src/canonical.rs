//! Canonical JSON: one text for one record, whatever library or map made it.
//!
//! Keys are sorted by bytes, there is no white space, and there are no floats: their text is not
//! one thing. Texts are escaped as serde_json does.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The canonical text; `None` for what JSON cannot hold or for floats.
pub(crate) fn text(value: &impl Serialize) -> Option<String> {
    let mut text = String::new();
    push(&serde_json::to_value(value).ok()?, &mut text)?;
    Some(text)
}

/// SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hash_of_two(bytes, &[])
}

/// SHA-256 in hexadecimal of two texts, one after the other.
pub(crate) fn hash_of_two(first: &[u8], second: &[u8]) -> String {
    let digest = Sha256::new().chain_update(first).chain_update(second).finalize();
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn push(value: &Value, text: &mut String) -> Option<()> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => *text += &value.to_string(),
        Value::Number(number) if number.is_i64() || number.is_u64() => *text += &number.to_string(),
        Value::Number(_) => return None,
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                push(item, text)?;
            }
            text.push(']');
        }
        Value::Object(map) => {
            // Sorted here, since another crate may make maps keep their order.
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            text.push('{');
            for (place, (key, item)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                *text += &Value::String(key.clone()).to_string();
                text.push(':');
                push(item, text)?;
            }
            text.push('}');
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_at_every_depth_and_floats_are_refused() {
        let value = json!({"b": [1, {"z": null, "a": "é\n"}], "a": true});
        assert_eq!(text(&value).as_deref(), Some(r#"{"a":true,"b":[1,{"a":"é\n","z":null}]}"#));
        assert_eq!(text(&json!({"a": 0.5})), None);
    }
}
