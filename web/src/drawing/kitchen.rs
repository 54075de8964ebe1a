//! What comes from mill, pond, coop and oven.

use super::sheet::Sheet;

fn shine(sheet: &mut Sheet, x: i32, y: i32, rx: i32, ry: i32) {
    sheet.faint(35, |s| s.ellipse(x, y, rx, ry, "#ffffff"));
}

fn ear_of_rice(s: &mut Sheet, at: (i32, i32), turn: i32) {
    s.placed(at, turn, 100, |s| {
        s.line("M0 40Q0 -10 14 -50", 4, "#b98a2e");
        for (x, y, lean) in [
            (14, -50, 20),
            (2, -36, -30),
            (20, -30, 50),
            (-6, -16, -30),
            (14, -10, 50),
            (-8, 4, -30),
            (10, 10, 50),
        ] {
            s.placed((x, y), lean, 100, |s| s.ellipse(0, -6, 6, 12, "#e5b53f"));
        }
    });
}

pub fn rice_sack(s: &mut Sheet, tone: usize) {
    let (cloth, band) = [
        ("#e9d8b0", "#4f9a4a"),
        ("#f1e7d0", "#c85a4a"),
        ("#dcc79a", "#3e7f9e"),
        ("#efe2c4", "#7a5aa0"),
    ][tone % 4];
    s.shape("M-60 -70Q-92 0 -80 94Q0 108 80 94Q92 0 60 -70z", cloth);
    s.shape("M-60 -70Q-74 -96 -52 -102Q0 -88 52 -102Q74 -96 60 -70Q0 -58 -60 -70z", "#d6bf8c");
    s.rectangle((-64, -76), (128, 12), 6, band);
    s.shape("M-83 8Q0 20 83 8Q86 40 84 58Q0 72 -84 58Q-86 40 -83 8z", band);
    ear_of_rice(s, (-4, 38), 0);
    s.faint(25, |s| s.line("M-40 -56Q-58 0 -56 0M36 -56Q48 -20 52 -6", 5, "#8a6a30"));
}

/// An open bowl heaped with grain, beans or flour.
pub fn grain_bowl(s: &mut Sheet, tone: usize) {
    let (heap, speck) = [
        ("#f6efdc", "#d8c9a0"),
        ("#e8c34a", "#b98f22"),
        ("#46323f", "#6d5163"),
        ("#b55a3c", "#8a3f28"),
        ("#7fa64a", "#587a30"),
    ][tone % 5];
    s.shape("M-84 6Q0 -112 84 6z", heap);
    s.line(
        "M-40 -16h.1M-14 -36h.1M14 -24h.1M36 -10h.1M-8 -10h.1M0 -54h.1M-58 0h.1M60 0h.1M24 -42h.1",
        9,
        speck,
    );
    s.shape("M-96 0H96Q92 84 34 96H-34Q-92 84 -96 0z", "#a9683c");
    s.rectangle((-100, -8), (200, 18), 9, "#c58250");
    s.faint(20, |s| s.line("M-80 30Q0 50 80 30M-70 56Q0 74 70 56", 4, "#4a2408"));
}

pub fn fish(s: &mut Sheet, tone: usize) {
    let (back, belly) = [
        ("#5f7f93", "#cfdde2"),
        ("#7d8a5a", "#e4e4c4"),
        ("#8a6f5a", "#ead9c2"),
        ("#4f6f7f", "#d9e4e4"),
    ][tone % 4];
    s.shape("M60 0Q104 -50 112 -54Q98 0 112 54Q104 50 60 0z", back);
    s.shape("M-108 6C-70 -66 30 -60 78 0C30 62 -70 66 -108 6z", back);
    s.shape("M-106 10C-60 22 30 22 74 4C30 62 -68 62 -106 10z", belly);
    s.shape("M-20 -46Q10 -84 44 -60Q36 -44 30 -34z", back);
    s.line("M-52 -28Q-36 4 -52 36", 5, "#3d5563");
    s.line(
        "M-20 -8q8 8 0 16M6 -10q8 8 0 16M32 -8q8 8 0 16M-8 -26q8 8 0 14M20 -28q8 8 0 14",
        4,
        "#3d5563",
    );
    s.circle(-76, -8, 9, "#ffffff");
    s.circle(-77, -8, 5, "#20262b");
}

