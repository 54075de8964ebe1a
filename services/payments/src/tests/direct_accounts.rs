//! Shops' own accounts: who may have one, whose feed is believed, and which credit pays which payment.

use kernel::{ShopScope, UserId};

use super::*;
use crate::domain::counter_sale::CounterSale;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payment_destination::{Destination, Landing};
use crate::domain::reconciliation::Rule;
use crate::store::bank_credit::{BankCredit, SHOPS_OWN};
use crate::usecases::allow_direct_payments::allow_direct_payments;
use crate::usecases::create_counter_payment::create_counter_payment;
use crate::usecases::import_statement::{ImportStatementError, import_shop_statement};
use crate::usecases::set_payment_destination::{
    DestinationSet, SetDestinationError, SetPaymentDestination, set_payment_destination,
};

pub(super) const OWN: &str = "7700123456";
const DAY: Duration = Duration::from_secs(86_400);

/// A shop that is paid directly, with the key of its feed.
pub(super) struct DirectShop {
    pub shop: ShopId,
    pub number: &'static str,
    pub key: String,
}

impl Bench {
    pub(super) async fn want(
        &self,
        shop: ShopId,
        number: Option<&str>,
        wanted: Destination,
    ) -> Result<DestinationSet, SetDestinationError> {
        let asked = SetPaymentDestination {
            shop: ShopScope::granted(shop),
            wanted,
            account: number.map(|number| PayeeAccount::new("970436", number, "Nguyễn Thị Ba")),
            new_feed_key: false,
            by: ids::new(),
        };
        set_payment_destination(&self.payments, asked).await
    }

    pub(super) async fn allow(&self, shop: ShopId, allowed: bool) {
        let by: UserId = ids::new();
        let scope = ShopScope::granted(shop);
        allow_direct_payments(&self.payments, scope, allowed, by).await.unwrap();
    }

    /// Allowed, named, heard and cooled off.
    pub(super) async fn direct_shop(&self, number: &'static str) -> DirectShop {
        let shop = ids::new::<ShopId>();
        self.allow(shop, true).await;
        let set = self.want(shop, Some(number), Destination::ShopAccount).await.unwrap();
        let key = set.feed_key.unwrap();
        let own = DirectShop { shop, number, key };
        self.tell_own(&own, 900_000, "in", 1, "chào", None).await.unwrap();
        self.clock.advance(DAY);
        own
    }

    /// The shop's feed tells of a transfer on its account, or on another.
    pub(super) async fn tell_own(
        &self,
        own: &DirectShop,
        id: u64,
        direction: &str,
        amount: i64,
        memo: &str,
        account: Option<&str>,
    ) -> Result<(), RecordError> {
        let told = json!({
            "id": id, "gateway": "Vietcombank", "transactionDate": "2027-01-15 14:02:37",
            "accountNumber": account.unwrap_or(own.number), "content": memo,
            "transferType": direction, "transferAmount": amount, "referenceCode": "FT1",
        });
        let authorization = format!("Apikey {}", own.key);
        let proof = sepay::Proof { authorization: Some(&authorization), ..Default::default() };
        record_feed_event(&self.payments, Proof::Sepay(proof), told.to_string().as_bytes()).await?;
        process_feed_events(&self.payments).await.unwrap();
        Ok(())
    }

    pub(super) async fn landing(&self, shop: ShopId) -> Landing {
        let scope = ShopScope::granted(shop);
        let db = self.database.reader();
        let destination = store::payment_destination::of_shop(db, scope).await.unwrap();
        destination.landing(self.clock.now())
    }

    pub(super) async fn ask_at(&self, shop: ShopId, key: &str, amount: i64) -> Payment {
        let (note, idempotency_key) = (String::new(), key.to_owned());
        let sale = CounterSale { shop, note, asked_by: ids::new(), idempotency_key };
        create_counter_payment(&self.payments, sale, Money::vnd(amount)).await.unwrap().1
    }

    pub(super) async fn credit_with(&self, memo: &str) -> BankCredit {
        let mut found = self.credits().await;
        found.retain(|credit| credit.memo == memo);
        assert_eq!(found.len(), 1, "{memo}: {found:?}");
        found.remove(0)
    }

