//! Counting products by the values of a facet.

use std::collections::HashMap;

use proto::catalog::ProductKind;
use tantivy::DocId;
use tantivy::columnar::StrColumn;

use super::super::facets::{Facet, OCOP_STARS, PRICE_RANGES, price_ranges, range_name};
use super::columns::Columns;

/// Counts by facet; names are still numbers.
pub(super) struct Counts {
    category: Vec<u64>,
    ward: Vec<u64>,
    shop: Vec<u64>,
    kind: HashMap<u64, u64>,
    ocop: [u64; OCOP_STARS.len()],
    price: [u64; PRICE_RANGES],
}

impl Counts {
    pub fn new(columns: &Columns) -> Self {
        let none = |column: &Option<StrColumn>| {
            vec![0; column.as_ref().map_or(0, |column| column.dictionary().num_terms())]
        };
        Self {
            category: none(&columns.category),
            ward: none(&columns.ward),
            shop: none(&columns.shop),
            kind: HashMap::new(),
            ocop: [0; OCOP_STARS.len()],
            price: [0; PRICE_RANGES],
        }
    }

    pub fn count(&mut self, facet: Facet, columns: &Columns, doc: DocId) {
        match facet {
            Facet::Category => count_names(&mut self.category, columns.category.as_ref(), doc),
            Facet::Ward => count_names(&mut self.ward, columns.ward.as_ref(), doc),
            Facet::Shop => count_names(&mut self.shop, columns.shop.as_ref(), doc),
            Facet::Kind => *self.kind.entry(columns.kind.get_val(doc)).or_default() += 1,
            Facet::Ocop => {
                let stars = columns.ocop.get_val(doc);
                for (count, least) in self.ocop.iter_mut().zip(OCOP_STARS) {
                    *count += u64::from(stars >= u64::from(least));
                }
            }
            Facet::Price => {
                let (cheapest, dearest) =
                    (columns.price_min.get_val(doc), columns.price_max.get_val(doc));
                for place in price_ranges(cheapest, dearest) {
                    self.price[place] += 1;
                }
            }
        }
    }

    pub fn named(self, columns: &Columns) -> tantivy::Result<HashMap<Facet, HashMap<String, u64>>> {
        let kind = |(number, count): (u64, u64)| {
            let kind = i32::try_from(number).ok().and_then(|n| ProductKind::try_from(n).ok())?;
            Some((kind.as_str_name().to_owned(), count))
        };
        let ocop = OCOP_STARS.into_iter().map(|stars| stars.to_string()).zip(self.ocop);
        let price = (0..PRICE_RANGES).map(range_name).zip(self.price);
        Ok(HashMap::from([
            (Facet::Category, names(&self.category, columns.category.as_ref())?),
            (Facet::Ward, names(&self.ward, columns.ward.as_ref())?),
            (Facet::Shop, names(&self.shop, columns.shop.as_ref())?),
            (Facet::Kind, self.kind.into_iter().filter_map(kind).collect()),
            (Facet::Ocop, ocop.collect()),
            (Facet::Price, price.collect()),
        ]))
    }
}

fn count_names(counts: &mut [u64], column: Option<&StrColumn>, doc: DocId) {
    for number in column.iter().flat_map(|column| column.term_ords(doc)) {
        if let Some(count) = counts.get_mut(number as usize) {
            *count += 1;
        }
    }
}

fn names(counts: &[u64], column: Option<&StrColumn>) -> tantivy::Result<HashMap<String, u64>> {
    let mut named = HashMap::new();
    let Some(column) = column else { return Ok(named) };
    for (number, count) in (0_u64..).zip(counts).filter(|(_, count)| **count > 0) {
        let mut name = String::new();
        if column.ord_to_str(number, &mut name)? {
            named.insert(name, *count);
        }
    }
    Ok(named)
}
