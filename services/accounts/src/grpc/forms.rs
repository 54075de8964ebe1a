//! What callers send, in the words of the domain.

use kernel::{Page, PageRequest};
use proto::accounts as message;
use proto::common::{PageInfo, PageRequest as PageMessage};
use proto::{Refused, common::RefusalCode, parse_id};
use tonic::Status;

use crate::domain::bank_account::BankAccountForm;
use crate::domain::person_change::PersonForm;
use crate::domain::shop_application::ShopForm;
use crate::domain::shop_change::ShopChange;
use crate::messages;
use crate::usecases::ShopDecision;
use crate::usecases::update_user::UpdateUser;

/// An application for a shop.
pub(super) fn form_of(request: message::OpenShopRequest) -> ShopForm {
    ShopForm {
        kind: messages::kind_of(request.kind()),
        name: request.name,
        tax_code: request.tax_code,
        ward_code: request.ward_code,
        address: request.address,
        phone: request.phone,
        bank_account: request.bank_account.map(account_of),
        about: request.about.unwrap_or_default().into(),
    }
}

/// An account at a bank.
pub(super) fn account_of(account: message::BankAccount) -> BankAccountForm {
    BankAccountForm { bin: account.bin, number: account.number, holder: account.holder }
}

/// What an owner corrects.
pub(super) fn change_of(request: message::UpdateShopRequest) -> ShopChange {
    ShopChange {
        kind: messages::kind_of(request.kind()),
        name: request.name,
        tax_code: request.tax_code,
        ward_code: request.ward_code,
        address: request.address,
        phone: request.phone,
        about: request.about.map(Into::into),
    }
}

/// What a person corrects of themselves.
pub(super) fn person_update(request: message::UpdateUserRequest) -> Result<UpdateUser, Status> {
    Ok(UpdateUser {
        actor: parse_id(&request.user_id)?,
        form: PersonForm {
            name: request.name,
            phone: request.phone,
            email: request.email,
            locale: request.locale,
        },
        password: request.password,
        client_address: request.client_address,
    })
}

/// A decision on a shop.
pub(super) fn decision(request: message::ShopDecision) -> Result<ShopDecision, Status> {
    Ok(ShopDecision {
        actor: parse_id(&request.actor_id)?,
        shop: parse_id(&request.shop_id)?,
        reason: request.reason,
    })
}

/// How many items a page has when nobody says.
const PAGE_DEFAULT: u32 = 20;

/// Which page is asked for; a cursor that cannot be read is refused.
pub(super) fn page_request<Key>(
    page: Option<PageMessage>,
    read_cursor: impl FnOnce(&str) -> Option<Key>,
) -> Result<PageRequest<Key>, Status> {
    let page = page.unwrap_or_default();
    let after = match page.after.as_str() {
        "" => None,
        cursor => {
            let key = read_cursor(cursor);
            Some(
                key.ok_or_else(|| Status::from(Refused::new(RefusalCode::Invalid).at(&["after"])))?,
            )
        }
    };
    Ok(PageRequest::new(if page.first == 0 { PAGE_DEFAULT } else { page.first }, after))
}

/// What a page says of itself.
pub(super) fn page_info<Item>(
    page: &Page<Item>,
    total: i64,
    cursor: impl FnMut(&Item) -> String,
) -> PageInfo {
    PageInfo { has_next: page.has_next, cursors: page.items.iter().map(cursor).collect(), total }
}