/// Small fish split and dried, hung by the tail.
pub fn dried_fish(s: &mut Sheet, tone: usize) {
    let (flesh, edge) = [
        ("#d9a066", "#8f5a2e"),
        ("#e6bd85", "#a06a3a"),
        ("#c98a58", "#7a4a28"),
        ("#eab38c", "#b5714a"),
    ][tone % 4];
    s.line("M-108 -84Q0 -70 108 -84", 5, "#7a5a3a");
    for (x, size) in [(-68, 90), (0, 100), (68, 90)] {
        s.placed((x, 0), x / 12, size, |s| {
            s.shape("M0 -56L-30 -104L0 -88L30 -104z", edge);
            s.shape("M0 -74C-46 -30 -40 40 -18 84Q0 108 18 84C40 40 46 -30 0 -74z", edge);
            s.shape("M0 -50C-30 -22 -28 24 -18 48H18C28 24 30 -22 0 -50z", flesh);
            s.line("M0 -40V44M-14 -14H14M-18 6H18M-16 26H16", 4, edge);
            s.circle(-10, 68, 6, "#fff6e6");
            s.circle(10, 68, 6, "#fff6e6");
            s.line("M-10 68h.1M10 68h.1", 5, "#2a1a10");
        });
    }
}

pub fn squid(s: &mut Sheet, tone: usize) {
    let (body, edge) =
        [("#e8b48c", "#b5713f"), ("#f2d3b8", "#c98f66"), ("#d99a6a", "#9a5a32")][tone % 3];
    s.line("M-24 30Q-40 60 -30 100M-12 30Q-18 70 -10 104M0 30V106M12 30Q18 70 10 104M24 30Q40 60 30 100", 9, edge);
    s.shape("M0 -108L62 -52L30 -30H-30L-62 -52z", edge);
    s.shape("M0 -100C34 -60 44 -10 36 40Q0 56 -36 40C-44 -10 -34 -60 0 -100z", body);
    s.faint(45, |s| s.line("M0 -78V20M-14 -40h.1M14 -22h.1M-18 2h.1M18 12h.1", 5, edge));
    s.circle(-16, 38, 7, "#2a1a10");
    s.circle(16, 38, 7, "#2a1a10");
}

pub fn shrimp(s: &mut Sheet, tone: usize) {
    let (shell, line) = [
        ("#f08a5d", "#c85a34"),
        ("#7fa3ad", "#4f7480"),
        ("#f4a27a", "#d06a48"),
        ("#e8744f", "#b54a2c"),
    ][tone % 4];
    s.line("M-64 -48Q-100 -70 -104 -104M-60 -52Q-70 -90 -52 -112", 4, line);
    s.shape(
        "M-84 -34C-40 -96 60 -80 82 0C96 56 56 92 10 90C50 70 50 28 20 10C-16 -10 -50 -4 -84 -34z",
        shell,
    );
    s.shape("M14 84L-34 104L-30 78L-46 64L10 62z", line);
    s.line("M-24 -62Q-28 -30 -16 -8M16 -66Q4 -30 10 0M50 -50Q30 -20 30 10M76 -14Q50 0 42 26M84 26Q60 26 46 44M70 62Q54 54 42 62", 4, line);
    s.line("M-20 -4L-34 26M0 2L-8 32M18 14L10 42", 5, line);
    s.circle(-56, -46, 7, "#22262b");
}

pub fn crab(s: &mut Sheet, tone: usize) {
    let (shell, dark) =
        [("#d9623f", "#a8402a"), ("#5f7f6a", "#3f5b4a"), ("#e07a4a", "#b3522e")][tone % 3];
    s.line("M-60 30Q-96 30 -104 62M-56 46Q-84 58 -84 86M60 30Q96 30 104 62M56 46Q84 58 84 86M-60 0Q-92 -10 -88 -40M60 0Q92 -10 88 -40", 11, dark);
    for (x, turn) in [(-82, -20), (82, 20)] {
        s.placed((x, -58), turn, 100, |s| {
            s.shape(
                "M0 26C-36 10 -30 -34 -8 -42Q-10 -16 0 -10Q10 -16 8 -42C30 -34 36 10 0 26z",
                shell,
            );
        });
    }
    s.shape("M-84 6C-70 -48 70 -48 84 6C70 72 -70 72 -84 6z", shell);
    s.line("M-34 30Q0 48 34 30M-40 0q8 -8 16 0M24 0q8 -8 16 0", 5, dark);
    s.circle(-20, -40, 8, "#22262b");
    s.circle(20, -40, 8, "#22262b");
}

