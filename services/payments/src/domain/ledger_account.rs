//! The accounts of the ledger, and how they are written.

use std::fmt;
use std::str::FromStr;

use kernel::{ResellerId, ShopId};

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Money at a bank.
    Bank {
        /// The account's number.
        number: String,
    },
    /// Money that came and that nobody has explained yet.
    Suspense {
        /// The bank account that it came to.
        number: String,
    },
    /// What the market owes a shop.
    ShopPayable(ShopId),
    /// Money on a shop's own account, as its bank tells: never the market's, and kept for the statement only.
    DirectReceived(ShopId),
    /// The other side of it: what sales brought there.
    DirectSales(ShopId),
    /// The other side of it: what the shop gives back to shoppers and has not sent yet.
    DirectRefunds(ShopId),
    /// The other side of it: whatever else came and went there.
    DirectOther(ShopId),
    /// What a reseller was invoiced for bookings and has not paid.
    ResellerReceivable(ResellerId),
    /// Differences that are allowed between what was asked for and what came.
    Rounding,
    /// What the market took of sales.
    PlatformFees,
    /// Value added tax withheld for sellers, owed to the tax office.
    TaxVat,
    /// Personal income tax withheld for sellers, owed to the tax office.
    TaxPit,
    /// What shoppers are to get back and have not got yet.
    Refunds,
    /// Money that nobody claims, less money that nobody explains: given up.
    WrittenOff,
    /// What was given to the bank for shops and is not on its statement yet.
    PayoutsInTransit,
    /// Our balance at the card provider.
    CardClearing,
    /// What the card provider kept.
    CardFees,
    /// What the card provider sent to our bank and is not on its statement yet.
    CardPayouts,
    /// What cardholders' banks took back and is not decided yet.
    Disputes,
    /// Both sides of what the card provider converted into another currency.
    CardConversion,
    /// Card money that nobody has explained yet, or that goes back because it came second.
    CardSuspense,
    /// Lost disputes that the market bears itself.
    DisputesLost,
}

impl FromStr for Account {
    type Err = UnknownAccount;

    /// Reads what [`Account`]'s `Display` writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownAccount(text.to_owned());
        Ok(match text.split_once(':') {
            Some(("bank", number)) => Self::Bank { number: number.to_owned() },
            Some(("suspense", "stripe")) => Self::CardSuspense,
            Some(("suspense", number)) => Self::Suspense { number: number.to_owned() },
            Some(("shop", rest)) => {
                let (shop, what) = rest.rsplit_once(':').ok_or_else(unknown)?;
                let shop = shop.parse().map_err(|_| unknown())?;
                match what {
                    "payable" => Self::ShopPayable(shop),
                    "direct_received" => Self::DirectReceived(shop),
                    "direct_sales" => Self::DirectSales(shop),
                    "direct_refunds" => Self::DirectRefunds(shop),
                    "direct_other" => Self::DirectOther(shop),
                    _ => return Err(unknown()),
                }
            }
            Some(("reseller", rest)) => {
                let reseller = rest.strip_suffix(":receivable").ok_or_else(unknown)?;
                Self::ResellerReceivable(reseller.parse().map_err(|_| unknown())?)
            }
            _ => [
                Self::Rounding,
                Self::PlatformFees,
                Self::TaxVat,
                Self::TaxPit,
                Self::Refunds,
                Self::WrittenOff,
                Self::PayoutsInTransit,
                Self::CardClearing,
                Self::CardFees,
                Self::CardPayouts,
                Self::Disputes,
                Self::CardConversion,
                Self::DisputesLost,
            ]
            .into_iter()
            .find(|account| account.to_string() == text)
            .ok_or_else(unknown)?,
        })
    }
}

impl Account {
    /// Money on a bank account: the market's, or the shop's whose account it is.
    pub fn at_bank(number: &str, shop: Option<ShopId>) -> Self {
        shop.map_or_else(|| Self::Bank { number: number.to_owned() }, Self::DirectReceived)
    }

