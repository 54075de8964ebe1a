//! Roles know each other by a shared token: what is only for roles is closed to everybody else.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use platform::rpc::ROLE_TOKEN;
use platform::secrets;

/// Lets only requests with the roles' token through.
pub async fn require(State(token): State<String>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(ROLE_TOKEN).map_or(&[][..], |value| value.as_bytes());
    if secrets::same(shown, token.as_bytes()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, "roles only").into_response()
    }
}
