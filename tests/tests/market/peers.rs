//! Peers: Stripe's own library judges the card sandbox, so that what our client passes in tests is what
//! Stripe's client would pass, too.

use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::peers::{stripe, stripe_one};
use payments::card::stripe::webhook::{WebhookSecrets, signature_header};
use payments::sandbox_card::DEVELOPMENT_SECRET_KEY;
use serde_json::json;

/// 15 January 2027, 8:00 UTC.
const AT: i64 = 1_800_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stripes_own_library_sells_in_our_sandbox_and_is_refused_where_stripe_refuses()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let base = format!("{}/sandbox/stripe", market.url());
    let task = json!({ "task": "sell", "base": base, "key": DEVELOPMENT_SECRET_KEY });
    let mut sale = stripe_one(task).await?;
    let url = sale["session"]["url"].take();
    let page = url.as_str().unwrap_or_default().to_owned();
    assert!(
        page.starts_with(&format!("{}/sandbox/card/checkout/cs_test_", market.url())),
        "{page}"
    );
    assert_eq!(
        sale,
        json!({
            "session": { "same": true, "status": "open", "total": 200_000, "url": null },
            // 2.9 % of 120,000 and 7,500.
            "charge": { "status": "succeeded", "fee": 10_980 },
            "refund": "succeeded",
            "payout": { "amount": 120_000 - 10_980 - 20_000, "netted": 0, "movements": 3 },
            "refusals": {
                "otherBody": "StripeIdempotencyError",
                "declined": "StripeCardError card_declined",
                "tooMuch": "StripeInvalidRequestError",
                "unknown": "StripeInvalidRequestError resource_missing",
                "forged": "StripeAuthenticationError",
            },
            "events": [
                "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
                "charge.succeeded", "payment_intent.succeeded", "refund.created", "charge.refunded",
                "payout.created",
            ],
        })
    );
    // The page is there, and is the market's own.
    let (status, _) =
        Api::at(market.url())?.post(&format!("{}/pay", path_of(&page)), &json!({})).await?;
    assert_eq!(status, 415, "a form is wanted");
    market.end().await?;
    Ok(())
}

fn path_of(url: &str) -> String {
    url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default()
}

#[tokio::test]
async fn what_our_side_signs_stripes_library_believes_and_the_other_way_round() -> anyhow::Result<()>
{
    let payload =
        json!({ "id": "evt_1", "type": "charge.succeeded", "note": "Chợ Nổi ₫" }).to_string();
    let secret = "whsec_of_tests";
    let now = kernel::Timestamp::from_micros(AT * 1_000_000);
    let ours = signature_header(secret, now, payload.as_bytes());
    let verify = |payload: &str, header: &str, secret: &str, at: i64| json!({ "task": "verify", "payload": payload, "header": header, "secret": secret, "at": at });
    let altered = payload.replace("evt_1", "evt_2");
    let sign = json!({ "task": "sign", "payload": payload, "secret": secret, "at": AT });
    let outcomes = stripe(&[
        verify(&payload, &ours, secret, AT),
        verify(&payload, &ours, secret, AT + 300),
        verify(&payload, &ours, secret, AT + 301),
        verify(&altered, &ours, secret, AT),
        verify(&payload, &ours, "whsec_another", AT),
        verify(&payload, "", secret, AT),
        sign,
    ])
    .await?;
    let believed: Vec<bool> = outcomes.iter().map(|outcome| outcome.get("ok").is_some()).collect();
    assert_eq!(believed, [true, true, false, false, false, false, true], "{outcomes:?}");

    let theirs = outcomes[6]["ok"].as_str().unwrap_or_default();
    assert_eq!(theirs, ours);
    let secrets = WebhookSecrets::new([secret.to_owned()])?;
    assert!(secrets.verify(Some(theirs), payload.as_bytes(), now).is_ok());
    assert!(secrets.verify(Some(theirs), altered.as_bytes(), now).is_err());
    Ok(())
}
