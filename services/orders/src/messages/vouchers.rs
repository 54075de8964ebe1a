//! Vouchers in the contract's words.

use kernel::{Currency, Money, Timestamp};
use proto::common::{Refusal, RefusalCode};
use proto::orders as contract;
use proto::{Refused, vouchers};

use crate::domain::voucher::{CodeRefused, Reduction, Voucher, VoucherRefused, VoucherStatus};
use crate::usecases::get_cart::{PricedCart, discounts_of};

/// A voucher of a shop.
pub fn voucher_message(voucher: &Voucher, now: Timestamp) -> vouchers::Voucher {
    let (amount, basis_points, cap) = match voucher.reduction {
        Reduction::Amount(amount) => (Some(amount), 0, None),
        Reduction::Share { rate, cap } => (None, rate.get(), cap),
    };
    let status = match voucher.status(now) {
        VoucherStatus::Upcoming => vouchers::VoucherStatus::VoucherUpcoming,
        VoucherStatus::Valid => vouchers::VoucherStatus::VoucherValid,
        VoucherStatus::Exhausted => vouchers::VoucherStatus::VoucherExhausted,
        VoucherStatus::Over => vouchers::VoucherStatus::VoucherOver,
    };
    vouchers::Voucher {
        id: voucher.id.to_string(),
        shop_id: voucher.shop.to_string(),
        code: voucher.code.as_str().to_owned(),
        amount: amount.map(Into::into),
        basis_points,
        cap: cap.map(Into::into),
        minimum: Some(voucher.minimum.into()),
        valid_from: voucher.valid_from.micros(),
        valid_until: voucher.valid_until.map_or(0, Timestamp::micros),
        uses_at_most: voucher.uses_at_most.unwrap_or(0),
        uses_per_buyer: voucher.uses_per_buyer.unwrap_or(0),
        uses: voucher.uses,
        status: status.into(),
        created_at: voucher.created_at.micros(),
        created_by: voucher.created_by.to_string(),
        ended_at: voucher.ended_at.map_or(0, Timestamp::micros),
        ended_by: voucher.ended_by.map(|by| by.to_string()).unwrap_or_default(),
    }
}

/// What the vouchers of a cart take off, each on its own, and all together.
pub fn of_cart(priced: &PricedCart, now: Timestamp) -> (Vec<contract::CartVoucher>, Money) {
    // What cannot be reckoned with is shown at its full price; a checkout would not begin either.
    let discounts = discounts_of(priced, now).unwrap_or_default();
    let mut off = Money::zero(Currency::Vnd);
    let told = discounts.into_iter().map(|(voucher, discount)| {
        let (discount, refusal) = match discount {
            Ok(discount) => (discount, None),
            Err(refused) => {
                let refused = CodeRefused { code: voucher.code.clone(), refused };
                (Money::zero(Currency::Vnd), Some(Refusal::from(refusal_of(&refused))))
            }
        };
        off.minor = off.minor.saturating_add(discount.minor);
        contract::CartVoucher {
            shop_id: voucher.shop.to_string(),
            code: voucher.code.as_str().to_owned(),
            discount: Some(discount.into()),
            refusal,
        }
    });
    (told.collect(), off)
}

/// Why a voucher does not count; it names the code, for a cart may have several.
pub fn refusal_of(refused: &CodeRefused) -> Refused {
    let about = |code| Refused::new(code).fact("code", refused.code.as_str());
    match refused.refused {
        VoucherRefused::Unknown => about(RefusalCode::VoucherUnknown),
        VoucherRefused::NotYet { from } => {
            about(RefusalCode::VoucherNotYet).fact("from", from.micros())
        }
        VoucherRefused::Ended => about(RefusalCode::VoucherEnded),
        VoucherRefused::UsedUp => about(RefusalCode::VoucherUsedUp),
        VoucherRefused::UsedByBuyer { at_most } => {
            about(RefusalCode::VoucherUsedByBuyer).fact("maximum", at_most)
        }
        VoucherRefused::BelowMinimum { minimum, missing } => {
            about(RefusalCode::VoucherBelowMinimum)
                .fact("minimum", minimum.to_decimal_string())
                .fact("missing", missing.to_decimal_string())
        }
        VoucherRefused::LeavesTooLittle { minimum } => {
            about(RefusalCode::VoucherLeavesTooLittle).fact("minimum", minimum.to_decimal_string())
        }
    }
}
