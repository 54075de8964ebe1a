//! Words of failures.

use kernel::Locale;

use super::{Words, fill, words};
use crate::failure::{Failure, Limit, seconds};

/// What people read of a failure.
pub fn failure(failure: &Failure, locale: Locale) -> String {
    let text = words_of(failure).in_locale(locale);
    let (mut allowed_text, mut found_text, mut detail) = (String::new(), String::new(), "");
    match failure {
        Failure::BadInput(reason) | Failure::Unreadable(reason) => detail = reason,
        Failure::WrongTransport(reason) => detail = reason,
        Failure::LimitExceeded { allowed, found, .. } => {
            (allowed_text, found_text) = (allowed.to_string(), found.to_string());
        }
        Failure::RateLimited { retry_after } => allowed_text = seconds(*retry_after).to_string(),
        _ => {}
    }
    fill(text, |name| match name {
        "allowed" => Some(allowed_text.as_str()),
        "found" => Some(found_text.as_str()),
        "detail" => Some(detail),
        _ => None,
    })
}

const fn words_of(failure: &Failure) -> Words {
    match failure {
        Failure::Unauthenticated => words("Vui lòng đăng nhập.", "Please sign in."),
        Failure::Forbidden => words("Bạn không có quyền làm việc này.", "You may not do this."),
        Failure::NotFound => words("Không tìm thấy.", "This was not found."),
        Failure::BadInput(_) => words("Yêu cầu không hợp lệ: {detail}", "Bad request: {detail}"),
        Failure::Unreadable(_) => {
            words("Không đọc được truy vấn: {detail}", "The query cannot be read: {detail}")
        }
        Failure::Invalid => {
            words("Truy vấn không hợp với lược đồ.", "The query does not fit the schema.")
        }
        // Clients look for this very text.
        Failure::PersistedQueryNotFound => {
            words("PersistedQueryNotFound", "PersistedQueryNotFound")
        }
        Failure::WrongTransport(_) => words(
            "Không thể chạy thao tác này ở đây: {detail}",
            "This operation cannot be run here: {detail}",
        ),
        Failure::LimitExceeded { limit, .. } => limit_words(*limit),
        Failure::RateLimited { .. } => words(
            "Quá nhiều yêu cầu, vui lòng đợi {allowed} giây.",
            "Too many requests; please wait {allowed} seconds.",
        ),
        Failure::Unavailable => words(
            "Hệ thống đang bận, vui lòng thử lại sau ít phút.",
            "The market is busy; please try again in a few minutes.",
        ),
        Failure::TimedOut => {
            words("Yêu cầu mất quá nhiều thời gian.", "The request took too long.")
        }
        Failure::Internal { .. } => {
            words("Có lỗi ở phía chúng tôi.", "Something went wrong on our side.")
        }
    }
}

const fn limit_words(limit: Limit) -> Words {
    match limit {
        Limit::BodyBytes => words(
            "Nội dung có {found} byte hoặc hơn, tối đa {allowed}.",
            "The body has {found} bytes or more, at most {allowed} are allowed.",
        ),
        Limit::Batch => words(
            "Có {found} thao tác trong một lần, tối đa {allowed}.",
            "There are {found} operations in one batch, at most {allowed} are allowed.",
        ),
        Limit::Tokens => words(
            "Truy vấn có {found} từ, tối đa {allowed}.",
            "The query has {found} tokens, at most {allowed} are allowed.",
        ),
        Limit::Nesting => words(
            "Dấu ngoặc lồng {found} lớp, tối đa {allowed}.",
            "Brackets are nested {found} deep, at most {allowed} are allowed.",
        ),
        Limit::Depth => words(
            "Truy vấn sâu {found} tầng, tối đa {allowed}.",
            "The query is {found} fields deep, at most {allowed} are allowed.",
        ),
        Limit::Complexity => words(
            "Độ phức tạp là {found}, tối đa {allowed}. Hãy giảm `first` hoặc số trường.",
            "The complexity is {found}, at most {allowed} is allowed. Lower `first`, or ask for fewer fields.",
        ),
        Limit::Aliases => words(
            "Truy vấn có {found} bí danh, tối đa {allowed}.",
            "The query has {found} aliases, at most {allowed} are allowed.",
        ),
        Limit::Directives => words(
            "Truy vấn có {found} chỉ thị, tối đa {allowed}.",
            "The query has {found} directives, at most {allowed} are allowed.",
        ),
        Limit::Subscriptions => words(
            "Đang mở {found} đăng ký nhận tin, tối đa {allowed}.",
            "{found} subscriptions are open, at most {allowed} are allowed.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_said_in_both_languages_with_what_is_allowed_and_what_was_found() {
        for limit in [
            Limit::BodyBytes,
            Limit::Batch,
            Limit::Tokens,
            Limit::Nesting,
            Limit::Depth,
            Limit::Complexity,
            Limit::Aliases,
            Limit::Directives,
            Limit::Subscriptions,
        ] {
            for locale in [Locale::Vi, Locale::En] {
                let text =
                    failure(&Failure::LimitExceeded { limit, allowed: 30, found: 2_001 }, locale);
                assert!(text.contains("30") && text.contains("2001"), "{text}");
            }
        }
    }
}
