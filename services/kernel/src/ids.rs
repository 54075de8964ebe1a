//! Typed ids, written as TypeID does: a prefix, an underscore and 26 characters of base 32.
//!
//! Source: the TypeID specification 0.3 (prefix + Crockford base 32, lower case, of a UUIDv7).
//! Kernel makes no random numbers: a new UUIDv7 comes from `platform::ids`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is no id of the wanted type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id of the form {prefix}_…")]
pub struct InvalidId {
    /// What was read.
    pub text: String,
    /// Prefix of the wanted type.
    pub prefix: &'static str,
}

/// What all typed ids have in common.
pub trait TypedId: Copy + Eq + Ord + fmt::Display + FromStr<Err = InvalidId> {
    /// The prefix that tells the type of the thing.
    const PREFIX: &'static str;
    /// The id of a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID of the id.
    fn uuid(self) -> Uuid;
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl $name {
            /// The prefix that tells the type of the thing.
            pub const PREFIX: &'static str = $prefix;

            /// The id of a UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID of the id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(encode(self.0, &mut [0; SUFFIX_LENGTH]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| InvalidId { text: text.chars().take(80).collect(), prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

typed_ids! {
    /// A person with an account.
    UserId = "user";
    /// A signed-in session.
    SessionId = "sess";
    /// A shop.
    ShopId = "shop";
    /// An invitation to work for a shop.
    ShopInvitationId = "invite";
    /// An entry of the audit log.
    AuditEntryId = "audit";
    /// A category of the catalog.
    CategoryId = "cat";
    /// A product.
    ProductId = "prod";
    /// A picture of a product.
    ProductImageId = "img";
    /// A variant of a product: what is priced, stocked and bought.
    VariantId = "var";
    /// What a buyer says of a product.
    ReviewId = "rev";
    /// A departure of a tour.
    DepartureId = "dep";
    /// Who waits for seats of a departure.
    WaitingListEntryId = "wait";
    /// Stock held for a checkout.
    HoldId = "hold";
    /// A run of a product import.
    ImportId = "imp";
    /// A cart.
    CartId = "cart";
    /// A line of a cart.
    CartLineId = "cline";
    /// A voucher of a shop.
    VoucherId = "vch";
    /// A checkout: one payment, one or more orders.
    CheckoutId = "chk";
    /// An order: what one shop sold in one checkout.
    OrderId = "ord";
    /// A line of an order.
    OrderLineId = "oline";
    /// A guest's ticket.
    TicketId = "tkt";
    /// What comes back of an order.
    OrderReturnId = "ret";
    /// Tickets given back together.
    TicketCancellationId = "tcan";
    /// Who sells tours of a shop elsewhere.
    ResellerId = "rsl";
    /// A reseller's booking.
    BookingId = "bkg";
    /// What a reseller is asked to pay for its bookings at once.
    ResellerBillId = "rbill";
    /// A payment.
    PaymentId = "pay";
    /// A try to pay a payment by card.
    CardAttemptId = "catt";
    /// A raw event that a card provider delivered.
    CardEventId = "cevt";
    /// Money that goes back to a card.
    CardReturnId = "cret";
    /// A movement of our balance at a card provider.
    CardMovementId = "cmov";
    /// A card payment that the cardholder's bank contests.
    CardDisputeId = "cdsp";
    /// A transfer of our balance at a card provider to our bank.
    CardPayoutId = "cpout";
    /// A raw event that a bank feed delivered.
    FeedEventId = "feed";
    /// A credit on a bank account.
    BankCreditId = "cred";
    /// A bank statement that was imported.
    StatementId = "stmt";
    /// A posting of the ledger: entries that sum to zero.
    PostingId = "post";
    /// An entry of the ledger.
    LedgerEntryId = "entry";
    /// A line of what a shop is owed.
    ShopLineId = "sline";
    /// Money that is given back.
    RefundId = "rfnd";
    /// What a shop is paid.
    PayoutId = "pout";
    /// A file by which a bank is told to make transfers.
    PayoutFileId = "pfile";
    /// A debit on a bank account.
    BankDebitId = "debit";
    /// What a person decided on a bank credit.
    CreditDecisionId = "cdec";
    /// A posting that is announced and not in the books yet.
    PendingPostingId = "pend";
    /// The closing of the books up to a day.
    LedgerClosingId = "lclo";
    /// Money that nobody claims or explains, given up.
    WriteOffId = "woff";
    /// An event that one service tells the others.
    EventId = "evt";
}

const SUFFIX_LENGTH: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(uuid: Uuid, buffer: &mut [u8; SUFFIX_LENGTH]) -> &str {
    let mut rest = uuid.as_u128();
    for slot in buffer.iter_mut().rev() {
        *slot = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    // The alphabet is ASCII, so this never falls back.
    std::str::from_utf8(buffer).unwrap_or_default()
}

fn decode(suffix: &str) -> Option<Uuid> {
    let bytes = suffix.as_bytes();
    // 26 characters hold 130 bits: the first may only be 0 to 7.
    if bytes.len() != SUFFIX_LENGTH || bytes[0] > b'7' {
        return None;
    }
    let mut value: u128 = 0;
    for byte in bytes {
        let digit = ALPHABET.iter().position(|letter| letter == byte)?;
        value = (value << 5) | digit as u128;
    }
    Some(Uuid::from_u128(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_typeid_specification_hold() {
        let cases = [
            ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
            ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ];
        for (suffix, uuid) in cases {
            let id: ShopId = format!("shop_{suffix}").parse().unwrap();
            assert_eq!(id.uuid().to_string(), uuid);
            assert_eq!(id.to_string(), format!("shop_{suffix}"));
        }
    }

    #[test]
    fn an_id_of_another_type_or_a_broken_one_is_refused() {
        for text in [
            "prod_01h455vb4pex5vsknk084sn02q",
            "shop_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "shop_01H455VB4PEX5VSKNK084SN02Q",
            "shop_01h455vb4pex5vsknk084sn02",
            "shop_01h455vb4pex5vsknk084sn0iq",
            "shop_",
            "",
        ] {
            assert!(text.parse::<ShopId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_keeps_the_id_and_its_order(left in any::<u128>(), right in any::<u128>()) {
            let (a, b) = (OrderId::from_uuid(Uuid::from_u128(left)), OrderId::from_uuid(Uuid::from_u128(right)));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }
}