/// Fish cakes and balls on skewers or a small plate.
pub fn fish_balls(s: &mut Sheet, tone: usize) {
    let (ball, edge) =
        [("#f0d9a8", "#cfa868"), ("#e8b26a", "#c2823c"), ("#d9c8a6", "#a9cf7a")][tone % 3];
    s.ellipse(0, 60, 106, 34, "#f7f3ea");
    s.ellipse(0, 56, 88, 25, "#e4ddcd");
    for (x, y) in [(-52, 34), (52, 34), (0, 42), (-28, -4), (28, -4), (0, -42)] {
        s.circle(x, y, 33, edge);
        s.circle(x - 2, y - 3, 30, ball);
        shine(s, x - 11, y - 13, 8, 5);
    }
    s.shape(
        "M-8 -70Q-40 -94 -56 -80Q-36 -60 -8 -70zM4 -70Q30 -100 50 -88Q36 -62 4 -70z",
        "#4f9a4a",
    );
}

pub fn sausage(s: &mut Sheet, tone: usize) {
    let (meat, dark) =
        [("#b5383a", "#84232a"), ("#c9573f", "#983a2a"), ("#9e3b46", "#742532")][tone % 3];
    s.line("M-70 -98Q0 -112 70 -98", 5, "#c9a36a");
    for x in [-62, 0, 62] {
        s.placed((x, 0), x / 10, 100, |s| {
            s.line("M0 -102V-80M0 84V96", 5, "#c9a36a");
            s.rectangle((-23, -82), (46, 168), 23, meat);
            s.line("M-8 -50h.1M8 -24h.1M-10 2h.1M9 28h.1M-4 54h.1M10 -60h.1", 8, "#f0b9a8");
            s.line("M16 -60V64", 5, dark);
        });
    }
}

/// A dressed bird on a board.
pub fn roast_bird(s: &mut Sheet, tone: usize) {
    let (skin, dark) =
        [("#d98a45", "#a9602a"), ("#edcfa6", "#cfa673"), ("#c06f35", "#8f4a20")][tone % 3];
    s.ellipse(0, 78, 110, 22, "#8a5a34");
    s.ellipse(0, 72, 110, 20, "#b98252");
    s.shape("M-92 50C-104 -30 -30 -70 30 -50C84 -32 104 20 80 60Q0 88 -78 70Q-90 64 -92 50z", skin);
    s.shape("M-66 10C-58 -26 -20 -30 6 -12C-2 22 -34 40 -66 10z", dark);
    s.line("M70 4L96 -46", 13, "#f6efe0");
    s.circle(90, -52, 11, "#f6efe0");
    s.circle(104, -46, 11, "#f6efe0");
    s.shape("M14 44C16 0 54 -20 76 2C96 24 70 66 36 66Q16 64 14 44z", dark);
    shine(s, -10, -42, 26, 8);
    s.shape(
        "M-60 78Q-104 72 -108 48Q-74 46 -60 78zM-30 82Q-54 104 -84 96Q-66 72 -30 82z",
        "#4f9a4a",
    );
}

pub fn eggs(s: &mut Sheet, tone: usize) {
    let shell = ["#f3dfc1", "#dfe9e4", "#e8c39a", "#cfdcd6"][tone % 4];
    for (x, y) in [(-54, 4), (0, -14), (54, 4)] {
        s.shape(
            &format!(
                "M{x} {}C{} {} {} {} {x} {}C{} {} {} {} {x} {}z",
                y - 62,
                x + 44,
                y - 62,
                x + 60,
                y + 62,
                y + 56,
                x - 60,
                y + 62,
                x - 44,
                y - 62,
                y - 62
            ),
            shell,
        );
        shine(s, x - 14, y - 22, 8, 14);
    }
    s.shape("M-104 34Q-52 56 0 34Q52 56 104 34L88 96H-88z", "#b98a52");
    s.faint(30, |s| s.line("M-90 60H90M-84 78H84M-50 50V94M0 44V94M50 50V94", 4, "#5a3510"));
    if tone.is_multiple_of(2) {
        s.circle(64, 72, 28, "#f8f4e6");
        s.circle(64, 72, 17, "#f08a24");
    }
}

