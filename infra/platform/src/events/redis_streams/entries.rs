//! Answers of Redis, read: the entries of streams.

use prost::Message;
use proto::events::Event;
use redis::Value;

/// An entry of a stream; without an event if it cannot be read.
pub(super) struct Entry {
    pub(super) stream: String,
    pub(super) id: String,
    pub(super) event: Option<Event>,
}

/// The entries in an answer to XREAD or XREADGROUP (RESP2: arrays of stream and entries).
pub(super) fn entries_of(answer: Value) -> Vec<Entry> {
    let mut entries = Vec::new();
    match answer {
        Value::Array(streams) => {
            for stream in streams {
                let Value::Array(mut parts) = stream else { continue };
                let (Some(list), Some(name)) = (parts.pop(), parts.pop()) else { continue };
                let Some(name) = text(&name) else { continue };
                entries.extend(entries_in(&name, list));
            }
        }
        Value::Map(streams) => {
            for (name, list) in streams {
                let Some(name) = text(&name) else { continue };
                entries.extend(entries_in(&name, list));
            }
        }
        _ => {}
    }
    entries
}

pub(super) fn entries_in(stream: &str, list: Value) -> Vec<Entry> {
    let Value::Array(list) = list else { return Vec::new() };
    let mut entries = Vec::with_capacity(list.len());
    for entry in list {
        let Value::Array(mut parts) = entry else { continue };
        let (Some(fields), Some(id)) = (parts.pop(), parts.pop()) else { continue };
        let Some(id) = text(&id) else { continue };
        let event = match fields {
            Value::Array(fields) => match fields.get(1) {
                Some(Value::BulkString(bytes)) => Event::decode(bytes.as_slice()).ok(),
                _ => None,
            },
            _ => None,
        };
        entries.push(Entry { stream: stream.to_owned(), id, event });
    }
    entries
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    }
}
