//! The fields of an EMVCo QR: two digits of id, two of length, the value; and the checksum.

/// Appends a field. The value is ASCII of at most 99 characters: who calls has measured it.
pub fn put(payload: &mut String, id: &str, value: &str) {
    payload.push_str(id);
    payload.push_str(&format!("{:02}", value.len()));
    payload.push_str(value);
}

/// Fields that were read.
pub struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    /// Reads fields to the end; `None` if they do not add up.
    ///
    /// Lengths count characters: some writers put diacritics into texts and count those.
    pub fn read(mut text: &'a str) -> Option<Self> {
        let mut fields = Vec::new();
        while !text.is_empty() {
            let id = text.get(..2)?;
            let length: usize = text.get(2..4)?.parse().ok()?;
            let rest = text.get(4..)?;
            let end = match rest.char_indices().nth(length) {
                Some((end, _)) => end,
                None if rest.chars().count() == length => rest.len(),
                None => return None,
            };
            fields.push((id, &rest[..end]));
            text = &rest[end..];
        }
        Some(Self(fields))
    }

    /// The value of a field.
    pub fn get(&self, id: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == id).map(|(_, value)| *value)
    }

    /// The value of a field, or nothing.
    pub fn text(&self, id: &str) -> &'a str {
        self.get(id).unwrap_or_default()
    }
}

/// The payload without its checksum field, if the checksum holds.
pub fn checked(payload: &str) -> Option<&str> {
    let split = payload.len().checked_sub(4)?;
    let (covered, checksum) = (payload.get(..split)?, payload.get(split..)?);
    let body = covered.strip_suffix("6304")?;
    let expected = u16::from_str_radix(checksum, 16).ok()?;
    (crc16(covered.as_bytes()) == expected).then_some(body)
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF (ISO/IEC 13239, as EMVCo asks).
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |mut crc, byte| {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
        }
        crc
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue_holds() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }
}
