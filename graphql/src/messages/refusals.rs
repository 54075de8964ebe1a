//! Words of refusals of the business.

use std::collections::HashMap;

use kernel::{Currency, Locale, Money};
use proto::common::RefusalCode;
use time::{OffsetDateTime, UtcOffset};

use super::{Words, fill, words};

/// What people read of a refusal.
pub fn refusal(code: RefusalCode, facts: &HashMap<String, String>, locale: Locale) -> String {
    let spoken = spoken(code, facts, locale);
    let fact = |name: &str| spoken.get(name).or_else(|| facts.get(name)).map(String::as_str);
    fill(words_of(code).in_locale(locale), fact)
}

/// Facts that people read otherwise than programs: amounts and moments of vouchers.
fn spoken(
    code: RefusalCode,
    facts: &HashMap<String, String>,
    locale: Locale,
) -> HashMap<&'static str, String> {
    let mut spoken = HashMap::new();
    if matches!(code, RefusalCode::VoucherBelowMinimum | RefusalCode::VoucherLeavesTooLittle) {
        for name in ["minimum", "missing"] {
            let amount = facts.get(name).map(|text| Money::parse_decimal(text, Currency::Vnd));
            if let Some(Ok(amount)) = amount {
                spoken.insert(name, amount.formatted(locale));
            }
        }
    }
    if is_of_later(code)
        && let Some(from) = facts.get("from")
    {
        spoken.extend(from.parse().ok().and_then(in_vietnam).map(|text| ("from", text)));
    }
    spoken
}

/// Whether a refusal says from when on it can be done.
const fn is_of_later(code: RefusalCode) -> bool {
    matches!(
        code,
        RefusalCode::VoucherNotYet | RefusalCode::InvitationNotYet | RefusalCode::EmailLinkNotYet
    )
}

/// A moment as clocks in Vietnam show it: `15/01/2027 08:00`.
fn in_vietnam(micros: i64) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)).ok()?;
    let there = moment.to_offset(UtcOffset::from_hms(7, 0, 0).ok()?);
    let (day, month, year) = (there.day(), u8::from(there.month()), there.year());
    Some(format!("{day:02}/{month:02}/{year} {:02}:{:02}", there.hour(), there.minute()))
}

