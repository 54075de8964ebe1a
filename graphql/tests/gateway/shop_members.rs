//! Who works for a shop: invited, looked at, let go.

use proto::accounts::{
    AcceptShopInvitationRequest, GetShopInvitationRequest, GetUsersRequest,
    InviteShopMemberRequest, LeaveShopRequest, ListShopInvitationsRequest, ListShopMembersRequest,
    OfferedShopRole, RemoveShopMemberRequest, RevokeShopInvitationRequest, ShopInvitation,
    ShopMember, ShopMembers, ShopRole, Users,
};
use proto::common::{Empty, RefusalCode};
use serde_json::json;
use tonic::Status;

use crate::support::{Market, SHOP_A, post, shop, user_of};

fn id_of(token: &str) -> String {
    user_of(token).unwrap().user.unwrap().id
}

/// An invitation of shop A, with a token or without.
fn invitation(token: &str, role: ShopRole) -> ShopInvitation {
    ShopInvitation {
        id: "invite_1".to_owned(),
        shop_id: shop(SHOP_A).id,
        contact: "+84912345678".to_owned(),
        role: role.into(),
        counts_from: 1_800_000_000_000_000,
        expires_at: 1_800_000_000_000_000,
        token: token.to_owned(),
        ..ShopInvitation::default()
    }
}

#[tokio::test]
async fn an_owner_invites_and_reads_the_link_where_no_letter_brings_it() {
    const INVITE: &str =
        "mutation($input: InviteShopMemberInput!) { inviteShopMember(input: $input) {
      invitation { contact role link } userErrors { code path } } }";
    let market = Market::new();
    market.accounts.on("invite_shop_member", |request: InviteShopMemberRequest| {
        assert_eq!(
            (request.actor_id.clone(), request.shop_id.clone()),
            (id_of("a"), shop(SHOP_A).id)
        );
        let token = if request.contact.contains('@') { "" } else { "secret" };
        assert_eq!(request.password.is_empty(), request.role() == ShopRole::Staff);
        Ok(invitation(token, request.role()))
    });
    let routes = market.routes();
    for (input, role, link) in [
        (json!({ "contact": "0912345678" }), "STAFF", json!("https://chonoi.example/join/secret")),
        (json!({ "contact": "lan@example.com" }), "STAFF", json!(null)),
        (
            json!({ "contact": "0912345678", "role": "OWNER", "password": "ghe bầu" }),
            "OWNER",
            json!("https://chonoi.example/join/secret"),
        ),
    ] {
        let mut input = input;
        input["shopId"] = json!(shop(SHOP_A).id);
        let answer = post(&routes, "a", INVITE, json!({ "input": input })).await;
        let made = &answer["data"]["inviteShopMember"]["invitation"];
        assert_eq!((&made["role"], &made["link"]), (&json!(role), &link), "{answer}");
    }
}

#[tokio::test]
async fn people_are_seen_by_all_of_the_shop_and_invitations_by_its_owner_only() {
    const SEE: &str = "query($id: ID!) { me { shop(id: $id) {
      members { person { name } role } invitations { contact link } } } }";
    let market = Market::new();
    market.accounts.on("list_shop_members", |request: ListShopMembersRequest| {
        assert_eq!(request.shop_id, shop(SHOP_A).id);
        let member = |token: &str, role: ShopRole| ShopMember {
            user_id: id_of(token),
            role: role.into(),
            since: 1_800_000_000_000_000,
        };
        Ok(ShopMembers {
            members: vec![member("a", ShopRole::Owner), member("a-staff", ShopRole::Staff)],
        })
    });
    market.accounts.on("get_users", |request: GetUsersRequest| {
        let known = ["a", "a-staff"].map(|token| user_of(token).unwrap().user.unwrap());
        let users = known.into_iter().filter(|user| request.ids.contains(&user.id)).collect();
        Ok(Users { users })
    });
    market.accounts.on("list_shop_invitations", |_: ListShopInvitationsRequest| {
        let invitations = vec![invitation("", ShopRole::Staff)];
        Ok(proto::accounts::ShopInvitations { invitations })
    });
    let routes = market.routes();
    let people = json!([
        { "person": { "name": "a" }, "role": "OWNER" },
        { "person": { "name": "a-staff" }, "role": "STAFF" },
    ]);
    for (caller, invitations) in
        [("a", json!([{ "contact": "+84912345678", "link": null }])), ("a-staff", json!(null))]
    {
        market.accounts.take_calls();
        let answer = post(&routes, caller, SEE, json!({ "id": shop(SHOP_A).id })).await;
        let seen = &answer["data"]["me"]["shop"];
        assert_eq!((&seen["members"], &seen["invitations"]), (&people, &invitations), "{answer}");
        assert_eq!(market.accounts.take_calls()["get_users"], 1, "people are read together");
    }
}

