//! What hands make: baskets, boats, clothes, books, gifts, and the parcel for everything unknown.

use super::sheet::Sheet;

fn shine(sheet: &mut Sheet, x: i32, y: i32, rx: i32, ry: i32) {
    sheet.faint(35, |s| s.ellipse(x, y, rx, ry, "#ffffff"));
}

pub fn basket(s: &mut Sheet, tone: usize) {
    let (straw, dark) = [
        ("#d3a866", "#a67a3c"),
        ("#b98a52", "#8a6030"),
        ("#c9b07a", "#96804a"),
        ("#a8683c", "#7a4522"),
    ][tone % 4];
    s.line("M-66 -20C-60 -124 60 -124 66 -20", 12, dark);
    s.shape("M-88 -20H88L68 92Q0 106 -68 92z", straw);
    s.faint(60, |s| s.line("M-82 8H82M-78 34H78M-74 60H74M-68 84H68", 6, dark));
    s.faint(45, |s| {
        s.line("M-60 -16L-48 90M-30 -16L-24 96M0 -16V98M30 -16L24 96M60 -16L48 90", 6, dark);
    });
    s.rectangle((-96, -32), (192, 22), 11, dark);
    s.line(
        "M-84 -26l14 10m6 -10l14 10m6 -10l14 10m6 -10l14 10m6 -10l14 10m6 -10l14 10m6 -10l14 10",
        4,
        straw,
    );
}

/// A flat round tray, rug or winnowing basket, seen from above.
pub fn round_weave(s: &mut Sheet, tone: usize) {
    let (straw, dark) = [
        ("#d9b478", "#a67a3c"),
        ("#c79a5a", "#8a6030"),
        ("#e2c896", "#b5893f"),
        ("#b5854f", "#6f9a5a"),
    ][tone % 4];
    s.circle(0, 0, 102, dark);
    s.circle(0, 0, 92, straw);
    s.faint(50, |s| {
        s.around(12, |s| s.line("M0 -16V-88", 5, dark));
        for radius in [76, 58, 40, 22] {
            s.line(&format!("M{radius} 0A{radius} {radius} 0 1 1 {radius} -1"), 5, dark);
        }
    });
    s.circle(0, 0, 12, dark);
}

pub fn lamp(s: &mut Sheet, tone: usize) {
    let (shade, glow) =
        [("#c79a5a", "#ffe9b0"), ("#d0483c", "#ffd98a"), ("#b98a52", "#fff0c8")][tone % 3];
    s.line("M0 -112V-70", 5, "#4a3a2c");
    s.faint(45, |s| s.circle(0, 30, 88, glow));
    s.shape("M-22 -72H22C90 -50 100 40 60 66H-60C-100 40 -90 -50 -22 -72z", shade);
    s.faint(75, |s| {
        s.line("M0 -70V64M-30 -66Q-70 0 -34 64M30 -66Q70 0 34 64M-76 -20H76M-80 22H80", 6, glow);
    });
    s.ellipse(0, 66, 60, 11, glow);
    s.line("M-20 78V96M0 78V104M20 78V96", 5, shade);
}

/// A wooden sampan with painted eye, cargo and pole.
pub fn boat(s: &mut Sheet, tone: usize) {
    let (hull, rim, flag) = [
        ("#8a4f2c", "#c9793a", "#f2a93b"),
        ("#2f6f7a", "#e0b45a", "#e5397a"),
        ("#b5402e", "#f3c95a", "#8fbc4a"),
        ("#5f4030", "#a9703f", "#e9873a"),
    ][tone % 4];
    s.line("M34 22V-108", 6, "#a98a4a");
    for y in [-98, -66] {
        s.ellipse(34, y, 16, 20, flag);
        s.shape(&format!("M34 {}l-9 -14l9 5l9 -5z", y - 18), "#4f9a4a");
    }
    s.shape("M-66 18Q-62 -40 -20 -44Q22 -40 20 18z", "#d9b878");
    s.line("M-62 -2H18M-54 -24H12M-22 -42V16", 4, "#a98445");
    s.shape("M-116 0Q-70 26 0 26Q70 26 116 0Q96 78 52 82H-52Q-96 78 -116 0z", hull);
    s.line("M-112 6Q-60 34 0 34Q60 34 112 6", 8, rim);
    s.ellipse(-78, 42, 14, 10, "#fffaf0");
    s.circle(-79, 42, 5, "#1f1a18");
    s.faint(70, |s| s.line("M-110 92q18 -14 36 0t36 0t36 0t36 0t36 0t36 0", 7, "#ffffff"));
}

