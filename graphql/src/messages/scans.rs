//! Words of what came of showing a ticket.

use kernel::Locale;
use proto::bookings::ScanOutcome;

use super::{Words, words};

/// What people at the pier read.
pub fn scan(outcome: ScanOutcome, locale: Locale) -> &'static str {
    words_of(outcome).in_locale(locale)
}

const fn words_of(outcome: ScanOutcome) -> Words {
    match outcome {
        ScanOutcome::Unspecified => words("Không rõ vé này.", "Nothing is known of this ticket."),
        ScanOutcome::Admitted => words("Mời lên thuyền.", "Welcome on board."),
        ScanOutcome::AlreadyAdmitted => {
            words("Vé này đã dùng rồi.", "This ticket was used already.")
        }
        ScanOutcome::WrongDeparture => {
            words("Vé của chuyến khác.", "This ticket is for another departure.")
        }
        ScanOutcome::NotToday => words("Vé của ngày khác.", "This ticket is for another day."),
        ScanOutcome::TicketWasCancelled => words("Vé này đã hủy.", "This ticket was cancelled."),
        ScanOutcome::Forged => words(
            "Vé giả: chữ ký không phải của chợ.",
            "Not genuine: the signature is not the market's.",
        ),
        ScanOutcome::UnknownTicket => words("Không có vé này.", "There is no such ticket."),
        ScanOutcome::OtherShop => {
            words("Vé của đơn vị khác.", "This ticket is another operator's.")
        }
        ScanOutcome::Undone => words("Đã bỏ lượt lên thuyền.", "The entry was taken back."),
        ScanOutcome::NothingToUndo => {
            words("Khách này chưa lên thuyền.", "This guest was not on board.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_words_of_its_own_in_both_languages() {
        let all: Vec<_> =
            (0..100).filter_map(|number| ScanOutcome::try_from(number).ok()).collect();
        assert!(all.len() >= 11);
        for locale in [Locale::Vi, Locale::En] {
            let texts: std::collections::BTreeSet<_> =
                all.iter().map(|outcome| scan(*outcome, locale)).collect();
            assert_eq!(texts.len(), all.len());
        }
    }
}
