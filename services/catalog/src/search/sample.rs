//! A small market for the tests of both engines.

use kernel::{LocalizedText, Money, ProductId, ShopId, Timestamp};
use proto::catalog::ProductKind;
use uuid::Uuid;

use super::engine::IndexedProduct;

/// Categories: slug, slug above, names.
const CATEGORIES: [(&str, &str, &str, &str); 9] = [
    ("trai-cay", "", "Trái cây", "Fruit"),
    ("trai-cay-nhiet-doi", "trai-cay", "Trái cây nhiệt đới", "Tropical fruit"),
    ("cam-quyt-buoi", "trai-cay", "Cam, quýt, bưởi", "Citrus and pomelo"),
    ("banh-keo", "", "Bánh kẹo", "Cakes and sweets"),
    ("rau-cu", "", "Rau củ", "Vegetables"),
    ("thuy-san", "", "Thuỷ sản", "Fish and seafood"),
    ("gia-vi", "", "Gia vị, mắm", "Spices and fish sauce"),
    ("hang-hoa", "", "Hàng hoá khác", "Other goods"),
    ("tour", "", "Tour sông nước", "River tours"),
];

const SHOPS: [&str; 4] =
    ["Vựa trái cây Bảy Xuân", "Rau củ Út Lợi", "Lò bánh Cái Răng", "Ghe Tư Hạnh"];
const WARDS: [&str; 3] = ["31186", "31299", "31315"];

/// Title, English title, category, shop, price in thousands of đồng, OCOP stars.
const PRODUCTS: [(&str, &str, &str, usize, i64, u32); 60] = [
    ("Dừa xiêm xanh", "Green siamese coconut", "trai-cay-nhiet-doi", 0, 15, 0),
    ("Dưa hấu ruột đỏ", "Red watermelon", "trai-cay-nhiet-doi", 0, 45, 0),
    ("Dứa mật Cầu Đúc", "Cầu Đúc honey pineapple", "trai-cay-nhiet-doi", 0, 25, 4),
    ("Dưa lưới Nhật", "Netted melon", "trai-cay-nhiet-doi", 0, 65, 0),
    ("Dưa leo baby", "Baby cucumber", "rau-cu", 1, 18, 0),
    ("Xoài cát Hoà Lộc", "Hoà Lộc mango", "trai-cay-nhiet-doi", 0, 75, 4),
    ("Xoài tượng xanh", "Green elephant mango", "trai-cay-nhiet-doi", 0, 28, 0),
    ("Sầu riêng Ri6", "Ri6 durian", "trai-cay-nhiet-doi", 3, 120, 4),
    ("Sầu riêng Monthong", "Monthong durian", "trai-cay-nhiet-doi", 3, 150, 0),
    ("Măng cụt Lái Thiêu", "Lái Thiêu mangosteen", "trai-cay-nhiet-doi", 0, 60, 0),
    ("Chôm chôm nhãn", "Longan rambutan", "trai-cay-nhiet-doi", 0, 35, 0),
    ("Mãng cầu xiêm", "Soursop", "trai-cay-nhiet-doi", 0, 40, 0),
    ("Vú sữa lò rèn", "Star apple", "trai-cay-nhiet-doi", 0, 55, 3),
    ("Thanh nhãn Phong Điền", "Phong Điền longan", "trai-cay-nhiet-doi", 3, 70, 4),
    ("Bưởi năm roi", "Five-roi pomelo", "cam-quyt-buoi", 0, 30, 3),
    ("Bưởi da xanh", "Green-skin pomelo", "cam-quyt-buoi", 0, 50, 0),
    ("Cam sành Vĩnh Long", "Vĩnh Long king orange", "cam-quyt-buoi", 0, 20, 0),
    ("Quýt hồng Lai Vung", "Lai Vung mandarin", "cam-quyt-buoi", 0, 45, 4),
    ("Chanh không hạt", "Seedless lime", "cam-quyt-buoi", 1, 22, 0),
    ("Bánh pía sầu riêng trứng muối", "Durian pía cake with salted egg", "banh-keo", 2, 65, 4),
    ("Bánh pía đậu xanh", "Mung bean pía cake", "banh-keo", 2, 55, 0),
    ("Bánh tét lá cẩm", "Purple bánh tét", "banh-keo", 2, 90, 5),
    ("Bánh tráng sữa", "Milk rice paper", "banh-keo", 2, 35, 0),
    ("Bánh cống Cần Thơ", "Cần Thơ bánh cống", "banh-keo", 2, 40, 0),
    ("Bánh canh bột lọc", "Tapioca noodle soup kit", "banh-keo", 2, 38, 0),
    ("Kẹo dừa Bến Tre", "Bến Tre coconut candy", "banh-keo", 2, 42, 4),
    ("Mứt gừng", "Candied ginger", "banh-keo", 2, 48, 0),
    ("Mứt dừa non", "Young coconut jam strips", "banh-keo", 2, 58, 0),
    ("Cà phê dừa hoà tan", "Instant coconut coffee", "banh-keo", 2, 72, 3),
    ("Trà mãng cầu", "Soursop tea", "banh-keo", 2, 68, 4),
    ("Rau muống hạt", "Water spinach", "rau-cu", 1, 10, 0),
    ("Bông điên điển", "Sesbania flowers", "rau-cu", 1, 35, 0),
    ("Bông súng đồng", "Water lily stems", "rau-cu", 1, 15, 0),
    ("Đậu bắp xanh", "Okra", "rau-cu", 1, 20, 0),
    ("Hành tím Vĩnh Châu", "Vĩnh Châu shallots", "rau-cu", 1, 45, 4),
    ("Củ cải trắng", "White radish", "rau-cu", 1, 12, 0),
    ("Bí đao chanh", "Small wax gourd", "rau-cu", 1, 14, 0),
    ("Khoai lang tím", "Purple sweet potato", "rau-cu", 1, 24, 0),
    ("Rau đắng đất", "Bitter herb", "rau-cu", 1, 30, 0),
    ("Cá lóc đồng", "Wild snakehead", "thuy-san", 3, 140, 0),
    ("Khô cá lóc một nắng", "Half-dried snakehead", "thuy-san", 3, 220, 4),
    ("Cá tra phi lê", "Pangasius fillet", "thuy-san", 3, 85, 0),
    ("Tôm càng xanh", "Giant river prawn", "thuy-san", 3, 320, 0),
    ("Lươn làm sạch", "Cleaned eel", "thuy-san", 3, 190, 0),
    ("Mắm cá linh", "Linh fish sauce paste", "gia-vi", 3, 95, 3),
    ("Mắm ba khía", "Pickled mangrove crab", "gia-vi", 3, 130, 0),
    ("Nước mắm cá cơm", "Anchovy fish sauce", "gia-vi", 3, 78, 4),
    ("Đường thốt nốt", "Palm sugar", "gia-vi", 2, 52, 0),
    ("Muối ớt xanh", "Green chilli salt", "gia-vi", 2, 26, 0),
    ("Tiêu sọ", "White pepper", "gia-vi", 2, 110, 0),
    ("Điện thoại cũ nguyên zin", "Used phone", "hang-hoa", 1, 2_500, 0),
    ("Ốp lưng dienthoai", "Phone case", "hang-hoa", 1, 60, 0),
    ("Áo bà ba lụa", "Silk bà ba blouse", "hang-hoa", 1, 350, 0),
    ("Nón lá Thới Tân", "Thới Tân conical hat", "hang-hoa", 1, 80, 4),
    ("Khăn rằn Nam Bộ", "Checked scarf", "hang-hoa", 1, 45, 0),
    ("Chiếu lác Cần Thơ", "Sedge mat", "hang-hoa", 1, 180, 3),
    ("Tour chợ nổi Cái Răng sáng sớm", "Cái Răng floating market at dawn", "tour", 3, 450, 0),
    ("Tour vườn trái cây Phong Điền", "Phong Điền orchard tour", "tour", 3, 380, 0),
    ("<script>alert(\"dưa\")</script> Mè xửng", "", "banh-keo", 2, 33, 0),
    ("Cơm tấm sườn nướng", "Broken rice with grilled pork", "hang-hoa", 2, 40, 0),
];

