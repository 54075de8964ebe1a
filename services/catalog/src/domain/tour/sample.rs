//! A tour for tests: a floating market at dawn, by seat or by boat.

use kernel::{LocalizedText, Money, ProductId, ShopId};
use uuid::Uuid;

use super::{
    AddOn, AgeKind, CancellationTier, ItineraryStop, MeetingPoint, OptionKind, Residence,
    TicketKind, Tour, TourOption,
};

/// The tour: 12 seats; adults, children, infants on laps; a private boat; lunch.
pub fn tour() -> Tour {
    let ticket = |code: &str, age, price, seats, accompanied| TicketKind {
        code: code.to_owned(),
        age,
        residence: Residence::Anybody,
        minimum_age: 0,
        maximum_age: 0,
        price: Money::vnd(price),
        seats,
        accompanied,
    };
    let text = |vi: &str, en: &str| LocalizedText::new(vi, en);
    Tour {
        product: ProductId::from_uuid(Uuid::nil()),
        shop: ShopId::from_uuid(Uuid::nil()),
        options: vec![
            TourOption {
                code: "join-in".to_owned(),
                kind: OptionKind::JoinIn,
                title: text("Ghép khách", "Join-in"),
                minimum_party: 2,
                maximum_party: 8,
                tickets: vec![
                    ticket("adult", AgeKind::Adult, 450_000, 1, false),
                    ticket("child", AgeKind::Child, 250_000, 1, true),
                    ticket("infant", AgeKind::Infant, 0, 0, true),
                ],
            },
            TourOption {
                code: "private".to_owned(),
                kind: OptionKind::Private,
                title: text("Thuyền riêng", "Private boat"),
                minimum_party: 0,
                maximum_party: 10,
                tickets: vec![ticket("boat", AgeKind::Boat, 3_000_000, 0, false)],
            },
        ],
        itinerary: vec![ItineraryStop {
            at_minute: 30,
            title: text("Chợ nổi Cái Răng", "Cái Răng floating market"),
            text: LocalizedText::default(),
        }],
        meeting_point: MeetingPoint {
            text: text("Bến Ninh Kiều, cổng số 2", "Ninh Kiều pier, gate 2"),
            latitude: 10.0333,
            longitude: 105.7889,
        },
        languages: vec!["vi".to_owned(), "en".to_owned()],
        included: vec![text("Nước suối", "Water")],
        excluded: Vec::new(),
        add_ons: vec![AddOn {
            code: "lunch".to_owned(),
            title: text("Bữa trưa", "Lunch"),
            price: Money::vnd(90_000),
        }],
        cancellation: vec![
            CancellationTier { hours_before: 48, refund_basis_points: 10_000 },
            CancellationTier { hours_before: 24, refund_basis_points: 5_000 },
        ],
        duration_minutes: 240,
        cutoff_minutes: 60,
        capacity: 12,
        price_rules: Vec::new(),
    }
}
