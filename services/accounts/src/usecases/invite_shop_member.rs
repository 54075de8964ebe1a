//! An owner invites somebody to work for a shop, or hands the shop over.
//!
//! Whether anybody has an account with the contact makes no difference, so that nobody finds out by inviting. An
//! email address gets a letter; the link for a telephone number is told to the owner, this once, to pass on.

use kernel::{ShopId, UserId};
use platform::{ids, secrets};
use serde_json::json;

use super::decision::lock_shop;
use super::{Failure, ShopDecision, members, password_again};
use crate::domain::audit::Action;
use crate::domain::input::{InputRefused, Problem};
use crate::domain::invitation::{self, Invitation};
use crate::domain::login::Login;
use crate::domain::membership::{MOST_MEMBERS, Right, ShopRole};
use crate::events::MemberChange;
use crate::service::Context;
use crate::{store, throttle};

/// What an owner wants.
pub struct InviteShopMember {
    /// Who invites.
    pub actor: UserId,
    /// To which shop.
    pub shop: ShopId,
    /// Whom: a telephone number or an email address.
    pub contact: String,
    /// What they may do for it. To be its owner means that it is handed over.
    pub role: ShopRole,
    /// The owner's password once more, where the shop is handed over.
    pub password: String,
    /// Where it was typed, for throttling.
    pub client_address: String,
}

/// An invitation, and its token where no letter brings it. The token is shown this once.
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The secret that it is accepted by.
    pub token: Option<String>,
}

/// Invites somebody; an earlier invitation of the same contact ends. Handing a shop over asks for the password, counts
/// after the pause that other payout accounts wait for, and its owner is written to.
pub async fn invite_shop_member(cx: &Context, asked: InviteShopMember) -> Result<Invited, Failure> {
    let InviteShopMember { actor, shop, contact, role, password, client_address } = asked;
    let contact = invitation::contact(&contact)
        .map_err(|problem| Failure::Input(vec![InputRefused::new(&["contact"], problem)]))?;
    throttle::invite(&cx.limiter, actor).await?;
    let hash = match role {
        ShopRole::Owner => {
            Some(password_again::check(cx, actor, &password, &client_address).await?)
        }
        ShopRole::Staff => None,
    };
    let now = cx.clock.now();
    let invited =
        Invitation::to(contact, (ids::new(), shop, role), actor, now, cx.payout_cooling_off);
    let by_letter = cx.mailing.is_some() && matches!(invited.contact, Login::Email(_));
    let token = (!by_letter).then(secrets::random_token);

    let tx = cx.database.begin().await?;
    // Whoever changed the password meanwhile ended what the old one may do.
    if let Some(hash) = hash
        && !store::users::keeps_password(&tx, actor, &hash).await?
    {
        return Err(Failure::WrongPassword { field: "password" });
    }
    let asked = ShopDecision { actor, shop, reason: String::new() };
    let shop = lock_shop(&tx, &asked, Right::Owner).await?;
    shop.takes_people()?;
    let contacts = vec![invited.contact.as_str().to_owned()];
    store::invitations::end_to(&tx, shop.id, contacts, now).await?;
    let open = store::invitations::open_of_shop(&tx, shop.id, now).await?.len() as u64;
    if open.max(store::members::count(&tx, shop.id).await?) >= MOST_MEMBERS {
        let problem = Problem::TooMany { maximum: MOST_MEMBERS };
        return Err(Failure::Input(vec![InputRefused::new(&["shopId"], problem)]));
    }
    let token_hash = token.as_deref().map(secrets::digest);
    store::invitations::insert(&tx, &invited, token_hash).await?;
    if role == ShopRole::Owner {
        members::tell(&tx, &shop, actor, MemberChange::Offered, invited.counts_from, now).await?;
    }
    let detail = json!({ "invitation": invited.id.to_string(), "role": role.word() });
    members::note(&tx, &shop, (actor, Action::MemberInvited), &detail, now).await?;
    tx.commit().await?;
    metrics::counter!("accounts_invitations", "what" => "made").increment(1);
    Ok(Invited { invitation: invited, token })
}
