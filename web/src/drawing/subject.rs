//! Which thing stands for a product: by its category, and inside that by the words of its slug.
//!
//! Owns the two tables below. A new category of the seed belongs here; one that is missing is
//! drawn as a parcel.

use super::chance::Chance;
use super::sheet::Sheet;
use super::{craft, fruit, garden, kitchen, vessel};

/// Draws one thing around the origin; the number picks among its colours.
pub type Draw = fn(&mut Sheet, usize);

/// What a picture shows.
#[derive(Clone, Copy)]
pub struct Subject {
    /// Lower-case ASCII and hyphens: it is the id of the drawing inside the picture.
    pub name: &'static str,
    pub draw: Draw,
    /// How many of it look natural together.
    pub most: usize,
}

/// Categories that share their things. `words` are slug words, the first that fits wins;
/// `otherwise` is drawn from by chance.
struct Family {
    categories: &'static [&'static str],
    words: &'static [(&'static str, Subject)],
    otherwise: &'static [Subject],
}

const fn thing(name: &'static str, draw: Draw, most: usize) -> Subject {
    Subject { name, draw, most }
}

const MANGO: Subject = thing("mango", fruit::mango, 5);
const ORANGE: Subject = thing("orange", fruit::orange, 5);
const ORANGE_HALF: Subject = thing("orange-half", fruit::orange_half, 3);
const POMELO: Subject = thing("pomelo", fruit::pomelo, 3);
const DURIAN: Subject = thing("durian", fruit::durian, 3);
const PINEAPPLE: Subject = thing("pineapple", fruit::pineapple, 3);
const BANANA: Subject = thing("banana", fruit::banana, 2);
const WATERMELON: Subject = thing("watermelon", fruit::watermelon, 3);
const DRAGON_FRUIT: Subject = thing("dragon-fruit", fruit::dragon_fruit, 3);
const CLUSTER: Subject = thing("cluster", fruit::cluster, 2);
const RAMBUTAN: Subject = thing("rambutan", fruit::rambutan, 3);
const STAR_APPLE: Subject = thing("star-apple", fruit::star_apple, 5);
const MANGOSTEEN: Subject = thing("mangosteen", fruit::mangosteen, 5);
const PAPAYA: Subject = thing("papaya", fruit::papaya, 2);
const GUAVA: Subject = thing("guava", fruit::guava, 5);
const JACKFRUIT: Subject = thing("jackfruit", fruit::jackfruit, 2);
const SOURSOP: Subject = thing("soursop", fruit::soursop, 3);
const CANE: Subject = thing("sugar-cane", fruit::sugar_cane, 1);

const ONION: Subject = thing("onion", garden::onion, 5);
const GARLIC: Subject = thing("garlic", garden::garlic, 5);
const GINGER: Subject = thing("ginger", garden::ginger, 3);
const AUBERGINE: Subject = thing("aubergine", garden::aubergine, 3);
const GREENS: Subject = thing("greens", garden::greens, 2);
const BLOSSOMS: Subject = thing("blossoms", garden::blossoms, 1);
const SWEET_POTATO: Subject = thing("sweet-potato", garden::sweet_potato, 2);
const PUMPKIN: Subject = thing("pumpkin", garden::pumpkin, 3);
const GOURD: Subject = thing("gourd", garden::gourd, 2);
const MUSHROOM: Subject = thing("mushroom", garden::mushroom, 2);
const FLOWER_POT: Subject = thing("flower-pot", garden::flower_pot, 2);
const BOUQUET: Subject = thing("bouquet", garden::bouquet, 1);
const SAPLING: Subject = thing("sapling", garden::sapling, 3);
const BLOSSOM_TREE: Subject = thing("blossom-tree", garden::blossom_tree, 1);
const GARDEN_SACK: Subject = thing("garden-sack", garden::garden_sack, 2);