    /// What came to or went from a bank account and pays nothing that we know.
    pub fn unexplained(number: &str, shop: Option<ShopId>) -> Self {
        shop.map_or_else(|| Self::Suspense { number: number.to_owned() }, Self::DirectOther)
    }

    /// Who bears what a transfer differs from what it pays: the market, or the shop on its own account.
    pub fn difference(shop: Option<ShopId>) -> Self {
        shop.map_or(Self::Rounding, Self::DirectOther)
    }
}

/// A text names no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no account of the ledger")]
pub struct UnknownAccount(pub String);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bank { number } => write!(f, "bank:{number}"),
            Self::Suspense { number } => write!(f, "suspense:{number}"),
            Self::ShopPayable(shop) => write!(f, "shop:{shop}:payable"),
            Self::DirectReceived(shop) => write!(f, "shop:{shop}:direct_received"),
            Self::DirectSales(shop) => write!(f, "shop:{shop}:direct_sales"),
            Self::DirectRefunds(shop) => write!(f, "shop:{shop}:direct_refunds"),
            Self::DirectOther(shop) => write!(f, "shop:{shop}:direct_other"),
            Self::ResellerReceivable(reseller) => write!(f, "reseller:{reseller}:receivable"),
            Self::Rounding => f.write_str("rounding"),
            Self::PlatformFees => f.write_str("platform:fees"),
            Self::TaxVat => f.write_str("tax:vat"),
            Self::TaxPit => f.write_str("tax:pit"),
            Self::Refunds => f.write_str("refunds"),
            Self::WrittenOff => f.write_str("platform:written_off"),
            Self::PayoutsInTransit => f.write_str("payouts:in_transit"),
            Self::CardClearing => f.write_str("stripe:clearing"),
            Self::CardFees => f.write_str("card:fees"),
            Self::CardPayouts => f.write_str("stripe:payouts"),
            Self::Disputes => f.write_str("disputes"),
            Self::CardConversion => f.write_str("stripe:conversion"),
            Self::CardSuspense => f.write_str("suspense:stripe"),
            Self::DisputesLost => f.write_str("disputes:lost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_account_is_read_as_it_is_written() {
        let shop = ShopId::from_uuid(Uuid::from_u128(7));
        let reseller = ResellerId::from_uuid(Uuid::from_u128(8));
        for account in [
            Account::Bank { number: "0011".to_owned() },
            Account::Suspense { number: "0011".to_owned() },
            Account::ShopPayable(shop),
            Account::DirectReceived(shop),
            Account::DirectSales(shop),
            Account::DirectRefunds(shop),
            Account::DirectOther(shop),
            Account::ResellerReceivable(reseller),
            Account::Rounding,
            Account::PlatformFees,
            Account::TaxVat,
            Account::TaxPit,
            Account::Refunds,
            Account::WrittenOff,
            Account::PayoutsInTransit,
            Account::CardClearing,
            Account::CardFees,
            Account::CardPayouts,
            Account::Disputes,
            Account::CardConversion,
            Account::CardSuspense,
            Account::DisputesLost,
        ] {
            assert_eq!(account.to_string().parse::<Account>(), Ok(account));
        }
        for text in ["", "bank", "shop:1:payable", "shop:x", "reseller:1:receivable", "platform:"] {
            assert_eq!(text.parse::<Account>(), Err(UnknownAccount(text.to_owned())));
        }
    }

    #[test]
    fn money_on_a_shop_s_own_account_is_never_on_an_account_of_the_market() {
        let shop = ShopId::from_uuid(Uuid::from_u128(7));
        for (of, market, direct) in [
            (Account::at_bank as fn(&str, Option<ShopId>) -> Account, "bank:1", "direct_received"),
            (Account::unexplained, "suspense:1", "direct_other"),
            (|_, shop| Account::difference(shop), "rounding", "direct_other"),
        ] {
            assert_eq!(of("1", None).to_string(), market);
            assert_eq!(of("1", Some(shop)).to_string(), format!("shop:{shop}:{direct}"));
        }
    }
}
