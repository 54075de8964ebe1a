//! Who waits for seats of a departure.

use sea_orm_migration::prelude::*;

/// Makes the waiting list.
pub(super) struct WaitingList;

impl MigrationName for WaitingList {
    fn name(&self) -> &'static str {
        "m2026_11_27_000200_waiting_list"
    }
}

const TABLES: &[&str] = &[
    // `claim_digest` is of the token that the person got who joined, `offer_digest` of the one that went
    // out with the offer; either claims it. `hold_id` holds the offered seats.
    "CREATE TABLE waiting_list (
        id {uuid} PRIMARY KEY,
        departure_id {uuid} NOT NULL REFERENCES departures (id),
        seats BIGINT NOT NULL CHECK (seats > 0),
        name TEXT NOT NULL,
        phone TEXT NOT NULL,
        email TEXT NOT NULL,
        locale TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('waiting', 'offered', 'claimed', 'lapsed')),
        claim_digest {blob} NOT NULL CONSTRAINT waiting_list_claim UNIQUE,
        offer_digest {blob} CONSTRAINT waiting_list_offer UNIQUE,
        hold_id {uuid} REFERENCES holds (id),
        created_at BIGINT NOT NULL,
        offered_at BIGINT,
        offer_expires_at BIGINT,
        CHECK (status NOT IN ('offered', 'claimed') OR (hold_id IS NOT NULL AND offered_at IS NOT NULL))
    )",
    "CREATE INDEX waiting_list_open ON waiting_list (departure_id, id)
        WHERE status IN ('waiting', 'offered')",
];

#[async_trait::async_trait]
impl MigrationTrait for WaitingList {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
