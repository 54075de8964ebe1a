//! Stock and seats held for a checkout: held, then sold or set free, each once.

use kernel::{HoldId, Timestamp, VariantId};

use super::seats::SeatLine;

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldStatus {
    /// Nobody else can buy it.
    Held,
    /// Sold.
    Committed,
    /// Set free.
    Released,
    /// Its time went by; set free.
    Expired,
}

impl HoldStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Held, Self::Committed, Self::Released, Self::Expired];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

/// What is wanted of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLine {
    /// What.
    pub variant: VariantId,
    /// How many.
    pub quantity: i64,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Names what it is for; unique.
    pub reference: String,
    /// Where it stands.
    pub status: HoldStatus,
    /// Until when it stands at least.
    pub expires_at: Timestamp,
    /// Stock that is held, in the order of the variants' ids.
    pub lines: Vec<HoldLine>,
    /// What is held of departures, in the order of the variants' ids.
    pub seats: Vec<SeatLine>,
    /// The offers of the moment in which it was made, as the contract writes them.
    pub offers: Vec<u8>,
}

/// What a change of a hold does to stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockEffect {
    /// Nothing: it was done before.
    None,
    /// What was held is sold.
    SellHeld,
    /// What was held is free.
    Free,
    /// It was set free before; it must be taken again, if it is still there.
    SellAnew,
}

impl Hold {
    /// What committing it does.
    pub const fn commit(&self) -> StockEffect {
        match self.status {
            HoldStatus::Held => StockEffect::SellHeld,
            HoldStatus::Committed => StockEffect::None,
            HoldStatus::Released | HoldStatus::Expired => StockEffect::SellAnew,
        }
    }

    /// What releasing it does.
    pub const fn release(&self) -> StockEffect {
        match self.status {
            HoldStatus::Held => StockEffect::Free,
            HoldStatus::Committed | HoldStatus::Released | HoldStatus::Expired => StockEffect::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_change_of_every_status_does_what_the_table_says() {
        let hold = |status| Hold {
            id: HoldId::from_uuid(Uuid::nil()),
            reference: String::new(),
            status,
            expires_at: Timestamp::default(),
            lines: Vec::new(),
            seats: Vec::new(),
            offers: Vec::new(),
        };
        for (status, commit, release) in [
            (HoldStatus::Held, StockEffect::SellHeld, StockEffect::Free),
            (HoldStatus::Committed, StockEffect::None, StockEffect::None),
            (HoldStatus::Released, StockEffect::SellAnew, StockEffect::None),
            (HoldStatus::Expired, StockEffect::SellAnew, StockEffect::None),
        ] {
            assert_eq!((hold(status).commit(), hold(status).release()), (commit, release));
        }
    }
}
