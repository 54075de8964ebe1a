//! What grows in beds and pots: vegetables, mushrooms, flowers, saplings.

use super::sheet::Sheet;

const LEAF: &str = "#4f9a4a";
const LEAF_LIGHT: &str = "#7cbc5a";
const LEAF_DARK: &str = "#2f7440";
const CLAY: &str = "#c96f45";
const CLAY_DARK: &str = "#a9552f";

/// Petals are thick round-ended strokes of one path: a tree in blossom stays small that way.
const FIVE_PETALS: &str = "M0 -14V-38M13 -4L36 -12M8 11L22 31M-8 11L-22 31M-13 -4L-36 -12";
const SIX_PETALS: &str = "M0 -12V-36M10 -6L31 -18M10 6L31 18M0 12V36M-10 6L-31 18M-10 -6L-31 -18";

fn shine(sheet: &mut Sheet, x: i32, y: i32, rx: i32, ry: i32) {
    sheet.faint(35, |s| s.ellipse(x, y, rx, ry, "#ffffff"));
}

pub fn onion(s: &mut Sheet, tone: usize) {
    let (skin, vein) =
        [("#a8406f", "#842c55"), ("#b9507c", "#8f3560"), ("#9a3c74", "#742a57")][tone % 3];
    s.line("M-6 -66Q-14 -96 -28 -108M2 -66Q4 -98 0 -114M8 -66Q20 -92 34 -102", 7, "#c9a36a");
    s.shape(
        "M0 -80C18 -50 88 -44 86 24C84 78 36 92 0 94C-36 92 -84 78 -86 24C-88 -44 -18 -50 0 -80z",
        skin,
    );
    s.line("M0 -66Q-70 0 -14 88M0 -66Q70 0 14 88M0 -66V90", 3, vein);
    shine(s, -46, 4, 10, 26);
    s.line("M-10 94q-4 8 -10 10M0 94v12M10 94q4 8 10 10", 3, "#c9a36a");
}

pub fn garlic(s: &mut Sheet, tone: usize) {
    let skin = ["#f6efe6", "#efe0ea", "#4a3a3d"][tone % 3];
    s.shape("M-8 -106L10 -106C10 -70 18 -58 44 -40C98 -4 84 88 0 90C-84 88 -98 -4 -44 -40C-18 -58 -10 -70 -8 -106z", skin);
    s.line("M0 -60Q-60 10 -18 84M0 -60Q60 10 18 84M0 -60V86", 4, "#b89bb0");
    s.faint(30, |s| s.ellipse(-50, 30, 18, 34, "#c98fb8"));
}

pub fn ginger(s: &mut Sheet, tone: usize) {
    let skin = ["#d9aa6a", "#e09a3e"][tone % 2];
    for (x, y, rx, ry) in
        [(-20, 30, 72, 40), (44, 2, 40, 30), (-58, -10, 28, 40), (6, -30, 26, 44), (70, 40, 30, 24)]
    {
        s.ellipse(x, y, rx, ry, skin);
    }
    s.line(
        "M-60 20q10 10 8 24M-10 4q24 8 34 2M40 20q8 10 6 22M-60 -30q10 4 18 0M-6 -46q12 4 22 0",
        4,
        "#a87435",
    );
    s.ellipse(74, 38, 16, 14, "#f6d98f");
}

pub fn aubergine(s: &mut Sheet, tone: usize) {
    s.placed((0, 0), 28, 100, |s| {
        s.shape(
            "M-14 -60C-60 -20 -62 98 -4 102C60 102 56 -20 18 -60z",
            ["#5a2f74", "#6a3a86", "#7fae6a"][tone % 3],
        );
        s.shape(
            "M-30 -46Q-20 -78 0 -84Q22 -78 32 -46Q16 -58 10 -40Q0 -58 -10 -40Q-16 -56 -30 -46z",
            LEAF,
        );
        s.line("M0 -80Q2 -98 14 -104", 10, LEAF_DARK);
        shine(s, -24, 24, 8, 38);
    });
}

pub fn greens(s: &mut Sheet, tone: usize) {
    let (near, far) = [(LEAF, LEAF_DARK), (LEAF_LIGHT, LEAF), ("#5aa878", "#3b8058")][tone % 3];
    for (turn, colour) in [(-44, far), (44, far), (-26, near), (26, near), (-8, far), (10, near)] {
        s.placed((0, 70), turn, 100, |s| {
            s.line("M0 20V-90", 8, "#a9cf7a");
            s.shape("M0 -40C-40 -60 -36 -130 0 -168C36 -130 40 -60 0 -40z", colour);
            s.line("M0 -50V-140", 3, "#d5e8ac");
        });
    }
    s.rectangle((-34, 40), (68, 20), 8, "#e2b04a");
}