/// The bà ba blouse: V neck, side slits, a row of buttons.
pub fn blouse(s: &mut Sheet, tone: usize) {
    let (cloth, dark) = [
        ("#7a4a9a", "#5a3378"),
        ("#2f2b33", "#18161c"),
        ("#2f8f86", "#206860"),
        ("#d96a8f", "#b04a6e"),
        ("#f0e6d4", "#cdbb98"),
    ][tone % 5];
    s.shape(
        "M-36 -88L-108 -28L-84 12L-56 -12L-64 96H64L56 -12L84 12L108 -28L36 -88Q0 -70 -36 -88z",
        cloth,
    );
    s.shape("M-28 -84L0 -44L28 -84Q0 -72 -28 -84z", "#f7dcc4");
    s.line("M-30 -86L0 -42L30 -86M0 -42V92M-54 40L-60 94M54 40L60 94", 5, dark);
    s.line("M8 -22h.1M8 8h.1M8 38h.1M8 68h.1", 9, "#f6e3b4");
    s.rectangle((-50, 46), (34, 34), 5, dark);
    s.rectangle((20, 46), (34, 34), 5, dark);
}

pub fn tee_shirt(s: &mut Sheet, tone: usize) {
    let (cloth, dark) = [
        ("#f4efe2", "#d9cfb8"),
        ("#2f6f7a", "#215059"),
        ("#e9a23c", "#c27f22"),
        ("#c85a4a", "#9e4036"),
    ][tone % 4];
    s.shape(
        "M-36 -92L-106 -52L-82 -4L-58 -18V98H58V-18L82 -4L106 -52L36 -92Q0 -62 -36 -92z",
        cloth,
    );
    s.line("M-36 -92Q0 -62 36 -92", 8, dark);
    s.circle(0, 10, 36, "#f2b13b");
    s.shape("M-44 18Q0 34 44 18Q32 46 0 46Q-32 46 -44 18z", "#7a4428");
    s.line("M-40 54q10 -8 20 0t20 0t20 0t20 0", 5, "#5fb3b3");
}

pub fn trousers(s: &mut Sheet, tone: usize) {
    let (cloth, dark) = [("#232028", "#0f0d13"), ("#3b2f4a", "#251c30")][tone % 2];
    s.shape("M-56 -98H56L76 98H16L0 -20L-16 98H-76z", cloth);
    s.rectangle((-58, -104), (116, 22), 6, dark);
    s.faint(25, |s| s.line("M-36 -60L-48 84M36 -60L48 84", 6, "#ffffff"));
}

/// The checked southern scarf, folded, with fringe.
pub fn scarf(s: &mut Sheet, tone: usize) {
    let (cloth, check) = [
        ("#fbfaf6", "#2b2a2e"),
        ("#fbf3f0", "#b52f3a"),
        ("#f2f6fa", "#2f5f9e"),
        ("#f3d27a", "#3a2a22"),
        ("#7a2f4a", "#e2b04a"),
    ][tone % 5];
    s.rectangle((-92, -74), (184, 138), 12, cloth);
    s.faint(75, |s| {
        s.line(
            "M-70 -74V64M-46 -74V64M-22 -74V64M2 -74V64M26 -74V64M50 -74V64M74 -74V64",
            8,
            check,
        );
        s.line("M-90 -54H90M-90 -30H90M-90 -6H90M-90 18H90M-90 42H90", 8, check);
    });
    s.line(
        "M-80 68v22M-60 68v22M-40 68v22M-20 68v22M0 68v22M20 68v22M40 68v22M60 68v22M80 68v22",
        5,
        check,
    );
    s.faint(15, |s| s.rectangle((0, -74), (92, 138), 12, "#000000"));
}

/// The conical leaf hat.
pub fn leaf_hat(s: &mut Sheet, tone: usize) {
    let (leaf, ring) =
        [("#f3e4bd", "#d0b678"), ("#ead29a", "#bf9a54"), ("#f7eed6", "#dcc690")][tone % 3];
    s.line("M-70 46Q-30 112 0 112Q30 112 70 46", 6, ["#d96a8f", "#7a4a9a", "#2f8f86"][tone % 3]);
    s.ellipse(0, 48, 108, 25, "#b8965a");
    s.shape("M0 -92L108 48Q0 82 -108 48z", leaf);
    s.line("M-22 -62Q0 -52 22 -62M-46 -30Q0 -12 46 -30M-70 2Q0 28 70 2M-92 30Q0 60 92 30", 4, ring);
    s.faint(16, |s| s.shape("M0 -92L108 48Q60 66 20 68z", "#5a3510"));
}

