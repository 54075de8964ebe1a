//! Lines of iCalendar: escaping, folding, line ends (RFC 5545, 3.1 and 3.3.11).

/// Octets of a line, without its end.
const LINE: usize = 75;

/// A text in the form of iCalendar.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// A line whose value is written as it is.
    pub fn raw(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// A line whose value is text of people.
    pub fn text(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", escaped(value)));
    }

    /// All lines.
    pub fn finish(self) -> String {
        self.0
    }

    /// Breaks a line into parts of at most 75 octets, never within a letter; a space begins each
    /// further part and counts.
    fn fold(&mut self, line: &str) {
        let mut used = 0;
        for letter in line.chars() {
            if used + letter.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(letter);
            used += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// Text with what has a meaning of its own marked, and without control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader of RFC 5545 makes of folded lines.
    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn what_has_a_meaning_of_its_own_is_marked() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a,b;c\\d\r\ne\u{7}\nf");
        assert_eq!(lines.finish(), "SUMMARY:a\\,b\\;c\\\\d\\ne\\nf\r\n");
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_no_letter_is_cut() {
        let long = "Chợ nổi Cái Răng lúc bình minh – ".repeat(20);
        let mut lines = Lines::default();
        lines.text("SUMMARY", &long);
        lines.raw("UID", &"x".repeat(71));
        lines.raw("UID", &"x".repeat(72));
        let text = lines.finish();
        assert!(text.ends_with("\r\n"));
        for line in text.trim_end_matches("\r\n").split("\r\n") {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
        }
        assert!(unfolded(&text).starts_with(&format!("SUMMARY:{long}\r\n")));
        assert!(text.contains(&format!(
            "UID:{}\r\nUID:{}\r\n x\r\n",
            "x".repeat(71),
            "x".repeat(71)
        )));
    }
}