pub fn blossoms(s: &mut Sheet, tone: usize) {
    let petal = ["#f8ce3c", "#f3b6d0", "#f4e06a"][tone % 3];
    s.line("M0 96Q-10 20 -44 -40M0 96Q4 10 4 -70M0 96Q20 30 50 -30M-8 60Q-50 40 -70 20M8 60Q46 50 70 26", 7, LEAF);
    for (x, y) in
        [(-46, -44), (4, -76), (52, -34), (-74, 14), (74, 20), (-14, -6), (26, 16), (-38, 44)]
    {
        s.placed((x, y), x, 55, |s| {
            s.line(FIVE_PETALS, 36, petal);
            s.circle(0, 0, 15, "#e08a2c");
        });
    }
}

pub fn sweet_potato(s: &mut Sheet, tone: usize) {
    let (skin, flesh) =
        [("#8c3f63", "#7d4f9e"), ("#a9733f", "#fbf1d5"), ("#b4553f", "#f3a64b")][tone % 3];
    s.placed((-10, -14), -18, 100, |s| {
        s.shape("M-110 0C-80 -54 40 -60 108 -8C60 48 -60 52 -110 0z", skin);
        s.line("M-50 -10h18M10 -20h16M-10 14h20M50 4h14", 4, "#5d2a3e");
    });
    s.placed((26, 54), 0, 100, |s| {
        s.ellipse(0, 0, 54, 44, skin);
        s.ellipse(0, 0, 46, 36, flesh);
        s.faint(30, |s| s.ellipse(0, 0, 24, 17, "#ffffff"));
    });
}

pub fn pumpkin(s: &mut Sheet, tone: usize) {
    let (skin, rib) =
        [("#e9873a", "#c4632a"), ("#d99a4e", "#b3752f"), ("#7fae63", "#557f45")][tone % 3];
    s.shape("M-6 -58Q-8 -88 12 -104L28 -94Q14 -80 16 -58z", "#6e8a3a");
    s.ellipse(0, 18, 98, 76, skin);
    s.ellipse(0, 18, 62, 76, rib);
    s.ellipse(0, 18, 54, 76, skin);
    s.ellipse(0, 18, 20, 76, rib);
    s.ellipse(0, 18, 14, 76, skin);
    shine(s, -64, -4, 10, 26);
}

/// Gourds and pods that hang: bitter melon, winter melon, okra.
pub fn gourd(s: &mut Sheet, tone: usize) {
    let (skin, rib) =
        [("#7fb84f", "#4f8a35"), ("#a6cf74", "#7aa650"), ("#5d9e52", "#3c7538")][tone % 3];
    for (x, turn) in [(-44, 10), (40, -8)] {
        s.placed((x, 6), turn, 100, |s| {
            s.shape("M0 -90C40 -70 44 50 0 96C-44 50 -40 -70 0 -90z", skin);
            s.line("M-12 -70Q-26 0 -8 76M12 -70Q26 0 8 76M0 -76V80", 5, rib);
            s.line("M0 -88q2 -14 12 -20", 6, "#4c7a34");
        });
    }
}

pub fn mushroom(s: &mut Sheet, tone: usize) {
    let (cap, stem) = [
        ("#8b7768", "#f2e8da"),
        ("#c9b8a6", "#f7f0e4"),
        ("#5a4c48", "#e8ddcf"),
        ("#d08a52", "#f4e3cb"),
    ][tone % 4];
    for (x, y, size) in [(4, -8, 96), (-66, 44, 54), (68, 50, 48)] {
        s.placed((x, y), x / 5, size, |s| {
            s.shape("M-24 -6Q-34 70 -30 92Q0 104 30 92Q34 70 24 -6z", stem);
            s.shape("M-76 4C-76 -60 -36 -92 0 -92C36 -92 76 -60 76 4Q0 26 -76 4z", cap);
            shine(s, -28, -48, 18, 12);
        });
    }
}

fn pot(s: &mut Sheet) {
    s.shape("M-52 36H52L38 100H-38z", CLAY);
    s.rectangle((-60, 24), (120, 20), 6, CLAY_DARK);
}

