//! The columns that filters, facets and orders read, in one part of the index.

use std::sync::Arc;

use tantivy::SegmentReader;
use tantivy::columnar::{ColumnValues, StrColumn};

use super::schema::column;

/// The columns of one part of the index.
pub(super) struct Columns {
    pub category: Option<StrColumn>,
    pub ward: Option<StrColumn>,
    pub shop: Option<StrColumn>,
    pub kind: Arc<dyn ColumnValues<u64>>,
    pub ocop: Arc<dyn ColumnValues<u64>>,
    pub price_min: Arc<dyn ColumnValues<i64>>,
    pub price_max: Arc<dyn ColumnValues<i64>>,
    pub in_stock: Arc<dyn ColumnValues<bool>>,
    pub travel_day: Option<StrColumn>,
    pub rating: Arc<dyn ColumnValues<u64>>,
    pub created_at: Arc<dyn ColumnValues<i64>>,
    pub id_high: Arc<dyn ColumnValues<u64>>,
    pub id_low: Arc<dyn ColumnValues<u64>>,
}

impl Columns {
    pub fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        Ok(Self {
            category: fast.str(column::CATEGORY)?,
            ward: fast.str(column::WARD)?,
            shop: fast.str(column::SHOP)?,
            kind: fast.u64(column::KIND)?.first_or_default_col(0),
            ocop: fast.u64(column::OCOP)?.first_or_default_col(0),
            price_min: fast.i64(column::PRICE_MIN)?.first_or_default_col(0),
            price_max: fast.i64(column::PRICE_MAX)?.first_or_default_col(0),
            in_stock: fast.bool(column::IN_STOCK)?.first_or_default_col(false),
            travel_day: fast.str(column::TRAVEL_DAY)?,
            rating: fast.u64(column::RATING)?.first_or_default_col(0),
            created_at: fast.i64(column::CREATED_AT)?.first_or_default_col(0),
            id_high: fast.u64(column::ID_HIGH)?.first_or_default_col(0),
            id_low: fast.u64(column::ID_LOW)?.first_or_default_col(0),
        })
    }
}