pub fn cloth_bag(s: &mut Sheet, tone: usize) {
    let (cloth, mark) = [
        ("#efe2c4", "#2f6f7a"),
        ("#2f5450", "#f2b13b"),
        ("#d99a5a", "#7a3a24"),
        ("#c9d3b0", "#c85a4a"),
    ][tone % 4];
    s.line("M-44 -28C-44 -116 44 -116 44 -28", 10, mark);
    s.shape("M-80 -34H80L88 96H-88z", cloth);
    s.line("M-76 -18H76", 4, mark);
    s.shape("M-50 44Q0 62 50 44Q38 72 0 72Q-38 72 -50 44z", mark);
    s.line("M10 46V2", 5, mark);
    s.circle(10, 4, 11, "#f2b13b");
}

pub fn slippers(s: &mut Sheet, tone: usize) {
    let (sole, strap) =
        [("#d3a866", "#8a6030"), ("#c9b07a", "#4f8f6a"), ("#b98a52", "#c85a4a")][tone % 3];
    for (x, turn) in [(-46, -8), (46, 8)] {
        s.placed((x, 0), turn, 100, |s| {
            s.rectangle((-38, -98), (76, 196), 38, "#7a5230");
            s.rectangle((-34, -98), (68, 188), 34, sole);
            s.shape("M-42 -30Q0 -92 42 -30V14Q0 -36 -42 14z", strap);
            s.faint(40, |s| s.line("M-20 40H20M-22 60H22M-16 20H16", 5, strap));
        });
    }
}

/// Bowls, spoons and boards of wood or coconut shell.
pub fn wooden_ware(s: &mut Sheet, tone: usize) {
    let (wood, dark) =
        [("#8a5a34", "#5f3a20"), ("#a8703c", "#7a4a22"), ("#6a4630", "#452c1c")][tone % 3];
    s.shape("M-92 -6Q-92 92 -6 92Q80 92 80 -6z", wood);
    s.ellipse(-6, -6, 86, 24, dark);
    s.ellipse(-6, -4, 72, 17, "#f3e6c8");
    s.line("M-60 36Q-6 60 50 36", 4, dark);
    s.placed((50, -20), 28, 100, |s| {
        s.rectangle((-7, -30), (14, 96), 7, "#c58250");
        s.ellipse(0, -50, 24, 32, "#c58250");
        s.ellipse(0, -50, 15, 22, "#a9683c");
    });
    shine(s, -62, 26, 7, 22);
}

pub fn books(s: &mut Sheet, tone: usize) {
    let (cover, spine, mark) = [
        ("#2f6f7a", "#215059", "#f2b13b"),
        ("#c85a4a", "#97402f", "#fbe7b0"),
        ("#5a8a5a", "#3f6a44", "#fff3d2"),
        ("#e0a02f", "#b57c1c", "#7a3a24"),
    ][tone % 4];
    s.rectangle((-92, 62), (184, 36), 6, spine);
    s.rectangle((-84, 70), (176, 20), 3, "#fbf6e6");
    s.placed((4, -18), -6, 100, |s| {
        s.rectangle((-68, -88), (146, 164), 8, "#f1e8d2");
        s.rectangle((-74, -92), (144, 164), 8, cover);
        s.rectangle((-74, -92), (20, 164), 8, spine);
        s.circle(8, -30, 30, mark);
        s.line("M-34 30q14 -12 28 0t28 0t28 0M-34 50q14 -12 28 0t28 0t28 0", 6, mark);
    });
}

/// A folded map with a river and a pin.
pub fn map(s: &mut Sheet, tone: usize) {
    let (land, field) =
        [("#e6e3b8", "#bcd19a"), ("#f3e2c4", "#d9c08a"), ("#dfe9d4", "#a9cba0")][tone % 3];
    s.shape("M-104 -64L-36 -84L36 -62L104 -82V66L36 86L-36 64L-104 84z", land);
    s.shape("M-36 -84L36 -62V86L-36 64z", field);
    s.line("M-100 40Q-50 0 -10 10T50 -10T102 -50", 15, "#6fb3cf");
    s.line("M-10 10Q0 50 20 78M-60 18Q-70 -20 -50 -76", 6, "#6fb3cf");
    s.shape("M40 -34C10 -66 22 -108 48 -108C74 -108 86 -66 40 -34z", "#d0483c");
    s.circle(48, -82, 11, "#fff3ea");
    s.line("M-78 -30h.1M-64 -24h.1M-80 58h.1M66 30h.1M80 44h.1", 9, "#c9793a");
}

