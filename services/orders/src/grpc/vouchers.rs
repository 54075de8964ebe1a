//! Vouchers over gRPC: those of shops, and those of carts.

use kernel::{Money, ShopId, ShopScope, Timestamp, UserId, VoucherId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::orders as of_orders;
use proto::{Refused, parse_id, parse_money, vouchers as contract};
use tonic::{Response, Status};

use super::refusals::{cart_status, fault};
use super::{Answer, Grpc, optional_id, page_of};
use crate::domain::voucher::{
    LONGEST_CODE, MOST_USES, MOST_VOUCHERS, SHORTEST_CODE, VoucherProblem, Wanted,
};
use crate::messages::cart_message;
use crate::messages::vouchers::{refusal_of, voucher_message};
use crate::store;
use crate::usecases::apply_voucher::{CartVoucherError, apply_voucher};
use crate::usecases::create_voucher::{CreateVoucherError, create_voucher};
use crate::usecases::end_voucher::end_voucher;
use crate::usecases::remove_voucher::remove_voucher;

impl Grpc {
    /// Puts a voucher into a cart.
    pub(super) async fn voucher_applied(
        &self,
        request: of_orders::ApplyVoucherRequest,
    ) -> Answer<of_orders::Cart> {
        let cart = self.opened(request.cart.as_ref())?;
        let user = optional_id::<UserId>(&request.buyer_id)?;
        let applied = apply_voucher(&self.0, cart, &request.code, user).await;
        let priced = applied.map_err(cart_voucher_status)?;
        Ok(Response::new(cart_message(&priced, self.0.0.clock.now())))
    }

    /// Takes a voucher out of a cart.
    pub(super) async fn voucher_removed(
        &self,
        request: of_orders::RemoveVoucherRequest,
    ) -> Answer<of_orders::Cart> {
        let cart = self.opened(request.cart.as_ref())?;
        let removed = remove_voucher(&self.0, cart, &request.code).await;
        let priced = removed.map_err(cart_voucher_status)?;
        Ok(Response::new(cart_message(&priced, self.0.0.clock.now())))
    }

    /// Makes a voucher.
    pub(super) async fn voucher_created(
        &self,
        request: contract::CreateVoucherRequest,
    ) -> Answer<contract::Voucher> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let by = parse_id::<UserId>(&request.created_by)?;
        let money = |money: &Option<proto::common::Money>| -> Result<Option<Money>, Status> {
            Ok(money.as_ref().map(|money| parse_money(Some(money))).transpose()?)
        };
        let moment = |micros: i64| (micros != 0).then(|| Timestamp::from_micros(micros));
        let uses = |uses: i64| (uses != 0).then_some(uses);
        let nothing = Money::zero(kernel::Currency::Vnd);
        let wanted = Wanted {
            code: request.code,
            amount: money(&request.amount)?,
            basis_points: request.basis_points,
            cap: money(&request.cap)?,
            minimum: money(&request.minimum)?.unwrap_or(nothing),
            valid_from: moment(request.valid_from),
            valid_until: moment(request.valid_until),
            uses_at_most: uses(request.uses_at_most),
            uses_per_buyer: uses(request.uses_per_buyer),
        };
        let amounts = [wanted.amount, wanted.cap, Some(wanted.minimum)];
        if amounts.iter().flatten().any(|money| money.currency != nothing.currency) {
            return Err(Refused::new(RefusalCode::CurrencyNotSupported).at(&["amount"]).into());
        }
        let created = create_voucher(&self.0, scope, &wanted, by).await;
        let voucher = created.map_err(create_status)?;
        Ok(Response::new(voucher_message(&voucher, self.0.0.clock.now())))
    }

    /// Ends a voucher.
    pub(super) async fn voucher_ended(
        &self,
        request: contract::EndVoucherRequest,
    ) -> Answer<contract::Voucher> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let by = parse_id::<UserId>(&request.ended_by)?;
        let not_found = || Status::from(Refused::new(RefusalCode::NotFound).at(&["voucherId"]));
        let id: VoucherId = request.voucher_id.parse().map_err(|_| not_found())?;
        let ended = end_voucher(&self.0, scope, id, by).await.map_err(fault)?;
        let voucher = ended.ok_or_else(not_found)?;
        Ok(Response::new(voucher_message(&voucher, self.0.0.clock.now())))
    }

    /// A shop's vouchers.
    pub(super) async fn vouchers(
        &self,
        request: contract::ListVouchersRequest,
    ) -> Answer<contract::VoucherPage> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let page = page_of::<VoucherId>(request.page.as_ref())?;
        let db = self.0.0.database.reader();
        let found = store::voucher::page_of_shop(db, scope, &page).await.map_err(fault)?;
        let total = store::voucher::count_of_shop(db, scope).await.map_err(fault)?;
        let (now, found) = (self.0.0.clock.now(), kernel::Page::from_rows(&page, found));
        let page = proto::common::PageInfo {
            has_next: found.has_next,
            cursors: found.items.iter().map(|voucher| voucher.id.to_string()).collect(),
            total: total as i64,
        };
        Ok(Response::new(contract::VoucherPage {
            vouchers: found.items.iter().map(|voucher| voucher_message(voucher, now)).collect(),
            page: Some(page),
        }))
    }
}

