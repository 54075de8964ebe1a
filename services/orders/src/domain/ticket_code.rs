//! The code in a ticket's QR: signed, so that a phone at the pier tells genuine ones without the
//! network. The format is written down in `docs/security.md`.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use kernel::{DepartureId, TicketId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::vietnam_day::VietnamDay;

/// What the first byte of a code says.
const VERSION: u8 = 1;
/// Version, key, ticket, departure, day.
const SIGNED: usize = 1 + 1 + 16 + 16 + 2;
/// All of it, with the signature.
const WHOLE: usize = SIGNED + 64;
/// Nothing else that the key ever signs begins like this.
const CONTEXT: &[u8] = b"chonoi ticket\0";
/// Crockford's base 32: a QR holds it in its alphanumeric mode, and people can read it aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The most characters that are looked at: a code with room for separators.
const LONGEST: usize = 2 * WHOLE * 8 / 5;

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketCode {
    /// The ticket.
    pub ticket: TicketId,
    /// The departure that it was signed for.
    pub departure: DepartureId,
    /// The day of that departure.
    pub day: VietnamDay,
}

/// Signs codes and knows its own.
pub struct TicketSigner {
    key: SigningKey,
    public: VerifyingKey,
}

impl TicketSigner {
    /// A signer with the key that a seed gives.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        let public = key.verifying_key();
        Self { key, public }
    }

    /// The public key (RFC 8032, 5.1.5).
    pub fn public_key(&self) -> [u8; 32] {
        self.public.to_bytes()
    }

    /// What tells keys apart in a code: the first byte of the public key's SHA-256, in hexadecimal.
    pub fn key_id(&self) -> String {
        format!("{:02x}", self.key_byte())
    }

    /// The code of a ticket.
    pub fn sign(&self, code: TicketCode) -> String {
        let mut bytes = [0_u8; WHOLE];
        bytes[0] = VERSION;
        bytes[1] = self.key_byte();
        bytes[2..18].copy_from_slice(code.ticket.uuid().as_bytes());
        bytes[18..34].copy_from_slice(code.departure.uuid().as_bytes());
        // A day that does not fit is one on which nobody boards.
        bytes[34..SIGNED].copy_from_slice(&code.day.number().unwrap_or(0).to_be_bytes());
        let signature = self.key.sign(&message(&bytes[..SIGNED]));
        bytes[SIGNED..].copy_from_slice(&signature.to_bytes());
        written(&bytes)
    }

    /// What a code says; `None` if this key did not sign it.
    pub fn read(&self, text: &str) -> Option<TicketCode> {
        let bytes = read(text)?;
        if bytes[0] != VERSION || bytes[1] != self.key_byte() {
            return None;
        }
        let signature = Signature::from_slice(&bytes[SIGNED..]).ok()?;
        self.public.verify(&message(&bytes[..SIGNED]), &signature).ok()?;
        let uuid = |from: usize| Uuid::from_slice(&bytes[from..from + 16]).ok();
        Some(TicketCode {
            ticket: TicketId::from_uuid(uuid(2)?),
            departure: DepartureId::from_uuid(uuid(18)?),
            day: VietnamDay::from_number(u16::from_be_bytes([bytes[34], bytes[35]])),
        })
    }

    fn key_byte(&self) -> u8 {
        Sha256::digest(self.public.as_bytes())[0]
    }
}

fn message(signed: &[u8]) -> Vec<u8> {
    [CONTEXT, signed].concat()
}

/// 100 bytes are 160 characters, without padding.
fn written(bytes: &[u8; WHOLE]) -> String {
    let mut text = String::with_capacity(WHOLE * 8 / 5);
    for five in bytes.chunks_exact(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for place in (0..8).rev() {
            text.push(ALPHABET[(bits >> (5 * place)) as usize & 31] as char);
        }
    }
    text
}

/// Reads what people type, too: small letters, separators, and the letters that look like digits.
fn read(text: &str) -> Option<[u8; WHOLE]> {
    if text.len() > LONGEST {
        return None;
    }
    let digits: Option<Vec<u8>> =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(digit).collect();
    let digits = digits.filter(|digits| digits.len() == WHOLE * 8 / 5)?;
    let mut bytes = [0_u8; WHOLE];
    for (five, eight) in bytes.chunks_exact_mut(5).zip(digits.chunks_exact(8)) {
        let bits = eight.iter().fold(0_u64, |bits, digit| (bits << 5) | u64::from(*digit));
        five.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(bytes)
}

fn digit(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == letter).map(|place| place as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(ticket: u128, departure: u128, day: u16) -> TicketCode {
        TicketCode {
            ticket: TicketId::from_uuid(Uuid::from_u128(ticket)),
            departure: DepartureId::from_uuid(Uuid::from_u128(departure)),
            day: VietnamDay::from_number(day),
        }
    }

    #[test]
    fn a_code_fits_a_small_qr_and_is_read_as_people_type_it() {
        let signer = TicketSigner::from_seed([7; 32]);
        let signed = code(u128::MAX, 3, 20_833);
        let text = signer.sign(signed);
        // 160 characters of the alphanumeric mode: version 7 at level M (ISO/IEC 18004, table 7).
        assert_eq!(text.len(), 160);
        assert_eq!(signer.read(&text), Some(signed));
        let typed = text.to_lowercase().replace('0', "o").replace('1', "l");
        let typed: String = typed
            .chars()
            .enumerate()
            .flat_map(|(at, c)| [c, if at % 5 == 4 { '-' } else { ' ' }])
            .collect();
        assert_eq!(signer.read(&typed), Some(signed));
    }

    #[test]
    fn a_code_of_another_key_or_with_one_bit_changed_is_none() {
        let signer = TicketSigner::from_seed([7; 32]);
        let text = signer.sign(code(1, 2, 3));
        assert_eq!(TicketSigner::from_seed([8; 32]).read(&text), None);
        for bit in 0..WHOLE * 8 {
            let mut bytes = read(&text).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(signer.read(&written(&bytes)), None, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_and_what_is_not_is_refused(
            ticket: u128, departure: u128, day: u16, junk in "\\PC{0,400}",
        ) {
            let signer = TicketSigner::from_seed([7; 32]);
            prop_assert_eq!(signer.read(&signer.sign(code(ticket, departure, day))), Some(code(ticket, departure, day)));
            prop_assert_eq!(signer.read(&junk), None);
        }
    }
}