    async fn checkout_of(&self, shops: &[ShopId], by_card: bool) -> StartPayment {
        let part = |shop: &ShopId| Allocation {
            order: ids::new::<OrderId>(),
            shop: *shop,
            sold: Sold::Goods,
            amount: Money::vnd(1_000),
        };
        StartPayment {
            checkout: ids::new(),
            amount: Money::vnd(1_000 * shops.len() as i64),
            allocations: shops.iter().map(part).collect(),
            expires_at: self.clock.now().after(Duration::from_secs(60)),
            by_card,
        }
    }

    pub(super) async fn state_own(
        &self,
        own: &DirectShop,
        lines: &[String],
    ) -> store::statement::Statement {
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let body = format!("{header}\n{}\n", lines.join("\n")).into_bytes();
        let scope = ShopScope::granted(own.shop);
        let taken = import_shop_statement(&self.payments, scope, "own.csv", body, "user_1").await;
        self.payments.process_statements().await.unwrap();
        self.payments.statement(taken.unwrap().id).await.unwrap().unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn money_lands_with_a_shop_only_if_it_is_allowed_named_heard_and_cooled_off(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        let refused = bench.want(shop, Some(OWN), Destination::ShopAccount).await;
        assert!(matches!(refused, Err(SetDestinationError::NotAllowed)), "{refused:?}");
        bench.allow(shop, true).await;
        let refused = bench.want(shop, None, Destination::ShopAccount).await;
        assert!(matches!(refused, Err(SetDestinationError::AccountRequired)), "{refused:?}");
        assert_eq!(bench.landing(shop).await, Landing::Marketplace);
        let set = bench.want(shop, Some(OWN), Destination::ShopAccount).await.unwrap();
        let own = DirectShop { shop, number: OWN, key: set.feed_key.unwrap() };
        assert_eq!(bench.landing(shop).await, Landing::CoolingOff);
        // The key is shown once, and is not what the database holds.
        let again = bench.want(shop, Some(OWN), Destination::ShopAccount).await.unwrap();
        assert_eq!(again.feed_key, None);
        bench.clock.advance(DAY);
        assert_eq!(bench.landing(shop).await, Landing::NotHeard);
        assert_eq!(bench.ask_at(shop, "a", 1_000).await.direct_to, None);
        bench.tell_own(&own, 1, "in", 5, "tiền khác", None).await.unwrap();
        assert_eq!(bench.landing(shop).await, Landing::Direct);
        let asked = bench.ask_at(shop, "b", 1_000).await;
        assert_eq!(asked.direct_to.as_ref().map(PayeeAccount::number), Some(OWN));
        // Forbidden, it is the market's at once; what was asked for before stays as it was.
        bench.allow(shop, false).await;
        assert_eq!(bench.ask_at(shop, "c", 1_000).await.direct_to, None);
        let kept = store::payment::by_ids(bench.database.reader(), &[asked.id]).await.unwrap();
        assert_eq!(kept[0], asked);
    }

    async fn another_account_waits_and_money_lands_in_the_market_meanwhile(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        bench.want(own.shop, Some("7700999999"), Destination::ShopAccount).await.unwrap();
        assert_eq!(bench.landing(own.shop).await, Landing::CoolingOff);
        assert_eq!(bench.ask_at(own.shop, "a", 1_000).await.direct_to, None);
        let scope = ShopScope::granted(own.shop);
        let changes = store::payment_destination::changes_of(bench.database.reader(), scope).await.unwrap();
        let told: Vec<&str> = changes.iter().map(|change| change.what.as_str()).collect();
        assert!(told.contains(&"account") && told.contains(&"key"), "{told:?}");
    }

    async fn an_account_is_one_shop_s_and_never_the_market_s(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        let other = ids::new::<ShopId>();
        bench.allow(other, true).await;
        for number in [own.number, ACCOUNT] {
            let refused = bench.want(other, Some(number), Destination::ShopAccount).await;
            assert!(matches!(refused, Err(SetDestinationError::AccountTaken)), "{refused:?}");
        }
        assert_eq!(bench.landing(other).await, Landing::Marketplace);
    }

    async fn a_cart_of_several_shops_and_a_card_go_through_the_market(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        let other: ShopId = ids::new();
        let ask = async |shops: &[ShopId]| {
            let asked = bench.checkout_of(shops, false).await;
            start_payment(&bench.payments, asked).await.unwrap().into_payment().direct_to.is_some()
        };
        assert!(ask(&[own.shop]).await);
        assert!(ask(&[own.shop, own.shop]).await);
        assert!(!ask(&[own.shop, other]).await);
        assert!(!ask(&[other]).await);
        // There are no cards on this bench: who means to pay by one is refused before anything is asked.
        let by_card = bench.checkout_of(&[own.shop], true).await;
        assert!(matches!(start_payment(&bench.payments, by_card).await, Err(StartPaymentError::NoCards)));
    }

    async fn only_the_key_of_an_account_tells_of_it_and_of_nothing_else(database) {
        let bench = Bench::on(database);
        let (own, other) = (bench.direct_shop(OWN).await, bench.direct_shop("8800123456").await);
        let payment = bench.ask_at(own.shop, "a", 1_000).await;
        let before = store::feed_event::counts(bench.database.reader()).await.unwrap();
        let postings = bench.postings().await;
        let code = payment.code.to_string();
        let forged = DirectShop { key: "0".repeat(64), ..same(&own) };
        for (who, account) in [(&forged, None), (&other, Some(OWN)), (&own, Some("8800123456")), (&own, Some(ACCOUNT))] {
            let refused = bench.tell_own(who, 77, "in", 1_000, &code, account).await;
            assert!(matches!(refused, Err(RecordError::Disbelieved(_))), "{refused:?}");
        }
        let after = store::feed_event::counts(bench.database.reader()).await.unwrap();
        assert_eq!((after.0, after.1), (before.0, before.1 + 4));
        assert_eq!((bench.postings().await, bench.status(&payment).await), (postings, PaymentStatus::Pending));
        // Whoever gets another key is believed by that one only.
        let asked = SetPaymentDestination {
            shop: ShopScope::granted(own.shop),
            wanted: Destination::ShopAccount,
            account: None,
            new_feed_key: true,
            by: ids::new(),
        };
        let key = set_payment_destination(&bench.payments, asked).await.unwrap().feed_key.unwrap();
        assert!(bench.tell_own(&own, 78, "in", 1_000, &code, None).await.is_err());
        // Nobody is asked to pay there until the new key is heard.
        assert_eq!(bench.landing(own.shop).await, Landing::NotHeard);
        let shop = own.shop;
        bench.tell_own(&DirectShop { key, ..own }, 78, "in", 1_000, &code, None).await.unwrap();
        assert_eq!(bench.landing(shop).await, Landing::Direct);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }

    async fn a_shop_cannot_take_an_id_of_the_market_s_feed(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        bench.tell_own(&own, 41, "in", 1_000, "chiếm số", None).await.unwrap();
        let payment = bench.start(100).await;
        assert_eq!(bench.credit(41, 100, &payment.code.to_string()).await, CreditState::Matched);
        bench.assert_sound().await;
    }

    async fn a_credit_pays_only_on_the_account_that_was_asked_for(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        let (direct, market) = (bench.ask_at(own.shop, "a", 1_000).await, bench.start(100).await);
        // The shop's payment on the market's account, the market's on the shop's.
        assert_eq!(bench.credit(1, 1_000, &direct.code.to_string()).await, CreditState::Orphan);
        let memo = format!("tra {}", market.code);
        bench.tell_own(&own, 2, "in", 100, &memo, None).await.unwrap();
        for memo in [direct.code.to_string(), memo] {
            let credit = bench.credit_with(&memo).await;
            assert_eq!((credit.state, credit.rule.as_str()), (CreditState::Orphan, Rule::OtherAccount.name()));
            assert!(credit.waits() && credit.payment.is_none());
        }
        assert_eq!(bench.status(&direct).await, PaymentStatus::Pending);
        assert_eq!(bench.status(&market).await, PaymentStatus::Pending);
        // Each on its own.
        let memo = format!("{} ck", direct.code);
        bench.tell_own(&own, 3, "in", 1_000, &memo, None).await.unwrap();
        let paid = bench.credit_with(&memo).await;
        assert_eq!((paid.state, paid.shop), (CreditState::Matched, Some(own.shop)));
        assert_eq!(bench.status(&direct).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }

    async fn what_else_comes_to_a_shop_s_account_is_its_affair_and_waits_for_nobody(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        bench.tell_own(&own, 1, "in", 20_000, "bán ở chợ", None).await.unwrap();
        let credit = bench.credit_with("bán ở chợ").await;
        assert_eq!(credit.resolution.as_deref(), Some(SHOPS_OWN));
        assert_eq!(store::bank_credit::waiting(bench.database.reader()).await.unwrap(), 0);
        assert_eq!(bench.balance(&format!("bank:{OWN}")).await, 0);
        bench.assert_sound().await;
    }

    async fn a_shop_s_statement_tells_of_its_own_account_and_knows_what_its_feed_told(database) {
        let bench = Bench::on(database);
        let (own, other) = (bench.direct_shop(OWN).await, bench.direct_shop("8800123456").await);
        let (told, untold) = (bench.ask_at(own.shop, "a", 1_000).await, bench.ask_at(own.shop, "b", 2_000).await);
        let foreign = bench.start(100).await;
        bench.tell_own(&own, 1, "in", 1_000, &format!("{} tra", told.code), None).await.unwrap();
        let line = |amount: i64, memo: String, account: &str| format!("15/01/2027,FT1,,{amount},{memo},{account}");
        let lines = [
            line(1_000, format!("MBVCB {} tra", told.code), OWN),
            line(2_000, format!("MBVCB {} tra", untold.code), ""),
            line(100, foreign.code.to_string(), ACCOUNT),
            line(5_000, "của người khác".to_owned(), "8800123456"),
        ];
        let read = bench.state_own(&own, &lines).await;
        assert_eq!((read.counts.credits_new, read.counts.credits_known, read.counts.credits_matched), (1, 1, 1));
        assert_eq!(read.counts.unreadable, 2);
        assert_eq!(bench.status(&untold).await, PaymentStatus::Succeeded);
        assert_eq!(bench.status(&foreign).await, PaymentStatus::Pending);
        // The same bytes brought by another shop are another statement, of its own account.
        let read_by_other = bench.state_own(&other, &lines).await;
        assert_ne!(read_by_other.id, read.id);
        assert_eq!((read_by_other.counts.unreadable, read_by_other.counts.credits_matched), (2, 0));
        bench.assert_sound().await;
    }

    async fn a_statement_is_enough_to_be_heard_if_a_line_of_it_names_the_account(database) {
        let bench = Bench::on(database);
        let shop = ids::new::<ShopId>();
        let scope = ShopScope::granted(shop);
        let refused = import_shop_statement(&bench.payments, scope, "a.csv", b"x".to_vec(), "user_1").await;
        assert!(matches!(refused, Err(ImportStatementError::NoAccount)), "{refused:?}");
        bench.allow(shop, true).await;
        let set = bench.want(shop, Some(OWN), Destination::ShopAccount).await.unwrap();
        bench.clock.advance(DAY);
        assert_eq!(bench.landing(shop).await, Landing::NotHeard);
        let own = DirectShop { shop, number: OWN, key: set.feed_key.unwrap() };
        // What names no account, or another, may be anybody's statement; nor does what cannot be read say whose it is.
        for line in ["15/01/2027,FT1,,5,chào,", "15/01/2027,FT1,,5,chào,8800123456", "hôm qua,FT1,,5,chào,7700123456"] {
            bench.state_own(&own, &[line.to_owned()]).await;
            assert_eq!(bench.landing(shop).await, Landing::NotHeard, "{line}");
        }
        bench.state_own(&own, &["15/01/2027,FT2,,5,chào,".to_owned(), format!("15/01/2027,FT3,5,,chào,{OWN}")]).await;
        assert_eq!(bench.landing(shop).await, Landing::Direct);
    }
}

fn same(own: &DirectShop) -> DirectShop {
    DirectShop { shop: own.shop, number: own.number, key: own.key.clone() }
}
