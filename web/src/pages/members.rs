//! Who works for a shop: its people, whom the owner invites and lets go, and leaving it.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    chrome: Chrome,
    shop: ShopView,
    /// What was made just now, with the link that nobody sees again.
    invited: Option<Invited>,
    form: FormState,
}

#[derive(Deserialize)]
struct ShopView {
    id: String,
    name: String,
    status: String,
    members: Vec<MemberView>,
    /// For the owner only.
    invitations: Option<Vec<InvitationView>>,
}

#[derive(Deserialize)]
struct MemberView {
    person: Option<PersonView>,
    role: String,
    since: String,
}

#[derive(Deserialize)]
struct PersonView {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvitationView {
    id: String,
    contact: String,
    role: String,
    counts_from: String,
    expires_at: String,
}

#[derive(Deserialize)]
struct Payload {
    invitation: Invited,
}

#[derive(Deserialize)]
struct Invited {
    contact: String,
    link: Option<String>,
}

const ASK: &str = "query($id: ID!) { me { shop(id: $id) { id name status
  members { person { id name } role since }
  invitations { id contact role countsFrom expiresAt } } } }";
const INVITE: &str = "mutation($input: InviteShopMemberInput!) { inviteShopMember(input: $input) {
  invitation { contact link } userErrors { code message path } } }";
const REVOKE: &str = "mutation($shop: ID!, $id: ID!) {
  revokeShopInvitation(input: {shopId: $shop, invitationId: $id}) { userErrors { code message path } } }";
const REMOVE: &str = "mutation($shop: ID!, $id: ID!) {
  removeShopMember(input: {shopId: $shop, userId: $id}) { userErrors { code message path } } }";
const LEAVE: &str = "mutation($shop: ID!) { leaveShop(input: {shopId: $shop}) {
  userErrors { code message path } } }";

/// `GET /my-shops/{id}/members`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &id, None, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    invited: Option<Invited>,
    form: FormState,
) -> PageResult<Response> {
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(state, visitor, ASK, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    Ok(render(&MembersPage { chrome, shop, invited, form }))
}

/// `POST /my-shops/{id}/members`: the answer itself shows the link, and nothing else ever does.
pub async fn invite(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(mut fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    // A password never stands in a page.
    let password = fields.remove("password");
    let role = if fields.contains_key("hand_over") { "OWNER" } else { "STAFF" };
    let contact = fields.get("contact").map_or("", String::as_str);
    let input = json!({ "shopId": id, "contact": contact, "role": role, "password": password });
    match state.graphql.change::<Payload>(&visitor, INVITE, json!({ "input": input })).await? {
        Ok(Payload { invitation }) => {
            show_with(&state, &visitor, &id, Some(invitation), FormState::default()).await
        }
        Err(errors) => {
            show_with(&state, &visitor, &id, None, FormState::refused(fields, errors)).await
        }
    }
}

/// `POST /my-shops/{id}/invitations/{invitation}/revoke`
pub async fn revoke(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, invitation)): Path<(String, String)>,
) -> PageResult<Response> {
    let asked = json!({ "shop": id, "id": invitation });
    change(&state, &visitor, &id, (REVOKE, asked), "members.revoked_notice").await
}

/// `POST /my-shops/{id}/members/{person}/remove`
pub async fn remove(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, person)): Path<(String, String)>,
) -> PageResult<Response> {
    let asked = json!({ "shop": id, "id": person });
    change(&state, &visitor, &id, (REMOVE, asked), "members.removed_notice").await
}

async fn change(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    (mutation, asked): (&str, Value),
    notice: &'static str,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(visitor, mutation, asked).await? {
        Ok(_) => Ok(go(&format!("/my-shops/{id}/members"), Some(notice), state.secure)),
        Err(errors) => {
            show_with(state, visitor, id, None, FormState::refused(HashMap::new(), errors)).await
        }
    }
}

