//! What people read: Vietnamese first, English second. A table is a `match` over all there is.

use std::collections::HashMap;

use kernel::Locale;
use proto::common::RefusalCode;
use proto::tours::{AgeKind, CancellationTier, Residence};

use crate::failure::Failure;

/// Why a request is bad, or cannot be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// The body is not what the specification wants; the reader's words, in English.
    Malformed(String),
    /// The body is too large.
    BodyTooLarge {
        /// Bytes.
        maximum: usize,
    },
    /// Neither days nor ids were given.
    PeriodMissing,
    /// A day is not of the form 2026-12-01.
    NotADay(String),
    /// The last day is before the first.
    PeriodReversed,
    /// The period is too long.
    PeriodTooLong {
        /// Days.
        maximum: i64,
    },
    /// There are too many of something.
    TooMany {
        /// How many there may be.
        maximum: usize,
    },
    /// Prices are not in this currency.
    Currency(String),
    /// A list of bookings needs something to look for.
    SearchMissing,
    /// A unit that the option does not have, where OCTO has no code for it.
    UnknownUnit(String),
    /// A text is no UUID.
    NotAUuid(String),
    /// There must be a unit.
    UnitsMissing,
    /// A quantity or a duration is out of range.
    OutOfRange(&'static str),
    /// A text holds the character NUL.
    Nul(&'static str),
    /// A UUID of a unit stands twice in a booking.
    UuidTwice(String),
    /// The name of the guest is missing.
    NameMissing,
    /// A text is no address of electronic mail.
    NotAnEmail(String),
    /// A service refused.
    Refused(RefusalCode, HashMap<String, String>),
    /// There is nothing at this path, or not by this method.
    NoSuchEndpoint,
}

/// What people read of a failure.
pub fn failure(failure: &Failure, locale: Locale) -> String {
    let pick = |vi: &str, en: &str| in_locale(locale, vi, en).to_owned();
    match failure {
        Failure::InvalidProductId(_) => {
            pick("productId thiếu hoặc không đúng", "The productId was missing or invalid")
        }
        Failure::InvalidOptionId(_) => {
            pick("optionId thiếu hoặc không đúng", "The optionId was missing or invalid")
        }
        Failure::InvalidUnitId(_) => {
            pick("unitId thiếu hoặc không đúng", "The unitId was missing or invalid")
        }
        Failure::InvalidAvailabilityId(_) => pick(
            "availabilityId thiếu hoặc không đúng",
            "The availabilityId was missing or invalid",
        ),
        Failure::InvalidBookingUuid(_) => pick(
            "Mã uuid của đặt chỗ thiếu, không đúng hoặc đặt chỗ đã hết hạn",
            "The booking's uuid was missing or invalid, or the booking has expired",
        ),
        Failure::Unauthorized => pick(
            "Yêu cầu không có khóa API trong tiêu đề Authorization",
            "You didn't send the API Key in the Authorization header to an endpoint that requires authentication",
        ),
        Failure::Forbidden => pick(
            "Khóa API không đúng hoặc đã bị thu hồi",
            "You sent an API Key that was invalid or has been revoked",
        ),
        Failure::RateLimited { retry_after } => {
            let seconds = retry_after.as_secs() + 1;
            match locale {
                Locale::Vi => format!("Quá nhiều yêu cầu, vui lòng đợi {seconds} giây"),
                Locale::En => format!("Too many requests, please wait {seconds} seconds"),
            }
        }
        Failure::Fault => pick(
            "Có lỗi ở phía chúng tôi, vui lòng thử lại",
            "There was an error on our side, please try again",
        ),
        Failure::BadRequest(why) | Failure::Unprocessable(why) => reason(why, locale),
    }
}

fn reason(why: &Reason, locale: Locale) -> String {
    let (vi, en) = match why {
        Reason::Malformed(detail) => {
            (format!("Yêu cầu không đúng dạng: {detail}"), format!("Malformed request: {detail}"))
        }
        Reason::BodyTooLarge { maximum } => (
            format!("Yêu cầu quá lớn, tối đa {maximum} byte"),
            format!("The request is too large, at most {maximum} bytes"),
        ),
        Reason::PeriodMissing => (
            "Cần localDateStart và localDateEnd, hoặc availabilityIds".to_owned(),
            "localDateStart and localDateEnd, or availabilityIds are required".to_owned(),
        ),
        Reason::NotADay(day) => {
            (format!("{day:?} không phải ngày dạng 2026-12-01"), format!("{day:?} is not a day of the form 2026-12-01"))
        }
        Reason::PeriodReversed => (
            "localDateEnd trước localDateStart".to_owned(),
            "localDateEnd is before localDateStart".to_owned(),
        ),
        Reason::PeriodTooLong { maximum } => (
            format!("Khoảng thời gian quá dài, tối đa {maximum} ngày"),
            format!("The period is too long, at most {maximum} days"),
        ),
        Reason::TooMany { maximum } => {
            (format!("Quá nhiều, tối đa {maximum}"), format!("Too many, at most {maximum}"))
        }
        Reason::Currency(currency) => (
            format!("Không bán bằng tiền {currency:?}"),
            format!("Nothing is sold in the currency {currency:?}"),
        ),
        Reason::SearchMissing => (
            "Cần một trong resellerReference, supplierReference, localDate hoặc localDateStart/localDateEnd".to_owned(),
            "either resellerReference, supplierReference, localDate or localDateStart/localDateEnd is required".to_owned(),
        ),
        Reason::UnknownUnit(unit) => (
            format!("Không có loại vé {unit:?}"),
            format!("There is no unit {unit:?}"),
        ),
        Reason::NotAUuid(text) => {
            (format!("{text:?} không phải UUID"), format!("{text:?} is not a UUID"))
        }
        Reason::UnitsMissing => {
            ("Cần ít nhất một vé".to_owned(), "At least one unit is required".to_owned())
        }
        Reason::OutOfRange(field) => {
            (format!("{field} ngoài giới hạn"), format!("{field} is out of range"))
        }
        Reason::Nul(field) => (
            format!("{field} có ký tự NUL"),
            format!("{field} holds the character NUL"),
        ),
        Reason::UuidTwice(uuid) => (
            format!("uuid {uuid:?} dùng cho hai vé"),
            format!("The uuid {uuid:?} is that of two units"),
        ),
        Reason::NameMissing => {
            ("Cần tên của khách".to_owned(), "The name of the guest is required".to_owned())
        }
        Reason::NotAnEmail(text) => (
            format!("{text:?} không phải địa chỉ email"),
            format!("{text:?} is not an email address"),
        ),
        Reason::Refused(code, facts) => return refusal(*code, facts, locale),
        Reason::NoSuchEndpoint => {
            ("Không có chức năng này".to_owned(), "There is no such endpoint".to_owned())
        }
    };
    match locale {
        Locale::Vi => vi,
        Locale::En => en,
    }
}

/// What a refusal of a service means to a reseller. Codes that no booking can meet share the last line.
fn refusal(code: RefusalCode, facts: &HashMap<String, String>, locale: Locale) -> String {
    let fact = |name: &str| facts.get(name).map_or("?", String::as_str);
    let (vi, en) = match code {
        RefusalCode::InsufficientStock => (
            format!("Không đủ chỗ, chỉ còn {}", fact("available")),
            format!("Not enough seats, only {} left", fact("available")),
        ),
        RefusalCode::BoatTaken => (
            "Thuyền đã có khách, không thể đặt riêng".to_owned(),
            "Seats are sold already, so the boat cannot be private".to_owned(),
        ),
        RefusalCode::DepartureClosed | RefusalCode::NotForSale => (
            "Chuyến này không còn bán".to_owned(),
            "This departure is not for sale any more".to_owned(),
        ),
        RefusalCode::PartyTooSmall => (
            format!("Cần ít nhất {} khách", fact("minimum")),
            format!("At least {} guests are needed", fact("minimum")),
        ),
        RefusalCode::PartyTooLarge => (
            format!("Tối đa {} khách", fact("maximum")),
            format!("At most {} guests are allowed", fact("maximum")),
        ),
        RefusalCode::AdultRequired => (
            "Trẻ em phải đi cùng người lớn".to_owned(),
            "Children must be accompanied by an adult".to_owned(),
        ),
        RefusalCode::IdempotencyKeyReused | RefusalCode::AlreadyTaken => (
            "uuid này đã dùng cho một đặt chỗ khác".to_owned(),
            "This uuid was used for another booking".to_owned(),
        ),
        RefusalCode::HoldGone => {
            ("Đặt chỗ đã hết hạn".to_owned(), "The booking has expired".to_owned())
        }
        RefusalCode::StatusConflict | RefusalCode::TicketNotCancellable => (
            format!("Không thể làm việc này khi đặt chỗ là {}", fact("status")),
            format!("This cannot be done to a booking that is {}", fact("status")),
        ),
        _ => (
            format!("Yêu cầu bị từ chối: {}", code.as_str_name()),
            format!("The request was refused: {}", code.as_str_name()),
        ),
    };
    match locale {
        Locale::Vi => vi,
        Locale::En => en,
    }
}

/// What people read of a kind of ticket.
pub fn ticket_kind(age: AgeKind, residence: Residence, locale: Locale) -> String {
    let (vi, en) = match age {
        AgeKind::Unspecified => ("Vé", "Ticket"),
        AgeKind::Adult => ("Người lớn", "Adult"),
        AgeKind::Child => ("Trẻ em", "Child"),
        AgeKind::Infant => ("Em bé", "Infant"),
        AgeKind::Senior => ("Người cao tuổi", "Senior"),
        AgeKind::Boat => ("Trọn thuyền", "Whole boat"),
    };
    let (of_vi, of_en) = match residence {
        Residence::Anybody => ("", ""),
        Residence::Local => (" (khách trong nước)", " (living in Vietnam)"),
        Residence::Foreign => (" (khách nước ngoài)", " (from abroad)"),
    };
    match locale {
        Locale::Vi => format!("{vi}{of_vi}"),
        Locale::En => format!("{en}{of_en}"),
    }
}

/// For which ages a kind of ticket is; nothing where everybody may have it.
pub fn ages(minimum: u32, maximum: u32, locale: Locale) -> String {
    match (minimum, maximum, locale) {
        (0, 0, _) => String::new(),
        (from, 0, Locale::Vi) => format!("Từ {from} tuổi"),
        (from, 0, Locale::En) => format!("From {from} years"),
        (from, to, Locale::Vi) => format!("{from}–{to} tuổi"),
        (from, to, Locale::En) => format!("{from}–{to} years"),
    }
}

/// The policy of cancellation in a sentence.
pub fn cancellation(tiers: &[CancellationTier], locale: Locale) -> String {
    if tiers.iter().all(|tier| tier.refund_basis_points == 0) {
        return in_locale(locale, "Không hoàn tiền khi hủy.", "No refund when cancelled.")
            .to_owned();
    }
    let parts = tiers.iter().map(|tier| {
        let (hours, percent) = (tier.hours_before, percent(tier.refund_basis_points));
        match locale {
            Locale::Vi => format!("hủy trước giờ khởi hành {hours} giờ hoàn {percent}%"),
            Locale::En => format!("{percent}% back up to {hours} hours before the start"),
        }
    });
    let mut text = parts.collect::<Vec<_>>().join("; ");
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    text + "."
}

/// Basis points as a percentage: 5000 is "50", 1250 is "12.5".
fn percent(basis_points: u32) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    match rest {
        0 => whole.to_string(),
        _ => format!("{whole}.{rest:02}").trim_end_matches('0').to_owned(),
    }
}

