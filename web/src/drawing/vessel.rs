//! Things in jars, bottles, cups and bars: ferments, sauces, drinks, soap.

use super::sheet::Sheet;

fn shine(sheet: &mut Sheet, x: i32, y: i32, rx: i32, ry: i32) {
    sheet.faint(35, |s| s.ellipse(x, y, rx, ry, "#ffffff"));
}

/// A glass jar with a cloth cover; what is inside is the tone.
pub fn jar(s: &mut Sheet, tone: usize) {
    let (inside, cover) = [
        ("#a8552e", "#d0483c"),
        ("#d98f3a", "#4f8f6a"),
        ("#8a3f34", "#3e6f9e"),
        ("#c9b04a", "#b5523f"),
        ("#e0784a", "#6a4a8f"),
    ][tone % 5];
    s.rectangle((-70, -58), (140, 156), 30, "#e4eff0");
    s.rectangle((-62, -28), (124, 118), 24, inside);
    s.faint(30, |s| {
        s.line(
            "M-36 10h.1M-8 -6h.1M24 6h.1M40 40h.1M-24 44h.1M6 66h.1M-44 66h.1M34 72h.1",
            15,
            "#fff0cc",
        );
    });
    s.rectangle((-44, 6), (88, 52), 8, "#fbf3df");
    s.shape("M0 14C18 22 18 42 0 50C-18 42 -18 22 0 14z", inside);
    s.shape(
        "M-74 -56Q-66 -100 0 -102Q66 -100 74 -56Q50 -40 24 -54Q0 -40 -24 -54Q-50 -40 -74 -56z",
        cover,
    );
    s.rectangle((-66, -66), (132, 9), 4, "#f6e3b4");
    shine(s, -52, 20, 6, 46);
}

/// The glazed clay jar in which fish ferments.
pub fn clay_jar(s: &mut Sheet, tone: usize) {
    let (clay, glaze) =
        [("#8a4f30", "#6a3820"), ("#7a5a3c", "#5a3f28"), ("#a0602f", "#7c4620")][tone % 3];
    s.shape("M-46 -70C-116 -30 -104 80 -50 98H50C104 80 116 -30 46 -70z", clay);
    s.shape("M-90 -8Q0 18 90 -8Q98 20 94 40Q0 66 -94 40Q-98 20 -90 -8z", glaze);
    s.faint(50, |s| s.line("M-70 24q18 -16 36 0t36 0t36 0t34 -2", 6, "#f3d9a0"));
    s.rectangle((-56, -84), (112, 20), 10, glaze);
    s.shape("M-62 -78Q0 -128 62 -78z", "#d9b878");
    s.line("M-40 -88L-20 -104M-10 -88L0 -112M20 -88L26 -104", 4, "#a98445");
    shine(s, -56, -34, 10, 20);
}

/// A tall bottle: fish sauce, vinegar, honey, syrup.
pub fn bottle(s: &mut Sheet, tone: usize) {
    let (liquid, cap) = [
        ("#a8502a", "#d0483c"),
        ("#e0a02f", "#4f6f4a"),
        ("#6a2f4a", "#d9b04a"),
        ("#c9742e", "#2f5873"),
        ("#8fae4a", "#e9a23c"),
    ][tone % 5];
    s.shape("M-18 -84H18V-50C22 -30 50 -26 50 4V84Q50 100 34 100H-34Q-50 100 -50 84V4C-50 -26 -22 -30 -18 -50z", liquid);
    s.rectangle((-22, -108), (44, 28), 6, cap);
    s.rectangle((-50, 12), (100, 58), 0, "#fbf3df");
    s.line("M-50 20H50M-50 62H50", 3, cap);
    s.circle(0, 41, 15, liquid);
    s.faint(80, |s| s.line("M-10 38q10 12 20 0", 4, "#ffffff"));
    shine(s, -36, -2, 5, 12);
}

pub fn honey_pot(s: &mut Sheet, tone: usize) {
    let honey = ["#eda52a", "#d98a1e", "#f2b944"][tone % 3];
    s.shape("M-56 -50C-104 -20 -96 92 -50 98H50C96 92 104 -20 56 -50z", honey);
    s.rectangle((-62, -78), (124, 32), 10, "#8a5a34");
    s.shape("M-50 8h100v46h-100z", "#fff3d2");
    s.placed((0, 31), 0, 100, |s| {
        s.ellipse(0, 2, 18, 11, "#f2b944");
        s.line("M-6 -8V12M6 -8V12", 5, "#3b2a1c");
        s.ellipse(-4, -11, 10, 6, "#cfe3ea");
        s.ellipse(8, -11, 10, 6, "#cfe3ea");
    });
    s.line("M64 -104L20 -62", 7, "#b98a52");
    shine(s, -68, 20, 7, 34);
}

