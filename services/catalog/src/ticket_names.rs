//! What kinds of tickets are called, in every language: they are named by age and residence.

use kernel::LocalizedText;

use crate::domain::tour::{AgeKind, Residence, TicketKind};

/// The name of a kind of tickets: `Trẻ em (4–10 tuổi)`, `Người lớn, khách nước ngoài`.
pub fn ticket_name(ticket: &TicketKind) -> LocalizedText {
    let (age, residence) = (age_words(ticket.age), residence_words(ticket.residence));
    let years = years_words(ticket.minimum_age, ticket.maximum_age);
    LocalizedText::new(
        format!("{}{}{}", age.vi, residence.vi, years.vi),
        format!("{}{}{}", age.en, residence.en, years.en),
    )
}

fn age_words(age: AgeKind) -> LocalizedText {
    match age {
        AgeKind::Adult => LocalizedText::new("Người lớn", "Adult"),
        AgeKind::Child => LocalizedText::new("Trẻ em", "Child"),
        AgeKind::Infant => LocalizedText::new("Em bé", "Infant"),
        AgeKind::Senior => LocalizedText::new("Người cao tuổi", "Senior"),
        AgeKind::Boat => LocalizedText::new("Nguyên thuyền", "Whole boat"),
    }
}

fn residence_words(residence: Residence) -> LocalizedText {
    match residence {
        Residence::Anybody => LocalizedText::default(),
        Residence::Local => LocalizedText::new(", khách trong nước", ", resident of Vietnam"),
        Residence::Foreign => LocalizedText::new(", khách nước ngoài", ", visitor from abroad"),
    }
}

fn years_words(from: u32, to: u32) -> LocalizedText {
    match (from, to) {
        (0, 0) => LocalizedText::default(),
        (from, 0) => LocalizedText::new(format!(" (từ {from} tuổi)"), format!(" (age {from}+)")),
        (0, to) => LocalizedText::new(format!(" (đến {to} tuổi)"), format!(" (up to age {to})")),
        (from, to) => {
            LocalizedText::new(format!(" ({from}–{to} tuổi)"), format!(" (age {from}–{to})"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tour::sample::tour;

    #[test]
    fn tickets_are_named_by_age_residence_and_years() {
        let mut ticket = tour().options[0].tickets[1].clone();
        assert_eq!(ticket_name(&ticket), LocalizedText::new("Trẻ em", "Child"));
        (ticket.minimum_age, ticket.maximum_age) = (4, 10);
        assert_eq!(ticket_name(&ticket).vi, "Trẻ em (4–10 tuổi)");
        (ticket.minimum_age, ticket.residence) = (0, Residence::Foreign);
        assert_eq!(ticket_name(&ticket).vi, "Trẻ em, khách nước ngoài (đến 10 tuổi)");
        assert_eq!(ticket_name(&ticket).en, "Child, visitor from abroad (up to age 10)");
    }
}
