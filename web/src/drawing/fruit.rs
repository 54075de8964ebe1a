//! Fruit of the delta. Each thing stands on y = 90 or so; `tone` picks among its natural colours.

use super::sheet::Sheet;

const LEAF: &str = "#4f9a4a";
const LEAF_DARK: &str = "#357a3c";
const STEM: &str = "#7a5230";

/// One leaf growing from the origin to the upper right.
fn leaf(sheet: &mut Sheet, at: (i32, i32), turn: i32) {
    sheet.placed(at, turn, 100, |s| {
        s.shape("M0 0Q14 -40 62 -36Q50 6 0 0z", LEAF);
        s.line("M4 -3Q26 -22 50 -31", 3, LEAF_DARK);
    });
}

fn shine(sheet: &mut Sheet, x: i32, y: i32, rx: i32, ry: i32) {
    sheet.faint(35, |s| s.ellipse(x, y, rx, ry, "#ffffff"));
}

fn shade(sheet: &mut Sheet, outline: &str) {
    sheet.faint(12, |s| s.shape(outline, "#3a1d00"));
}

pub fn mango(s: &mut Sheet, tone: usize) {
    let skin = ["#f7b733", "#f2a31f", "#9cbf3b", "#f4c84a"][tone % 4];
    s.line("M-18 -78Q-16 -96 -4 -104", 7, STEM);
    s.shape("M-20 -80C50 -92 108 -20 84 46C64 96 -10 104 -52 72C-104 30 -84 -70 -20 -80z", skin);
    shade(s, "M84 46C64 96 -10 104 -52 72C0 84 60 60 84 46z");
    s.faint(40, |s| s.ellipse(-44, -18, 24, 38, "#ff7a3d"));
    shine(s, -2, -46, 22, 10);
    leaf(s, (-8, -92), 0);
}

pub fn orange(s: &mut Sheet, tone: usize) {
    let skin = ["#f7941e", "#f9a936", "#8dbb3c", "#f58220"][tone % 4];
    s.circle(0, 6, 88, skin);
    shade(s, "M84 32A88 88 0 0 1 -84 32Q0 90 84 32z");
    shine(s, -34, -30, 20, 13);
    s.circle(0, -70, 7, LEAF_DARK);
    leaf(s, (0, -72), 10);
}

pub fn orange_half(s: &mut Sheet, tone: usize) {
    let flesh = ["#ffb347", "#ffc260", "#d8e86b", "#f78f5c"][tone % 4];
    s.circle(0, 6, 90, ["#f58220", "#f7941e", "#7fb23a", "#8cbb45"][tone % 4]);
    s.circle(0, 6, 80, "#fff3dc");
    s.placed((0, 6), 0, 100, |s| s.around(9, |s| s.shape("M0 -10L-21 -62Q0 -78 21 -62z", flesh)));
}

pub fn pomelo(s: &mut Sheet, tone: usize) {
    let skin = ["#b9cf4f", "#8fbc4a", "#cdd65a"][tone % 3];
    s.shape("M0 -96C34 -92 34 -58 62 -30C108 16 82 98 0 98C-82 98 -108 16 -62 -30C-34 -58 -34 -92 0 -96z", skin);
    shade(s, "M80 30C76 80 30 100 -20 96C-60 92 -80 70 -84 44C-40 90 40 90 80 30z");
    shine(s, -34, 2, 16, 26);
    s.faint(35, |s| {
        for (x, y) in [(20, 10), (44, 36), (6, 52), (-18, 70), (30, 66), (14, -30)] {
            s.circle(x, y, 4, "#6d8f2a");
        }
    });
    leaf(s, (0, -94), 0);
    leaf(s, (0, -94), -100);
}

const SPIKES: &str = "M0 -96L11 -80L26 -92L32 -73L50 -81L51 -61L70 -63L65 -44L84 -40L74 -23L91 -14L77 0L91 14L74 23L84 40L65 44L70 63L51 61L50 81L32 73L26 92L11 80L0 96L-11 80L-26 92L-32 73L-50 81L-51 61L-70 63L-65 44L-84 40L-74 23L-91 14L-77 0L-91 -14L-74 -23L-84 -40L-65 -44L-70 -63L-51 -61L-50 -81L-32 -73L-26 -92L-11 -80z";

