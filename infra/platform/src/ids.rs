//! Fresh ids.

use kernel::TypedId;
use uuid::Uuid;

/// A new id: a UUIDv7 (RFC 9562, 5.7), sortable by the moment it was made.
pub fn new<Id: TypedId>() -> Id {
    Id::from_uuid(Uuid::now_v7())
}