const RICE_SACK: Subject = thing("rice-sack", kitchen::rice_sack, 3);
const GRAIN_BOWL: Subject = thing("grain-bowl", kitchen::grain_bowl, 2);
const FISH: Subject = thing("fish", kitchen::fish, 3);
const DRIED_FISH: Subject = thing("dried-fish", kitchen::dried_fish, 1);
const SQUID: Subject = thing("squid", kitchen::squid, 2);
const SHRIMP: Subject = thing("shrimp", kitchen::shrimp, 3);
const CRAB: Subject = thing("crab", kitchen::crab, 2);
const FISH_BALLS: Subject = thing("fish-balls", kitchen::fish_balls, 1);
const SAUSAGE: Subject = thing("sausage", kitchen::sausage, 1);
const ROAST_BIRD: Subject = thing("roast-bird", kitchen::roast_bird, 1);
const EGGS: Subject = thing("eggs", kitchen::eggs, 2);
const PIA_CAKES: Subject = thing("pia-cakes", kitchen::pia_cakes, 1);
const CAKE_BOX: Subject = thing("cake-box", kitchen::cake_box, 2);
const RICE_PAPER: Subject = thing("rice-paper", kitchen::rice_paper, 1);
const NOODLES: Subject = thing("noodles", kitchen::noodles, 1);
const LEAF_ROLL: Subject = thing("leaf-roll", kitchen::leaf_roll, 1);
const SMALL_CAKES: Subject = thing("small-cakes", kitchen::small_cakes, 1);
const CANDY: Subject = thing("candy", kitchen::candy, 1);
const SNACK_BAG: Subject = thing("snack-bag", kitchen::snack_bag, 3);

const JAR: Subject = thing("jar", vessel::jar, 3);
const CLAY_JAR: Subject = thing("clay-jar", vessel::clay_jar, 3);
const BOTTLE: Subject = thing("bottle", vessel::bottle, 3);
const HONEY_POT: Subject = thing("honey-pot", vessel::honey_pot, 2);
const SPICE_BOWL: Subject = thing("spice-bowl", vessel::spice_bowl, 2);
const TEA: Subject = thing("tea", vessel::tea, 2);
const PHIN: Subject = thing("phin-coffee", vessel::phin_coffee, 2);
const COFFEE_BAG: Subject = thing("coffee-bag", vessel::coffee_bag, 3);
const CHOCOLATE: Subject = thing("chocolate", vessel::chocolate, 2);
const JUICE: Subject = thing("juice", vessel::juice, 3);
const FLASK: Subject = thing("spirit-flask", vessel::spirit_flask, 1);
const SOAP: Subject = thing("soap", vessel::soap, 1);
const OIL_BOTTLE: Subject = thing("oil-bottle", vessel::oil_bottle, 3);

const BASKET: Subject = thing("basket", craft::basket, 3);
const ROUND_WEAVE: Subject = thing("round-weave", craft::round_weave, 2);
const LAMP: Subject = thing("lamp", craft::lamp, 2);
const BOAT: Subject = thing("boat", craft::boat, 1);
const BLOUSE: Subject = thing("blouse", craft::blouse, 1);
const TEE_SHIRT: Subject = thing("tee-shirt", craft::tee_shirt, 1);
const TROUSERS: Subject = thing("trousers", craft::trousers, 1);
const SCARF: Subject = thing("scarf", craft::scarf, 1);
const LEAF_HAT: Subject = thing("leaf-hat", craft::leaf_hat, 1);
const CLOTH_BAG: Subject = thing("cloth-bag", craft::cloth_bag, 1);
const SLIPPERS: Subject = thing("slippers", craft::slippers, 1);
const WOODEN_WARE: Subject = thing("wooden-ware", craft::wooden_ware, 1);
const BOOKS: Subject = thing("books", craft::books, 1);
const MAP: Subject = thing("map", craft::map, 1);
const LOTUS_LANTERN: Subject = thing("lotus-lantern", craft::lotus_lantern, 2);
const MASK: Subject = thing("mask", craft::mask, 1);
const DRUM: Subject = thing("drum", craft::drum, 2);
const BRACELET: Subject = thing("bracelet", craft::bracelet, 1);
const PARCEL: Subject = thing("parcel", craft::parcel, 2);

