//! Commands, one a file.

mod accept_shop_invitation;
mod accept_terms;
mod add_cart_line;
mod add_product_image;
mod add_reseller;
mod adjust_stock;
mod allow_direct_payments;
mod apply_voucher;
mod approve_return;
mod approve_shop;
mod bill_reseller;
mod black_out_departures;
mod cancel_checkout;
mod cancel_counter_payment;
mod cancel_departure;
mod cancel_order;
mod cancel_reseller_bill;
mod cancel_tickets;
mod change_password;
mod close_books;
mod close_shop;
mod confirm_email;
mod correct_statement_columns;
mod create_cart;
mod create_counter_payment;
mod create_product;
mod create_voucher;
mod decide_payout;
mod decide_refund;
mod decline_return;
mod delete_my_account;
mod end_voucher;
mod extend_checkout;
mod forget_payer;
mod fulfil_order;
mod import_bank_statement;
mod import_products;
mod import_shop_statement;
mod invite_shop_member;
mod join_waiting_list;
mod leave_shop;
mod move_product_image;
mod open_shop;
mod pay_by_card;
mod payload;
mod product_of_shop;
mod provide_refund_account;
mod publish_product;
mod put_tour;
mod redeem_tickets;
mod refund_payment;
mod remove_cart_line;
mod remove_product_image;
mod remove_review;
mod remove_shop_member;
mod remove_voucher;
mod request_password_reset;
mod request_return;
mod reset_password;
mod resolve_bank_credit;
mod retry_bank_statement;
mod return_card_surplus;
mod return_surplus_to_bank;
mod reverse_bank_credit;
mod review_product;
mod revoke_reseller;
mod revoke_shop_invitation;
mod run_payouts;
mod schedule_departures;
mod send_transfers;
mod sent_file;
mod set_cart_line;
mod set_payment_destination;
mod set_payout_account;
mod set_price;
mod set_return_policy;
mod set_shop_letters;
mod shop_decision;
mod sign_in;
mod sign_out;
mod sign_up;
mod start_checkout;
mod submit_shop;
mod suspend_shop;
mod unmatch_bank_credit;
mod unpublish_product;
mod update_departure;
mod update_me;
mod update_product;
mod update_shop;
mod withdraw_write_off;
mod write_off;

use async_graphql::MergedObject;

pub use cancel_tickets::{CancelTicketsInput, cancel_tickets};

/// What can be done. A refusal of the business is in the payload's `userErrors`.
// By area, for a merge of all at once is too deep for the compiler.
#[derive(Default, MergedObject)]
pub struct Mutation(
    OfAccounts,
    OfOwnData,
    OfPayments,
    OfOrders,
    OfReconciliation,
    OfCatalog,
    OfTours,
    OfShopMembers,
    OfVouchers,
    OfTickets,
);

#[derive(Default, MergedObject)]
struct OfAccounts(
    sign_up::SignUp,
    sign_in::SignIn,
    sign_out::SignOut,
    change_password::ChangePassword,
    request_password_reset::RequestPasswordReset,
    reset_password::ResetPassword,
    open_shop::OpenShop,
    update_shop::UpdateShop,
    set_payout_account::SetPayoutAccount,
    set_shop_letters::SetShopLetters,
    submit_shop::SubmitShop,
    approve_shop::ApproveShop,
    suspend_shop::SuspendShop,
    close_shop::CloseShop,
);

#[derive(Default, MergedObject)]
struct OfOwnData(
    accept_terms::AcceptTerms,
    update_me::UpdateMe,
    confirm_email::ConfirmEmail,
    delete_my_account::DeleteMyAccount,
);

#[derive(Default, MergedObject)]
struct OfShopMembers(
    invite_shop_member::InviteShopMember,
    revoke_shop_invitation::RevokeShopInvitation,
    accept_shop_invitation::AcceptShopInvitation,
    remove_shop_member::RemoveShopMember,
    leave_shop::LeaveShop,
);

#[derive(Default, MergedObject)]
struct OfCatalog(
    create_product::CreateProduct,
    update_product::UpdateProduct,
    publish_product::PublishProduct,
    unpublish_product::UnpublishProduct,
    adjust_stock::AdjustStock,
    set_price::SetPrice,
    import_products::ImportProducts,
    add_product_image::AddProductImage,
    remove_product_image::RemoveProductImage,
    move_product_image::MoveProductImage,
    review_product::ReviewProduct,
    remove_review::RemoveReview,
);

#[derive(Default, MergedObject)]
struct OfTours(
    put_tour::PutTour,
    schedule_departures::ScheduleDepartures,
    update_departure::UpdateDeparture,
    black_out_departures::BlackOutDepartures,
    cancel_departure::CancelDeparture,
    join_waiting_list::JoinWaitingList,
);

#[derive(Default, MergedObject)]
struct OfTickets(
    cancel_tickets::CancelTickets,
    redeem_tickets::RedeemTickets,
    add_reseller::AddReseller,
    revoke_reseller::RevokeReseller,
);

#[derive(Default, MergedObject)]
struct OfOrders(
    create_cart::CreateCart,
    add_cart_line::AddCartLine,
    set_cart_line::SetCartLine,
    remove_cart_line::RemoveCartLine,
    start_checkout::StartCheckout,
    cancel_checkout::CancelCheckout,
    extend_checkout::ExtendCheckout,
    pay_by_card::PayByCard,
    fulfil_order::FulfilOrder,
    cancel_order::CancelOrder,
    request_return::RequestReturn,
    approve_return::ApproveReturn,
    decline_return::DeclineReturn,
    set_return_policy::SetReturnPolicy,
);

#[derive(Default, MergedObject)]
struct OfVouchers(
    apply_voucher::ApplyVoucher,
    remove_voucher::RemoveVoucher,
    create_voucher::CreateVoucher,
    end_voucher::EndVoucher,
);

#[derive(Default, MergedObject)]
struct OfPayments(
    create_counter_payment::CreateCounterPayment,
    cancel_counter_payment::CancelCounterPayment,
    refund_payment::RefundPayment,
    decide_refund::DecideRefund,
    provide_refund_account::ProvideRefundAccount,
    return_card_surplus::ReturnCardSurplus,
    return_surplus_to_bank::ReturnSurplusToBank,
    set_payment_destination::SetPaymentDestination,
    allow_direct_payments::AllowDirectPayments,
    bill_reseller::BillReseller,
    cancel_reseller_bill::CancelResellerBill,
    run_payouts::RunPayouts,
    decide_payout::DecidePayout,
    send_transfers::SendTransfers,
);

#[derive(Default, MergedObject)]
struct OfReconciliation(
    import_bank_statement::ImportBankStatement,
    import_shop_statement::ImportShopStatement,
    correct_statement_columns::CorrectStatementColumns,
    retry_bank_statement::RetryBankStatement,
    resolve_bank_credit::ResolveBankCredit,
    unmatch_bank_credit::UnmatchBankCredit,
    reverse_bank_credit::ReverseBankCredit,
    forget_payer::ForgetPayer,
    write_off::WriteOff,
    withdraw_write_off::WithdrawWriteOff,
    close_books::CloseBooks,
);
