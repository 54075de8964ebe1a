//! Pages of lists: how many, and after what.

/// What part of a list is asked for. `after` is the key of the last item seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest<Key> {
    first: u32,
    /// The key of the last item seen; the page starts behind it.
    pub after: Option<Key>,
}

impl<Key> PageRequest<Key> {
    /// The most items a page has.
    pub const MAX: u32 = 100;

    /// A page of `first` items, at least 1 and at most [`Self::MAX`].
    pub fn new(first: u32, after: Option<Key>) -> Self {
        Self { first: first.clamp(1, Self::MAX), after }
    }

    /// How many items the page may have.
    pub const fn first(&self) -> u32 {
        self.first
    }

    /// How many rows to read: one more than the page, to know whether there is a next one.
    pub const fn limit(&self) -> u64 {
        self.first as u64 + 1
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<Item> {
    /// The items, in order.
    pub items: Vec<Item>,
    /// Whether there are more behind them.
    pub has_next: bool,
}

impl<Item> Page<Item> {
    /// Makes a page of rows that were read with [`PageRequest::limit`].
    pub fn from_rows<Key>(request: &PageRequest<Key>, mut rows: Vec<Item>) -> Self {
        let has_next = rows.len() > request.first() as usize;
        rows.truncate(request.first() as usize);
        Self { items: rows, has_next }
    }

    /// The same page of other items.
    pub fn map<Other>(self, change: impl FnMut(Item) -> Other) -> Page<Other> {
        Page { items: self.items.into_iter().map(change).collect(), has_next: self.has_next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_there_is_a_next_one() {
        let request = PageRequest::<u8>::new(2, None);
        let page = Page::from_rows(&request, vec![1, 2, 3]);
        assert_eq!((page.items.as_slice(), page.has_next), ([1, 2].as_slice(), true));
        assert!(!Page::from_rows(&request, vec![1, 2]).has_next);
        assert_eq!(PageRequest::<u8>::new(5_000, None).first(), 100);
    }
}
