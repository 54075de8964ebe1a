//! Who calls: the language, the address and the session of a request.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, header};
use kernel::Locale;
use platform::rpc::AccountsClient;
use platform::server::client_address;
use proto::accounts::{AuthenticateRequest, Membership, ShopRole, User};
use tokio::sync::OnceCell;
use tonic::{Code, Status};

/// A token is never longer: a longer one is nobody's.
const MAX_TOKEN_LENGTH: usize = 256;

/// What a request says of its caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The language of texts.
    pub locale: Locale,
    /// The session's token, if one was sent.
    pub token: Option<String>,
    /// The client's address, for limits.
    pub address: String,
    /// The request came from this very process: from the pages, which count their visitors themselves.
    pub in_process: bool,
}

impl Caller {
    /// Reads the headers of a request.
    pub fn of(
        headers: &HeaderMap,
        peer: Option<&ConnectInfo<SocketAddr>>,
        trust_forwarded: bool,
    ) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        // Without a socket there is no network between: the caller is the pages of this process.
        let in_process = peer.is_none();
        Self {
            locale: Locale::from_accept_language(text(header::ACCEPT_LANGUAGE).unwrap_or_default()),
            token: text(header::AUTHORIZATION).and_then(bearer),
            address: client_address(headers, peer, trust_forwarded || in_process),
            in_process,
        }
    }
}

/// The token of an `Authorization` header (RFC 6750, 2.1).
pub fn bearer(header: &str) -> Option<String> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    let fits = !token.is_empty() && token.len() <= MAX_TOKEN_LENGTH;
    (scheme.eq_ignore_ascii_case("bearer") && fits).then(|| token.to_owned())
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person.
    pub user: User,
    /// The shops that the person acts for.
    pub memberships: Vec<Membership>,
    /// Whether the password was typed lately: what decides where money goes asks for that.
    pub signed_in_lately: bool,
}

impl Actor {
    /// Whether the person is an operator of the market.
    pub const fn is_operator(&self) -> bool {
        self.user.operator
    }

    /// Whether the person may act for a shop.
    pub fn is_member_of(&self, shop_id: &str) -> bool {
        self.memberships.iter().any(|membership| membership.shop_id == shop_id)
    }

    /// Whether the person owns a shop.
    pub fn owns(&self, shop_id: &str) -> bool {
        let mut of_shop = self.memberships.iter().filter(|one| one.shop_id == shop_id);
        of_shop.any(|membership| membership.role() == ShopRole::Owner)
    }

    /// Ids of the shops that the person may act for.
    pub fn shop_ids(&self) -> Vec<String> {
        self.memberships.iter().map(|membership| membership.shop_id.clone()).collect()
    }
}

/// The session of a request: asked for once, and only when something needs it.
#[derive(Debug, Default)]
pub struct Session {
    token: Option<String>,
    actor: OnceCell<Option<Arc<Actor>>>,
}

impl Session {
    /// The session that a token may open.
    pub fn new(token: Option<String>) -> Self {
        Self { token, actor: OnceCell::new() }
    }

    /// The token that was sent.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Who it is; nobody without a token, and with one that is unknown, expired or revoked.
    pub async fn actor(&self, accounts: &AccountsClient) -> Result<Option<Arc<Actor>>, Status> {
        let Some(token) = &self.token else { return Ok(None) };
        let ask = || async {
            let request = AuthenticateRequest { token: token.clone() };
            match accounts.clone().authenticate(request).await {
                Ok(answer) => {
                    let answer = answer.into_inner();
                    let user =
                        answer.user.ok_or_else(|| Status::internal("an actor without a user"))?;
                    Ok(Some(Arc::new(Actor {
                        user,
                        memberships: answer.memberships,
                        signed_in_lately: answer.signed_in_lately,
                    })))
                }
                Err(status) if status.code() == Code::Unauthenticated => Ok(None),
                Err(status) => Err(status),
            }
        };
        self.actor.get_or_try_init(ask).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_of_sensible_length_is_a_token() {
        assert_eq!(bearer("Bearer abc").unwrap(), "abc");
        assert_eq!(bearer("bearer  abc ").unwrap(), "abc");
        for header in ["abc", "Basic abc", "Bearer ", &format!("Bearer {}", "a".repeat(257))] {
            assert_eq!(bearer(header), None, "{header}");
        }
    }

    #[test]
    fn the_forwarded_address_counts_only_where_a_proxy_is_trusted() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "9.9.9.9, 10.0.0.1".parse().unwrap());
        let peer = ConnectInfo("192.0.2.7:5000".parse().unwrap());
        assert_eq!(Caller::of(&headers, Some(&peer), false).address, "192.0.2.7");
        assert_eq!(Caller::of(&headers, Some(&peer), true).address, "10.0.0.1");
        // HAProxy leaves the client's line as it is and adds one of its own.
        headers.append("x-forwarded-for", "203.0.113.5".parse().unwrap());
        assert_eq!(Caller::of(&headers, Some(&peer), true).address, "203.0.113.5");
        headers.insert("x-forwarded-for", "9.9.9.9, 10.0.0.1".parse().unwrap());
        let pages = Caller::of(&headers, None, false);
        assert_eq!((pages.address.as_str(), pages.in_process), ("10.0.0.1", true));
    }
}
