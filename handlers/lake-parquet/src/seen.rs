//! Which events a batch has had already.

use std::collections::HashSet;

/// The `event_uuid`s of a batch.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    uuids: HashSet<u128>,
    /// What is no UUID in its usual form is compared as text.
    others: HashSet<Box<[u8]>>,
}

impl Seen {
    /// Whether `uuid` comes for the first time.
    pub(crate) fn is_new(&mut self, uuid: &[u8]) -> bool {
        match canonical(uuid) {
            Some(uuid) => self.uuids.insert(uuid),
            None => self.others.insert(uuid.into()),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.uuids.clear();
        self.others.clear();
    }
}

/// The number of a UUID with hyphens and lower-case digits; any other spelling is another text.
pub(crate) fn canonical(uuid: &[u8]) -> Option<u128> {
    let uuid: &[u8; 36] = uuid.try_into().ok()?;
    let mut number = 0;
    for (at, byte) in uuid.iter().enumerate() {
        let digit = match (byte, at) {
            (b'-', 8 | 13 | 18 | 23) => continue,
            (_, 8 | 13 | 18 | 23) => return None,
            (b'0'..=b'9', _) => byte - b'0',
            (b'a'..=b'f', _) => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn a_uuid_is_new_once_and_every_spelling_is_its_own() {
        let mut seen = Seen::default();
        let uuids = [
            "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10",
            "78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a11",
            "78D1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10",
            "78d1b9287-ea0-4b2c-9d3a-4f0c5d1f7a10",
            "78d1b9287ea04b2c9d3a4f0c5d1f7a10",
            "00000000-0000-0000-0000-000000000000",
            "u",
            "",
        ];
        for uuid in uuids {
            assert!(seen.is_new(uuid.as_bytes()), "{uuid}");
        }
        for uuid in uuids {
            assert!(!seen.is_new(uuid.as_bytes()), "{uuid}");
        }
        seen.clear();
        assert!(seen.is_new(uuids[0].as_bytes()));
    }
}
