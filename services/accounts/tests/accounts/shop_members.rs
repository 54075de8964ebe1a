//! Who works for a shop: invited with a link that works once, let go, gone, and a shop handed over.

use std::time::Duration;

use platform::mail::MailError;
use platform::secrets::digest;
use proto::accounts::{
    AcceptShopInvitationRequest, ChangePasswordRequest, GetShopInvitationRequest, GetShopsRequest,
    InviteShopMemberRequest, LeaveShopRequest, ListShopInvitationsRequest, ListShopMembersRequest,
    OfferedShopRole, RemoveShopMemberRequest, RevokeShopInvitationRequest, Shop, ShopInvitation,
    ShopRole,
};
use proto::common::RefusalCode;
use proto::events::event::Body;
use tonic::{Code, Response, Status};

use super::support::{
    COOLING_OFF, PAGES, PASSWORD, START, Step, TestAccounts, fact, refused, start,
};

const WEEK: Duration = Duration::from_secs(7 * 86_400);
const PHONE: &str = "0912 345 678";
const EMAIL: &str = "lan@example.com";

/// A shop that sells, and its people.
struct Selling {
    accounts: TestAccounts,
    owner: String,
    shop: String,
}

impl Selling {
    async fn on(database: platform::database::Database) -> Self {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let operator = accounts.operator().await;
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
        Self { accounts, owner, shop }
    }

    async fn invite(
        &self,
        actor: &str,
        contact: &str,
        (role, password): (ShopRole, &str),
    ) -> Result<ShopInvitation, Status> {
        let request = InviteShopMemberRequest {
            actor_id: actor.into(),
            shop_id: self.shop.clone(),
            contact: contact.into(),
            role: role.into(),
            password: password.into(),
            client_address: "192.0.2.1".into(),
        };
        self.accounts.client.clone().invite_shop_member(request).await.map(Response::into_inner)
    }

    /// The owner invites staff by telephone number; gives the token.
    async fn token(&self) -> String {
        self.invite(&self.owner, PHONE, (ShopRole::Staff, "")).await.unwrap().token
    }

    async fn accept(&self, actor: &str, token: &str) -> Result<Shop, Status> {
        let request = AcceptShopInvitationRequest {
            actor_id: actor.into(),
            token: token.into(),
            client_address: "192.0.2.1".into(),
        };
        self.accounts.client.clone().accept_shop_invitation(request).await.map(Response::into_inner)
    }

    async fn look(&self, token: &str) -> Result<OfferedShopRole, Status> {
        let request = GetShopInvitationRequest { token: token.into() };
        self.accounts.client.clone().get_shop_invitation(request).await.map(Response::into_inner)
    }

    async fn revoke(&self, actor: &str, invitation: &str) -> Result<(), Status> {
        let request = RevokeShopInvitationRequest {
            actor_id: actor.into(),
            shop_id: self.shop.clone(),
            invitation_id: invitation.into(),
        };
        self.accounts.client.clone().revoke_shop_invitation(request).await.map(drop)
    }

    async fn remove(&self, actor: &str, person: &str) -> Result<(), Status> {
        let request = RemoveShopMemberRequest {
            actor_id: actor.into(),
            shop_id: self.shop.clone(),
            user_id: person.into(),
        };
        self.accounts.client.clone().remove_shop_member(request).await.map(drop)
    }

    async fn leave(&self, actor: &str) -> Result<(), Status> {
        let request = LeaveShopRequest { actor_id: actor.into(), shop_id: self.shop.clone() };
        self.accounts.client.clone().leave_shop(request).await.map(drop)
    }

    /// The shop's people with their roles.
    async fn members(&self) -> Vec<(String, ShopRole)> {
        let request = ListShopMembersRequest { shop_id: self.shop.clone() };
        let found = self.accounts.client.clone().list_shop_members(request).await.unwrap();
        let members = found.into_inner().members;
        members.into_iter().map(|member| (member.user_id.clone(), member.role())).collect()
    }

    async fn open(&self) -> Vec<ShopInvitation> {
        let request = ListShopInvitationsRequest { shop_id: self.shop.clone() };
        let found = self.accounts.client.clone().list_shop_invitations(request).await.unwrap();
        found.into_inner().invitations
    }

