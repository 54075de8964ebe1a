//! The picture as a whole: light, backdrop, what things stand on, and how they are arranged.

use super::chance::Chance;
use super::sheet::Sheet;
use super::subject::Subject;

/// The colours of one time of day: air, pattern, and ground.
struct Light {
    air: &'static str,
    pattern: &'static str,
    ground: &'static str,
    shadow: &'static str,
}

const LIGHTS: [Light; 10] = [
    Light { air: "#fde8cf", pattern: "#fbd3a6", ground: "#f0b27c", shadow: "#8a4f22" },
    Light { air: "#dcf1ef", pattern: "#b7e0dc", ground: "#83c3c0", shadow: "#245a5c" },
    Light { air: "#e9f3d9", pattern: "#cfe5b2", ground: "#a3ca83", shadow: "#3f6630" },
    Light { air: "#fbe6ec", pattern: "#f5cbd8", ground: "#e5a0b6", shadow: "#83344f" },
    Light { air: "#fcf3df", pattern: "#f3e0b3", ground: "#e0be7e", shadow: "#7f5b1e" },
    Light { air: "#ece8f7", pattern: "#d5cbec", ground: "#b2a1d6", shadow: "#48377a" },
    Light { air: "#e0eefa", pattern: "#bedaf3", ground: "#8fbbe2", shadow: "#2b5782" },
    Light { air: "#2c5d63", pattern: "#376d72", ground: "#4d8a8b", shadow: "#12353a" },
    Light { air: "#fbe3d6", pattern: "#f6c6ae", ground: "#e39a7c", shadow: "#86402a" },
    Light { air: "#3d4a73", pattern: "#4a5985", ground: "#66779f", shadow: "#1f2848" },
];

type Backdrop = fn(&mut Sheet, &Light, &mut Chance);
const BACKDROPS: [Backdrop; 7] = [waves, sun, leaves, awning, tiles, halo, hills];