pub fn durian(s: &mut Sheet, tone: usize) {
    let skin = ["#9aa43a", "#86953a", "#b0a944"][tone % 3];
    s.line("M0 -86L4 -116", 13, STEM);
    s.shape(SPIKES, skin);
    s.line("M-40 -34l10 -14l10 14M0 -50l10 -14l10 14M34 -18l10 -14l10 14M-62 8l10 -14l10 14M22 26l10 -14l10 14M-44 54l10 -14l10 14M4 70l10 -14l10 14", 5, "#6b7426");
    if tone.is_multiple_of(2) {
        s.shape("M-26 -34C10 -26 16 40 -14 62C-48 48 -56 -10 -26 -34z", "#fff4d0");
        s.ellipse(-20, -6, 15, 21, "#ffd75e");
        s.ellipse(-20, 32, 15, 20, "#fbc93d");
    }
}

pub fn pineapple(s: &mut Sheet, tone: usize) {
    let skin = ["#f2a93b", "#e8993a", "#d9b13f"][tone % 3];
    for (turn, colour) in
        [(-46, LEAF_DARK), (46, LEAF_DARK), (-22, LEAF), (22, LEAF), (0, "#6cb35f")]
    {
        s.placed((0, -34), turn, 100, |s| s.shape("M-11 0Q-10 -52 0 -84Q10 -52 11 0z", colour));
    }
    s.ellipse(0, 30, 60, 72, skin);
    s.line(
        "M-52 0L22 94M-34 -28L48 72M-4 -40L58 36M52 0L-22 94M34 -28L-48 72M4 -40L-58 36",
        4,
        "#b8701f",
    );
    shine(s, -26, 4, 10, 26);
}

pub fn banana(s: &mut Sheet, tone: usize) {
    let skin = ["#ffd84d", "#f9c835", "#cddb58"][tone % 3];
    for (turn, side) in [(34, "#e2ac24"), (14, "#f1bd2f"), (-8, "#e8b52c"), (-30, skin)] {
        s.placed((0, -66), turn, 100, |s| {
            s.shape("M-10 -6C-46 60 -20 130 34 150C44 152 46 142 38 136C4 108 0 60 12 -4z", skin);
            s.line("M-2 8C-24 64 -10 112 30 142", 4, side);
        });
    }
    s.shape("M-18 -62L-10 -100L12 -100L20 -62z", "#8a7a2c");
}

pub fn watermelon(s: &mut Sheet, tone: usize) {
    if tone.is_multiple_of(2) {
        s.circle(0, 4, 92, "#3f8f46");
        s.line("M0 -86Q-14 4 0 94M-44 -74Q-78 4 -44 80M44 -74Q78 4 44 80", 10, "#246332");
        shine(s, -30, -34, 20, 16);
        s.line("M0 -86q4 -20 18 -20", 7, LEAF_DARK);
    } else {
        s.shape("M-104 0A104 96 0 0 0 104 0z", "#2f8a4a");
        s.shape("M-94 0A94 84 0 0 0 94 0z", "#f3f7d5");
        s.shape("M-84 0A84 72 0 0 0 84 0z", "#ef4d57");
        for (x, y) in [(-50, 16), (-20, 32), (12, 18), (44, 28), (-4, 54)] {
            s.ellipse(x, y, 5, 8, "#3b1f1f");
        }
    }
}

