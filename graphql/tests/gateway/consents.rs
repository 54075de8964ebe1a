//! What people agree to, and that they did.

use proto::accounts::{
    AcceptTermsRequest, Consent, Consents, ListConsentsRequest, Terms, TermsSection,
};
use proto::common::Empty;
use serde_json::json;

use crate::support::{Market, post, text, user_of};

#[tokio::test]
async fn everybody_reads_the_terms_in_their_language() {
    let market = Market::new();
    market.accounts.on("get_terms", |_: Empty| {
        let section =
            |vi, en| TermsSection { heading: Some(text(vi, en)), text: Some(text(vi, en)) };
        Ok(Terms { version: "2026-12-01".to_owned(), sections: vec![section("Quyền", "Rights")] })
    });
    let query = "{ terms { version sections { heading text } } }";
    let answer = post(&market.routes(), "", query, json!({})).await;
    let section = json!({ "heading": "Rights", "text": "Rights" });
    assert_eq!(answer["data"]["terms"], json!({ "version": "2026-12-01", "sections": [section] }));
}

#[tokio::test]
async fn people_agree_for_themselves_in_the_language_of_the_request_or_as_they_say() {
    let market = Market::new();
    let buyer = || user_of("buyer").unwrap().user.unwrap().id;
    market.accounts.on("accept_terms", move |request: AcceptTermsRequest| {
        assert_eq!((request.user_id, request.version.as_str()), (buyer(), "2026-12-01"));
        let given = Consent { version: request.version, locale: request.locale, given_at: 1 };
        Ok(Consents { consents: vec![given] })
    });
    market.accounts.on("list_consents", move |request: ListConsentsRequest| {
        assert_eq!(request.user_id, buyer());
        Ok(Consents { consents: Vec::new() })
    });
    let routes = market.routes();
    let query = "mutation($input: AcceptTermsInput!) { acceptTerms(input: $input) {
      consents { version locale givenAt } userErrors { code } } }";
    for (said, kept) in [(json!(null), "EN"), (json!("VI"), "VI")] {
        let input = json!({ "version": "2026-12-01", "locale": said });
        let answer = post(&routes, "buyer", query, json!({ "input": input })).await;
        let given = &answer["data"]["acceptTerms"]["consents"][0];
        assert_eq!((&given["locale"], &given["version"]), (&json!(kept), &json!("2026-12-01")));
    }
    let answer = post(&routes, "buyer", "{ me { consents { version } } }", json!({})).await;
    assert_eq!(answer["data"]["me"]["consents"], json!([]));
}