    /// What was told of the shop's people: what, of whom, and who owned the shop.
    async fn told(&self) -> Vec<(String, String, String)> {
        let of = |event: proto::events::Event| match event.body {
            Some(Body::ShopMemberChanged(said)) => Some((said.what, said.user_id, said.owner_id)),
            _ => None,
        };
        self.accounts.events().await.into_iter().filter_map(of).collect()
    }

    /// The actions in the audit log that are about people, in their order.
    async fn noted(&self) -> Vec<String> {
        let rows = self.accounts.rows("SELECT action FROM audit_entries ORDER BY seq").await;
        let actions = rows.iter().map(|row| row.try_get::<String>("", "action").unwrap());
        let kept = ["shop.member", "shop.invitation", "shop.handed_over"];
        actions.filter(|action| kept.iter().any(|word| action.starts_with(word))).collect()
    }

    /// The token in the latest letter.
    fn token_of_letter(&self) -> String {
        let text = self.accounts.post.letters().pop().unwrap().text;
        let (_, behind) = text.split_once(&format!("{PAGES}/join/")).unwrap();
        behind.split_once(char::is_whitespace).unwrap().0.to_owned()
    }

    /// Neither a look nor anybody's accepting finds an invitation behind a token.
    async fn assert_gone(&self, actor: &str, token: &str) {
        assert_eq!(self.look(token).await.unwrap_err().code(), Code::NotFound);
        let status = self.accept(actor, token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::InvitationInvalid, String::new())]);
    }
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn whoever_has_the_link_joins_once_and_is_staff_with_the_next_request(database) {
        let selling = Selling::on(database).await;
        let (session, other) =
            (selling.accounts.sign_up(EMAIL).await, selling.accounts.person("xuan@example.com").await);
        let lan = session.user.unwrap().id;
        let invitation = selling.invite(&selling.owner, PHONE, (ShopRole::Staff, "")).await.unwrap();
        assert_eq!((invitation.contact.as_str(), invitation.role()), ("+84912345678", ShopRole::Staff));
        assert_eq!(invitation.expires_at, START.after(WEEK).micros());
        assert_eq!(invitation.token.len(), 64, "256 bits");
        let row = selling.accounts.rows("SELECT token_hash FROM shop_invitations").await.remove(0);
        assert_eq!(row.try_get::<Vec<u8>>("", "token_hash").unwrap(), digest(&invitation.token));
        // It is told once: a list of them has no token.
        assert_eq!(selling.open().await[0].token, "");
        let offer = selling.look(&invitation.token).await.unwrap();
        assert_eq!((offer.shop_name.as_str(), offer.role()), ("Vựa trái cây Bông Sen", ShopRole::Staff));
        assert!(selling.accounts.authenticate(&session.token).await.unwrap().memberships.is_empty());
        assert_eq!(selling.accept(&lan, &invitation.token).await.unwrap().id, selling.shop);
        let memberships = selling.accounts.authenticate(&session.token).await.unwrap().memberships;
        assert_eq!((memberships.len(), memberships[0].role()), (1, ShopRole::Staff));
        let members = [(selling.owner.clone(), ShopRole::Owner), (lan.clone(), ShopRole::Staff)];
        assert_eq!(selling.members().await, members);
        assert_eq!(selling.told().await, [("joined".into(), lan, selling.owner.clone())]);
        assert_eq!(selling.noted().await, ["shop.member_invited", "shop.member_joined"]);
        let before = selling.accounts.everything().await;
        selling.assert_gone(&other, &invitation.token).await;
        assert_eq!(selling.accounts.everything().await, before);
        // Of whom it was to, nothing is kept.
        let kept = selling.accounts.rows("SELECT contact FROM shop_invitations WHERE contact <> ''").await;
        assert!(kept.is_empty());
    }

    async fn of_two_who_use_a_link_at_once_one_joins(database) {
        let selling = Selling::on(database).await;
        let (one, two) = (selling.accounts.person(EMAIL).await, selling.accounts.person("xuan@example.com").await);
        let token = selling.token().await;
        let (first, second) = tokio::join!(selling.accept(&one, &token), selling.accept(&two, &token));
        assert_eq!([first.is_ok(), second.is_ok()].into_iter().filter(|done| *done).count(), 1);
        assert_eq!(selling.members().await.len(), 2);
    }

    async fn an_email_address_gets_a_letter_whether_or_not_anybody_has_it(database) {
        let selling = Selling::on(database).await;
        selling.accounts.person(EMAIL).await;
        for contact in [EMAIL, "ai@example.com"] {
            let invitation = selling.invite(&selling.owner, contact, (ShopRole::Staff, "")).await.unwrap();
            assert_eq!(invitation.token, "", "the letter brings it");
            selling.accounts.sweep("accounts.invitation_letters").await;
            selling.accounts.sweep("accounts.invitation_letters").await;
        }
        let letters = selling.accounts.post.letters();
        let addresses: Vec<_> = letters.iter().map(|letter| letter.address.as_str()).collect();
        assert_eq!(addresses, [EMAIL, "ai@example.com"]);
        let letter = &letters[1];
        assert!(letter.subject.contains("Vựa trái cây Bông Sen"), "{}", letter.subject);
        assert!(letter.text.starts_with("Xin chào bạn,"), "{}", letter.text);
        // Who had no account when the letter came makes one.
        let new = selling.accounts.person("ai@example.com").await;
        selling.accept(&new, &selling.token_of_letter()).await.unwrap();
    }

    async fn a_letter_tells_strangers_no_address_in_place_of_a_shops_name(database) {
        let selling = Selling::on(database).await;
        // As before such names were refused.
        selling.accounts.meddle("UPDATE shops SET name = 'Nhận quà ở evil.vn'").await.unwrap();
        selling.invite(&selling.owner, EMAIL, (ShopRole::Staff, "")).await.unwrap();
        selling.accounts.sweep("accounts.invitation_letters").await;
        let letter = selling.accounts.post.letters().remove(0);
        assert!(letter.subject.contains("vua-trai-cay-bong-sen"), "{}", letter.subject);
        assert!(!letter.subject.contains("evil") && !letter.text.contains("evil"), "{}", letter.text);
    }

    async fn a_letter_that_does_not_leave_is_tried_again_with_another_link(database) {
        let selling = Selling::on(database).await;
        selling.invite(&selling.owner, EMAIL, (ShopRole::Staff, "")).await.unwrap();
        selling.accounts.post.refuse(Some(|| MailError::NotNow("451".into())));
        selling.accounts.sweep("accounts.invitation_letters").await;
        selling.accounts.post.refuse(None);
        selling.accounts.sweep("accounts.invitation_letters").await;
        assert!(selling.accounts.post.letters().is_empty(), "it waits");
        selling.accounts.clock.advance(Duration::from_secs(60));
        selling.accounts.sweep("accounts.invitation_letters").await;
        assert_eq!(selling.accounts.post.letters().len(), 1);
        let lan = selling.accounts.person(EMAIL).await;
        selling.accept(&lan, &selling.token_of_letter()).await.unwrap();
    }

    async fn a_link_counts_for_a_week_and_until_it_is_taken_back_or_another_is_made(database) {
        let selling = Selling::on(database).await;
        let lan = selling.accounts.person(EMAIL).await;
        let first = selling.token().await;
        let second = selling.token().await;
        selling.assert_gone(&lan, &first).await;
        assert_eq!(selling.open().await.len(), 1);
        let id = selling.open().await[0].id.clone();
        selling.revoke(&selling.owner, &id).await.unwrap();
        selling.assert_gone(&lan, &second).await;
        assert_eq!(selling.revoke(&selling.owner, &id).await.unwrap_err().code(), Code::NotFound);
        let third = selling.token().await;
        selling.accounts.clock.advance(WEEK.saturating_sub(Duration::from_secs(1)));
        assert!(selling.look(&third).await.is_ok());
        selling.accounts.clock.advance(Duration::from_secs(1));
        selling.assert_gone(&lan, &third).await;
        assert!(selling.open().await.is_empty());
        selling.accounts.clock.advance(Duration::from_secs(2 * 86_400));
        selling.accounts.sweep("accounts.old_invitations").await;
        assert!(selling.accounts.rows("SELECT id FROM shop_invitations").await.is_empty());
    }

    async fn only_the_owner_invites_takes_back_and_removes(database) {
        let selling = Selling::on(database).await;
        let lan = selling.accounts.person(EMAIL).await;
        let token = selling.token().await;
        selling.accept(&lan, &token).await.unwrap();
        selling.token().await;
        let (stranger, operator) =
            (selling.accounts.person("xuan@example.com").await, selling.accounts.operator().await);
        let (id, before) = (selling.open().await[0].id.clone(), selling.accounts.everything().await);
        for actor in [&lan, &stranger, &operator] {
            let codes = [
                selling.invite(actor, "0987654321", (ShopRole::Staff, "")).await.unwrap_err().code(),
                selling.revoke(actor, &id).await.unwrap_err().code(),
                selling.remove(actor, &lan).await.unwrap_err().code(),
                selling.remove(actor, &selling.owner).await.unwrap_err().code(),
            ];
            assert_eq!(codes, [Code::PermissionDenied; 4], "{actor}");
        }
        let status = selling.leave(&stranger).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(selling.accounts.everything().await, before);
    }

    async fn who_is_removed_or_leaves_acts_for_the_shop_no_more(database) {
        let selling = Selling::on(database).await;
        let mut sessions = Vec::new();
        for email in [EMAIL, "xuan@example.com"] {
            let session = selling.accounts.sign_up(email).await;
            let token = selling.token().await;
            selling.accept(&session.user.as_ref().unwrap().id, &token).await.unwrap();
            sessions.push(session);
        }
        let [lan, xuan] = [0, 1].map(|at: usize| sessions[at].user.clone().unwrap().id);
        // A link on its way to who is removed ends with it.
        let again = selling.invite(&selling.owner, EMAIL, (ShopRole::Staff, "")).await.unwrap();
        selling.remove(&selling.owner, &lan).await.unwrap();
        assert!(selling.open().await.iter().all(|one| one.id != again.id));
        selling.leave(&xuan).await.unwrap();
        for session in &sessions {
            // They stay signed in as who they are, and are nothing to the shop.
            assert!(selling.accounts.authenticate(&session.token).await.unwrap().memberships.is_empty());
        }
        assert_eq!(selling.members().await, [(selling.owner.clone(), ShopRole::Owner)]);
        let told = selling.told().await;
        let owner = || selling.owner.clone();
        assert_eq!(told[2..], [("removed".into(), lan.clone(), owner()), ("left".into(), xuan, owner())]);
        assert_eq!(selling.noted().await[5..], ["shop.member_removed", "shop.member_left"]);
        assert_eq!(selling.remove(&selling.owner, &lan).await.unwrap_err().code(), Code::NotFound);
        // Who was removed may be invited again.
        let token = selling.token().await;
        selling.accept(&lan, &token).await.unwrap();
    }

    async fn a_shop_is_never_without_its_owner(database) {
        let selling = Selling::on(database).await;
        let before = selling.accounts.everything().await;
        for status in [
            selling.remove(&selling.owner, &selling.owner).await.unwrap_err(),
            selling.leave(&selling.owner).await.unwrap_err(),
        ] {
            assert_eq!(refused(&status), [(RefusalCode::OwnerStays, String::new())]);
        }
        assert_eq!(selling.accounts.everything().await, before);
        // Not by the database either: no second owner comes in.
        let second = selling.accounts.person(EMAIL).await;
        let token = selling.token().await;
        selling.accept(&second, &token).await.unwrap();
        assert!(selling.accounts.meddle("UPDATE memberships SET role = 'OWNER'").await.is_err());
    }

    async fn who_is_one_of_them_already_leaves_the_link_for_others(database) {
        let selling = Selling::on(database).await;
        let (lan, xuan) = (selling.accounts.person(EMAIL).await, selling.accounts.person("xuan@example.com").await);
        let token = selling.token().await;
        selling.accept(&lan, &token).await.unwrap();
        let token = selling.token().await;
        for actor in [&lan, &selling.owner] {
            let status = selling.accept(actor, &token).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::AlreadyMember, String::new())]);
        }
        selling.accept(&xuan, &token).await.unwrap();
    }

    async fn a_shop_is_handed_over_with_the_password_and_after_a_pause(database) {
        let selling = Selling::on(database).await;
        let lan = selling.accounts.person(EMAIL).await;
        let token = selling.token().await;
        selling.accept(&lan, &token).await.unwrap();
        let wrong = selling.invite(&selling.owner, PHONE, (ShopRole::Owner, "sai mật khẩu")).await.unwrap_err();
        assert_eq!(refused(&wrong), [(RefusalCode::WrongCredentials, "password".into())]);
        let offer = selling.invite(&selling.owner, PHONE, (ShopRole::Owner, PASSWORD)).await.unwrap();
        let early = selling.accept(&lan, &offer.token).await.unwrap_err();
        assert_eq!(refused(&early), [(RefusalCode::InvitationNotYet, String::new())]);
        assert_eq!(fact(&early, "from"), START.after(COOLING_OFF).micros().to_string());
        let waiting = selling.invite(&selling.owner, "0987654321", (ShopRole::Staff, "")).await.unwrap();
        selling.accounts.clock.advance(COOLING_OFF);
        assert_eq!(selling.accept(&lan, &offer.token).await.unwrap().owner_id, lan);
        let members = [(lan.clone(), ShopRole::Owner), (selling.owner.clone(), ShopRole::Staff)];
        assert_eq!(selling.members().await, members);
        let told: Vec<_> = selling.told().await.into_iter().map(|(what, ..)| what).collect();
        assert_eq!(told, ["joined", "offered", "handed_over"]);
        assert_eq!(selling.accounts.shops_told().await.pop().unwrap().owner_id, lan);
        // What the owner of before offered does not bind the new one.
        let other = selling.accounts.person("xuan@example.com").await;
        selling.assert_gone(&other, &waiting.token).await;
        let request = GetShopsRequest { ids: vec![selling.shop.clone()] };
        let shop = selling.accounts.client.clone().get_shops(request).await.unwrap().into_inner().shops.remove(0);
        assert_eq!(shop.owner_id, lan);
        assert!(accounts::doctor(&selling.accounts.database).await.unwrap().is_empty());
        assert!(selling.accounts.decide(Step::Close, &selling.owner, &selling.shop, "").await.is_err());
        selling.leave(&selling.owner).await.unwrap();
    }

    async fn who_changes_the_password_takes_back_invitations_that_somebody_else_may_have_made(database) {
        let selling = Selling::on(database).await;
        let lan = selling.accounts.person(EMAIL).await;
        let offer = selling.invite(&selling.owner, PHONE, (ShopRole::Owner, PASSWORD)).await.unwrap();
        let staff = selling.invite(&selling.owner, "0987654321", (ShopRole::Staff, "")).await.unwrap();
        let change = ChangePasswordRequest {
            user_id: selling.owner.clone(),
            old_password: PASSWORD.into(),
            new_password: "ghe lồng chở mắm".into(),
            client_address: "192.0.2.1".into(),
        };
        selling.accounts.client.clone().change_password(change).await.unwrap();
        selling.accounts.clock.advance(COOLING_OFF);
        for token in [&offer.token, &staff.token] {
            selling.assert_gone(&lan, token).await;
        }
    }

    async fn only_a_shop_that_sells_takes_people_on(database) {
        let selling = Selling::on(database).await;
        let lan = selling.accounts.person(EMAIL).await;
        let token = selling.token().await;
        selling.accounts.decide(Step::Close, &selling.owner, &selling.shop, "").await.unwrap();
        let before = selling.accounts.everything().await;
        for status in [
            selling.invite(&selling.owner, EMAIL, (ShopRole::Staff, "")).await.unwrap_err(),
            selling.accept(&lan, &token).await.unwrap_err(),
        ] {
            assert_eq!(refused(&status), [(RefusalCode::StatusConflict, String::new())]);
        }
        assert_eq!(selling.accounts.everything().await, before);
    }

    async fn nobody_is_buried_in_letters_and_a_contact_must_be_one(database) {
        let selling = Selling::on(database).await;
        for (contact, code) in [("", RefusalCode::Required), ("lan", RefusalCode::Invalid)] {
            let status = selling.invite(&selling.owner, contact, (ShopRole::Staff, "")).await.unwrap_err();
            assert_eq!(refused(&status), [(code, "contact".into())]);
        }
        for _ in 0..20 {
            selling.invite(&selling.owner, EMAIL, (ShopRole::Staff, "")).await.unwrap();
        }
        let status = selling.invite(&selling.owner, EMAIL, (ShopRole::Staff, "")).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        selling.accounts.sweep("accounts.invitation_letters").await;
        assert_eq!(selling.accounts.post.letters().len(), 1, "the last of them only");
    }
}