fn round_cake(s: &mut Sheet, at: (i32, i32)) {
    s.placed(at, 0, 100, |s| {
        s.shape("M-46 0Q-46 34 0 36Q46 34 46 0z", "#d99a4a");
        s.ellipse(0, 0, 46, 26, "#f3cf86");
        s.ellipse(0, -2, 34, 18, "#f8e0a8");
        s.circle(0, -3, 9, "#d0483c");
    });
}

/// Pía cakes: round, layered, stamped red, one of them cut to show the yolk.
pub fn pia_cakes(s: &mut Sheet, tone: usize) {
    let filling = ["#e9c25a", "#8a6aa8", "#9ab05a", "#e6b34a"][tone % 4];
    s.ellipse(0, 66, 108, 36, "#fbf6ea");
    s.ellipse(0, 62, 92, 27, "#e9dfc9");
    round_cake(s, (-48, 30));
    round_cake(s, (0, -18));
    s.shape("M6 24A48 48 0 0 1 102 24L98 66Q54 88 10 66z", "#d99a4a");
    s.shape("M6 24Q54 44 102 24L98 66Q54 88 10 66z", filling);
    s.circle(54, 54, 19, "#f08a24");
    s.circle(49, 49, 6, "#f9b25e");
}

/// A lidded box of cakes with a window of patterned paper.
pub fn cake_box(s: &mut Sheet, tone: usize) {
    let (lid, side, trim) = [
        ("#d0483c", "#a8352e", "#f6cf6a"),
        ("#2f7d6a", "#225c4e", "#f3d27a"),
        ("#e59a2f", "#bb7720", "#fff0cc"),
        ("#6a4a8f", "#4e3570", "#f2c6da"),
    ][tone % 4];
    s.shape("M-94 -10H94L84 92H-84z", side);
    s.shape("M-104 -60Q0 -74 104 -60L96 4H-96z", lid);
    s.line("M-90 -44Q0 -58 90 -44M-86 -10H86", 4, trim);
    s.placed((0, 34), 0, 100, |s| {
        s.circle(0, 0, 40, trim);
        s.around(8, |s| s.ellipse(0, -22, 8, 14, lid));
        s.circle(0, 0, 10, side);
    });
}

/// Rice paper: a stack of thin discs, some with sesame.
pub fn rice_paper(s: &mut Sheet, tone: usize) {
    let (paper, edge, speck) = [
        ("#fbf7ea", "#ddd2b4", "#ddd2b4"),
        ("#f6e8c6", "#d6ba80", "#3b332c"),
        ("#f3d9a8", "#cf9f58", "#8a5a2a"),
        ("#fdf3f0", "#e4c6bb", "#6d9a4a"),
    ][tone % 4];
    for y in [70, 56, 42, 28] {
        s.ellipse(0, y, 102, 30, edge);
        s.ellipse(0, y - 5, 102, 30, paper);
    }
    s.placed((14, -34), 14, 100, |s| {
        s.circle(0, 0, 66, edge);
        s.circle(-2, -2, 62, paper);
        s.line("M-30 -20h.1M0 -36h.1M28 -14h.1M-10 4h.1M20 22h.1M-34 22h.1M0 40h.1M40 8h.1M-46 0h.1M-14 -50h.1", 6, speck);
    });
}

/// A bowl of noodles with herbs.
pub fn noodles(s: &mut Sheet, tone: usize) {
    let noodle = ["#fbf6e6", "#f3e0b0", "#f0d9c4"][tone % 3];
    s.ellipse(0, -8, 92, 40, noodle);
    s.line("M-70 -14Q-40 -50 0 -20T70 -14M-64 2Q-30 -30 10 0T66 0M-40 -34Q-10 -54 30 -36M-20 12Q10 -10 44 10", 5, "#d9c08a");
    s.shape(
        "M-10 -34Q-30 -70 -54 -56Q-44 -32 -10 -34zM0 -36Q10 -74 38 -68Q36 -40 0 -36z",
        "#4f9a4a",
    );
    s.shape(
        "M-100 -6Q0 44 100 -6Q92 82 36 94H-36Q-92 82 -100 -6z",
        ["#3e7f9e", "#c85a4a", "#5a8a5a"][tone % 3],
    );
    s.faint(60, |s| s.line("M-84 34q14 -14 28 0t28 0t28 0t28 0t28 0t28 0", 5, "#ffffff"));
    s.line("M34 -20L104 -108M48 -16L118 -98", 7, "#8a4a2c");
}

