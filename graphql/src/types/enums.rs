//! Kinds and states: each mirrors one of the contracts.

use async_graphql::{Enum, Error};

pub use super::currency_code::CurrencyCode;
use crate::failure::Failure;

macro_rules! mirrors {
    ($($(#[$doc:meta])* $name:ident of $proto:path { $($(#[$value_doc:meta])* $value:ident = $number:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        pub enum $name { $($(#[$value_doc])* $value,)* }

        impl $name {
            /// The value that a service gave.
            pub fn of(number: i32) -> Result<Self, Error> {
                use $proto as Proto;
                match Proto::try_from(number) {
                    $(Ok(Proto::$number) => Ok(Self::$value),)*
                    other => {
                        let failure = Failure::fault(concat!("no ", stringify!($name)), &other);
                        Err(failure.into_error(kernel::Locale::default()))
                    }
                }
            }

            /// The value for a service.
            pub fn number(self) -> i32 {
                use $proto as Proto;
                match self { $(Self::$value => Proto::$number.into(),)* }
            }
        }
    )*};
}

pub(super) use mirrors;

mirrors! {
    /// What a shop is by law.
    ShopKind of proto::accounts::ShopKind {
        /// A household business.
        Household = Household,
        /// A company.
        Company = Company,
        /// A cooperative.
        Cooperative = Cooperative,
        /// A tour operator.
        TourOperator = TourOperator,
    }

    /// Where a shop stands with the market.
    ShopStatus of proto::accounts::ShopStatus {
        /// Being filled in by its people.
        Draft = Draft,
        /// Waits for an operator.
        Submitted = Submitted,
        /// May sell.
        Approved = Approved,
        /// Stopped by an operator.
        Suspended = Suspended,
        /// Closed by its owner.
        Closed = Closed,
    }

    /// What kind of thing a product is.
    ProductKind of proto::catalog::ProductKind {
        /// Goods.
        Goods = Goods,
        /// A tour.
        Tour = Tour,
    }

    /// The order of a list of products.
    ProductSort of proto::catalog::ProductSort {
        /// The newest first.
        Newest = Newest,
        /// The cheapest first.
        PriceAsc = PriceAsc,
        /// The dearest first.
        PriceDesc = PriceDesc,
    }

    /// The order of what a search found.
    SearchSort of proto::catalog::ProductSort {
        /// The best match first.
        Relevance = Relevance,
        /// The newest first.
        Newest = Newest,
        /// The cheapest first.
        PriceAsc = PriceAsc,
        /// The dearest first.
        PriceDesc = PriceDesc,
        /// The nearest first; only with the filter `near`.
        Distance = Distance,
        /// The best rated first; what nobody rated comes last.
        Rating = Rating,
    }

    /// The form of a product file.
    ImportFormat of proto::catalog::ImportFormat {
        /// The market's own columns.
        Chonoi = Chonoi,
        /// The product CSV of Shopify.
        Shopify = Shopify,
        /// The list of goods that KiotViet exports and imports.
        Kiotviet = Kiotviet,
        /// The list of products that Sapo exports and imports.
        Sapo = Sapo,
    }

    /// How far an import is.
    ImportStatus of proto::catalog::ImportStatus {
        /// Waits for its turn.
        Queued = Queued,
        /// At work.
        Running = Running,
        /// Done; some products may have failed.
        Finished = Finished,
        /// The file could not be worked through.
        Failed = Failed,
    }

    /// What became of a product of a file.
    ImportRowStatus of proto::catalog::ImportRowStatus {
        /// It is new.
        Created = RowCreated,
        /// It was changed.
        Updated = RowUpdated,
        /// It was like this already.
        Unchanged = RowUnchanged,
        /// Something is wrong with it.
        Failed = RowFailed,
    }

    /// Where a cart stands.
    CartStatus of proto::orders::CartStatus {
        /// Being filled.
        Open = Open,
        /// It became orders.
        CheckedOut = CheckedOut,
    }

    /// Where a checkout stands.
    CheckoutStatus of proto::orders::CheckoutStatus {
        /// Goods are being held and the payment is being made.
        Starting = Starting,
        /// Waits for the money.
        AwaitingPayment = AwaitingPayment,
        /// Paid. Final.
        Paid = Paid,
        /// Not paid in time. Final.
        Expired = Expired,
        /// Cancelled by the shopper. Final.
        Cancelled = Cancelled,
        /// Stock was short, or the payment could not be started. Final.
        Refused = Refused,
    }

    /// Where an order stands.
    OrderStatus of proto::orders::OrderStatus {
        /// Waits for the money.
        Pending = OrderPending,
        /// Paid: the shop may hand it over.
        Paid = OrderPaid,
        /// Handed over.
        Fulfilled = OrderFulfilled,
        /// Never paid; or paid, not sold, and the money given back; or called off after it was paid, with its
        /// money on the way back (`cancelledAt`).
        Cancelled = OrderCancelled,
        /// Paid, but it could not be sold any more: the money goes back.
        RefundDue = OrderRefundDue,
    }

    /// Where a voucher stands.
    VoucherStatus of proto::vouchers::VoucherStatus {
        /// It does not count yet.
        Upcoming = VoucherUpcoming,
        /// It counts.
        Valid = VoucherValid,
        /// It was used as often as it may be.
        Exhausted = VoucherExhausted,
        /// Its shop ended it, or its time went by.
        Over = VoucherOver,
    }

    /// How goods reach the shopper.
    DeliveryMethod of proto::orders::DeliveryMethod {
        /// Brought to an address.
        Ship = Ship,
        /// Fetched at the shop.
        Pickup = Pickup,
        /// Nothing to carry: a ticket.
        Ticket = Ticket,
    }

    /// How a payment is made.
    PaymentMethod of proto::payments::PaymentMethod {
        /// A bank transfer by VietQR.
        Vietqr = Vietqr,
        /// A card.
        Card = Card,
    }

    /// Where a payment stands.
    PaymentStatus of proto::payments::PaymentStatus {
        /// Waits for the money.
        Pending = Pending,
        /// The money is here. Final.
        Succeeded = Succeeded,
        /// The money did not come in time. Final.
        Expired = Expired,
        /// Cancelled. Final.
        Cancelled = Cancelled,
    }

    /// How a payment looks: its status, and what happened to its money since.
    PaymentStanding of proto::payments::PaymentStanding {
        /// Waits for the money.
        Pending = StandingPending,
        /// Some of the money came, and the rest is missing: `partPayment` says how much.
        PartiallyPaid = StandingPartiallyPaid,
        /// The card's bank is at it.
        Processing = StandingProcessing,
        /// Paid.
        Succeeded = StandingSucceeded,
        /// The money did not come in time.
        Expired = StandingExpired,
        /// Cancelled.
        Cancelled = StandingCancelled,
        /// Paid, and a part went back or is on its way.
        PartiallyRefunded = StandingPartiallyRefunded,
        /// Paid, and all of it went back or is on its way.
        Refunded = StandingRefunded,
        /// Paid, and the cardholder's bank contests it or took it back.
        Disputed = StandingDisputed,
    }

    /// Where a try to pay by card stands.
    AttemptStatus of proto::payments::AttemptStatus {
        /// Being asked of the card provider.
        Requested = AttemptRequested,
        /// The shopper can pay.
        Open = AttemptOpen,
        /// The card's bank is at it.
        Processing = AttemptProcessing,
        /// It paid. Final.
        Captured = AttemptCaptured,
        /// Its money came second and goes back to the card. Final.
        Surplus = AttemptSurplus,
        /// It ended without money.
        Closed = AttemptClosed,
        /// The card provider refused it.
        Failed = AttemptFailed,
    }

    /// Where a card is typed.
    CardWay of proto::payments::CardWay {
        /// On a page of the card provider's.
        Hosted = Hosted,
        /// In the card provider's form inside a page of yours.
        Embedded = Embedded,
    }

    /// Where a payout of the card provider's to the market's bank stands.
    CardPayoutStatus of proto::payments::CardPayoutStatus {
        /// Not sent yet.
        Pending = CardPayoutPending,
        /// Sent to the bank.
        InTransit = CardPayoutInTransit,
        /// The bank has it.
        Paid = CardPayoutPaid,
        /// It came back.
        Failed = CardPayoutFailed,
        /// Taken back before it went.
        Cancelled = CardPayoutCancelled,
    }

    /// Where card money that goes back stands.
    CardReturnStatus of proto::payments::CardReturnStatus {
        /// Written down; the provider may or may not have heard of it.
        Waiting = CardReturnWaiting,
        /// The provider has it.
        Pending = CardReturnPending,
        /// Sent to the cardholder's bank.
        Succeeded = CardReturnSucceeded,
        /// The money is still with the market.
        Failed = CardReturnFailed,
    }

    /// Where a refund stands.
    RefundStatus of proto::payments::RefundStatus {
        /// Asked for; waits until somebody says to which account it goes.
        Requested = RefundRequested,
        /// Waits for a second person.
        NeedsApproval = RefundNeedsApproval,
        /// May be sent.
        Approved = RefundApproved,
        /// Given to the bank.
        Sent = RefundSent,
        /// The money went.
        Succeeded = RefundSucceeded,
        /// The money did not go. Final.
        Failed = RefundFailed,
        /// Taken back before it was sent. Final.
        Cancelled = RefundCancelled,
    }

    /// Where a payout stands.
    PayoutStatus of proto::payments::PayoutStatus {
        /// Waits for a second person.
        Draft = PayoutDraft,
        /// May be sent.
        Approved = PayoutApproved,
        /// Thrown away. Final.
        Discarded = PayoutDiscarded,
        /// Given to the bank.
        Sent = PayoutSent,
        /// Its debit is on the statement.
        Paid = PayoutPaid,
        /// The bank gave the money back. Final.
        Returned = PayoutReturned,
    }

    /// What a person does with a bank credit.
    CreditAction of proto::payments::CreditAction {
        /// It pays one payment.
        Match = MatchCredit,
        /// It pays several payments.
        Split = SplitCredit,
        /// It goes back to who sent it.
        Refund = RefundCredit,
        /// It waits on.
        Hold = HoldCredit,
        /// What it had paid is taken back (`unmatchBankCredit`).
        Unmatch = UnmatchCredit,
        /// The bank took it back.
        Reverse = ReverseCredit,
        /// Nobody claims it: it is the market's.
        WriteOff = WriteOffCredit,
    }

    /// What became of a bank credit, as the report counts.
    CreditOutcome of proto::payments::CreditOutcome {
        /// Rules matched it.
        Matched = OutcomeMatched,
        /// A person resolved it.
        Resolved = OutcomeResolved,
        /// It waits for a person.
        Waiting = OutcomeWaiting,
    }

    /// What became of a bank debit, as the report counts.
    DebitOutcome of proto::payments::DebitOutcome {
        /// A payout, a refund, or explained by a person.
        Explained = OutcomeExplained,
        /// Nobody has explained it.
        Unexplained = OutcomeUnexplained,
    }

    /// How much speaks for a suggestion.
    MatchConfidence of proto::payments::MatchConfidence {
        /// Something.
        Low = Low,
        /// Much.
        Medium = Medium,
        /// It is most probably this one.
        High = High,
    }

    /// What a bank debit is.
    BankDebitState of proto::payments::BankDebitState {
        /// A payout's or a refund's.
        Matched = DebitMatched,
        /// It names a payout or a refund of another amount.
        Differs = DebitDiffers,
        /// It names one that another debit proved.
        Duplicate = DebitDuplicate,
        /// Nobody knows what it is for.
        Orphan = DebitOrphan,
    }

    /// The form of a file of transfers.
    TransferFormat of proto::payments::TransferFormat {
        /// ISO 20022 pain.001.001.09.
        Pain001 = Pain001,
        /// Text with commas.
        Csv = TransferCsv,
    }

    /// In which form a statement is taken away.
    FileFormat of proto::payments::FileFormat {
        /// Text with commas: what programs and spreadsheets read.
        Csv = FileCsv,
        /// A workbook, with the lines behind the figures.
        Xlsx = FileXlsx,
        /// Pages to print.
        Pdf = FilePdf,
    }

    /// What a column of a bank's statement holds.
    StatementColumn of proto::payments::StatementColumn {
        /// The day of booking.
        Date = ColumnDate,
        /// The time of day.
        Time = ColumnTime,
        /// The bank's reference or document number.
        Reference = ColumnReference,
        /// Money that went.
        Debit = ColumnDebit,
        /// Money that came.
        Credit = ColumnCredit,
        /// Money with a sign.
        Amount = ColumnAmount,
        /// What the account held afterwards.
        Balance = ColumnBalance,
        /// What the payer wrote and the bank added.
        Details = ColumnDetails,
        /// Name of the other side.
        CounterpartyName = ColumnCounterpartyName,
        /// Account of the other side.
        CounterpartyAccount = ColumnCounterpartyAccount,
        /// The currency.
        Currency = ColumnCurrency,
        /// The account itself.
        Account = ColumnAccount,
    }

    /// In which order a date's numbers stand.
    DateOrder of proto::payments::DateOrder {
        /// 31/12/2026, as in Vietnam.
        DayFirst = DayFirst,
        /// 12/31/2026.
        MonthFirst = MonthFirst,
    }

    /// How far a bank's statement is.
    BankStatementStatus of proto::payments::BankStatementStatus {
        /// It waits, or is being read.
        Waiting = StatementWaiting,
        /// It was read to its end.
        Done = StatementDone,
        /// It could not be worked on.
        Failed = StatementFailed,
    }

    /// What a bank credit is.
    BankCreditState of proto::payments::BankCreditState {
        /// It paid a payment.
        Matched = Matched,
        /// Less than the payment asked for.
        Underpaid = Underpaid,
        /// More than the payment asked for.
        Overpaid = Overpaid,
        /// The payment had been closed.
        Late = Late,
        /// The payment had been paid.
        Duplicate = Duplicate,
        /// No readable code.
        Orphan = Orphan,
        /// It paid a payment; the difference is allowed.
        MatchedWithTolerance = MatchedWithTolerance,
    }
}

/// A language of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Locale {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl From<Locale> for kernel::Locale {
    fn from(locale: Locale) -> Self {
        match locale {
            Locale::Vi => Self::Vi,
            Locale::En => Self::En,
        }
    }
}

impl From<kernel::Locale> for Locale {
    fn from(locale: kernel::Locale) -> Self {
        match locale {
            kernel::Locale::Vi => Self::Vi,
            kernel::Locale::En => Self::En,
        }
    }
}