#[tokio::test]
async fn whoever_has_the_link_looks_and_who_is_signed_in_accepts() {
    const LOOK: &str = "query($token: String!) { shopInvitation(token: $token) { shopName role } }";
    const ACCEPT: &str =
        "mutation($token: String!) { acceptShopInvitation(input: {token: $token}) {
      shop { id } userErrors { code } } }";
    let market = Market::new();
    market.accounts.on("get_shop_invitation", |request: GetShopInvitationRequest| {
        if request.token != "secret" {
            return Err(Status::not_found("there is no such invitation"));
        }
        let shop_name = "Vườn Ba".to_owned();
        Ok(OfferedShopRole {
            shop_name,
            role: ShopRole::Staff.into(),
            ..OfferedShopRole::default()
        })
    });
    market.accounts.on("accept_shop_invitation", |request: AcceptShopInvitationRequest| {
        assert_eq!(request.actor_id, id_of("buyer"));
        if request.token == "secret" {
            Ok(shop(SHOP_A))
        } else {
            Err(proto::Refused::new(RefusalCode::InvitationInvalid).into())
        }
    });
    let routes = market.routes();
    let answer = post(&routes, "", LOOK, json!({ "token": "secret" })).await;
    let offer = json!({ "shopName": "Vườn Ba", "role": "STAFF" });
    assert_eq!(answer["data"]["shopInvitation"], offer, "{answer}");
    let answer = post(&routes, "", LOOK, json!({ "token": "other" })).await;
    assert_eq!(answer, json!({ "data": { "shopInvitation": null } }));
    let answer = post(&routes, "buyer", ACCEPT, json!({ "token": "secret" })).await;
    assert_eq!(answer["data"]["acceptShopInvitation"]["shop"]["id"], shop(SHOP_A).id, "{answer}");
    let answer = post(&routes, "buyer", ACCEPT, json!({ "token": "other" })).await;
    let errors = &answer["data"]["acceptShopInvitation"]["userErrors"];
    assert_eq!(errors, &json!([{ "code": "INVITATION_INVALID" }]), "{answer}");
}

#[tokio::test]
async fn people_go_by_the_owners_wish_or_their_own() {
    let market = Market::new();
    market.accounts.on("remove_shop_member", |request: RemoveShopMemberRequest| {
        assert_eq!((request.actor_id, request.user_id), (id_of("a"), id_of("a-staff")));
        Ok(Empty {})
    });
    market.accounts.on("revoke_shop_invitation", |request: RevokeShopInvitationRequest| {
        assert_eq!((request.actor_id, request.invitation_id.as_str()), (id_of("a"), "invite_1"));
        Ok(invitation("", ShopRole::Staff))
    });
    market.accounts.on("leave_shop", |request: LeaveShopRequest| {
        if request.actor_id == id_of("a") {
            return Err(proto::Refused::new(RefusalCode::OwnerStays).into());
        }
        Ok(Empty {})
    });
    let routes = market.routes();
    let both = "mutation($shop: ID!, $user: ID!) {
      removeShopMember(input: {shopId: $shop, userId: $user}) { userErrors { code } }
      revokeShopInvitation(input: {shopId: $shop, invitationId: \"invite_1\"}) { userErrors { code } } }";
    let variables = json!({ "shop": shop(SHOP_A).id, "user": id_of("a-staff") });
    let answer = post(&routes, "a", both, variables).await;
    let none = json!({ "userErrors": [] });
    let done = json!({ "data": { "removeShopMember": none, "revokeShopInvitation": none } });
    assert_eq!(answer, done);
    let leave =
        "mutation($shop: ID!) { leaveShop(input: {shopId: $shop}) { userErrors { code } } }";
    for (caller, errors) in [("a-staff", json!([])), ("a", json!([{ "code": "OWNER_STAYS" }]))] {
        let answer = post(&routes, caller, leave, json!({ "shop": shop(SHOP_A).id })).await;
        assert_eq!(answer["data"]["leaveShop"]["userErrors"], errors, "{answer}");
    }
}