fn cart_voucher_status(error: CartVoucherError) -> Status {
    match error {
        CartVoucherError::Unknown(typed) => {
            Refused::new(RefusalCode::VoucherUnknown).at(&["code"]).fact("code", typed).into()
        }
        CartVoucherError::Refused(refused) => {
            Refused::status(refused.iter().map(|refused| refusal_of(refused).at(&["code"])))
        }
        CartVoucherError::Cart(error) => cart_status(error),
        CartVoucherError::Money(error) => platform::rpc::fault(error),
    }
}

fn create_status(error: CreateVoucherError) -> Status {
    match error {
        CreateVoucherError::Wrong(problems) => {
            Refused::status(problems.into_iter().map(problem_refused))
        }
        CreateVoucherError::CodeTaken => {
            Refused::new(RefusalCode::AlreadyTaken).at(&["code"]).into()
        }
        CreateVoucherError::TooMany => Refused::new(RefusalCode::OutOfRange)
            .at(&["shopId"])
            .fact("maximum", MOST_VOUCHERS)
            .into(),
        CreateVoucherError::Database(error) => database_fault(&error),
    }
}

fn problem_refused(problem: VoucherProblem) -> Refused {
    let between = |least: i64, most: i64| {
        Refused::new(RefusalCode::OutOfRange).fact("minimum", least).fact("maximum", most)
    };
    match problem {
        VoucherProblem::Code => Refused::new(RefusalCode::VoucherCodeInvalid)
            .at(&["code"])
            .fact("minimum", SHORTEST_CODE)
            .fact("maximum", LONGEST_CODE),
        VoucherProblem::Reduction => Refused::new(RefusalCode::Required).at(&["amount"]),
        VoucherProblem::Amount => {
            Refused::new(RefusalCode::AmountTooSmall).at(&["amount"]).fact("minimum", 1)
        }
        VoucherProblem::Share => between(1, 10_000).at(&["basisPoints"]),
        VoucherProblem::Cap => Refused::new(RefusalCode::Invalid).at(&["cap"]),
        VoucherProblem::Minimum => {
            Refused::new(RefusalCode::AmountTooSmall).at(&["minimum"]).fact("minimum", 0)
        }
        VoucherProblem::ValidUntil => Refused::new(RefusalCode::Invalid).at(&["validUntil"]),
        VoucherProblem::UsesAtMost => between(1, MOST_USES).at(&["usesAtMost"]),
        VoucherProblem::UsesPerBuyer => between(1, MOST_USES).at(&["usesPerBuyer"]),
    }
}
