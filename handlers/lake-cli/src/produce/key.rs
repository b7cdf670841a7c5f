//! Which shard an event goes to.

use memchr::memmem;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The longest partition key that Kinesis takes, in characters; counted in bytes here, which is
/// stricter.
const MAX_KEY: usize = 256;

/// The event's own `event_uuid` where it has one, else a hash of its bytes.
///
/// Both spread evenly over the shards, which a type or a constant would not, and both are the
/// same when the same event is sent again.
/// The id is found without parsing: should the first `"event_uuid"` of the text not be the
/// event's own, the key is still a function of the bytes, and that is all a key must be.
pub(crate) fn partition_key(event: &[u8]) -> String {
    match event_uuid(event) {
        Some(id) => id.to_owned(),
        None => format!("{:016x}", hash(event)),
    }
}

/// One of `count` lanes; records of the same key share a lane, which keeps their order.
pub(crate) fn lane(key: &str, count: usize) -> usize {
    usize::try_from(hash(key.as_bytes()))
        .unwrap_or_default()
        .checked_rem(count)
        .unwrap_or_default()
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn event_uuid(event: &[u8]) -> Option<&str> {
    const NAME: &[u8] = b"\"event_uuid\"";
    let after_name = event.get(memmem::find(event, NAME)? + NAME.len()..)?;
    let value = after_name.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"")?;
    let id = value.get(..memchr::memchr(b'"', value)?)?;
    let plain = (1..=MAX_KEY).contains(&id.len()) && !id.contains(&b'\\');
    plain.then(|| std::str::from_utf8(id).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{event_uuid, lane, partition_key};
    use md5::{Digest, Md5};

    #[test]
    fn the_id_is_found_however_it_is_spaced() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (br#"{"event_uuid":"a-1","x":1}"#, Some("a-1")),
            (b"{\"x\":1, \"event_uuid\" :\n \"a-2\"}", Some("a-2")),
            (br#"{"event_uuid":17}"#, None),
            (br#"{"event_uuid":""}"#, None),
            (br#"{"event_uuid":"a\"b"}"#, None),
            (br#"{"event_uuid":"cut"#, None),
            (br#"{"event_uuid""#, None),
            (b"{\"event_uuid\":\"\xff\"}", None),
            (b"not json", None),
        ];
        for (event, id) in cases {
            assert_eq!(event_uuid(event), id, "{}", String::from_utf8_lossy(event));
        }
        let long = format!(r#"{{"event_uuid":"{}"}}"#, "a".repeat(257));
        assert_eq!(partition_key(long.as_bytes()).len(), 16);
    }

    /// Kinesis maps the MD5 of the key, as a 128-bit number, on the shards' equal ranges.
    fn shard(key: &str, shards: u128) -> usize {
        let digest: [u8; 16] = Md5::digest(key.as_bytes()).into();
        usize::try_from(u128::from_be_bytes(digest) / (u128::MAX / shards + 1)).expect("small")
    }

    #[test]
    fn keys_spread_evenly_over_shards_and_lanes() {
        for with_id in [true, false] {
            let (mut shards, mut lanes) = ([0u32; 4], [0u32; 4]);
            let mut rng = fastrand::Rng::with_seed(4);
            for number in 0..100_000 {
                let id = uuid(&mut rng);
                let event = if with_id {
                    format!(r#"{{"event_uuid":"{id}","event_name":"lesson:started"}}"#)
                } else {
                    format!(r#"{{"event_name":"lesson:started","number":{number}}}"#)
                };
                let key = partition_key(event.as_bytes());
                shards[shard(&key, 4)] += 1;
                lanes[lane(&key, 4)] += 1;
            }
            for counts in [shards, lanes] {
                let fullest = f64::from(*counts.iter().max().expect("four"));
                assert!(fullest / 25_000.0 <= 1.1, "{counts:?}");
            }
        }
    }

    fn uuid(rng: &mut fastrand::Rng) -> String {
        super::super::generator::uuid(rng)
    }
}
