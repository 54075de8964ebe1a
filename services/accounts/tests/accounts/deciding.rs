//! The life of a shop, and who may decide of it.

use std::time::Duration;

use proto::accounts::ShopStatus;
use proto::common::RefusalCode;
use tonic::Code;

use super::support::{START, Step, fact, refused, start};

platform::on_each_database! { migrations::accounts::Migrator,
    async fn a_shop_is_submitted_approved_suspended_approved_again_and_closed(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        let mut told = vec![ShopStatus::Draft];
        for (step, actor, reason, status) in [
            (Step::Submit, &owner, "", ShopStatus::Submitted),
            (Step::Approve, &operator, "", ShopStatus::Approved),
            (Step::Suspend, &operator, "Thiếu giấy phép", ShopStatus::Suspended),
            (Step::Approve, &operator, "", ShopStatus::Approved),
            (Step::Close, &owner, "Nghỉ bán", ShopStatus::Closed),
        ] {
            accounts.clock.advance(Duration::from_secs(60));
            let changed = accounts.decide(step, actor, &shop, reason).await.unwrap();
            assert_eq!((changed.status(), changed.status_reason.as_str()), (status, reason));
            let request = proto::accounts::GetShopsRequest { ids: vec![shop.clone()] };
            let stored = accounts.client.clone().get_shops(request).await.unwrap().into_inner().shops;
            assert_eq!(stored, [changed]);
            told.push(status);
        }
        let events = accounts.shops_told().await;
        assert_eq!(events.iter().map(proto::accounts::Shop::status).collect::<Vec<_>>(), told);
        assert!(events.iter().all(|shop| shop.bank_account.is_none() && shop.tax_code.is_empty()));
        let approved_last = START.after(Duration::from_secs(240)).micros();
        assert_eq!(events.last().unwrap().approved_at, approved_last);
    }

    async fn a_submitted_shop_can_be_refused_with_a_reason(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        let before = accounts.everything().await;
        let status = accounts.decide(Step::Suspend, &operator, &shop, "  ").await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::Required, "reason".into())]);
        let status = accounts.decide(Step::Suspend, &operator, &shop, &"a".repeat(501)).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::TooLong, "reason".into())]);
        assert_eq!(accounts.everything().await, before);
        let refused = accounts.decide(Step::Suspend, &operator, &shop, "Ảnh mờ").await.unwrap();
        assert_eq!(refused.status_reason, "Ảnh mờ");
    }

    async fn a_refused_shop_is_submitted_again_and_may_be_approved(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        accounts.decide(Step::Suspend, &operator, &shop, "Ảnh mờ").await.unwrap();
        let again = accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        assert_eq!((again.status(), again.status_reason.as_str()), (ShopStatus::Submitted, ""));
        let approved = accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
        assert_eq!(approved.status(), ShopStatus::Approved);
        let told: Vec<_> = accounts.shops_told().await.iter().map(proto::accounts::Shop::status).collect();
        assert_eq!(told[2..], [ShopStatus::Suspended, ShopStatus::Submitted, ShopStatus::Approved]);
    }

    async fn a_step_out_of_turn_is_refused_with_the_status_and_changes_nothing(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        let refuse = async |step, actor: &str, status: &str| {
            let before = accounts.everything().await;
            let refusal = accounts.decide(step, actor, &shop, "Lý do").await.unwrap_err();
            assert_eq!(refused(&refusal), [(RefusalCode::StatusConflict, String::new())]);
            assert_eq!(fact(&refusal, "status"), status);
            assert_eq!(accounts.everything().await, before);
        };
        refuse(Step::Approve, &operator, "DRAFT").await;
        refuse(Step::Suspend, &operator, "DRAFT").await;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        refuse(Step::Submit, &owner, "SUBMITTED").await;
        accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
        refuse(Step::Submit, &owner, "APPROVED").await;
        refuse(Step::Approve, &operator, "APPROVED").await;
        accounts.decide(Step::Suspend, &operator, &shop, "Hàng giả").await.unwrap();
        refuse(Step::Submit, &owner, "SUSPENDED").await;
        refuse(Step::Suspend, &operator, "SUSPENDED").await;
        accounts.decide(Step::Close, &owner, &shop, "").await.unwrap();
        refuse(Step::Submit, &owner, "CLOSED").await;
        refuse(Step::Approve, &operator, "CLOSED").await;
        refuse(Step::Suspend, &operator, "CLOSED").await;
        refuse(Step::Close, &owner, "CLOSED").await;
    }

    async fn only_who_may_decide_decides(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        let stranger = accounts.person("sen@example.com").await;
        accounts.draft(&stranger).await;
        let nobody = platform::ids::new::<kernel::UserId>().to_string();
        let deny = async |step, actor: &str| {
            let before = accounts.everything().await;
            let status = accounts.decide(step, actor, &shop, "Lý do").await.unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied, "{step:?}");
            assert_eq!(accounts.everything().await, before);
        };
        // The owner of another shop, an operator and nobody are no members; a member is no operator.
        for actor in [&stranger, &operator, &nobody] {
            deny(Step::Submit, actor).await;
            deny(Step::Close, actor).await;
        }
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        for actor in [&owner, &stranger, &nobody] {
            deny(Step::Approve, actor).await;
            deny(Step::Suspend, actor).await;
        }
    }

    async fn staff_submits_a_shop_and_does_not_close_it(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        let staff = accounts.sign_up("sen@example.com").await;
        accounts
            .meddle(
                "INSERT INTO memberships (user_id, shop_id, role, created_at)
                 SELECT users.id, shops.id, 'STAFF', 0 FROM users, shops WHERE users.email = 'sen@example.com'",
            )
            .await
            .unwrap();
        let actor = accounts.authenticate(&staff.token).await.unwrap();
        assert_eq!(actor.memberships[0].role(), proto::accounts::ShopRole::Staff);
        let staff = staff.user.unwrap().id;
        let status = accounts.decide(Step::Close, &staff, &shop, "").await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        let submitted = accounts.decide(Step::Submit, &staff, &shop, "").await.unwrap();
        assert_eq!(submitted.status(), ShopStatus::Submitted);
    }

    async fn an_unknown_shop_is_not_found(database) {
        let accounts = start(database);
        let operator = accounts.operator().await;
        let unknown = platform::ids::new::<kernel::ShopId>().to_string();
        let status = accounts.decide(Step::Approve, &operator, &unknown, "").await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        let status = accounts.decide(Step::Approve, &operator, &operator, "").await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }

    async fn two_operators_at_once_approve_once(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        let (one, other) = tokio::join!(
            accounts.decide(Step::Approve, &operator, &shop, ""),
            accounts.decide(Step::Approve, &operator, &shop, ""),
        );
        let refusals: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(refusals.len(), 1);
        assert_eq!(refused(&refusals[0]), [(RefusalCode::StatusConflict, String::new())]);
        assert_eq!(accounts.shops_told().await.len(), 3);
    }

    async fn a_change_its_event_and_its_audit_entry_stand_or_fall_together(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        let before = accounts.everything().await;
        accounts.meddle("ALTER TABLE audit_chain RENAME TO audit_chain_away").await.unwrap();
        let status = accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal fault"));
        assert_eq!(accounts.everything().await, before);
    }
}