/// All products; the later in the table, the newer. Every fifth is out of stock.
pub(super) fn products() -> Vec<IndexedProduct> {
    (0..PRODUCTS.len()).map(product).collect()
}

/// The id of the product at a place of the table.
pub(super) fn product_id(place: usize) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + place as u128))
}

/// The id of a shop.
pub(super) fn shop_id(place: usize) -> ShopId {
    ShopId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + place as u128))
}

fn product(place: usize) -> IndexedProduct {
    let (title_vi, title_en, category, shop, thousands, ocop_stars) = PRODUCTS[place];
    let (category_slugs, category_names) = categories(category);
    IndexedProduct {
        id: product_id(place),
        shop_id: shop_id(shop),
        title: LocalizedText::new(title_vi, title_en),
        description: LocalizedText::new("Giao trong ngày ở Ninh Kiều.", "Delivered the same day."),
        shop_name: SHOPS[shop].to_owned(),
        category_slugs,
        category_names,
        kind: if category == "tour" { ProductKind::Tour } else { ProductKind::Goods },
        ward_code: WARDS[place % WARDS.len()].to_owned(),
        ocop_stars,
        price_min: Money::vnd(thousands * 1_000),
        price_max: Money::vnd(thousands * 1_000),
        in_stock: place % 5 != 4,
        travel_days: if category == "tour" { travel_days(place) } else { Vec::new() },
        // Every fourth is rated, from 3.00 on.
        rating: if place.is_multiple_of(4) { 300 + 3 * place as u32 } else { 0 },
        created_at: Timestamp::from_micros(1_700_000_000_000_000 + place as i64),
        attributes: vec!["VietGAP".to_owned()],
        skus: vec![format!("CN-{place:03}")],
    }
}

/// Every tour leaves on the first of December, and each on a day of its own.
fn travel_days(place: usize) -> Vec<String> {
    vec!["2026-12-01".to_owned(), format!("2026-12-{}", place - 46)]
}

fn categories(slug: &str) -> (Vec<String>, Vec<String>) {
    let (mut slugs, mut names) = (Vec::new(), Vec::new());
    let mut next = slug;
    while let Some((slug, above, vi, en)) = CATEGORIES.iter().find(|category| category.0 == next) {
        slugs.push((*slug).to_owned());
        names.extend([(*vi).to_owned(), (*en).to_owned()]);
        next = above;
    }
    (slugs, names)
}
