//! What letters to a shop's people say: of its orders, and of what operators decided on the shop.

use kernel::Money;

use super::mail_text::{Text, Words};

/// What happened to a shop's orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsOfShop {
    /// What the shop is called.
    pub shop: String,
    /// Orders that were paid.
    pub paid: Vec<ListedOrder>,
    /// Orders that were called off.
    pub called_off: Vec<ListedOrder>,
    /// Orders of which pieces are to be sent back.
    pub returns: Vec<ListedOrder>,
    /// How many more there are.
    pub more: usize,
    /// The shop's page, where these letters are switched off, too.
    pub link: String,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrder {
    /// The number by which people know it.
    pub number: String,
    /// What it costs.
    pub total: Money,
    /// Where the shop sees it.
    pub link: String,
}

/// What operators decided on a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedShop {
    /// `approved`, `refused` or `suspended`.
    pub what: String,
    /// What the shop is called.
    pub shop: String,
    /// Why; empty: nothing was said.
    pub reason: String,
    /// The shop's page.
    pub link: String,
}

impl Words {
    /// What happened to a shop's orders, in one letter.
    pub fn shop_news(&self, name: &str, news: &NewsOfShop) -> Text {
        let kinds = [
            ("shop_news.paid", &news.paid),
            ("shop_news.called_off", &news.called_off),
            ("shop_news.returns", &news.returns),
        ];
        let (mut counted, mut body) = (Vec::new(), Vec::new());
        for (key, orders) in kinds.into_iter().filter(|(_, orders)| !orders.is_empty()) {
            let count = orders.len().to_string();
            let heading = self.say(key, &[("count", &count)]);
            let lines = orders.iter().map(|order| {
                let total = self.money(order.total);
                let facts =
                    [("number", order.number.as_str()), ("total", &total), ("link", &order.link)];
                self.say("shop_news.order", &facts)
            });
            let lines: Vec<String> = lines.collect();
            body.push(format!("{heading}\n{}", lines.join("\n")));
            counted.push(heading);
        }
        if news.more > 0 {
            body.push(self.say("shop_news.more", &[("count", &news.more.to_string())]));
        }
        body.push(self.say("shop_news.see", &[("link", &news.link)]));
        body.push(self.say("shop_news.off", &[("shop", &news.shop)]));
        let what = counted.join(", ");
        let facts = [("shop", news.shop.as_str()), ("what", &what)];
        self.letter(name, self.say("shop_news.subject", &facts), body)
    }

    /// What operators decided on a shop, to its owner.
    pub fn shop_decided(&self, name: &str, decided: &DecidedShop) -> Text {
        let facts = [("shop", decided.shop.as_str()), ("link", &decided.link)];
        let said = |part: &str| self.say(&format!("shop_{}.{part}", decided.what), &facts);
        let mut body = vec![said("text")];
        if !decided.reason.is_empty() {
            body.push(self.say("reason", &[("reason", &decided.reason)]));
        }
        body.push(said("then"));
        self.letter(name, said("subject"), body)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Locale;

    use super::*;

    fn order(number: &str) -> ListedOrder {
        ListedOrder {
            number: number.to_owned(),
            total: Money::vnd(170_000),
            link: format!("https://cho.vn/my-shops/1/orders/{number}"),
        }
    }

    fn news() -> NewsOfShop {
        NewsOfShop {
            shop: "Vựa Sen".to_owned(),
            paid: vec![order("CN-1"), order("CN-2")],
            called_off: Vec::new(),
            returns: vec![order("CN-3")],
            more: 0,
            link: "https://cho.vn/my-shops/1".to_owned(),
        }
    }

    #[test]
    fn a_letter_lists_the_orders_by_what_happened_and_counts_them_in_its_subject() {
        let text = Words::of(Locale::Vi).shop_news("Nguyễn Thị Ba", &news());
        assert_eq!(text.subject, "Vựa Sen: Đơn mới: 2, Yêu cầu trả hàng: 1");
        for part in ["Xin chào Nguyễn Thị Ba,", "CN-1: 170.000", "orders/CN-3", "my-shops/1\n"]
        {
            assert!(text.body.contains(part), "{part}: {}", text.body);
        }
        assert!(!text.body.contains("bị hủy") && !text.body.contains('{'), "{}", text.body);
        let text = Words::of(Locale::En).shop_news("", &NewsOfShop { more: 7, ..news() });
        assert!(text.subject.starts_with("Vựa Sen: New orders: 2"), "{}", text.subject);
        assert!(text.body.contains("And 7 more"), "{}", text.body);
    }

    #[test]
    fn every_decision_has_words_in_both_languages_and_says_why() {
        for locale in [Locale::Vi, Locale::En] {
            for what in ["approved", "refused", "suspended"] {
                let decided = DecidedShop {
                    what: what.to_owned(),
                    shop: "Vựa Sen".to_owned(),
                    reason: "Ảnh mờ".to_owned(),
                    link: "https://cho.vn/my-shops/1".to_owned(),
                };
                let text = Words::of(locale).shop_decided("", &decided);
                assert!(text.subject.contains("Vựa Sen"), "{}", text.subject);
                for part in ["Ảnh mờ", "https://cho.vn/my-shops/1"] {
                    assert!(text.body.contains(part), "{part}: {}", text.body);
                }
                assert!(!text.body.contains("shop_"), "a key without words: {}", text.body);
            }
        }
    }
}
