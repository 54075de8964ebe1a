//! Capabilities: parts of OCTO that a request asks for by name.

/// The header in which a request names capabilities, and an answer those that it uses.
pub const HEADER: &str = "octo-capabilities";
/// Prices on tours, seats and bookings.
pub const PRICING: &str = "octo/pricing";
/// Texts, itineraries and places for the reseller's own pages.
pub const CONTENT: &str = "octo/content";

/// Which of our capabilities a request asks for. What we do not have is left out, as OCTO wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `octo/pricing`
    pub pricing: bool,
    /// `octo/content`
    pub content: bool,
}

impl Capabilities {
    /// Reads the header: names, separated by commas.
    pub fn of(header: &str) -> Self {
        let names = || header.split(',').map(str::trim);
        Self {
            pricing: names().any(|name| name == PRICING),
            content: names().any(|name| name == CONTENT),
        }
    }

    /// The header of the answer.
    pub const fn header(self) -> &'static str {
        match (self.pricing, self.content) {
            (true, true) => "octo/pricing, octo/content",
            (true, false) => PRICING,
            (false, true) => CONTENT,
            (false, false) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_have_is_used_in_any_order_and_spacing() {
        for (header, echoed) in [
            ("", ""),
            ("octo/cart", ""),
            ("octo/content,octo/pricing", "octo/pricing, octo/content"),
            (" octo/pricing ", "octo/pricing"),
            ("octo/offers, octo/content", "octo/content"),
            ("octo/pricingx", ""),
        ] {
            assert_eq!(Capabilities::of(header).header(), echoed, "{header:?}");
        }
    }
}
