//! The contract of accounts, answered by its use cases.

mod forms;

use kernel::{ShopId, UserId};
use proto::accounts as message;
use proto::accounts::accounts_server::Accounts as Contract;
use proto::common::Empty;
use proto::parse_id;
use tonic::{Request, Response, Status};

use self::forms::{
    account_of, change_of, decision, form_of, page_info, page_request, person_update,
};
use crate::domain::shop::Shop;
use crate::domain::sign_up::SignUpForm;
use crate::domain::{banks, terms, wards};
use crate::messages;
use crate::service::Accounts;
use crate::usecases::accept_shop_invitation::accept_shop_invitation;
use crate::usecases::accept_terms::accept_terms;
use crate::usecases::add_operator::add_operator;
use crate::usecases::approve_shop::approve_shop;
use crate::usecases::authenticate::authenticate;
use crate::usecases::change_password::change_password;
use crate::usecases::close_shop::close_shop;
use crate::usecases::confirm_email::confirm_email;
use crate::usecases::delete_user::delete_user;
use crate::usecases::get_personal_records::get_personal_records;
use crate::usecases::get_shop_invitation::get_shop_invitation;
use crate::usecases::get_shop_letters::{get_shop_letters, get_shop_readers};
use crate::usecases::get_shops::{get_shop_by_slug, get_shops};
use crate::usecases::get_users::get_users;
use crate::usecases::invite_shop_member::{InviteShopMember, Invited, invite_shop_member};
use crate::usecases::leave_shop::leave_shop;
use crate::usecases::list_audit_entries::list_audit_entries;
use crate::usecases::list_consents::list_consents;
use crate::usecases::list_shop_members::{list_shop_invitations, list_shop_members};
use crate::usecases::list_shops::list_shops;
use crate::usecases::open_shop::open_shop;
use crate::usecases::remove_shop_member::remove_shop_member;
use crate::usecases::request_password_reset::request_password_reset;
use crate::usecases::reset_password::reset_password;
use crate::usecases::revoke_shop_invitation::revoke_shop_invitation;
use crate::usecases::set_operator_password::set_operator_password;
use crate::usecases::set_payout_account::{SetPayoutAccount, set_payout_account};
use crate::usecases::set_shop_letters::set_shop_letters;
use crate::usecases::sign_in::sign_in;
use crate::usecases::sign_out::sign_out;
use crate::usecases::sign_up::sign_up;
use crate::usecases::submit_shop::submit_shop;
use crate::usecases::suspend_shop::suspend_shop;
use crate::usecases::update_shop::update_shop;
use crate::usecases::update_user::{Updated, update_user};
use crate::usecases::{Failure, SignedIn};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Contract for Accounts {
    async fn sign_up(&self, request: Request<message::SignUpRequest>) -> Answer<message::SignedIn> {
        let request = request.into_inner();
        let form = SignUpForm {
            name: request.name,
            phone: request.phone,
            email: request.email,
            password: request.password,
            locale: request.locale,
            accepted_terms: request.accepted_terms,
        };
        let signed_in = sign_up(self.context(), &form, &request.client_address).await?;
        Ok(Response::new(signed_in.into()))
    }

    async fn sign_in(&self, request: Request<message::SignInRequest>) -> Answer<message::SignedIn> {
        let message::SignInRequest { login, password, client_address } = request.into_inner();
        let signed_in = sign_in(self.context(), &login, &password, &client_address).await?;
        Ok(Response::new(signed_in.into()))
    }

    async fn sign_out(&self, request: Request<message::SignOutRequest>) -> Answer<Empty> {
        sign_out(self.context(), &request.into_inner().token).await?;
        Ok(Response::new(Empty {}))
    }

    async fn authenticate(
        &self,
        request: Request<message::AuthenticateRequest>,
    ) -> Answer<message::Actor> {
        let cx = self.context();
        let actor = authenticate(cx, &request.into_inner().token).await?;
        Ok(Response::new(messages::actor(&actor, cx.clock.now())))
    }

    async fn change_password(
        &self,
        request: Request<message::ChangePasswordRequest>,
    ) -> Answer<message::SignedIn> {
        let message::ChangePasswordRequest { user_id, old_password, new_password, client_address } =
            request.into_inner();
        let (cx, user) = (self.context(), parse_id(&user_id)?);
        let signed_in =
            change_password(cx, user, &old_password, &new_password, &client_address).await?;
        Ok(Response::new(signed_in.into()))
    }

    async fn request_password_reset(
        &self,
        request: Request<message::RequestPasswordResetRequest>,
    ) -> Answer<Empty> {
        let message::RequestPasswordResetRequest { login, client_address } = request.into_inner();
        request_password_reset(self.context(), &login, &client_address).await?;
        Ok(Response::new(Empty {}))
    }

    async fn reset_password(
        &self,
        request: Request<message::ResetPasswordRequest>,
    ) -> Answer<Empty> {
        let message::ResetPasswordRequest { token, new_password, client_address } =
            request.into_inner();
        reset_password(self.context(), &token, &new_password, &client_address).await?;
        Ok(Response::new(Empty {}))
    }

    async fn get_users(
        &self,
        request: Request<message::GetUsersRequest>,
    ) -> Answer<message::Users> {
        let ids = request
            .into_inner()
            .ids
            .iter()
            .map(|id| parse_id(id))
            .collect::<Result<Vec<UserId>, _>>()?;
        let users = get_users(self.context(), &ids).await?;
        Ok(Response::new(message::Users { users: users.iter().map(messages::user).collect() }))
    }

    async fn update_user(
        &self,
        request: Request<message::UpdateUserRequest>,
    ) -> Answer<message::UpdatedUser> {
        let asked = person_update(request.into_inner())?;
        let Updated { user, awaited_email } = update_user(self.context(), asked).await?;
        let awaited_email = messages::email_or_nothing(awaited_email.as_ref());
        let user = Some(messages::user(&user));
        Ok(Response::new(message::UpdatedUser { user, awaited_email }))
    }

    async fn delete_user(&self, request: Request<message::DeleteUserRequest>) -> Answer<Empty> {
        let message::DeleteUserRequest { user_id, password, client_address } = request.into_inner();
        let actor = parse_id(&user_id)?;
        delete_user(self.context(), actor, &password, &client_address).await?;
        Ok(Response::new(Empty {}))
    }

    async fn confirm_email(
        &self,
        request: Request<message::ConfirmEmailRequest>,
    ) -> Answer<message::User> {
        let message::ConfirmEmailRequest { token, client_address } = request.into_inner();
        let user = confirm_email(self.context(), &token, &client_address).await?;
        Ok(Response::new(messages::user(&user)))
    }

    async fn get_terms(&self, _: Request<Empty>) -> Answer<message::Terms> {
        Ok(Response::new(messages::terms(terms::current())))
    }

    async fn accept_terms(
        &self,
        request: Request<message::AcceptTermsRequest>,
    ) -> Answer<message::Consents> {
        let message::AcceptTermsRequest { user_id, version, locale } = request.into_inner();
        let actor = parse_id(&user_id)?;
        let all = accept_terms(self.context(), actor, &version, &locale).await?;
        Ok(Response::new(messages::consents(&all)))
    }

    async fn list_consents(
        &self,
        request: Request<message::ListConsentsRequest>,
    ) -> Answer<message::Consents> {
        let person = parse_id(&request.into_inner().user_id)?;
        let all = list_consents(self.context(), person).await.map_err(Failure::from)?;
        Ok(Response::new(messages::consents(&all)))
    }

    async fn get_personal_records(
        &self,
        request: Request<message::GetPersonalRecordsRequest>,
    ) -> Answer<message::PersonalRecords> {
        let person = parse_id(&request.into_inner().user_id)?;
        let kept = get_personal_records(self.context(), person).await.map_err(Failure::from)?;
        Ok(Response::new(messages::personal_records(&kept)))
    }

    async fn open_shop(&self, request: Request<message::OpenShopRequest>) -> Answer<message::Shop> {
        let request = request.into_inner();
        let actor = parse_id(&request.actor_id)?;
        let shop = open_shop(self.context(), actor, &form_of(request)).await?;
        Ok(self.told(&shop))
    }

    async fn update_shop(
        &self,
        request: Request<message::UpdateShopRequest>,
    ) -> Answer<message::Shop> {
        let request = request.into_inner();
        let (actor, shop) = (parse_id(&request.actor_id)?, parse_id(&request.shop_id)?);
        let shop = update_shop(self.context(), actor, shop, change_of(request)).await?;
        Ok(self.told(&shop))
    }

    async fn set_payout_account(
        &self,
        request: Request<message::SetPayoutAccountRequest>,
    ) -> Answer<message::Shop> {
        let request = request.into_inner();
        let asked = SetPayoutAccount {
            actor: parse_id(&request.actor_id)?,
            shop: parse_id(&request.shop_id)?,
            account: request.account.map(account_of).unwrap_or_default(),
            password: request.password,
            client_address: request.client_address,
        };
        let shop = set_payout_account(self.context(), asked).await?;
        Ok(self.told(&shop))
    }

    async fn submit_shop(&self, request: Request<message::ShopDecision>) -> Answer<message::Shop> {
        let shop = submit_shop(self.context(), &decision(request.into_inner())?).await?;
        Ok(self.told(&shop))
    }

    async fn approve_shop(&self, request: Request<message::ShopDecision>) -> Answer<message::Shop> {
        let shop = approve_shop(self.context(), &decision(request.into_inner())?).await?;
        Ok(self.told(&shop))
    }

    async fn suspend_shop(&self, request: Request<message::ShopDecision>) -> Answer<message::Shop> {
        let shop = suspend_shop(self.context(), &decision(request.into_inner())?).await?;
        Ok(self.told(&shop))
    }

    async fn close_shop(&self, request: Request<message::ShopDecision>) -> Answer<message::Shop> {
        let shop = close_shop(self.context(), &decision(request.into_inner())?).await?;
        Ok(self.told(&shop))
    }

    async fn invite_shop_member(
        &self,
        request: Request<message::InviteShopMemberRequest>,
    ) -> Answer<message::ShopInvitation> {
        let request = request.into_inner();
        let asked = InviteShopMember {
            actor: parse_id(&request.actor_id)?,
            shop: parse_id(&request.shop_id)?,
            role: messages::role_of(request.role()),
            contact: request.contact,
            password: request.password,
            client_address: request.client_address,
        };
        let Invited { invitation, token } = invite_shop_member(self.context(), asked).await?;
        Ok(Response::new(messages::invitation(&invitation, token)))
    }

    async fn revoke_shop_invitation(
        &self,
        request: Request<message::RevokeShopInvitationRequest>,
    ) -> Answer<message::ShopInvitation> {
        let request = request.into_inner();
        let (actor, shop) = (parse_id(&request.actor_id)?, parse_id(&request.shop_id)?);
        let id = parse_id(&request.invitation_id)?;
        let revoked = revoke_shop_invitation(self.context(), actor, shop, id).await?;
        Ok(Response::new(messages::invitation(&revoked, None)))
    }

    async fn get_shop_invitation(
        &self,
        request: Request<message::GetShopInvitationRequest>,
    ) -> Answer<message::OfferedShopRole> {
        let token = request.into_inner().token;
        let (invitation, shop) = get_shop_invitation(self.context(), &token).await?;
        Ok(Response::new(messages::offered_role(&invitation, &shop)))
    }

    async fn accept_shop_invitation(
        &self,
        request: Request<message::AcceptShopInvitationRequest>,
    ) -> Answer<message::Shop> {
        let message::AcceptShopInvitationRequest { actor_id, token, client_address } =
            request.into_inner();
        let (cx, actor) = (self.context(), parse_id(&actor_id)?);
        let shop = accept_shop_invitation(cx, actor, &token, &client_address).await?;
        Ok(self.told(&shop))
    }

    async fn remove_shop_member(
        &self,
        request: Request<message::RemoveShopMemberRequest>,
    ) -> Answer<Empty> {
        let request = request.into_inner();
        let (actor, shop) = (parse_id(&request.actor_id)?, parse_id(&request.shop_id)?);
        remove_shop_member(self.context(), actor, shop, parse_id(&request.user_id)?).await?;
        Ok(Response::new(Empty {}))
    }

    async fn leave_shop(&self, request: Request<message::LeaveShopRequest>) -> Answer<Empty> {
        let request = request.into_inner();
        let (actor, shop) = (parse_id(&request.actor_id)?, parse_id(&request.shop_id)?);
        leave_shop(self.context(), actor, shop).await?;
        Ok(Response::new(Empty {}))
    }

    async fn list_shop_members(
        &self,
        request: Request<message::ListShopMembersRequest>,
    ) -> Answer<message::ShopMembers> {
        let shop = parse_id(&request.into_inner().shop_id)?;
        let members = list_shop_members(self.context(), shop).await?;
        let members = members.iter().map(messages::member).collect();
        Ok(Response::new(message::ShopMembers { members }))
    }

    async fn list_shop_invitations(
        &self,
        request: Request<message::ListShopInvitationsRequest>,
    ) -> Answer<message::ShopInvitations> {
        let shop = parse_id(&request.into_inner().shop_id)?;
        let open = list_shop_invitations(self.context(), shop).await?;
        let invitations = open.iter().map(|one| messages::invitation(one, None)).collect();
        Ok(Response::new(message::ShopInvitations { invitations }))
    }

    async fn get_shops(
        &self,
        request: Request<message::GetShopsRequest>,
    ) -> Answer<message::Shops> {
        let ids = request
            .into_inner()
            .ids
            .iter()
            .map(|id| parse_id(id))
            .collect::<Result<Vec<ShopId>, _>>()?;
        let shops = get_shops(self.context(), &ids).await?;
        let now = self.context().clock.now();
        let shops = shops.iter().map(|shop| messages::shop(shop, now)).collect();
        Ok(Response::new(message::Shops { shops }))
    }

    async fn get_shop_by_slug(
        &self,
        request: Request<message::GetShopBySlugRequest>,
    ) -> Answer<message::Shop> {
        let shop = get_shop_by_slug(self.context(), &request.into_inner().slug).await?;
        Ok(self.told(&shop))
    }

    async fn list_shops(
        &self,
        request: Request<message::ListShopsRequest>,
    ) -> Answer<message::ShopPage> {
        let request = request.into_inner();
        let page = page_request(request.page.clone(), |cursor| cursor.parse().ok())?;
        let status = messages::status_of(request.status());
        let (found, total) = list_shops(self.context(), status, &page).await?;
        let now = self.context().clock.now();
        Ok(Response::new(message::ShopPage {
            shops: found.items.iter().map(|shop| messages::shop(shop, now)).collect(),
            page: Some(page_info(&found, total as i64, |shop| shop.id.to_string())),
        }))
    }

    async fn get_shop_letters(
        &self,
        request: Request<message::GetShopLettersRequest>,
    ) -> Answer<message::ShopLetters> {
        let request = request.into_inner();
        let (actor, shop) = (parse_id(&request.actor_id)?, parse_id(&request.shop_id)?);
        let wanted = get_shop_letters(self.context(), actor, shop).await.map_err(Failure::from)?;
        Ok(Response::new(message::ShopLetters { wanted }))
    }

    async fn set_shop_letters(
        &self,
        request: Request<message::SetShopLettersRequest>,
    ) -> Answer<message::ShopLetters> {
        let message::SetShopLettersRequest { actor_id, shop_id, wanted } = request.into_inner();
        let (actor, shop) = (parse_id(&actor_id)?, parse_id(&shop_id)?);
        set_shop_letters(self.context(), actor, shop, wanted).await?;
        Ok(Response::new(message::ShopLetters { wanted }))
    }

    async fn get_shop_readers(
        &self,
        request: Request<message::GetShopReadersRequest>,
    ) -> Answer<message::Users> {
        let shop = parse_id(&request.into_inner().shop_id)?;
        let readers = get_shop_readers(self.context(), shop).await.map_err(Failure::from)?;
        Ok(Response::new(message::Users { users: readers.iter().map(messages::user).collect() }))
    }

    async fn list_wards(&self, _: Request<Empty>) -> Answer<message::Wards> {
        Ok(Response::new(message::Wards {
            wards: wards::all().iter().map(messages::ward).collect(),
        }))
    }

    async fn list_banks(&self, _: Request<Empty>) -> Answer<message::Banks> {
        Ok(Response::new(message::Banks {
            banks: banks::all().iter().map(messages::bank).collect(),
        }))
    }

    async fn list_audit_entries(
        &self,
        request: Request<message::ListAuditEntriesRequest>,
    ) -> Answer<message::AuditEntryPage> {
        let page =
            page_request(request.into_inner().page, |cursor| i64::from_str_radix(cursor, 16).ok())?;
        let (found, total) = list_audit_entries(self.context(), &page).await?;
        Ok(Response::new(message::AuditEntryPage {
            entries: found.items.iter().map(messages::audit_entry).collect(),
            page: Some(page_info(&found, total, |entry| format!("{:x}", entry.seq))),
        }))
    }

    async fn add_operator(
        &self,
        request: Request<message::AddOperatorRequest>,
    ) -> Answer<message::User> {
        let message::AddOperatorRequest { email, password } = request.into_inner();
        let user = add_operator(self.context(), &email, &password).await?;
        Ok(Response::new(messages::user(&user)))
    }

    async fn set_operator_password(
        &self,
        request: Request<message::SetOperatorPasswordRequest>,
    ) -> Answer<message::User> {
        let message::SetOperatorPasswordRequest { email, password } = request.into_inner();
        let user = set_operator_password(self.context(), &email, &password).await?;
        Ok(Response::new(messages::user(&user)))
    }
}

impl Accounts {
    /// A shop as it is now.
    fn told(&self, shop: &Shop) -> Response<message::Shop> {
        Response::new(messages::shop(shop, self.context().clock.now()))
    }
}

impl From<SignedIn> for message::SignedIn {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            token: signed_in.token,
            expires_at: signed_in.expires_at.micros(),
            user: Some(messages::user(&signed_in.user)),
        }
    }
}
