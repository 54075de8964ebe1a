//! Refusals of tours, departures and seats.

use kernel::VariantId;
use platform::rpc::database_fault;
use proto::Refused;
use proto::common::RefusalCode;
use tonic::Status;

use crate::domain::recurrence::MAX_MOMENTS;
use crate::domain::seats::SeatProblem;
use crate::domain::tour::{MAX_CAPACITY, MAX_CUTOFF, TourProblem, Wrong};
use crate::domain::waiting::{MAX_CONTACT, MAX_WAITING};
use crate::usecases::cancel_departure::MAX_REASON;
use crate::usecases::join_waiting_list::JoinWaitingListError;
use crate::usecases::put_tour::PutTourError;
use crate::usecases::schedule_departures::ScheduleDeparturesError;
use crate::usecases::update_departure::ChangeDepartureError;

/// Why a tour was not written.
pub fn put_tour_status(error: PutTourError) -> Status {
    match error {
        PutTourError::Unknown => Refused::new(RefusalCode::NotFound).at(&["productId"]).into(),
        PutTourError::Problems(problems) => tour_problems_status(&problems),
        PutTourError::Database(error) => database_fault(&error),
    }
}

/// What is wrong with a tour.
pub fn tour_problems_status(problems: &[TourProblem]) -> Status {
    Refused::status(problems.iter().map(|problem| {
        let path: Vec<&str> = problem.path.iter().map(String::as_str).collect();
        let refused = match problem.wrong {
            Wrong::Missing => Refused::new(RefusalCode::Required),
            Wrong::TooLong(most) => Refused::new(RefusalCode::TooLong).fact("maximum", most),
            Wrong::OutOfRange(least, most) => range(least, most),
            Wrong::Invalid => Refused::new(RefusalCode::Invalid),
            Wrong::Repeats => Refused::new(RefusalCode::AlreadyTaken),
            Wrong::Currency => Refused::new(RefusalCode::CurrencyNotSupported),
        };
        refused.at(&path)
    }))
}

/// Why nothing was scheduled.
pub fn schedule_status(error: ScheduleDeparturesError) -> Status {
    let invalid = || Refused::new(RefusalCode::Invalid);
    let refused = match error {
        ScheduleDeparturesError::Unknown => Refused::new(RefusalCode::NotFound).at(&["productId"]),
        ScheduleDeparturesError::Key => range(8, 128).at(&["idempotencyKey"]),
        ScheduleDeparturesError::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"])
        }
        ScheduleDeparturesError::Nothing => Refused::new(RefusalCode::Required).at(&["startsAt"]),
        ScheduleDeparturesError::Start(place) => invalid().at(&["startsAt", &place.to_string()]),
        ScheduleDeparturesError::RuleStart => invalid().at(&["rule", "start"]),
        ScheduleDeparturesError::Rule(part) => {
            invalid().at(&["rule", "rrule"]).fact("reason", part)
        }
        ScheduleDeparturesError::Except(place) => {
            invalid().at(&["rule", "except", &place.to_string()])
        }
        ScheduleDeparturesError::TooLarge => Refused::new(RefusalCode::RuleTooLarge)
            .at(&["rule", "rrule"])
            .fact("maximum", MAX_MOMENTS),
        ScheduleDeparturesError::Capacity => range(1, MAX_CAPACITY.into()).at(&["capacity"]),
        ScheduleDeparturesError::Prices(problems) => return tour_problems_status(&problems),
        ScheduleDeparturesError::Cutoff => range(0, MAX_CUTOFF.into()).at(&["cutoffMinutes"]),
        ScheduleDeparturesError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why a departure was not changed.
pub fn change_departure_status(error: ChangeDepartureError) -> Status {
    let refused = match error {
        ChangeDepartureError::Unknown => Refused::new(RefusalCode::NotFound).at(&["departureId"]),
        ChangeDepartureError::Cancelled => Refused::new(RefusalCode::StatusConflict)
            .at(&["departureId"])
            .fact("status", "CANCELLED"),
        ChangeDepartureError::Capacity { least, most } => range(least, most).at(&["capacity"]),
        ChangeDepartureError::BoatTaken => Refused::new(RefusalCode::BoatTaken).at(&["capacity"]),
        ChangeDepartureError::Prices(problems) => return tour_problems_status(&problems),
        ChangeDepartureError::Cutoff => range(0, MAX_CUTOFF.into()).at(&["cutoffMinutes"]),
        ChangeDepartureError::MoveTo => Refused::new(RefusalCode::Invalid).at(&["moveTo"]),
        ChangeDepartureError::Reason => range(1, MAX_REASON as i64).at(&["reason"]),
        ChangeDepartureError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why somebody may not wait.
pub fn join_status(error: JoinWaitingListError) -> Status {
    let refused = match error {
        JoinWaitingListError::Unknown => Refused::new(RefusalCode::NotFound).at(&["departureId"]),
        JoinWaitingListError::Closed => {
            Refused::new(RefusalCode::DepartureClosed).at(&["departureId"])
        }
        JoinWaitingListError::Seats(most) => range(1, most).at(&["seats"]),
        JoinWaitingListError::Name => Refused::new(RefusalCode::Required).at(&["name"]),
        JoinWaitingListError::Contact => {
            Refused::new(RefusalCode::PhoneOrEmailRequired).at(&["phone"])
        }
        JoinWaitingListError::TooLong(field) => {
            Refused::new(RefusalCode::TooLong).at(&[field]).fact("maximum", MAX_CONTACT)
        }
        JoinWaitingListError::WaitsAlready => {
            Refused::new(RefusalCode::AlreadyTaken).at(&["phone"])
        }
        JoinWaitingListError::Full => range(0, MAX_WAITING as i64).at(&["departureId"]),
        JoinWaitingListError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why a departure does not take a line of a hold.
pub fn seat_refused(line: usize, variant: VariantId, problem: SeatProblem) -> Refused {
    let refused = match problem {
        SeatProblem::Closed => Refused::new(RefusalCode::DepartureClosed),
        SeatProblem::Insufficient(available) => {
            Refused::new(RefusalCode::InsufficientStock).fact("available", available)
        }
        SeatProblem::PartyTooSmall(least) => {
            Refused::new(RefusalCode::PartyTooSmall).fact("minimum", least)
        }
        SeatProblem::PartyTooLarge(most) => {
            Refused::new(RefusalCode::PartyTooLarge).fact("maximum", most)
        }
        SeatProblem::AdultRequired => Refused::new(RefusalCode::AdultRequired),
        SeatProblem::BoatTaken => Refused::new(RefusalCode::BoatTaken),
    };
    refused.at(&["lines", &line.to_string()]).fact("variantId", variant)
}

fn range(least: i64, most: i64) -> Refused {
    Refused::new(RefusalCode::OutOfRange).fact("minimum", least).fact("maximum", most)
}