/// A wooden bowl of salt, sugar or spice with a spoon.
pub fn spice_bowl(s: &mut Sheet, tone: usize) {
    let (heap, speck) = [
        ("#fbfaf5", "#d9dfe2"),
        ("#d0603a", "#f3d27a"),
        ("#e5a92c", "#c98a1c"),
        ("#a8703c", "#7a4a22"),
        ("#b5402e", "#f6e3b4"),
    ][tone % 5];
    s.shape("M-66 6Q-30 -64 4 -66Q40 -60 66 6z", heap);
    s.line("M-24 -20h.1M2 -40h.1M22 -16h.1M-6 -8h.1M40 -4h.1M-44 -2h.1", 7, speck);
    s.line("M30 -20L96 -96", 9, "#c58250");
    s.ellipse(24, -12, 20, 13, "#c58250");
    s.shape("M-88 2H88Q84 76 32 90H-32Q-84 76 -88 2z", "#7a4a2c");
    s.rectangle((-92, -6), (184, 16), 8, "#96613c");
    s.shape("M84 92q-14 -22 6 -34q18 14 4 34zM-104 92q-4 -22 14 -28q14 14 0 30z", speck);
}

pub fn tea(s: &mut Sheet, tone: usize) {
    let (drink, cup) = [
        ("#c9792a", "#f7f3ea"),
        ("#7f9ad9", "#fdfbf5"),
        ("#b5323f", "#f3efe6"),
        ("#a9b84a", "#3e6f6a"),
        ("#8a4f24", "#e9d3b4"),
    ][tone % 5];
    s.faint(60, |s| {
        s.line("M-26 -54q-14 -18 0 -34t0 -24M12 -54q-14 -18 0 -34t0 -24", 6, "#ffffff");
    });
    s.line("M70 0Q116 0 104 34Q96 58 58 52", 12, cup);
    s.shape("M-80 -30H76Q76 70 30 80H-34Q-80 70 -80 -30z", cup);
    s.ellipse(-2, -30, 78, 19, "#e0d8c8");
    s.ellipse(-2, -28, 68, 14, drink);
    s.ellipse(-2, 88, 96, 14, cup);
    s.shape("M-40 30Q-24 -4 24 4Q14 44 -40 30z", "#5aa04f");
    s.line("M-36 28Q-10 18 16 10", 3, "#357a3c");
}

/// Coffee through a phin onto a glass.
pub fn phin_coffee(s: &mut Sheet, tone: usize) {
    let metal = ["#b9c3c8", "#d0a86a", "#9aa6ad"][tone % 3];
    s.shape("M-54 -6H54L42 98H-42z", "#e8f0f0");
    s.shape("M-48 40H48L41 92H-41z", "#4a2a1a");
    s.shape("M-46 62H46L41 92H-41z", ["#f3e4c8", "#4a2a1a", "#e9d0a0"][tone % 3]);
    s.line("M0 2V34", 5, "#4a2a1a");
    s.rectangle((-72, -18), (144, 14), 7, metal);
    s.rectangle((-50, -80), (100, 64), 8, metal);
    s.rectangle((-58, -90), (116, 16), 8, "#8d989e");
    s.circle(0, -98, 9, "#8d989e");
    shine(s, -32, -46, 6, 22);
    s.placed((84, 82), 30, 100, |s| {
        s.ellipse(0, 0, 18, 12, "#6a3c22");
        s.line("M-14 2Q0 -6 14 -2", 3, "#3a1f10");
    });
}

pub fn coffee_bag(s: &mut Sheet, tone: usize) {
    let (bag, label) = [
        ("#5a3a28", "#f0d9a8"),
        ("#2f5450", "#f3e6c8"),
        ("#8a4030", "#f6e3b4"),
        ("#c9a878", "#5a3a28"),
    ][tone % 4];
    s.shape("M-64 -90H64L72 96H-72z", bag);
    s.shape("M-64 -90H64L60 -64H-60z", "#3a241a");
    s.rectangle((-46, -26), (92, 86), 12, label);
    for (x, y, turn) in [(-14, 4, -30), (16, 12, 40), (-2, 38, 10)] {
        s.placed((x, y), turn, 100, |s| {
            s.ellipse(0, 0, 18, 12, "#6a3c22");
            s.line("M-14 2Q0 -6 14 -2", 3, "#e2b98a");
        });
    }
    shine(s, -54, 10, 4, 60);
}

pub fn chocolate(s: &mut Sheet, tone: usize) {
    let (bar, wrap) =
        [("#4a2718", "#d9a03a"), ("#7a4a2c", "#4f8f6a"), ("#5d3220", "#c85a4a")][tone % 3];
    s.placed((0, 0), -10, 100, |s| {
        s.rectangle((-64, -104), (128, 130), 8, bar);
        for (x, y) in [(-54, -94), (4, -94), (-54, -52), (4, -52), (-54, -10), (4, -10)] {
            s.faint(18, |s| s.rectangle((x, y), (50, 34), 5, "#ffe0c0"));
        }
        s.shape("M-72 -2L-36 10L0 -4L36 10L72 -2V104H-72z", wrap);
        s.circle(0, 54, 27, "#fff3d8");
        s.ellipse(0, 54, 11, 19, bar);
    });
}