pub fn dragon_fruit(s: &mut Sheet, tone: usize) {
    let skin = ["#e5397a", "#d62f6d", "#ec5b8b"][tone % 3];
    for turn in [-40, -16, 16, 40] {
        s.placed((0, 0), turn, 100, |s| {
            s.shape("M-16 -62Q-4 -92 0 -112Q12 -88 16 -62z", "#8cc152");
        });
    }
    s.ellipse(0, 14, 74, 84, skin);
    for (x, y, turn) in
        [(-44, -8, -30), (40, -14, 30), (-4, 12, 0), (-52, 44, -40), (46, 40, 35), (0, 66, 0)]
    {
        s.placed((x, y), turn, 100, |s| {
            s.shape("M-14 10Q-6 -20 0 -30Q10 -14 14 10Q0 2 -14 10z", "#f6a5bf");
        });
    }
}

/// A hanging cluster of small round fruit: longan, rambutan, Hạ Châu berries.
pub fn cluster(s: &mut Sheet, tone: usize) {
    let (skin, dark) = [
        ("#d9a65a", "#b98440"),
        ("#e0413f", "#b32a31"),
        ("#f0d27a", "#cfa94a"),
        ("#c98a45", "#a06a30"),
    ][tone % 4];
    s.line("M0 -106Q6 -60 0 -20M0 -80Q-30 -70 -46 -40M0 -70Q34 -62 48 -34", 6, STEM);
    for (x, y) in [
        (-46, -30),
        (44, -26),
        (0, -34),
        (-64, 14),
        (-20, 12),
        (24, 16),
        (66, 18),
        (-42, 54),
        (2, 58),
        (46, 56),
        (-14, 92),
        (28, 90),
    ] {
        s.circle(x, y, 26, dark);
        s.circle(x - 2, y - 3, 23, skin);
    }
    leaf(s, (2, -84), 0);
}

const HAIR_AROUND: &str = "M0 -66L11 -93M23 -62L42 -84M42 -51L69 -64M57 -33L86 -37M65 -11L94 -5M65 11L90 27M57 33L75 56M42 51L51 79M23 62L21 92M0 66L-11 93M-23 62L-42 84M-42 51L-69 64M-57 33L-86 37M-65 11L-94 5M-65 -11L-90 -27M-57 -33L-75 -56M-42 -51L-51 -79M-23 -62L-21 -92";
const HAIR_INSIDE: &str = "M11 -36L25 -46M32 -21L48 -19M38 5L49 17M26 28L27 44M2 38L-8 51M-23 30L-39 34M-37 8L-52 1M-34 -17L-41 -32M-15 -35L-10 -51";

/// Rambutan: a red ball in its hair.
pub fn rambutan(s: &mut Sheet, tone: usize) {
    let hair = ["#f2b84b", "#e86a4f", "#9ec25a"][tone % 3];
    s.placed((0, 8), 0, 100, |s| {
        s.line(HAIR_AROUND, 5, hair);
        s.circle(0, 0, 70, "#d93a3f");
        s.line(HAIR_INSIDE, 5, hair);
    });
    shine(s, -24, -18, 14, 10);
    leaf(s, (0, -60), 0);
}

pub fn star_apple(s: &mut Sheet, tone: usize) {
    let (skin, flesh) =
        [("#6b3a6e", "#f1dff0"), ("#8fae5a", "#f4f6e4"), ("#7a3f63", "#f3d9e6")][tone % 3];
    s.circle(-6, 4, 88, skin);
    shine(s, -44, -34, 18, 14);
    if tone < 6 {
        s.circle(26, 34, 62, skin);
        s.circle(26, 34, 55, flesh);
        s.placed((26, 34), 0, 100, |s| s.around(7, |s| s.ellipse(0, -24, 7, 17, "#5b3b2a")));
    }
    leaf(s, (-8, -80), 0);
}

pub fn mangosteen(s: &mut Sheet, tone: usize) {
    s.circle(0, 16, 80, ["#5b2a4a", "#6a3050", "#4c2444"][tone % 3]);
    shine(s, -34, 0, 14, 20);
    for turn in [-66, -24, 24, 66] {
        s.placed((0, -50), turn, 100, |s| s.ellipse(0, -12, 20, 24, "#93b45a"));
    }
    s.line("M0 -62L2 -92", 12, STEM);
}

