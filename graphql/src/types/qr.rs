//! The VietQR of a payment, and its drawing.

use async_graphql::{Context, Error, Object};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::convert::{Builder, Shape};
use fast_qr::qr::{QRBuilder, QRCodeError};
use fast_qr::{ECL, QRCode};
use kernel::Locale;

use super::place::Bank;
use crate::failure::Failure;
use crate::scope::Scope;

/// Empty modules around the code (ISO/IEC 18004, 6.3.8).
const QUIET_ZONE: usize = 4;

/// A VietQR: what a banking app scans, and the same for who types it.
pub struct Qr<'a> {
    /// What payments gave.
    pub qr: &'a proto::payments::VietQr,
    /// The language of failures.
    pub locale: Locale,
}

/// A VietQR: what a banking app scans, and the same for who types it.
#[Object]
impl Qr<'_> {
    /// The text in the code (EMVCo merchant-presented mode, as NAPAS profiles it).
    async fn payload(&self) -> &str {
        &self.qr.payload
    }

    /// The code as a picture: SVG, error correction M, with its quiet zone.
    async fn svg(&self) -> Result<String, Error> {
        drawn(&self.qr.payload).map_err(|error| {
            Failure::fault("a QR code was not drawn", &error).into_error(self.locale)
        })
    }

    /// The receiving bank's identification number.
    async fn bank_bin(&self) -> &str {
        &self.qr.bank_bin
    }

    /// The name that people know the bank by.
    async fn bank_name(&self, ctx: &Context<'_>) -> Result<String, Error> {
        if !self.qr.bank_name.is_empty() {
            return Ok(self.qr.bank_name.clone());
        }
        let banks = Bank::all(Scope::of(ctx)).await?;
        let bank = banks.all.iter().find(|bank| bank.bin == self.qr.bank_bin);
        Ok(bank.map(|bank| bank.short_name.clone()).unwrap_or_default())
    }

    /// The receiving account.
    async fn account_number(&self) -> &str {
        &self.qr.account_number
    }

    /// Whose account it is.
    async fn account_holder(&self) -> &str {
        &self.qr.account_holder
    }

    /// The transfer's message: by it the money is recognised.
    async fn memo(&self) -> &str {
        &self.qr.memo
    }

    /// Whether the code names no amount, for it is more than one instant transfer carries (499,999,999 đ): one
    /// ordinary transfer pays it, or up to twelve instant ones that sum to it, all with the memo.
    async fn open_amount(&self) -> bool {
        self.qr.open_amount
    }
}

/// A text as a QR code: SVG, error correction M, with its quiet zone.
pub fn drawn(payload: &str) -> Result<String, QRCodeError> {
    let code: QRCode = QRBuilder::new(payload).ecl(ECL::M).build()?;
    Ok(SvgBuilder::default().shape(Shape::Square).margin(QUIET_ZONE).to_str(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_its_quiet_zone() {
        let svg = drawn("0").unwrap();
        // Version 1 has 21 modules a side (ISO/IEC 18004); four empty ones stand on each side.
        assert!(svg.starts_with("<svg") && svg.contains("viewBox=\"0 0 29 29\""), "{svg}");
    }
}
