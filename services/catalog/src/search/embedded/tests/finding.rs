//! What is found by which words, and what comes first.

use super::*;

#[tokio::test]
async fn words_without_diacritics_find_words_with_them() {
    let engine = market().await;
    for (typed, title) in [
        ("banh pia dau xanh", "Bánh pía đậu xanh"),
        ("dau bap", "Đậu bắp xanh"),
        ("duong thot not", "Đường thốt nốt"),
        ("BÁNH TÉT", "Bánh tét lá cẩm"),
        ("xoai cat hoa loc", "Xoài cát Hoà Lộc"),
        ("Xoài cát Hòa Lộc", "Xoài cát Hoà Lộc"),
        ("bông điên điển", "Bông điên điển"),
        ("bong dien dien", "Bông điên điển"),
        // Shown in English where only the English title has the words.
        ("durian cake", "Durian pía cake with salted egg"),
        ("CN-021", "Bánh tét lá cẩm"),
    ] {
        assert_eq!(first(&engine, typed).await, title, "{typed}");
    }
}

#[tokio::test]
async fn the_marks_that_were_typed_come_first_and_the_others_still_come() {
    let engine = market().await;
    let place = |titles: &[String], title: &str| titles.iter().position(|t| t == title).unwrap();
    let found = titles(&engine, "dừa").await;
    let melon = place(&found, "Dưa hấu ruột đỏ");
    for coconut in ["Dừa xiêm xanh", "Kẹo dừa Bến Tre", "Mứt dừa non", "Cà phê dừa hoà tan"]
    {
        assert!(place(&found, coconut) < melon, "{found:?}");
    }
    assert!(place(&titles(&engine, "dứa").await, "Dứa mật Cầu Đúc") == 0);
    let found = titles(&engine, "dua").await;
    for title in ["Dừa xiêm xanh", "Dưa hấu ruột đỏ", "Dứa mật Cầu Đúc", "Dưa leo baby"]
    {
        place(&found, title);
    }
}

#[tokio::test]
async fn slips_of_the_finger_are_forgiven_in_words_that_nobody_wrote() {
    let engine = market().await;
    for (typed, title) in [
        ("sau rieg", "Sầu riêng"),
        ("mang cutt", "Măng cụt"),
        ("xoia tuong", "Xoài tượng"),
        ("bưởii da xanh", "Bưởi da xanh"),
        ("mangostean", "Lái Thiêu mangosteen"),
    ] {
        let found = first(&engine, typed).await;
        assert!(found.starts_with(title), "{typed}: {found}");
    }
    // What is a word as it stands is taken at its word: "bánh" brings no "hành" and no "xanh".
    let found = titles(&engine, "bánh").await;
    assert!(found.contains(&"Bánh tét lá cẩm".to_owned()));
    for title in ["Hành tím Vĩnh Châu", "Tôm càng xanh", "Xoài tượng xanh"] {
        assert!(!found.contains(&title.to_owned()), "{found:?}");
    }
    // Three letters forgive nothing.
    assert!(titles(&engine, "pxa").await.is_empty());
}

#[tokio::test]
async fn every_letter_typed_finds_what_the_word_will_be() {
    let engine = market().await;
    for typed in
        ["s", "sa", "sau", "sau ", "sau r", "sầu ri", "sau rie", "sau rieng", "sau rieng r"]
    {
        let found = titles(&engine, typed).await;
        assert!(found.iter().any(|title| title == "Sầu riêng Ri6"), "{typed}: {found:?}");
    }
}

#[tokio::test]
async fn the_order_of_words_does_not_matter_but_neighbours_come_first() {
    let engine = market().await;
    assert_eq!(first(&engine, "xanh dau pia banh").await, "Bánh pía đậu xanh");
    assert_eq!(first(&engine, "lóc cá").await, first(&engine, "cá lóc").await);
    let mut turned = products().remove(0);
    turned.id = product_id(900);
    turned.title = LocalizedText::new("Xanh xiêm dừa", "");
    engine.put(&[turned]).await.unwrap();
    assert_eq!(first(&engine, "dừa xiêm xanh").await, "Dừa xiêm xanh");
    assert_eq!(first(&engine, "xanh xiêm dừa").await, "Xanh xiêm dừa");
}

#[tokio::test]
async fn words_written_together_or_apart_find_each_other() {
    let engine = market().await;
    for (typed, title) in [
        ("banhpia", "Bánh pía"),
        ("comtam", "Cơm tấm sườn nướng"),
        ("mangcauxiem", "Mãng cầu xiêm"),
        ("saurieng ri6", "Sầu riêng Ri6"),
        ("banhpi", "Bánh pía"),
    ] {
        let found = first(&engine, typed).await;
        assert!(found.starts_with(title), "{typed}: {found}");
    }
    let together = titles(&engine, "dien thoai").await;
    assert!(together.contains(&"Ốp lưng dienthoai".to_owned()), "{together:?}");
    assert!(together.contains(&"Điện thoại cũ nguyên zin".to_owned()), "{together:?}");
}

#[tokio::test]
async fn when_not_all_words_are_anywhere_some_are_given_up() {
    let engine = market().await;
    // Nothing knows these words at all,
    assert_eq!(first(&engine, "qqqqqqqq banh tet wwwwwwww").await, "Bánh tét lá cẩm");
    // and these are never together: the last one goes first.
    let found = titles(&engine, "bánh tét lươn").await;
    assert_eq!(found[0], "Bánh tét lá cẩm");
    assert!(!found.iter().any(|title| title.contains("Lươn")), "{found:?}");
}

#[tokio::test]
async fn html_in_a_title_stays_text() {
    let engine = market().await;
    let found = outcome(&engine, &asking("mè xửng")).await;
    assert_eq!(
        found.hits[0].highlight,
        "<script>alert(\"dưa\")</script> \u{E000}Mè\u{E001} \u{E000}xửng\u{E001}"
    );
    assert_eq!(first(&engine, "<script>alert(").await, "<script>alert(\"dưa\")</script> Mè xửng");
}

#[tokio::test]
async fn odd_queries_are_answered_at_once() {
    let engine = market().await;
    let long_word = "nghiêng".repeat(150);
    let long_text = "bánh pía sầu riêng ".repeat(60);
    let scattered = "a b c d e g h i k l m n o p q r s t u v x y ".repeat(20);
    let odd = [
        "",
        "   ",
        "*?\"()[]{}^~:\\/+-!&|",
        "🥭🥥",
        "\u{0}\u{301}\u{200b}",
        "芒果",
        "AND OR NOT",
        "title:*",
    ];
    let began = Instant::now();
    for text in odd.into_iter().chain([&*long_word, &*long_text, &*scattered]) {
        let found = outcome(&engine, &asking(text)).await;
        assert!(found.hits.len() <= 100);
        assert!(found.total <= 60);
    }
    assert_eq!(titles(&engine, "   ").await.len(), 60);
    for nothing in ["🥭🥥", "*?\"()[]{}^~:\\/+-!&|", "芒果", &long_word] {
        assert!(titles(&engine, nothing).await.is_empty(), "{nothing}");
    }
    assert!(titles(&engine, &long_text).await[0].starts_with("Bánh pía sầu riêng"));
    // Far from a bound on speed: it only tells an answer from an explosion, also in a debug build.
    assert!(began.elapsed().as_secs() < 20);
}