/// A glass of juice with ice and a straw.
pub fn juice(s: &mut Sheet, tone: usize) {
    let drink = ["#f7b733", "#f0785a", "#c9d94f", "#f2e3a0", "#d95a7f"][tone % 5];
    s.line("M22 -40L48 -112", 9, "#d0483c");
    s.shape("M-58 -70H58L44 98H-44z", "#eaf3f3");
    s.shape("M-53 -36H53L42 92H-42z", drink);
    s.faint(45, |s| {
        s.placed((-18, -12), 14, 100, |s| s.rectangle((-18, -18), (36, 36), 6, "#ffffff"));
        s.placed((20, 16), -18, 100, |s| s.rectangle((-18, -18), (36, 36), 6, "#ffffff"));
    });
    s.circle(-54, -66, 30, "#8fbf3f");
    s.circle(-54, -66, 23, "#eef5c0");
    s.placed((-54, -66), 0, 100, |s| s.around(6, |s| s.shape("M0 -4L-7 -18H7z", "#b5d65a")));
    shine(s, -38, 30, 5, 40);
}

/// Rice spirit in a gourd-shaped flask beside a tiny cup.
pub fn spirit_flask(s: &mut Sheet, tone: usize) {
    let (flask, band) = [
        ("#f4efe4", "#3e6f9e"),
        ("#6a2f4a", "#d9b04a"),
        ("#8a5a34", "#d0483c"),
        ("#e6d2a8", "#5a8a5a"),
    ][tone % 4];
    s.shape("M-32 -84H4V-64C30 -54 30 -20 12 -8C70 14 60 98 10 98H-38C-88 98 -98 14 -40 -8C-58 -20 -58 -54 -32 -64z", flask);
    s.rectangle((-34, -108), (40, 28), 8, "#c0392f");
    s.line("M-44 -8Q-14 4 16 -8", 7, "#d0483c");
    s.line("M-62 44q12 -14 24 0t24 0t24 0t24 0", 6, band);
    shine(s, -52, 46, 7, 26);
    s.shape("M50 52H104L94 96H60z", flask);
    s.ellipse(77, 53, 27, 7, band);
}

/// Bars of soap with a sprig.
pub fn soap(s: &mut Sheet, tone: usize) {
    let (bar, dark) = [
        ("#f3e6d0", "#d9c4a0"),
        ("#b9d9a0", "#8fb878"),
        ("#f2c6b4", "#d79c86"),
        ("#e9dc9a", "#c9b864"),
    ][tone % 4];
    for (x, y, turn) in [(-6, 56, 0), (10, 4, -8)] {
        s.placed((x, y), turn, 100, |s| {
            s.rectangle((-92, -22), (184, 60), 22, dark);
            s.rectangle((-92, -36), (184, 56), 22, bar);
            s.rectangle((-60, -24), (120, 32), 14, dark);
        });
    }
    s.line("M-60 -24Q0 -60 70 -92", 5, "#357a3c");
    for (x, y, turn) in [(-40, -36, 10), (-6, -52, 70), (20, -66, 0), (48, -80, 60)] {
        s.placed((x, y), turn, 62, |s| s.shape("M0 0Q14 -40 62 -36Q50 6 0 0z", "#4f9a4a"));
    }
    s.faint(55, |s| {
        s.circle(-84, -30, 18, "#ffffff");
        s.circle(-60, -66, 10, "#ffffff");
        s.circle(88, -34, 13, "#ffffff");
    });
}

/// A small amber bottle with a dropper, and a leaf.
pub fn oil_bottle(s: &mut Sheet, tone: usize) {
    let (glass, label) =
        [("#8a4a1e", "#fbf3df"), ("#3e6f5a", "#f6efd8"), ("#e8e0c4", "#6d9a4a")][tone % 3];
    s.rectangle((-54, -30), (108, 128), 22, glass);
    s.rectangle((-24, -54), (48, 28), 4, "#2f2a28");
    s.rectangle((-16, -108), (32, 58), 16, "#3f3936");
    s.rectangle((-54, 8), (108, 58), 0, label);
    s.shape("M-22 50Q-14 14 26 20Q16 56 -22 50z", "#5aa04f");
    shine(s, -42, 30, 5, 46);
    s.shape("M50 96Q54 50 106 44Q110 94 50 96z", "#4f9a4a");
    s.line("M58 92Q76 70 98 54", 4, "#7cbc5a");
}