/// A floating lotus lantern.
pub fn lotus_lantern(s: &mut Sheet, tone: usize) {
    let (petal, inner) =
        [("#e5618f", "#f7b9cc"), ("#f0a03a", "#fbdc9a"), ("#8a6ac0", "#cfbfe8")][tone % 3];
    s.faint(40, |s| s.circle(0, -20, 84, "#fff0b8"));
    for turn in [-66, 66, -38, 38] {
        s.placed((0, 66), turn, 100, |s| {
            s.shape("M0 0C-36 -30 -28 -84 0 -112C28 -84 36 -30 0 0z", petal);
        });
    }
    s.shape("M-10 -46C-18 -66 4 -74 0 -100C22 -78 22 -50 10 -44z", "#f8b93a");
    s.rectangle((-9, -46), (18, 40), 4, "#fffaf0");
    for turn in [-18, 18] {
        s.placed((0, 70), turn, 100, |s| {
            s.shape("M0 0C-34 -24 -26 -66 0 -88C26 -66 34 -24 0 0z", inner);
        });
    }
    s.ellipse(0, 74, 92, 15, "#4f9a4a");
}

/// The mask of Chằn, the ogre of Khmer theatre.
pub fn mask(s: &mut Sheet, tone: usize) {
    let (face, trim) =
        [("#2f8f6a", "#f2b93b"), ("#c23b34", "#f6cf5a"), ("#3f5fa8", "#f2b93b")][tone % 3];
    s.shape("M0 -112L22 -70L64 -86L60 -46H-60L-64 -86L-22 -70z", trim);
    s.shape("M-72 -44Q0 -76 72 -44C86 30 50 98 0 100C-50 98 -86 30 -72 -44z", face);
    s.rectangle((-76, -54), (152, 18), 9, trim);
    s.line("M-54 -16Q-34 -34 -12 -14M54 -16Q34 -34 12 -14", 8, trim);
    s.ellipse(-31, 4, 19, 16, "#fffaf0");
    s.ellipse(31, 4, 19, 16, "#fffaf0");
    s.circle(-29, 5, 8, "#1f1a18");
    s.circle(29, 5, 8, "#1f1a18");
    s.shape("M0 4Q22 34 0 38Q-22 34 0 4z", trim);
    s.shape("M-38 52Q0 36 38 52Q26 82 0 82Q-26 82 -38 52z", "#7a1f22");
    s.shape("M-32 52L-24 34L-16 50zM32 52L24 34L16 50zM-10 48h20v10h-20z", "#fffaf0");
}

pub fn drum(s: &mut Sheet, tone: usize) {
    let (wood, band) =
        [("#8a4f2c", "#f2b93b"), ("#b5402e", "#f6e3b4"), ("#5f4030", "#d9603f")][tone % 3];
    s.shape("M-70 -66C-96 0 -60 60 -34 98H34C60 60 96 0 70 -66z", wood);
    s.line("M-60 -50L-30 20L0 -46L30 20L60 -50", 5, band);
    s.line("M-64 26Q0 46 64 26", 8, band);
    s.ellipse(0, -66, 76, 26, band);
    s.ellipse(0, -68, 66, 20, "#fbf0d8");
    s.ellipse(0, -68, 24, 8, "#d9bf92");
}

pub fn bracelet(s: &mut Sheet, tone: usize) {
    let (bead, knot) =
        [("#7a4a2c", "#d0483c"), ("#a8703c", "#2f8f86"), ("#4a3428", "#f2b13b")][tone % 3];
    s.around(18, |s| {
        s.circle(0, -82, 15, bead);
        s.faint(35, |s| s.circle(-4, -86, 4, "#ffffff"));
    });
    s.line("M0 82Q-14 98 -20 112M0 82Q8 98 6 114", 6, knot);
    s.circle(0, 82, 19, knot);
}

/// A parcel in paper and string, with a hyacinth sprig: for whatever has no drawing of its own.
pub fn parcel(s: &mut Sheet, tone: usize) {
    let (paper, side, string) = [
        ("#d9b07a", "#c0935a", "#d0483c"),
        ("#c9a878", "#ab8856", "#2f6f7a"),
        ("#e2c08a", "#c79f60", "#4f8f4a"),
        ("#cfae88", "#b08d64", "#7a4a9a"),
    ][tone % 4];
    s.shape("M-92 -50L0 -84L92 -50V58L0 98L-92 58z", paper);
    s.shape("M0 -14L92 -50V58L0 98z", side);
    s.shape("M-92 -50L0 -84L92 -50L0 -14z", "#ead2a8");
    s.line("M-46 -67L46 -32V78M46 -67L-46 -32V78", 7, string);
    s.shape("M0 -50Q-40 -90 -52 -62Q-46 -40 0 -50Q40 -90 52 -62Q46 -40 0 -50z", string);
    s.circle(0, -50, 10, side);
}