/// What stands before a meeting point.
pub fn meeting_point(place: &str, locale: Locale) -> String {
    match locale {
        Locale::Vi => format!("Điểm hẹn: {place}"),
        Locale::En => format!("Meeting point: {place}"),
    }
}

/// How a calendar tells of a departure's seats.
pub fn seats(sold: u32, held: u32, capacity: u32) -> String {
    // Read by the shop, whose language is Vietnamese.
    format!("Đã bán {sold}/{capacity} chỗ, đang giữ {held}")
}

const fn in_locale<'a>(locale: Locale, vi: &'a str, en: &'a str) -> &'a str {
    match locale {
        Locale::Vi => vi,
        Locale::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_as_a_sentence_and_none_means_no_refund() {
        let tier = |hours_before, refund_basis_points| CancellationTier {
            hours_before,
            refund_basis_points,
        };
        let tiers = [tier(72, 10_000), tier(24, 1_250)];
        assert_eq!(
            cancellation(&tiers, Locale::En),
            "100% back up to 72 hours before the start; 12.5% back up to 24 hours before the start."
        );
        assert_eq!(
            cancellation(&tiers[..1], Locale::Vi),
            "Hủy trước giờ khởi hành 72 giờ hoàn 100%."
        );
        for none in [vec![], vec![tier(24, 0)]] {
            assert_eq!(cancellation(&none, Locale::En), "No refund when cancelled.");
        }
    }

    #[test]
    fn ages_are_told_where_there_is_a_bound() {
        assert_eq!(ages(0, 0, Locale::En), "");
        assert_eq!(ages(60, 0, Locale::En), "From 60 years");
        assert_eq!(ages(5, 10, Locale::Vi), "5–10 tuổi");
    }
}
