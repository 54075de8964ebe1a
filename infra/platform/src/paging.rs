//! Pages of lists, as databases read them.

use kernel::PageRequest;
use sea_orm::sea_query::Value;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// A page of rows, the newest first: ids rise with time (UUIDv7).
pub fn newest_first<E, Key>(
    select: Select<E>,
    id: E::Column,
    request: &PageRequest<Key>,
) -> Select<E>
where
    E: EntityTrait,
    Key: Copy + Into<Value>,
{
    let select = select.order_by_desc(id).limit(request.limit());
    match request.after {
        Some(after) => select.filter(id.lt(after)),
        None => select,
    }
}
