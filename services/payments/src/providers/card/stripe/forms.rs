//! What we ask, as the forms that Stripe reads.

use kernel::{Locale, Money, Timestamp};

use super::amounts;
use crate::providers::card::{
    CardRefusal, CheckoutSessionRequest, PaymentIntentRequest, RefundRequest,
};

/// Names and values, in order.
pub(super) type Form = Vec<(&'static str, String)>;

/// A page on which exactly this amount is paid, by card, in this currency.
///
/// Without adaptive pricing: a shopper elsewhere would else pay another currency than we booked.
pub(super) fn checkout_session(request: &CheckoutSessionRequest) -> Result<Form, CardRefusal> {
    let payment = request.payment.to_string();
    let locale = match request.locale {
        Locale::Vi => "vi",
        Locale::En => "en",
    };
    Ok(vec![
        ("mode", "payment".to_owned()),
        ("payment_method_types[0]", "card".to_owned()),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", amounts::code(request.amount.currency)),
        ("line_items[0][price_data][unit_amount]", units(request.amount)?),
        ("line_items[0][price_data][product_data][name]", request.description.clone()),
        ("adaptive_pricing[enabled]", "false".to_owned()),
        ("client_reference_id", payment.clone()),
        ("metadata[payment_id]", payment.clone()),
        ("payment_intent_data[metadata][payment_id]", payment),
        ("payment_intent_data[description]", request.description.clone()),
        ("locale", locale.to_owned()),
        ("success_url", request.success_url.clone()),
        ("cancel_url", request.cancel_url.clone()),
        ("expires_at", seconds(request.expires_at)),
    ])
}

/// An intent to pay exactly this amount, by card.
pub(super) fn payment_intent(request: &PaymentIntentRequest) -> Result<Form, CardRefusal> {
    let mut form = vec![
        ("amount", units(request.amount)?),
        ("currency", amounts::code(request.amount.currency)),
        ("payment_method_types[0]", "card".to_owned()),
        ("metadata[payment_id]", request.payment.to_string()),
    ];
    form.extend(request.description.clone().map(|text| ("description", text)));
    Ok(form)
}

/// Money to give back. Stripe takes the currency from what was paid.
pub(super) fn refund(request: &RefundRequest) -> Result<Form, CardRefusal> {
    Ok(vec![
        ("payment_intent", request.intent.to_string()),
        ("amount", units(request.amount)?),
        ("metadata[refund_id]", request.reference.clone()),
    ])
}

/// Asks that what is only named be told too.
pub(super) fn expand<const N: usize>(fields: [&str; N]) -> Form {
    fields.into_iter().map(|field| ("expand[]", field.to_owned())).collect()
}

/// A page of a list, behind the last that is known.
pub(super) fn page_of(filter: (&'static str, String), size: usize, last: Option<&str>) -> Form {
    let mut query = vec![filter, ("limit", size.to_string())];
    query.extend(last.map(|id| ("starting_after", id.to_string())));
    query
}

fn units(amount: Money) -> Result<String, CardRefusal> {
    amounts::units(amount).map(|units| units.to_string())
}

fn seconds(moment: Timestamp) -> String {
    moment.micros().div_euclid(1_000_000).to_string()
}