/// A cylinder of bánh tét tied in banana leaf, with slices before it.
pub fn leaf_roll(s: &mut Sheet, tone: usize) {
    let rice = ["#8a5aa8", "#f3ead0", "#b8c96a"][tone % 3];
    s.placed((-6, -22), -14, 100, |s| {
        s.rectangle((-98, -42), (196, 84), 34, "#4f8f48");
        s.faint(35, |s| s.line("M-90 -14H90M-92 12H88", 4, "#235a2c"));
        s.line("M-60 -42V42M-20 -42V42M20 -42V42M60 -42V42", 6, "#e2c88a");
    });
    for x in [-34, 44] {
        s.circle(x, 56, 42, "#4f8f48");
        s.circle(x, 56, 38, rice);
        s.circle(x, 56, 20, "#f0cf5e");
        s.circle(x, 56, 9, "#d9704a");
    }
}

/// Soft little cakes on a banana leaf.
pub fn small_cakes(s: &mut Sheet, tone: usize) {
    let (cake, top) = [
        ("#a7cf8a", "#cbe6b0"),
        ("#f3c46a", "#fadf9f"),
        ("#f7f1e2", "#ffffff"),
        ("#b98ac6", "#dcbfe6"),
        ("#d98f4a", "#efb87a"),
    ][tone % 5];
    s.shape("M-112 60Q-40 10 112 50Q40 108 -112 60z", "#3f8a48");
    s.line("M-104 60Q0 50 104 52", 4, "#7cbc5a");
    for (x, y) in [(-54, 34), (48, 32), (-2, 52), (-26, -6), (24, -6), (0, -42)] {
        s.shape(&format!("M{} {y}v16q0 14 31 14t31 -14v-16z", x - 31), cake);
        s.ellipse(x, y, 31, 15, top);
        s.line(
            &format!("M{} {}h.1M{} {}h.1M{} {}h.1", x - 10, y - 2, x + 4, y + 5, x + 11, y - 4),
            5,
            "#7a5230",
        );
    }
}

/// Wrapped sweets.
pub fn candy(s: &mut Sheet, tone: usize) {
    let colours = [
        ["#4f9a4a", "#e9a23c", "#d0483c"],
        ["#c85a8a", "#6a9ac9", "#f0c24a"],
        ["#d98f4a", "#8a5a34", "#f3e0b0"],
    ][tone % 3];
    for (index, (x, y, turn)) in
        [(-50, -46, -20), (48, -38, 24), (-4, 20, 6), (-58, 66, 14), (58, 66, -16)]
            .into_iter()
            .enumerate()
    {
        s.placed((x, y), turn, 100, |s| {
            let colour = colours[index % colours.len()];
            s.shape("M-30 0L-58 -22L-52 0L-58 22zM30 0L58 -22L52 0L58 22z", colour);
            s.rectangle((-34, -22), (68, 44), 18, colour);
            s.faint(45, |s| s.line("M-12 -16L-20 16M6 -16L-2 16M24 -14L16 16", 6, "#ffffff"));
        });
    }
}

/// Dried fruit in a bag with a window.
pub fn snack_bag(s: &mut Sheet, tone: usize) {
    let (bag, fruit) = [
        ("#e59a2f", "#f3c24a"),
        ("#4f8f6a", "#e9d27a"),
        ("#b5523f", "#d98f4a"),
        ("#6a5a9e", "#f0d9a0"),
        ("#c9a878", "#a8683c"),
    ][tone % 5];
    s.shape("M-72 -96H72L80 96H-80z", bag);
    s.faint(25, |s| s.rectangle((-72, -96), (144, 24), 0, "#000000"));
    s.line("M-66 -66H66", 3, "#ffffff");
    s.circle(0, 20, 52, "#fbf6e6");
    for (x, y, turn) in [(-18, 2, 20), (20, 4, -30), (0, 30, 0), (-26, 38, 50), (28, 38, 70)] {
        s.placed((x, y), turn, 100, |s| s.ellipse(0, 0, 19, 12, fruit));
    }
    shine(s, -58, 0, 6, 60);
}
