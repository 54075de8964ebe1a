//! Values as JavaScript writes them. Casso and payOS sign what `JSON.stringify` made, so what is
//! verified must be the same to the byte.
//!
//! Source: ECMA-262, `Number::toString` and `QuoteJSONString`.

use serde_json::{Map, Number, Value};

/// Beyond this a number of JavaScript is no longer every whole number.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The value as `JSON.stringify` writes it, with the keys of all objects sorted.
pub(super) fn sorted_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// The keys in the order of JavaScript's `sort()`: by UTF-16 units.
pub(super) fn sorted(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut fields: Vec<(&str, &Value)> =
        map.iter().map(|(key, value)| (key.as_str(), value)).collect();
    fields.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    fields
}

/// A number as JavaScript writes it: a whole one in digits, the shortest that reads back.
///
/// A fraction of more than 15 digits may have been read one unit off in the last of them; then the
/// signature does not hold and the call is refused. No feed sends such a number: đồng are whole.
pub(super) fn number(number: &Number) -> String {
    if let Some(whole) = number.as_i64()
        && whole.unsigned_abs() <= MAX_SAFE_INTEGER
    {
        return whole.to_string();
    }
    let float = number.as_f64().unwrap_or_default();
    let size = float.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(one) => text.push_str(&number(one)),
        Value::String(one) => quote(one, text),
        Value::Array(values) => {
            text.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(value, text);
            }
            text.push(']');
        }
        Value::Object(map) => {
            text.push('{');
            for (place, (key, value)) in sorted(map).into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                quote(key, text);
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
    }
}

fn quote(raw: &str, text: &mut String) {
    text.push('"');
    for letter in raw.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control < ' ' => {
                text.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        // What node prints for JSON.stringify(JSON.parse(text)).
        for (text, written) in [
            ("0", "0"),
            ("-0", "0"),
            ("599000", "599000"),
            ("-599000", "-599000"),
            ("599000.0", "599000"),
            ("0.1", "0.1"),
            ("9007199254740991", "9007199254740991"),
            ("9007199254740993", "9007199254740992"),
            ("1152921504606846976", "1152921504606847000"),
            ("1e21", "1e+21"),
            ("1.5e300", "1.5e+300"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(sorted_json(&value), written, "{text}");
        }
    }

    #[test]
    fn text_stays_raw_but_for_what_json_must_escape() {
        let value: Value = serde_json::from_str(
            r#"{"z":"Cần Thơ \/ \"a\" \\ \u0001\u001f\u007f\u2028\ud83d\ude00\n\t\b\f\r","a":[{"c":1,"b":null},true,false],"é":{}}"#,
        )
        .unwrap();
        let written = "{\"a\":[{\"b\":null,\"c\":1},true,false],\"z\":\"Cần Thơ / \\\"a\\\" \\\\ \
            \\u0001\\u001f\u{7f}\u{2028}😀\\n\\t\\b\\f\\r\",\"é\":{}}";
        assert_eq!(sorted_json(&value), written);
    }
}
