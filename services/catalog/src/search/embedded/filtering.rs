//! What the filters of a search say of a product.

use std::collections::HashMap;

use proto::catalog::ProductKind;
use tantivy::DocId;
use tantivy::columnar::StrColumn;

use super::super::engine::SearchFilter;
use super::super::facets::Facet;
use super::columns::Columns;
use crate::domain::near::Near;

/// What the filters say of a product.
pub(super) enum Verdict {
    Passes,
    /// Only the filter of this facet is against it.
    KeptOutBy(Facet),
    KeptOut,
}

/// The filters, with names looked up in one part of the index.
pub(super) struct SegmentFilter {
    category: Option<Named>,
    ward: Option<Named>,
    shop: Option<Named>,
    kind: Option<u64>,
    ocop_min: u64,
    price_min: Option<i64>,
    price_max: Option<i64>,
    in_stock: bool,
    travel_day: Option<Named>,
    /// Metres to the wards that are near, by their numbers.
    near: Option<HashMap<u64, u32>>,
    rating_min: u64,
}

/// A name that is asked for.
#[derive(Clone, Copy, Debug)]
enum Named {
    /// Its number in the column's dictionary.
    Number(u64),
    /// Nothing in this part of the index has it.
    Nowhere,
}

impl SegmentFilter {
    pub fn new(filter: &SearchFilter, columns: &Columns) -> tantivy::Result<Self> {
        let shop = filter.shop_id.map(|shop| shop.to_string());
        Ok(Self {
            category: number(columns.category.as_ref(), filter.category_slug.as_deref())?,
            ward: number(columns.ward.as_ref(), filter.ward_code.as_deref())?,
            shop: number(columns.shop.as_ref(), shop.as_deref())?,
            kind: filter.kind.map(kind_number),
            ocop_min: u64::from(filter.ocop_stars_min),
            price_min: filter.price_min,
            price_max: filter.price_max,
            in_stock: filter.in_stock,
            travel_day: number(columns.travel_day.as_ref(), filter.travel_day.as_deref())?,
            rating_min: u64::from(filter.rating_min),
            near: filter.near.map(|near| wards_near(columns.ward.as_ref(), near)).transpose()?,
        })
    }

    /// Metres to a product that is near what is asked for.
    pub fn metres(&self, columns: &Columns, doc: DocId) -> Option<u32> {
        let (near, wards) = (self.near.as_ref()?, columns.ward.as_ref()?);
        wards.term_ords(doc).find_map(|number| near.get(&number).copied())
    }

    pub fn verdict(&self, columns: &Columns, doc: DocId) -> Verdict {
        if self.in_stock && !columns.in_stock.get_val(doc) {
            return Verdict::KeptOut;
        }
        if !is_named(self.travel_day, columns.travel_day.as_ref(), doc) {
            return Verdict::KeptOut;
        }
        if self.rating_min > 0 && columns.rating.get_val(doc) < self.rating_min {
            return Verdict::KeptOut;
        }
        if self.near.is_some() && self.metres(columns, doc).is_none() {
            return Verdict::KeptOut;
        }
        let mut verdict = Verdict::Passes;
        for facet in Facet::ALL {
            if !self.passes(facet, columns, doc) {
                match verdict {
                    Verdict::Passes => verdict = Verdict::KeptOutBy(facet),
                    Verdict::KeptOutBy(_) | Verdict::KeptOut => return Verdict::KeptOut,
                }
            }
        }
        verdict
    }

    fn passes(&self, facet: Facet, columns: &Columns, doc: DocId) -> bool {
        match facet {
            Facet::Category => is_named(self.category, columns.category.as_ref(), doc),
            Facet::Ward => is_named(self.ward, columns.ward.as_ref(), doc),
            Facet::Shop => is_named(self.shop, columns.shop.as_ref(), doc),
            Facet::Kind => self.kind.is_none_or(|kind| columns.kind.get_val(doc) == kind),
            Facet::Ocop => self.ocop_min == 0 || columns.ocop.get_val(doc) >= self.ocop_min,
            Facet::Price => {
                self.price_min.is_none_or(|min| columns.price_max.get_val(doc) >= min)
                    && self.price_max.is_none_or(|max| columns.price_min.get_val(doc) <= max)
            }
        }
    }
}

fn kind_number(kind: ProductKind) -> u64 {
    u64::from(kind as i32 as u32)
}

fn wards_near(column: Option<&StrColumn>, near: Near) -> tantivy::Result<HashMap<u64, u32>> {
    let mut numbers = HashMap::new();
    let Some(column) = column else { return Ok(numbers) };
    for (code, metres) in near.wards() {
        if let Some(number) = column.dictionary().term_ord(code)? {
            numbers.insert(number, metres);
        }
    }
    Ok(numbers)
}

fn number(column: Option<&StrColumn>, name: Option<&str>) -> tantivy::Result<Option<Named>> {
    let Some(name) = name else { return Ok(None) };
    let Some(column) = column else { return Ok(Some(Named::Nowhere)) };
    let number = column.dictionary().term_ord(name)?;
    Ok(Some(number.map_or(Named::Nowhere, Named::Number)))
}

fn is_named(wanted: Option<Named>, column: Option<&StrColumn>, doc: DocId) -> bool {
    match (wanted, column) {
        (None, _) => true,
        (Some(Named::Number(wanted)), Some(column)) => {
            column.term_ords(doc).any(|number| number == wanted)
        }
        (Some(_), _) => false,
    }
}