const fn words_of(code: RefusalCode) -> Words {
    match code {
        RefusalCode::RefusalUnspecified => words("Yêu cầu bị từ chối.", "This was refused."),
        RefusalCode::Required => words("Vui lòng điền mục này.", "Please fill this in."),
        RefusalCode::TooShort => words(
            "Quá ngắn[, cần ít nhất {minimum} ký tự].",
            "Too short[, at least {minimum} characters are needed].",
        ),
        RefusalCode::TooLong => {
            words("Quá dài[, tối đa {maximum} ký tự].", "Too long[, at most {maximum} characters].")
        }
        RefusalCode::Invalid => words("Giá trị không hợp lệ.", "This is not valid."),
        RefusalCode::OutOfRange => words(
            "Giá trị ngoài giới hạn[, từ {minimum}][ đến {maximum}].",
            "Out of range[, from {minimum}][ to {maximum}].",
        ),
        RefusalCode::NotFound => words("Không tìm thấy.", "This was not found."),
        RefusalCode::AlreadyTaken => words("Đã có người dùng.", "This is taken already."),
        RefusalCode::IdempotencyKeyReused => words(
            "Khóa này đã dùng cho một yêu cầu khác.",
            "This key was used for another request.",
        ),
        RefusalCode::StatusConflict => words(
            "Không thể làm việc này ở trạng thái hiện tại.",
            "This cannot be done in the present status.",
        ),
        RefusalCode::RateLimited => words(
            "Quá nhiều lần thử.[ Vui lòng đợi {retryAfterSeconds} giây.]",
            "Too many attempts.[ Please wait {retryAfterSeconds} seconds.]",
        ),
        RefusalCode::WrongCredentials => {
            words("Sai tài khoản hoặc mật khẩu.", "Wrong login or password.")
        }
        RefusalCode::PasswordTooCommon => words(
            "Mật khẩu này quá phổ biến, hãy chọn mật khẩu khác.",
            "This password is too common; please choose another.",
        ),
        RefusalCode::UnknownWard => {
            words("Không có phường, xã này ở Cần Thơ.", "There is no such ward in Cần Thơ.")
        }
        RefusalCode::UnknownBank => words("Không có ngân hàng này.", "There is no such bank."),
        RefusalCode::PhoneOrEmailRequired => {
            words("Cần số điện thoại hoặc email.", "A telephone number or an email is needed.")
        }
        RefusalCode::SignInAgain => words(
            "Vui lòng đăng nhập lại rồi thử lần nữa.",
            "Please sign in again, then try once more.",
        ),
        RefusalCode::ResetLinkInvalid => words(
            "Đường dẫn này đã được dùng hoặc đã quá hạn. Hãy yêu cầu thư mới.",
            "This link was used already, or is too old. Please ask for a new letter.",
        ),
        RefusalCode::InvitationInvalid => words(
            "Lời mời này đã được dùng, đã bị thu hồi hoặc đã quá hạn. Hãy xin chủ gian hàng lời mời khác.",
            "This invitation was used, taken back, or is too old. Please ask the shop's owner for another.",
        ),
        RefusalCode::InvitationNotYet => words(
            "Lời mời này chưa nhận được[, hãy quay lại từ {from}].",
            "This invitation cannot be accepted yet[; it can from {from}].",
        ),
        RefusalCode::AlreadyMember => {
            words("Bạn đã ở gian hàng này rồi.", "You act for this shop already.")
        }
        RefusalCode::OwnerStays => words(
            "Chủ gian hàng không rời đi được: hãy giao gian hàng cho người khác trước.",
            "A shop's owner cannot go: hand the shop over to somebody first.",
        ),
        RefusalCode::AddressInName => words(
            "Tên không được chứa địa chỉ trang web hay email. Nếu có dấu chấm, hãy viết một khoảng trắng sau dấu chấm.",
            "A name may not hold the address of a page or of mail. Behind a full stop, please write a space.",
        ),
        RefusalCode::TermsOutdated => words(
            "Điều khoản vừa thay đổi. Hãy đọc lại rồi đồng ý.",
            "The terms have changed. Please read them again, then agree.",
        ),
        RefusalCode::EmailLinkInvalid => words(
            "Đường dẫn này đã được dùng, đã bị hủy hoặc đã quá hạn. Hãy khai lại email.",
            "This link was used, taken back, or is too old. Please enter the e-mail address again.",
        ),
        RefusalCode::EmailLinkNotYet => words(
            "Chưa xác nhận được[, hãy quay lại từ {from}].",
            "It cannot be confirmed yet[; it can from {from}].",
        ),
        RefusalCode::OperatorStays => words(
            "Người điều hành chợ không tự xóa tài khoản được.",
            "Who runs the market cannot delete their account.",
        ),
        RefusalCode::ShopNotClosed => words(
            "Hãy đóng hoặc giao gian hàng của bạn trước.",
            "Close your shop or hand it over first.",
        ),
        RefusalCode::PurchasesOpen => words(
            "Bạn còn đơn chưa xong: chờ trả tiền, chờ giao, chuyến đi sắp tới, hoặc còn trong hạn trả hàng.",
            "Something that you bought is not over: a payment, a delivery, a trip, or the time to send it back.",
        ),
        RefusalCode::ShopSalesOpen => words(
            "Gian hàng của bạn còn đơn chưa xong: chờ trả tiền, chờ giao, chuyến đi sắp tới, hoặc còn trong hạn trả hàng.",
            "Something that your shop sold is not over: a payment, a delivery, a trip, or the time to send it back.",
        ),
        RefusalCode::MoneyOpen => words(
            "Còn tiền chưa xong: một khoản hoàn, hoặc số dư của gian hàng.",
            "Money is still on its way: a refund, or the balance of a shop.",
        ),
        RefusalCode::LettersOff => words(
            "Chợ này chưa gửi được thư nên không xác nhận được email.",
            "This market sends no letters, so no e-mail address can be confirmed.",
        ),
        RefusalCode::InsufficientStock => words(
            "Không đủ hàng[, chỉ còn {available}].",
            "Not enough in stock[, only {available} left].",
        ),
        RefusalCode::NotForSale => {
            words("Mặt hàng này hiện không bán.", "This is not for sale now.")
        }
        RefusalCode::UnknownCategory => words("Không có quầy này.", "There is no such category."),
        RefusalCode::CurrencyNotSupported => {
            words("Không hỗ trợ loại tiền này.", "This currency is not supported.")
        }
        RefusalCode::SkuTaken => {
            words("Mã hàng này đã có trong cửa hàng.", "The shop has this SKU already.")
        }
        RefusalCode::FileUnreadable => {
            words("Không đọc được tệp[: {reason}].", "The file cannot be read[: {reason}].")
        }
        RefusalCode::FileTooLarge => words(
            "Tệp quá lớn[, tối đa {maximum} byte].",
            "The file is too large[, at most {maximum} bytes].",
        ),
        RefusalCode::HoldGone => {
            words("Hàng không còn được giữ nữa.", "The goods are no longer held.")
        }
        RefusalCode::DepartureClosed => {
            words("Chuyến này không còn bán vé.", "This departure is no longer sold.")
        }
        RefusalCode::PartyTooSmall => words(
            "Đoàn quá ít người[, cần ít nhất {minimum}].",
            "The party is too small[, at least {minimum} are needed].",
        ),
        RefusalCode::PartyTooLarge => words(
            "Đoàn quá đông[, tối đa {maximum} người].",
            "The party is too large[, at most {maximum}].",
        ),
        RefusalCode::AdultRequired => {
            words("Trẻ em phải đi cùng người lớn.", "Children travel with an adult only.")
        }
        RefusalCode::RuleTooLarge => words(
            "Lịch lặp quá dài[, tối đa {maximum} chuyến].",
            "The rule gives too many departures[, at most {maximum}].",
        ),
        RefusalCode::BoatTaken => words(
            "Chuyến này đã có khách, không bao trọn thuyền được.",
            "Seats of this departure are taken; the whole boat cannot be hired.",
        ),
        RefusalCode::PictureUnreadable => words(
            "Không đọc được ảnh này, hãy gửi ảnh JPEG, PNG hoặc WebP.",
            "This picture cannot be read; please send a JPEG, PNG or WebP.",
        ),
        RefusalCode::PictureTooLarge => words(
            "Ảnh có quá nhiều điểm ảnh[, tối đa {maximum} triệu].",
            "The picture has too many pixels[, at most {maximum} million].",
        ),
        RefusalCode::TooManyPictures => words(
            "Đã đủ ảnh[, tối đa {maximum} ảnh mỗi món].",
            "There are enough pictures[, at most {maximum} of a product].",
        ),
        RefusalCode::TooManyPicturesOfShop => words(
            "Gian hàng đã đủ ảnh[, tối đa {maximum} ảnh]. Hãy gỡ bớt ảnh cũ.",
            "The shop has enough pictures[, at most {maximum}]. Please remove old ones.",
        ),
        RefusalCode::NotBought => words(
            "Chỉ người đã mua và đã nhận hàng mới đánh giá được.",
            "Only who bought this and got it may review it.",
        ),
        RefusalCode::OwnProduct => words(
            "Người của gian hàng không đánh giá hàng của chính mình.",
            "Who acts for the shop does not review its own products.",
        ),
        RefusalCode::CartEmpty => words("Giỏ hàng đang trống.", "The cart is empty."),
        RefusalCode::CartAlreadyCheckedOut => {
            words("Giỏ hàng này đã được đặt.", "This cart was checked out already.")
        }
        RefusalCode::CartTooLarge => words(
            "Giỏ hàng quá lớn[, tối đa {maximum} dòng].",
            "The cart is too large[, at most {maximum} lines].",
        ),
        RefusalCode::PriceChanged => words(
            "Giá đã thay đổi, vui lòng xem lại giỏ hàng.",
            "A price has changed; please look at the cart again.",
        ),
        RefusalCode::CheckoutAlreadyPaid => {
            words("Đơn này đã được thanh toán.", "This checkout is paid already.")
        }
        RefusalCode::CheckoutClosed => words("Đơn này đã đóng.", "This checkout is closed."),
        RefusalCode::DeliveryWardRequired => {
            words("Vui lòng chọn phường, xã nhận hàng.", "Please choose the ward of delivery.")
        }
        RefusalCode::TicketNotCancellable => {
            words("Vé này không còn hủy được.", "This ticket can no longer be cancelled.")
        }
        RefusalCode::ReturnWindowClosed => {
            words("Đã hết thời hạn trả hàng.", "The time in which it could be sent back is over.")
        }
        RefusalCode::VoucherUnknown => words(
            "Không có mã giảm giá [{code} ]cho các cửa hàng trong giỏ.",
            "No shop in the cart has the voucher[ {code}].",
        ),
        RefusalCode::VoucherNotYet => words(
            "Mã giảm giá [{code} ]chưa dùng được[, bắt đầu từ {from}].",
            "The voucher [{code} ]does not count yet[; it does from {from}].",
        ),
        RefusalCode::VoucherEnded => {
            words("Mã giảm giá [{code} ]đã hết hạn.", "The voucher [{code} ]has ended.")
        }
        RefusalCode::VoucherUsedUp => {
            words("Mã giảm giá [{code} ]đã hết lượt dùng.", "The voucher [{code} ]is used up.")
        }
        RefusalCode::VoucherUsedByBuyer => words(
            "Bạn đã dùng hết lượt của mã giảm giá[ {code}][ (tối đa {maximum} lần mỗi người)].",
            "You have used the voucher[ {code}] as often as one may[ ({maximum} times a buyer)].",
        ),
        RefusalCode::VoucherBelowMinimum => words(
            "Mã giảm giá [{code} ]cần mua thêm[ {missing}] tại cửa hàng[ (đơn tối thiểu {minimum})].",
            "The voucher [{code} ]needs[ {missing}] more bought at its shop[ (at least {minimum})].",
        ),
        RefusalCode::VoucherLeavesTooLittle => words(
            "Sau khi giảm[ bằng mã {code}] phải còn ít nhất[ {minimum}] để thanh toán.",
            "The voucher[ {code}] must leave something to pay[, at least {minimum}].",
        ),
        RefusalCode::VoucherCodeInvalid => words(
            "Mã chỉ gồm chữ cái và chữ số[, từ {minimum}][ đến {maximum} ký tự].",
            "A code has letters and digits only[, {minimum}][ to {maximum} of them].",
        ),
        RefusalCode::AmountTooSmall => words(
            "Số tiền quá nhỏ[, tối thiểu {minimum}].",
            "The amount is too small[, at least {minimum}].",
        ),
        RefusalCode::AmountTooLarge => words(
            "Số tiền quá lớn[, tối đa {maximum}].",
            "The amount is too large[, at most {maximum}].",
        ),
        RefusalCode::PaymentMethodUnavailable => words(
            "Hiện không dùng được cách thanh toán này.",
            "This way to pay is not available now.",
        ),
        RefusalCode::PaymentClosed => {
            words("Khoản thanh toán này đã đóng.", "This payment is closed.")
        }
        RefusalCode::RefundExceedsCaptured => words(
            "Số tiền hoàn quá lớn[, chỉ còn hoàn được {available}].",
            "The refund is too large[, only {available} can still be refunded].",
        ),
        RefusalCode::SecondPersonRequired => words(
            "Người đề nghị không được tự duyệt, cần người thứ hai.",
            "Who asked for it may not approve it; a second person is needed.",
        ),
        RefusalCode::AmountsDiffer => words(
            "Số tiền không khớp[: cần {expected}][, đang là {actual}].",
            "The amounts differ[: {expected} is needed][, not {actual}].",
        ),
        RefusalCode::PayeeAccountRequired => words(
            "Cần số tài khoản nhận tiền hoàn.",
            "An account is needed to which the money goes back.",
        ),
        RefusalCode::PeriodClosed => words(
            "Sổ sách đã khóa[ đến hết ngày {until}].",
            "The books are closed[ up to {until}].",
        ),
        RefusalCode::FileOfOtherFormat => words(
            "Tệp không đúng định dạng đã chọn[: đây là {format}].",
            "The file is not of the format that was chosen[: it is {format}].",
        ),
        RefusalCode::FileOfOtherAccount => words(
            "Sao kê không phải của tài khoản đã chọn[: đây là của tài khoản {account}].",
            "The statement is not of the account that was chosen[: it is of account {account}].",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The facts that `common.proto` names.
    const FACTS: [&str; 15] = [
        "code",
        "from",
        "missing",
        "minimum",
        "maximum",
        "available",
        "retryAfterSeconds",
        "reason",
        "status",
        "requested",
        "expected",
        "actual",
        "until",
        "format",
        "account",
    ];

    #[test]
    fn every_refusal_has_words_in_both_languages_and_uses_only_facts_of_the_contract() {
        let facts = FACTS.iter().map(|name| ((*name).to_owned(), "7".to_owned())).collect();
        let mut count = 0;
        for code in (0..200).filter_map(|number| RefusalCode::try_from(number).ok()) {
            count += 1;
            for locale in [Locale::Vi, Locale::En] {
                for facts in [&facts, &HashMap::new()] {
                    let text = refusal(code, facts, locale);
                    assert!(text.ends_with('.') && text.len() > 5, "{code:?}: {text}");
                    assert!(!text.contains(['{', '}', '[', ']']), "{code:?}: {text}");
                }
                let raw = words_of(code).in_locale(locale);
                for name in raw.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
                    assert!(FACTS.contains(&name), "{code:?} uses {name}");
                }
            }
            assert_ne!(words_of(code).vi, words_of(code).en);
        }
        assert!(count >= 35, "{count}");
    }

    #[test]
    fn amounts_and_moments_of_vouchers_are_read_as_people_write_them() {
        let facts = [("code", "TET"), ("minimum", "200000"), ("missing", "1500")];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let text = refusal(RefusalCode::VoucherBelowMinimum, &facts, Locale::Vi);
        assert_eq!(
            text,
            "Mã giảm giá TET cần mua thêm 1.500\u{a0}₫ tại cửa hàng (đơn tối thiểu 200.000\u{a0}₫)."
        );
        let facts = HashMap::from([("from".to_owned(), "1800000000000000".to_owned())]);
        let text = refusal(RefusalCode::VoucherNotYet, &facts, Locale::En);
        assert_eq!(text, "The voucher does not count yet; it does from 15/01/2027 15:00.");
    }

    #[test]
    fn a_refusal_says_how_many_are_left() {
        let facts = HashMap::from([("available".to_owned(), "3".to_owned())]);
        let text = |locale| refusal(RefusalCode::InsufficientStock, &facts, locale);
        assert_eq!(text(Locale::Vi), "Không đủ hàng, chỉ còn 3.");
        assert_eq!(text(Locale::En), "Not enough in stock, only 3 left.");
    }
}
