//! The page: in the language of the session, without script, closed to forms of other sites.

use super::*;

on_each_database! { migrations::payments::Migrator,
    async fn the_page_speaks_the_language_of_its_session_and_runs_no_script(database) {
        let stand = Stand::on(database).await;
        for (locale, title, tag, amount) in [
            (Locale::Vi, "Thanh toán bằng thẻ", "vi", "250.000"),
            (Locale::En, "Pay by card", "en", "250,000"),
        ] {
            let request = CheckoutSessionRequest { locale, ..stand.request(250_000) };
            let session = stand.stripe.create_checkout_session(&request, &new_key()).await.unwrap();
            let answer = stand.browser.get(&session.url).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
            assert!(policy.contains("form-action 'self' https://chonoi.example"), "{policy}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(title) && page.contains(&format!("lang=\"{tag}\"")), "{page}");
            assert!(page.contains(amount) && page.contains("4000 0025 0000 3155"), "{page}");
            assert!(page.contains("Chợ Nổi: 2 kg xoài &#38; dừa"), "{page}");
            assert!(page.contains("https://chonoi.example/gio-hang"), "{page}");
            assert!(!page.contains("<script") && !page.contains("style="), "{page}");
        }
        let style = stand.browser.get(format!("{}/sandbox/card/checkout.css", stand.url));
        let style = style.send().await.unwrap();
        assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    }

    async fn a_number_that_is_no_test_card_is_never_tried_and_never_kept(database) {
        let stand = Stand::on(database.clone()).await;
        let session = stand.session(100_000).await;
        for (number, words) in [
            ("4111+1111+1111+1111", "Đây không phải thẻ thử"),
            ("4242424242424241", "Số thẻ không đúng"),
            ("%3Cscript%3E", "Số thẻ không đúng"),
        ] {
            let page = stand.post(&format!("{}/pay", session.url), &format!("number={number}")).await;
            assert_eq!(page.status(), 402);
            let page = page.text().await.unwrap();
            assert!(page.contains(words) && !page.contains("4111"), "{page}");
        }
        assert_eq!(stand.payment(&session).await.intent, None);
        stand.submit(&session, TestCard::Pays).await;
        // Not even a test card's number is in the database.
        let kept = sea_orm::Statement::from_string(
            database.backend(),
            "SELECT COUNT(*) FROM sandbox_card_objects WHERE body LIKE '%424242%'",
        );
        let row = sea_orm::ConnectionTrait::query_one_raw(database.reader(), kept).await.unwrap();
        assert_eq!(row.unwrap().try_get_by_index::<i64>(0).unwrap(), 0);
    }

    async fn forms_of_other_sites_and_pages_that_are_not_there_do_nothing(database) {
        let stand = Stand::on(database).await;
        let session = stand.session(100_000).await;
        for (path, form) in [("pay", "number=4242424242424242"), ("bank", "answer=yes")] {
            let forged = stand
                .browser
                .post(format!("{}/{path}", session.url))
                .header("sec-fetch-site", "cross-site")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
            assert_eq!(forged.send().await.unwrap().status(), 403);
        }
        assert_eq!(stand.payment(&session).await.intent, None);
        let missing = format!("{}/sandbox/card/checkout/cs_test_none", stand.url);
        assert_eq!(stand.browser.get(&missing).send().await.unwrap().status(), 404);
        assert_eq!(stand.post(&format!("{missing}/pay"), "number=4242424242424242").await.status(), 404);
        // A bank that asks nothing is not answered.
        assert_eq!(stand.post(&format!("{}/bank", session.url), "answer=yes").await.status(), 303);
        assert_eq!(stand.payment(&session).await.intent, None);
    }
}
