//! Signatures: those that Stripe's own package makes, and every change to them.

use kernel::Timestamp;
use serde::Deserialize;

use crate::providers::card::stripe::webhook::{
    Changed, Disbelieved, NoSecret, WebhookSecrets, read, signature_header,
};

/// A body that Stripe's npm package signed; see `samples/stripe/SOURCES.md`.
#[derive(Deserialize)]
struct Vector {
    secret: String,
    timestamp: i64,
    header: String,
    payload: String,
}

fn vectors() -> Vec<Vector> {
    let text = include_str!("../../../../../samples/stripe/webhooks.json");
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    assert_eq!(vectors.len(), 5);
    vectors
}

fn secrets<const N: usize>(secrets: [&str; N]) -> WebhookSecrets {
    WebhookSecrets::new(secrets.map(str::to_owned)).unwrap()
}

impl Vector {
    fn at(&self, seconds_later: i64) -> Timestamp {
        Timestamp::from_micros((self.timestamp + seconds_later) * 1_000_000)
    }

    fn verify(&self, header: &str, seconds_later: i64) -> Result<(), Disbelieved> {
        let now = self.at(seconds_later);
        secrets([&self.secret]).verify(Some(header), self.payload.as_bytes(), now)
    }
}

#[test]
fn what_stripes_own_package_signs_is_believed_and_what_we_sign_is_the_same() {
    for vector in vectors() {
        assert_eq!(vector.verify(&vector.header, 0), Ok(()));
        let ours = signature_header(&vector.secret, vector.at(0), vector.payload.as_bytes());
        assert_eq!(ours, vector.header);
    }
}

#[test]
fn an_altered_byte_anywhere_is_not_believed() {
    for vector in vectors() {
        let secrets = secrets([&vector.secret]);
        for position in 0..vector.payload.len() {
            let mut body = vector.payload.clone().into_bytes();
            body[position] ^= 1;
            let verified = secrets.verify(Some(&vector.header), &body, vector.at(0));
            assert_eq!(verified, Err(Disbelieved::WrongSignature), "byte {position}");
        }
        let mut longer = vector.payload.clone().into_bytes();
        longer.push(b'\n');
        let verified = secrets.verify(Some(&vector.header), &longer, vector.at(0));
        assert_eq!(verified, Err(Disbelieved::WrongSignature));
        // The moment is signed too: it cannot be made younger.
        let younger = vector.header.replace("t=1760000000", "t=1760000001");
        assert_eq!(vector.verify(&younger, 0), Err(Disbelieved::WrongSignature));
    }
}

#[test]
fn a_signature_holds_for_five_minutes_in_both_directions() {
    for vector in vectors() {
        for (seconds, verdict) in [
            (300, Ok(())),
            (301, Err(Disbelieved::Stale)),
            (-300, Ok(())),
            (-301, Err(Disbelieved::Stale)),
        ] {
            assert_eq!(vector.verify(&vector.header, seconds), verdict, "{seconds}");
        }
    }
}

#[test]
fn a_wrong_secret_and_no_header_are_not_believed() {
    let vector = &vectors()[0];
    let (body, now) = (vector.payload.as_bytes(), vector.at(0));
    let wrong = secrets(["whsec_other"]).verify(Some(&vector.header), body, now);
    assert_eq!(wrong, Err(Disbelieved::WrongSignature));
    assert_eq!(secrets(["whsec_one"]).verify(None, body, now), Err(Disbelieved::NoProof));
}

#[test]
fn any_of_several_signatures_and_any_of_several_secrets_will_do() {
    let vector = &vectors()[0];
    let v1 = vector.header.split_once(",v1=").unwrap().1;
    let zeros = "0".repeat(64);
    for header in [
        format!("t=1760000000,v1={zeros},v1={v1}"),
        format!("t=1760000000,v1={v1},v1={zeros},v0=x"),
        format!("v0={zeros}, v1={v1}, t=1760000000"),
    ] {
        assert_eq!(vector.verify(&header, 0), Ok(()), "{header}");
    }
    let (body, now) = (vector.payload.as_bytes(), vector.at(0));
    for both in [["whsec_one", "whsec_next"], ["whsec_next", "whsec_one"]] {
        assert_eq!(secrets(both).verify(Some(&vector.header), body, now), Ok(()));
    }
    // Only the scheme v1 proves anything.
    let other_scheme = format!("t=1760000000,v0={v1},v1={zeros}");
    assert_eq!(vector.verify(&other_scheme, 0), Err(Disbelieved::WrongSignature));
}

#[test]
fn a_header_without_a_moment_or_a_signature_is_malformed() {
    let vector = &vectors()[0];
    let v1 = vector.header.split_once(",v1=").unwrap().1;
    for header in [
        String::new(),
        "nonsense".to_owned(),
        "t=1760000000".to_owned(),
        format!("v1={v1}"),
        format!("t=now,v1={v1}"),
        format!("t=99999999999999999999,v1={v1}"),
        format!("t=1,t=1760000000,v1={v1}"),
    ] {
        assert_eq!(vector.verify(&header, 0), Err(Disbelieved::Malformed), "{header}");
    }
}

#[test]
fn an_endpoint_without_a_secret_cannot_be_made() {
    assert_eq!(WebhookSecrets::new([]).unwrap_err(), NoSecret);
    assert_eq!(WebhookSecrets::new([String::new()]).unwrap_err(), NoSecret);
    assert_eq!(format!("{:?}", secrets(["whsec_one"])), "WebhookSecrets(1 of them)");
}

#[test]
fn an_event_tells_what_to_ask_for_and_no_more() {
    let about: Vec<Changed> =
        vectors().iter().map(|vector| read(vector.payload.as_bytes()).unwrap().about).collect();
    assert_eq!(
        about,
        [
            Changed::CheckoutSession("cs_test_a1YS1URlnyQCN5f".parse().unwrap()),
            Changed::Refund("re_1Pgc72B7WZ01zgkWqPvrRrPE".parse().unwrap()),
            Changed::Dispute("dp_1Pgc71B7WZ01zgkWMevJiAUx".parse().unwrap()),
            Changed::Payout("po_1Pgc79B7WZ01zgkWu1KToYf4".parse().unwrap()),
            Changed::Other("balance".to_owned()),
        ]
    );
    let first = read(vectors()[0].payload.as_bytes()).unwrap();
    assert_eq!((first.id.as_str(), first.kind.as_str()), ("evt_1", "checkout.session.completed"));
}

#[test]
fn an_event_whose_ids_lead_elsewhere_is_unreadable() {
    let event = |id: &str, object: &str| {
        let data = serde_json::json!({ "object": { "id": object, "object": "payment_intent" } });
        let event =
            serde_json::json!({ "id": id, "type": "payment_intent.succeeded", "data": data });
        read(event.to_string().as_bytes())
    };
    assert_eq!(event("evt_1", "pi_1").unwrap().about, Changed::Intent("pi_1".parse().unwrap()));
    for (id, object) in [("evt_1", "../payouts/po_1"), ("evt_1", ""), ("", "pi_1"), ("e v", "pi_1")]
    {
        assert!(event(id, object).is_err(), "{id:?} {object:?}");
    }
    assert!(read(b"{}").is_err() && read(b"not json").is_err());
}
