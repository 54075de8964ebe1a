//! The sheet one draws on: a few flat shapes, written as SVG 1.1 elements.
//!
//! Owns the markup. It accepts numbers and constants of this module tree only, so nothing a person
//! typed can reach the picture.

use std::fmt::Write;

/// A drawing under way. Things are drawn around their own origin, 200 units high and wide
/// (−100 to 100), and put in place by [`Sheet::placed`].
pub struct Sheet {
    svg: String,
}

impl Sheet {
    /// An empty square of 640 units.
    pub fn new() -> Self {
        let mut svg = String::with_capacity(4096);
        svg.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 640\" ");
        svg.push_str("width=\"640\" height=\"640\">");
        Self { svg }
    }

    /// The whole picture.
    pub fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    /// Writing to a `String` cannot fail, hence no error to pass on.
    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        let _ = self.svg.write_fmt(arguments);
    }

    pub fn circle(&mut self, x: i32, y: i32, radius: i32, fill: &'static str) {
        self.write(format_args!(r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>"#));
    }

    pub fn ellipse(&mut self, x: i32, y: i32, rx: i32, ry: i32, fill: &'static str) {
        self.write(format_args!(
            r#"<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}"/>"#
        ));
    }

    /// A rectangle with its upper left corner at (x, y) and corners rounded by `round`.
    pub fn rectangle(&mut self, at: (i32, i32), size: (i32, i32), round: i32, fill: &'static str) {
        let ((x, y), (width, height)) = (at, size);
        self.write(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}" fill="{fill}"/>"#
        ));
    }

    /// A filled outline in SVG path language.
    pub fn shape(&mut self, outline: &str, fill: &'static str) {
        self.write(format_args!(r#"<path d="{outline}" fill="{fill}"/>"#));
    }

    /// A round-ended line in SVG path language.
    pub fn line(&mut self, outline: &str, width: i32, colour: &'static str) {
        self.write(format_args!(
            r#"<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round"/>"#
        ));
    }

    /// Draws in a frame of its own: moved, turned (degrees) and scaled (percent).
    pub fn placed(
        &mut self,
        at: (i32, i32),
        turn: i32,
        percent: i32,
        draw: impl FnOnce(&mut Self),
    ) {
        self.svg.push_str("<g");
        self.transform(at, turn, percent);
        self.svg.push('>');
        draw(self);
        self.svg.push_str("</g>");
    }

    /// Draws a thing that [`Sheet::stamp`] then shows as often as wanted, for the bytes of one.
    pub fn define(&mut self, name: &'static str, draw: impl FnOnce(&mut Self)) {
        self.write(format_args!(r#"<defs><g id="{name}">"#));
        draw(self);
        self.svg.push_str("</g></defs>");
    }

    /// Shows a defined thing, placed as by [`Sheet::placed`].
    pub fn stamp(&mut self, name: &'static str, at: (i32, i32), turn: i32, percent: i32) {
        self.write(format_args!(r##"<use href="#{name}""##));
        self.transform(at, turn, percent);
        self.svg.push_str("/>");
    }

    fn transform(&mut self, at: (i32, i32), turn: i32, percent: i32) {
        let (x, y) = at;
        self.write(format_args!(r#" transform="translate({x} {y})"#));
        if turn != 0 {
            self.write(format_args!(" rotate({turn})"));
        }
        if percent != 100 {
            self.write(format_args!(" scale({}.{:02})", percent / 100, percent % 100));
        }
        self.svg.push('"');
    }

    /// The same drawing several times around the origin, `count` times in a full turn.
    pub fn around(&mut self, count: i32, draw: impl Fn(&mut Self)) {
        for step in 0..count {
            self.placed((0, 0), 360 * step / count, 100, &draw);
        }
    }

    /// Draws see-through: `percent` of full cover.
    pub fn faint(&mut self, percent: i32, draw: impl FnOnce(&mut Self)) {
        self.write(format_args!(r#"<g opacity="0.{percent:02}">"#));
        draw(self);
        self.svg.push_str("</g>");
    }
}