/// Family by family, in the order of the categories a shopper sees.
const FAMILIES: &[Family] = &[
    Family {
        categories: &["trai-cay", "trai-cay-nhiet-doi"],
        words: &[
            ("xoai", MANGO),
            ("dua-hau", WATERMELON),
            ("chuoi", BANANA),
            ("mit", JACKFRUIT),
            ("du-du", PAPAYA),
            ("mang-cau", SOURSOP),
            ("thanh-long", DRAGON_FRUIT),
            ("sau-rieng", DURIAN),
            ("khom", PINEAPPLE),
            ("chom-chom", RAMBUTAN),
            ("dau-ha-chau", CLUSTER),
            ("nhan", CLUSTER),
            ("mang-cut", MANGOSTEEN),
            ("vu-sua", STAR_APPLE),
            ("oi", GUAVA),
            ("man", GUAVA),
            ("coc", GUAVA),
            ("mia", CANE),
            ("gio", BASKET),
        ],
        otherwise: &[MANGO, ORANGE, DRAGON_FRUIT, GUAVA, STAR_APPLE, PINEAPPLE],
    },
    Family {
        categories: &["cam-quyt-buoi"],
        words: &[
            ("tep-buoi", ORANGE_HALF),
            ("buoi", POMELO),
            ("cam", ORANGE),
            ("quyt", ORANGE),
            ("chanh", ORANGE_HALF),
        ],
        otherwise: &[ORANGE, ORANGE_HALF],
    },
    Family { categories: &["trai-cay-say"], words: &[], otherwise: &[SNACK_BAG] },
    Family {
        categories: &["rau-cu", "cu-qua"],
        words: &[
            ("khoai", SWEET_POTATO),
            ("bi-do", PUMPKIN),
            ("ca-tim", AUBERGINE),
            ("bi-dao", GOURD),
            ("kho-qua", GOURD),
            ("dau-bap", GOURD),
        ],
        otherwise: &[PUMPKIN, AUBERGINE, GOURD, SWEET_POTATO, GREENS],
    },
    Family {
        categories: &["rau-la"],
        words: &[("bong", BLOSSOMS), ("trai-ban", GUAVA)],
        otherwise: &[GREENS],
    },
    Family {
        categories: &["hanh-toi"],
        words: &[("toi", GARLIC), ("gung", GINGER), ("nghe", GINGER), ("hanh", ONION)],
        otherwise: &[ONION, GARLIC, GINGER],
    },
    Family { categories: &["nam"], words: &[("cha-bong", JAR)], otherwise: &[MUSHROOM] },
    Family { categories: &["gao-nong-san", "gao"], words: &[], otherwise: &[RICE_SACK] },
    Family { categories: &["nep-dau-hat"], words: &[], otherwise: &[GRAIN_BOWL] },
    Family { categories: &["bot-kho"], words: &[("hu", JAR)], otherwise: &[GRAIN_BOWL, SNACK_BAG] },
    Family {
        categories: &["thuy-hai-san", "tom-cua"],
        words: &[("cua", CRAB), ("ha-cao", SMALL_CAKES)],
        otherwise: &[SHRIMP],
    },
    Family {
        categories: &["ca"],
        words: &[
            ("vien", FISH_BALLS),
            ("cha", FISH_BALLS),
            ("kho-qua", GOURD),
            ("chien-xu", FISH_BALLS),
        ],
        otherwise: &[FISH],
    },
    Family {
        categories: &["kho-ca-tom"],
        words: &[("tom", SHRIMP), ("muc", SQUID), ("artemia", GRAIN_BOWL), ("ruoc", GRAIN_BOWL)],
        otherwise: &[DRIED_FISH],
    },
    Family {
        categories: &["thit-trung", "lap-xuong-thit-kho"],
        words: &[
            ("lap-xuong", SAUSAGE),
            ("vit", ROAST_BIRD),
            ("ga", ROAST_BIRD),
            ("xe", JAR),
            ("kho", SNACK_BAG),
        ],
        otherwise: &[SAUSAGE],
    },
    Family { categories: &["trung"], words: &[], otherwise: &[EGGS] },
    Family {
        categories: &["banh-dac-san", "banh-pia"],
        words: &[("hop-qua", CAKE_BOX)],
        otherwise: &[PIA_CAKES, PIA_CAKES, CAKE_BOX],
    },
    Family {
        categories: &["banh-trang-bun"],
        words: &[("bun", NOODLES), ("hu-tieu", NOODLES)],
        otherwise: &[RICE_PAPER],
    },
    Family {
        categories: &["banh-dan-gian"],
        words: &[("tet", LEAF_ROLL), ("com-ruou", JAR)],
        otherwise: &[SMALL_CAKES],
    },
    Family { categories: &["keo-mut"], words: &[("mut", JAR)], otherwise: &[CANDY] },
    Family { categories: &["mam-gia-vi", "mam"], words: &[], otherwise: &[CLAY_JAR, JAR] },
    Family {
        categories: &["nuoc-cham-gia-vi"],
        words: &[
            ("nuoc", BOTTLE),
            ("giam", BOTTLE),
            ("ngam", JAR),
            ("dau", BOTTLE),
            ("sa-te", JAR),
            ("dua-cai", JAR),
            ("cu-cai", JAR),
            ("xa-bau", JAR),
        ],
        otherwise: &[SPICE_BOWL],
    },
    Family {
        categories: &["duong-mat"],
        words: &[("mat-ong", HONEY_POT), ("mat-mia", BOTTLE)],
        otherwise: &[SPICE_BOWL],
    },
    Family { categories: &["do-uong", "tra"], words: &[], otherwise: &[TEA] },
    Family {
        categories: &["ca-phe-ca-cao"],
        words: &[
            ("so-co-la", CHOCOLATE),
            ("cold-brew", BOTTLE),
            ("rang", COFFEE_BAG),
            ("bot-ca-cao", COFFEE_BAG),
        ],
        otherwise: &[PHIN, COFFEE_BAG],
    },
    Family {
        categories: &["nuoc-trai-cay"],
        words: &[("si-ro", BOTTLE), ("hu", JAR)],
        otherwise: &[JUICE],
    },
    Family { categories: &["ruou"], words: &[], otherwise: &[FLASK, BOTTLE] },
    Family {
        categories: &["thu-cong-my-nghe", "dan-lat"],
        words: &[
            ("den", LAMP),
            ("tham", ROUND_WEAVE),
            ("nia", ROUND_WEAVE),
            ("khay", ROUND_WEAVE),
            ("chieu", SCARF),
            ("nom", LAMP),
        ],
        otherwise: &[BASKET],
    },
    Family {
        categories: &["do-go-gom"],
        words: &[("xuong", BOAT), ("ghe", BOAT), ("vo-lai", BOAT), ("phin", PHIN)],
        otherwise: &[WOODEN_WARE],
    },
    Family {
        categories: &["thoi-trang", "ao-ba-ba"],
        words: &[("thun", TEE_SHIRT), ("quan", TROUSERS)],
        otherwise: &[BLOUSE],
    },
    Family {
        categories: &["non-khan"],
        words: &[
            ("non", LEAF_HAT),
            ("tui", CLOTH_BAG),
            ("dep", SLIPPERS),
            ("tap-de", CLOTH_BAG),
            ("ao-mua", TEE_SHIRT),
        ],
        otherwise: &[SCARF],
    },
    Family {
        categories: &["hoa-cay-canh", "hoa-tuoi"],
        words: &[("bo", BOUQUET), ("lan", BLOSSOM_TREE)],
        otherwise: &[FLOWER_POT],
    },
    Family {
        categories: &["cay-giong"],
        words: &[
            ("mai", BLOSSOM_TREE),
            ("hoa-giay", BLOSSOM_TREE),
            ("khom", PINEAPPLE),
            ("hat", GARDEN_SACK),
            ("lua", RICE_SACK),
            ("phan", GARDEN_SACK),
            ("xo-dua", GARDEN_SACK),
            ("trau-hun", GARDEN_SACK),
        ],
        otherwise: &[SAPLING],
    },
    Family {
        categories: &["cham-soc", "xa-phong-tinh-dau"],
        words: &[
            ("xa-phong", SOAP),
            ("nuoc", BOTTLE),
            ("cam", JAR),
            ("tui", CLOTH_BAG),
            ("bo", JAR),
        ],
        otherwise: &[OIL_BOTTLE],
    },
    Family {
        categories: &["qua-luu-niem"],
        words: &[
            ("xuong", BOAT),
            ("cho-noi", BOAT),
            ("den-nuoc", LOTUS_LANTERN),
            ("den-gio", LAMP),
            ("mat-na", MASK),
            ("trong", DRUM),
            ("vong-tay", BRACELET),
            ("ong-hut", CANE),
            ("binh", BOTTLE),
        ],
        otherwise: &[PARCEL],
    },
    Family {
        categories: &["sach-ban-do"],
        words: &[("ban-do", MAP), ("poster", MAP)],
        otherwise: &[BOOKS],
    },
    Family { categories: &["du-lich"], words: &[], otherwise: &[BOAT, LOTUS_LANTERN] },
];

/// The thing to draw; a parcel for a category that stands in no family.
pub fn of(category_slug: &str, seed: &str, chance: &mut Chance) -> Subject {
    let Some(family) = FAMILIES.iter().find(|family| family.categories.contains(&category_slug))
    else {
        return PARCEL;
    };
    // Between hyphens, so that "mit" is found in "mit-thai" but not in "limit".
    let words = format!("-{seed}-");
    let named = family.words.iter().find(|(word, _)| words.contains(&format!("-{word}-")));
    match named {
        Some((_, subject)) => *subject,
        None => family.otherwise[chance.below(family.otherwise.len())],
    }
}

/// Every category with every word that means something in it, and once with none.
#[cfg(test)]
pub fn categories_and_words() -> Vec<(&'static str, &'static str)> {
    let mut all = vec![("khong-co-loai-nay", "")];
    for family in FAMILIES {
        for category in family.categories {
            all.push((category, ""));
            all.extend(family.words.iter().map(|(word, _)| (*category, *word)));
        }
    }
    all
}
