//! How far consumers are on the streams.

use std::collections::HashMap;

use proto::Topic;
use redis::streams::{StreamInfoGroupsReply, StreamInfoStreamReply, StreamPendingReply};
use redis::{AsyncCommands, RedisResult};

use super::bus::RedisBus;

/// The id of an entry, in the order of the stream: milliseconds, then a number.
type Place = (u64, u64);

/// Where the streams ended at a moment.
#[derive(Debug)]
pub struct Ends(HashMap<Topic, Place>);

fn place_of(id: &str) -> Place {
    let (milliseconds, number) = id.split_once('-').unwrap_or((id, "0"));
    (milliseconds.parse().unwrap_or(0), number.parse().unwrap_or(0))
}

impl RedisBus {
    /// Where the streams end now.
    pub async fn ends(&self) -> RedisResult<Ends> {
        let mut ends = HashMap::new();
        let mut connection = self.connection();
        for topic in Topic::ALL {
            let stream = self.stream(topic);
            if connection.exists::<_, bool>(&stream).await? {
                let said: StreamInfoStreamReply = connection.xinfo_stream(&stream).await?;
                ends.insert(topic, place_of(&said.last_generated_id));
            }
        }
        Ok(Ends(ends))
    }

    /// Who has not done yet with all that was on the streams at a moment: consumer and topic. On a busy market
    /// something is always under way, but not for long the same.
    pub async fn behind(&self, ends: &Ends) -> RedisResult<Vec<(String, Topic)>> {
        let mut behind = Vec::new();
        let mut connection = self.connection();
        for topic in Topic::ALL {
            let Some(end) = ends.0.get(&topic) else { continue };
            let stream = self.stream(topic);
            let groups: StreamInfoGroupsReply = connection.xinfo_groups(&stream).await?;
            for group in groups.groups {
                let pending: StreamPendingReply = connection.xpending(&stream, &group.name).await?;
                let waits = match pending {
                    // Read, and not acknowledged.
                    StreamPendingReply::Data(pending) => place_of(&pending.start_id) <= *end,
                    _ => false,
                };
                if waits || place_of(&group.last_delivered_id) < *end {
                    behind.push((group.name, topic));
                }
            }
        }
        Ok(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_by_time_and_then_by_number() {
        assert!(place_of("9-5") < place_of("10-0"));
        assert!(place_of("10-2") < place_of("10-11"));
    }
}