/// `POST /my-shops/{id}/leave`
pub async fn leave(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(&visitor, LEAVE, json!({ "shop": id })).await? {
        Ok(_) => Ok(go("/my-shops", Some("members.left_notice"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, &id, None, form).await
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use axum::routing::post;
    use http_body_util::BodyExt;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use crate::{Pages, PagesParts};

    const OWNER_SEES: &str = r#"{"data":{"me":{"name":"Bông","operator":false,"shop":{"id":"shop_1","name":"Bông Sen",
      "status":"APPROVED","members":[{"person":{"id":"user_1","name":"Bông"},"role":"OWNER","since":"2026-11-01T00:00:00Z"},
      {"person":{"id":"user_2","name":"Lan"},"role":"STAFF","since":"2026-11-02T00:00:00Z"}],
      "invitations":[{"id":"invite_1","contact":"+84912345678","role":"STAFF","countsFrom":"2026-11-03T00:00:00Z",
      "expiresAt":"2026-11-10T00:00:00Z"}]}}}}"#;

    /// The pages over a gateway that answers mutations and queries with these.
    fn pages(mutation: &'static str, query: String) -> Router {
        let answer = move |question: String| async move {
            if question.contains("mutation") { mutation.to_owned() } else { query }
        };
        Pages::new(PagesParts {
            graphql: upstream::local(Router::new().route("/graphql", post(answer))),
            public_url: "https://chonoi.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        })
        .routes()
    }

    async fn ask(routes: &Router, path: &str, form: Option<&str>) -> (StatusCode, String, String) {
        let request = match form {
            Some(_) => Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin"),
            None => Request::get(path),
        };
        let request = request.header(header::COOKIE, "__Host-session=abc");
        let body = Body::from(form.unwrap_or_default().to_owned());
        let answer = routes.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let place = answer.headers().get(header::LOCATION);
        let place = place.map(|place| place.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, place, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_owner_sees_people_and_invitations_and_staff_may_only_leave() {
        let routes = pages("", OWNER_SEES.to_owned());
        let (status, _, text) = ask(&routes, "/my-shops/shop_1/members", None).await;
        assert_eq!(status, StatusCode::OK);
        for part in [
            "Lan",
            r#"action="/my-shops/shop_1/members/user_2/remove""#,
            "+84912345678",
            r#"action="/my-shops/shop_1/invitations/invite_1/revoke""#,
            r#"name="hand_over""#,
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("user_1/remove") && !text.contains("/leave"), "{text}");
        let begin = OWNER_SEES.find(r#""invitations":"#).unwrap();
        let staff_sees = format!(r#"{}"invitations":null}}}}}}}}"#, &OWNER_SEES[..begin]);
        let routes = pages("", staff_sees);
        let (status, _, text) = ask(&routes, "/my-shops/shop_1/members", None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(r#"action="/my-shops/shop_1/leave""#), "{text}");
        assert!(!text.contains("/remove") && !text.contains("hand_over"), "{text}");
    }

    #[tokio::test]
    async fn the_link_is_shown_with_the_answer_and_a_refused_form_repeats_no_password() {
        let made = r#"{"data":{"inviteShopMember":{"invitation":{"contact":"+84912345678",
          "link":"https://chonoi.example/join/0a1b"},"userErrors":[]}}}"#;
        let routes = pages(made, OWNER_SEES.to_owned());
        let form = Some("contact=0912345678");
        let (status, _, text) = ask(&routes, "/my-shops/shop_1/members", form).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("https://chonoi.example/join/0a1b"), "{text}");
        let refused = r#"{"data":{"inviteShopMember":{"invitation":null,"userErrors":[
          {"code":"WRONG_CREDENTIALS","message":"Sai mật khẩu.","path":["password"]}]}}}"#;
        let routes = pages(refused, OWNER_SEES.to_owned());
        let form = Some("contact=0912345678&hand_over=yes&password=sen-hong-1");
        let (_, _, text) = ask(&routes, "/my-shops/shop_1/members", form).await;
        assert!(text.contains("Sai mật khẩu.") && !text.contains("sen-hong"), "{text}");
        assert!(text.contains("0912345678"), "what was typed stays: {text}");
    }

    #[tokio::test]
    async fn who_left_is_back_among_their_shops() {
        let left = r#"{"data":{"leaveShop":{"userErrors":[]}}}"#;
        let routes = pages(left, OWNER_SEES.to_owned());
        let (status, place, _) = ask(&routes, "/my-shops/shop_1/leave", Some("")).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/my-shops"));
    }
}
