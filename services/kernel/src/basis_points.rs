//! Rates in hundredths of a percent.

use serde::{Deserialize, Serialize};

/// A rate from 0 to 100 %, in hundredths of a percent: 250 is 2.5 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct BasisPoints(u32);

impl BasisPoints {
    /// No share at all.
    pub const ZERO: Self = Self(0);

    /// A rate; `None` above 100 %.
    pub const fn new(points: u32) -> Option<Self> {
        if points <= 10_000 { Some(Self(points)) } else { None }
    }

    /// The rate in hundredths of a percent.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for BasisPoints {
    type Error = String;

    fn try_from(points: u32) -> Result<Self, String> {
        Self::new(points).ok_or_else(|| format!("{points} is over 10000 basis points (100 %)"))
    }
}

impl From<BasisPoints> for u32 {
    fn from(rate: BasisPoints) -> Self {
        rate.0
    }
}