/// A pot full of flowers, the way they stand at the Tết market.
pub fn flower_pot(s: &mut Sheet, tone: usize) {
    let (petal, heart) = [
        ("#f7c62f", "#d98a1c"),
        ("#f08a24", "#b9540f"),
        ("#d96a9b", "#f6d24a"),
        ("#fdfaf0", "#f0bf38"),
        ("#a487d0", "#f6dc7a"),
    ][tone % 5];
    pot(s);
    s.ellipse(0, -16, 90, 54, LEAF_DARK);
    for (x, y) in
        [(-66, -6), (64, -8), (-36, -38), (34, -42), (0, -64), (-30, 4), (30, 4), (0, -24)]
    {
        s.placed((x, y), x, 60, |s| {
            s.line(SIX_PETALS, 28, petal);
            s.circle(0, 0, 16, heart);
        });
    }
}

pub fn bouquet(s: &mut Sheet, tone: usize) {
    let (petal, inner) = [
        ("#ef9bbb", "#f9d3df"),
        ("#f4d06a", "#fbeab0"),
        ("#f5f0e2", "#fffdf4"),
        ("#c89ad6", "#ead3f0"),
    ][tone % 4];
    s.line("M-40 -30L0 90M0 -50V90M40 -30L0 90", 7, LEAF);
    for (x, y) in [(-50, -34), (50, -32), (0, -62), (-4, -8)] {
        s.placed((x, y), x / 2, 90, |s| {
            s.shape("M0 30C-50 20 -48 -20 -36 -34C-20 -20 -8 0 0 30C8 0 20 -20 36 -34C48 -20 50 20 0 30z", petal);
            s.shape("M0 30C-30 6 -18 -30 0 -46C18 -30 30 6 0 30z", inner);
        });
    }
    s.shape("M-52 22L52 22L22 104H-22z", "#efe0c2");
    s.shape("M-52 22L10 36L22 104H-22z", "#e2cc9f");
    s.rectangle((-34, 56), (68, 12), 6, "#c85a5a");
}

pub fn sapling(s: &mut Sheet, tone: usize) {
    let near = [LEAF, LEAF_LIGHT, "#5aa878"][tone % 3];
    s.line("M0 40V-80", 8, "#7a5230");
    for (y, turn) in
        [(20, 40), (8, -130), (-16, 30), (-30, -120), (-52, 20), (-62, -105), (-74, -45)]
    {
        s.placed((0, y), turn, 105, |s| {
            s.shape("M0 0Q14 -46 72 -44Q60 10 0 0z", if y % 4 == 0 { near } else { LEAF_DARK });
        });
    }
    if tone.is_multiple_of(2) {
        pot(s);
    } else {
        s.shape("M-44 30Q0 44 44 30L38 98Q0 106 -38 98z", "#39383c");
        s.ellipse(0, 32, 44, 9, "#6b4a30");
    }
}

/// A branch of yellow mai in a glazed pot.
pub fn blossom_tree(s: &mut Sheet, tone: usize) {
    let petal = ["#f8d02f", "#e8568a", "#f59a3c"][tone % 3];
    s.line("M0 40Q-20 -10 10 -40Q30 -64 10 -100M4 -30Q-40 -40 -60 -76M8 -44Q50 -50 70 -84M-4 4Q40 0 62 -20M-8 10Q-50 6 -70 -14", 8, "#6a4a34");
    for (x, y) in [
        (10, -100),
        (-60, -78),
        (70, -84),
        (64, -22),
        (-72, -16),
        (-30, -46),
        (40, -58),
        (20, -74),
        (-36, 2),
        (26, -2),
        (-4, -54),
    ] {
        s.placed((x, y), x, 42, |s| {
            s.line(FIVE_PETALS, 36, petal);
            s.circle(0, 0, 12, "#b9541f");
        });
    }
    s.shape("M-66 36H66Q60 96 30 102H-30Q-60 96 -66 36z", "#3e6f8e");
    s.rectangle((-72, 28), (144, 16), 8, "#2f5873");
}

/// A sack of soil, castings or coir, with a sprout on it.
pub fn garden_sack(s: &mut Sheet, tone: usize) {
    let cloth = ["#6f8f4e", "#8a6a48", "#4f7f86"][tone % 3];
    s.shape("M-70 -80Q0 -96 70 -80Q82 10 76 92Q0 106 -76 92Q-82 10 -70 -80z", cloth);
    s.line("M-68 -64Q0 -80 68 -64", 5, "#f3ead2");
    s.circle(0, 16, 44, "#f3ead2");
    s.line("M0 46V6", 6, LEAF_DARK);
    s.shape("M0 14Q-6 -18 -34 -16Q-30 14 0 14zM0 10Q6 -20 34 -18Q30 12 0 10z", LEAF);
}
