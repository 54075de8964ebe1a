//! Begins a checkout: once a cart and key, whatever is repeated. The first transaction of the saga.

use kernel::{CartId, Currency, Money, UserId};
use platform::database::violated_constraint;
use platform::ids;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};
use tonic::Status;

use super::advance_checkout::{AdvanceError, Advanced, advance_checkout};
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutLine, CheckoutStatus, PayWith};
use crate::domain::contact::{Contact, ContactProblem, Delivery, checked};
use crate::store;
use crate::store::checkout::Asked;

/// What a shopper asks for.
#[derive(Clone, Debug)]
pub struct StartCheckout {
    /// The cart.
    pub cart: CartId,
    /// Who buys, if signed in.
    pub buyer: Option<UserId>,
    /// Who receives.
    pub contact: Contact,
    /// Where to.
    pub delivery: Delivery,
    /// How it is paid.
    pub pay_with: PayWith,
    /// Names the request, 8 to 128 characters.
    pub idempotency_key: String,
}

/// Why no checkout was begun.
#[derive(Debug, thiserror::Error)]
pub enum StartCheckoutError {
    /// Contact or delivery are wrong.
    #[error("contact or delivery are wrong")]
    Contact(Vec<ContactProblem>),
    /// The key is too short or too long.
    #[error("the idempotency key has 8 to 128 characters")]
    Key,
    /// The cart is empty.
    #[error("the cart is empty")]
    CartEmpty,
    /// Another checkout of the cart is open or paid.
    #[error("the cart is checked out")]
    CartCheckedOut,
    /// The key was used with another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// Catalog or payments refuse: their own words.
    #[error("refused: {}", .0.message())]
    Refused(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Catalog or payments could not be asked.
    #[error(transparent)]
    Unavailable(Status),
}

impl From<AdvanceError> for StartCheckoutError {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Refused(status) => Self::Refused(status),
            AdvanceError::Unavailable(status) => Self::Unavailable(status),
            AdvanceError::Database(error) => Self::Database(error),
        }
    }
}

/// Begins a checkout and takes it as far as it goes, or gives the one that the key began.
pub async fn start_checkout(
    orders: &Orders,
    start: StartCheckout,
) -> Result<Advanced, StartCheckoutError> {
    if !(8..=128).contains(&start.idempotency_key.len()) {
        return Err(StartCheckoutError::Key);
    }
    let request_hash = hash_of(&start);
    let (contact, delivery) = checked(start.contact.clone(), start.delivery.clone())
        .map_err(StartCheckoutError::Contact)?;
    let asked = Asked { key: start.idempotency_key.clone(), request_hash };
    let begun = match begin(orders, &start, contact, delivery, &asked).await {
        // Two requests at once, and the other one was first: it is found now.
        Err(StartCheckoutError::Database(error)) if violated_constraint(&error).is_some() => {
            existing(orders, start.cart, &asked).await?.ok_or(error)?
        }
        other => other?,
    };
    Ok(advance_checkout(orders, begun).await?)
}

async fn begin(
    orders: &Orders,
    start: &StartCheckout,
    contact: Contact,
    delivery: Delivery,
    asked: &Asked,
) -> Result<Checkout, StartCheckoutError> {
    let service = &orders.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    if !store::cart::lock(&tx, start.cart).await? {
        return Err(StartCheckoutError::CartEmpty);
    }
    let known = store::checkout::open_or_asked(&tx, start.cart, &asked.key).await?;
    if let Some(earlier) = decide(known, asked)? {
        return Ok(earlier);
    }
    let cart = store::cart::load(&tx, start.cart).await?;
    if cart.lines.is_empty() {
        return Err(StartCheckoutError::CartEmpty);
    }
    let checkout = Checkout {
        id: ids::new(),
        cart: start.cart,
        buyer: start.buyer,
        status: CheckoutStatus::Starting,
        contact,
        delivery,
        pay_with: start.pay_with,
        total: Money::zero(Currency::Vnd),
        payment: None,
        created_at: now,
        expires_at: now.after(service.payment_lifetime),
        paid_at: None,
    };
    let line = |line: crate::domain::cart::CartLine| CheckoutLine {
        variant: line.variant,
        quantity: line.quantity,
    };
    let lines: Vec<CheckoutLine> = cart.lines.into_iter().map(line).collect();
    store::checkout::insert(&tx, &checkout, asked, &lines).await?;
    tx.commit().await?;
    metrics::counter!("checkouts_total", "status" => "starting").increment(1);
    Ok(checkout)
}

async fn existing(
    orders: &Orders,
    cart: CartId,
    asked: &Asked,
) -> Result<Option<Checkout>, StartCheckoutError> {
    let known =
        store::checkout::open_or_asked(orders.0.database.reader(), cart, &asked.key).await?;
    decide(known, asked)
}

/// The checkout that the key began; or nothing, if another may be begun.
fn decide(
    known: Vec<(Checkout, Asked)>,
    asked: &Asked,
) -> Result<Option<Checkout>, StartCheckoutError> {
    let mut other_open = false;
    for (checkout, earlier) in known {
        if earlier.key == asked.key {
            let same = earlier.request_hash == asked.request_hash;
            return if same { Ok(Some(checkout)) } else { Err(StartCheckoutError::KeyReused) };
        }
        other_open = true;
    }
    if other_open { Err(StartCheckoutError::CartCheckedOut) } else { Ok(None) }
}

/// What makes two requests the same: all that the shopper said, as it was said.
fn hash_of(start: &StartCheckout) -> Vec<u8> {
    let mut hash = Sha256::new();
    let delivery = &start.delivery;
    for text in [
        &start.contact.name,
        &start.contact.phone,
        &start.contact.email,
        &delivery.ward_code,
        &delivery.address,
        &delivery.note,
        &delivery.method.name().to_owned(),
        &start.pay_with.name().to_owned(),
        &start.buyer.map(|buyer| buyer.to_string()).unwrap_or_default(),
    ] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().to_vec()
}