pub fn papaya(s: &mut Sheet, tone: usize) {
    let flesh = ["#f58549", "#f2994a", "#ee6c4d"][tone % 3];
    s.shape("M0 -102C36 -98 40 -50 62 0C86 58 50 100 0 100C-50 100 -86 58 -62 0C-40 -50 -36 -98 0 -102z", "#7fae4b");
    s.shape(
        "M0 -90C28 -84 32 -44 52 4C70 54 42 88 0 88C-42 88 -70 54 -52 4C-32 -44 -28 -84 0 -90z",
        flesh,
    );
    s.shape(
        "M0 -40C14 -30 24 4 28 28C32 56 16 68 0 68C-16 68 -32 56 -28 28C-24 4 -14 -30 0 -40z",
        "#fbd08a",
    );
    for (x, y) in [(0, -18), (-8, 4), (9, 10), (-12, 28), (6, 32), (-2, 52), (16, 46)] {
        s.circle(x, y, 6, "#33312e");
    }
}

pub fn guava(s: &mut Sheet, tone: usize) {
    let (skin, flesh) =
        [("#9cc65a", "#f6f2d4"), ("#d9485f", "#fff3ef"), ("#b8d36a", "#f7b4ac")][tone % 3];
    s.shape(
        "M0 -88C40 -88 92 -20 80 36C70 84 30 96 0 90C-30 96 -70 84 -80 36C-92 -20 -40 -88 0 -88z",
        skin,
    );
    shine(s, -34, -14, 16, 28);
    if tone.is_multiple_of(2) {
        s.ellipse(20, 34, 48, 46, flesh);
        s.ellipse(20, 34, 26, 24, "#f3d7a0");
    }
    leaf(s, (0, -84), 0);
}

pub fn jackfruit(s: &mut Sheet, tone: usize) {
    s.line("M0 -86L-2 -116", 13, STEM);
    s.ellipse(0, 2, 74, 98, ["#a8a13e", "#94983c", "#b9a548"][tone % 3]);
    s.faint(45, |s| s.line("M-42 -60h.1M0 -70h.1M42 -56h.1M-56 -26h.1M-20 -36h.1M22 -32h.1M56 -18h.1M-60 12h.1M60 20h.1M-52 48h.1M52 56h.1M-24 78h.1M26 80h.1", 14, "#6a6a24"));
    s.ellipse(2, 22, 46, 54, "#fbe7b0");
    for (x, y) in [(-16, 0), (20, 2), (-18, 38), (22, 42), (2, 22)] {
        s.ellipse(x, y, 14, 18, "#f7b62d");
    }
}

pub fn soursop(s: &mut Sheet, tone: usize) {
    s.line("M8 -80L4 -110", 11, STEM);
    s.shape("M10 -88C66 -82 92 -22 70 38C54 82 10 106 -20 92C-70 72 -84 -8 -58 -52C-42 -80 -14 -92 10 -88z", ["#6ea14a", "#7dab52"][tone % 2]);
    s.line("M-30 -50l6 -12M10 -56l6 -12M40 -26l8 -10M-50 -12l4 -12M-8 -16l6 -12M30 14l8 -10M-42 30l4 -12M0 30l6 -12M28 52l8 -10M-18 66l4 -12", 6, "#3f7233");
    leaf(s, (8, -92), 0);
}

/// A tall purple cane bundle.
pub fn sugar_cane(s: &mut Sheet, tone: usize) {
    let cane = ["#8a4b6b", "#9aae4c", "#b98a4a"][tone % 3];
    for (x, turn) in [(-46, -14), (46, 14), (-16, -5), (16, 5)] {
        s.placed((x, 0), turn, 100, |s| {
            s.rectangle((-14, -104), (28, 200), 8, cane);
            s.line("M-12 -54h24M-12 -4h24M-12 46h24", 4, "#f1e2c0");
            s.ellipse(0, -102, 14, 6, "#f6edc9");
        });
    }
    s.rectangle((-70, 6), (140, 18), 9, "#4f9a4a");
}