/// Where each of one to five things stands (x, y of its middle), from back to front, and its size.
type Arrangement = (&'static [(i32, i32)], i32);
const ARRANGEMENTS: [&[Arrangement]; 5] = [
    &[(&[(320, 330)], 185), (&[(320, 322)], 198)],
    &[(&[(186, 342), (454, 342)], 134), (&[(222, 300), (410, 366)], 142)],
    &[(&[(200, 380), (440, 380), (320, 240)], 120), (&[(320, 280), (180, 386), (460, 386)], 124)],
    &[(&[(232, 262), (420, 258), (176, 412), (448, 416)], 98)],
    &[(&[(236, 242), (404, 242), (160, 400), (480, 400), (320, 408)], 98)],
];

/// Draws the whole picture of `subject`.
pub fn compose(subject: &Subject, chance: &mut Chance) -> String {
    let light = &LIGHTS[chance.below(LIGHTS.len())];
    let mut sheet = Sheet::new();
    sheet.rectangle((0, 0), (640, 640), 0, light.air);
    BACKDROPS[chance.below(BACKDROPS.len())](&mut sheet, light, chance);
    ground(&mut sheet, light, chance);
    things(&mut sheet, subject, light, chance);
    sheet.finish()
}

fn things(sheet: &mut Sheet, subject: &Subject, light: &Light, chance: &mut Chance) {
    let count = 1 + chance.below(subject.most.min(ARRANGEMENTS.len()));
    let choices = ARRANGEMENTS[count - 1];
    let (places, percent) = choices[chance.below(choices.len())];
    let tone = chance.below(60);
    // A lone thing may lean either way a little; things in a heap lean more, each its own way.
    let lean = if count == 1 { 3 } else { 6 };
    sheet.define(subject.name, |s| (subject.draw)(s, tone));
    for (x, y) in places {
        let size = percent + chance.between(-4, 4);
        sheet.faint(22, |s| {
            s.ellipse(*x, y + size * 98 / 100, size * 96 / 100, size / 6, light.shadow);
        });
        let at = (x + chance.between(-6, 6), *y);
        sheet.stamp(subject.name, at, chance.between(-lean, lean), size);
    }
}

/// A table, a mat, a winnowing tray or the water's edge.
fn ground(sheet: &mut Sheet, light: &Light, chance: &mut Chance) {
    match chance.below(4) {
        0 => {
            sheet.rectangle((0, 470), (640, 170), 0, light.ground);
            sheet.faint(30, |s| s.rectangle((0, 470), (640, 8), 0, "#ffffff"));
        }
        1 => {
            sheet.shape("M0 470Q320 420 640 470V640H0z", light.ground);
        }
        2 => {
            sheet.rectangle((0, 450), (640, 190), 0, light.ground);
            sheet.ellipse(320, 520, 290, 74, "#b98a4e");
            sheet.ellipse(320, 512, 276, 66, "#e3c48e");
            sheet.faint(35, |s| s.line("M70 500H570M90 530H550M150 480H490M140 556H500M180 464L460 566M460 464L180 566", 3, "#a8783c"));
        }
        _ => {
            sheet.rectangle((0, 460), (640, 180), 0, light.ground);
            sheet.shape("M14 536Q180 430 626 500Q480 620 14 536z", "#5d9f57");
            sheet.line("M24 536Q300 500 616 504", 5, "#8cc474");
            sheet.faint(50, |s| s.line("M160 520L220 480M260 508L330 470M370 502L440 476M180 530L250 562M290 520L360 566M400 514L470 548", 3, "#3f7f45"));
        }
    }
}

fn waves(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    let top = chance.between(60, 110);
    for row in 0..5 {
        s.line(
            &format!(
                "M{} {}q32 -30 64 0t64 0t64 0t64 0t64 0t64 0t64 0t64 0t64 0t64 0t64 0",
                -40 - row % 2 * 32,
                top + row * 80
            ),
            12,
            light.pattern,
        );
    }
}

fn sun(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    let at = (chance.between(180, 460), chance.between(190, 270));
    s.placed(at, chance.between(0, 20), 100, |s| {
        s.around(12, |s| s.shape("M-22 -150L22 -150L60 -640L-60 -640z", light.pattern));
        s.circle(0, 0, 118, light.pattern);
        s.faint(55, |s| s.circle(0, 0, 92, "#ffd98a"));
    });
}

fn leaves(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    let spread = chance.between(-8, 8);
    for (at, turns) in [((-20, 30), [20, 48, 76]), ((660, 20), [-20, -48, -76])] {
        for turn in turns {
            s.placed(at, turn + spread + 180, 100, |s| {
                s.shape("M0 0Q-74 -150 0 -330Q74 -150 0 0z", light.pattern);
                s.line("M0 0V-290", 4, light.air);
            });
        }
    }
}

/// The striped, scalloped awning of a market stall.
fn awning(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    let stripe = ["#d9604c", "#3f8f8a", "#e0a53a", "#5a8a5a"][chance.below(4)];
    for index in 0..8 {
        let colour = if index % 2 == 0 { stripe } else { "#fff6e6" };
        s.rectangle((index * 80, 0), (80, 78), 0, colour);
        s.circle(index * 80 + 40, 78, 40, colour);
    }
    s.faint(14, |s| s.rectangle((0, 0), (640, 14), 0, "#000000"));
    s.line("M60 118V470M580 118V470", 14, light.pattern);
}

/// Cement tiles, as on the floors of old houses by the river.
fn tiles(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    let offset = chance.between(0, 60);
    for row in 0..4 {
        let stars = (0..5).map(|column| {
            let (x, y) = (column * 140 + 10 + offset, row * 140 - 14);
            format!("M{x} {y}q14 30 44 44q-30 14 -44 44q-14 -30 -44 -44q30 -14 44 -44z")
        });
        s.shape(&stars.collect::<String>(), light.pattern);
    }
}

fn halo(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    s.circle(320, 300, chance.between(225, 265), light.pattern);
    for _ in 0..9 {
        let (x, y) = (chance.between(20, 620), chance.between(20, 440));
        s.circle(x, y, chance.between(5, 12), light.ground);
    }
}

/// The far bank: water palms and a low sun over the river.
fn hills(s: &mut Sheet, light: &Light, chance: &mut Chance) {
    s.faint(70, |s| s.circle(chance.between(120, 520), chance.between(110, 180), 62, "#ffe3a6"));
    s.shape("M0 360Q90 290 190 340T380 330T640 320V500H0z", light.pattern);
    for x in [60, 560, 480] {
        let x = x + chance.between(-24, 24);
        s.line(&format!("M{x} 350Q{} 270 {x} 210", x + 14), 9, light.ground);
        s.line(&format!("M{x} 212q-40 -26 -66 10M{x} 212q40 -26 66 10M{x} 212q-22 -40 -50 -32M{x} 212q22 -40 50 -32"), 9, light.ground);
    }
}
