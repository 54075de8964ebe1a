//! The key that signs tickets: derived from the market's secret, so nothing has to be kept.

use platform::secrets;

use crate::domain::ticket_code::TicketSigner;

/// What the key is derived for. Another text here gives another key, which makes all codes anew.
const PURPOSE: &str = "ticket-key";
/// Which key of that purpose.
const GENERATION: &str = "ed25519/1";

/// The signer of tickets that belongs to a secret.
pub fn of_secret(secret: &[u8]) -> TicketSigner {
    TicketSigner::from_seed(secrets::keyed_digest(secret, PURPOSE, GENERATION))
}
