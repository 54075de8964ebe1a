//! The letters of a market in development: files in its data folder.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The texts of the letters that left to an address.
pub fn letters_to(data: &Path, address: &str) -> Vec<String> {
    let files = std::fs::read_dir(data.join("mails")).into_iter().flatten();
    let files = files.filter_map(Result::ok).map(|file| file.path());
    let letters = files.filter(|path| path.extension().is_some_and(|end| end == "eml"));
    let letters = letters.filter_map(|path| std::fs::read_to_string(path).ok());
    // Whose name is not said is written without brackets.
    let lines = [format!("<{address}>\r\n"), format!("\r\nTo: {address}\r\n")];
    let to_them = letters.filter(|letter| lines.iter().any(|line| letter.contains(line)));
    to_them.filter_map(|letter| text_of(&letter)).collect()
}

/// The text of a letter, whichever of the two ways of RFC 2045 was the shorter one for it.
fn text_of(letter: &str) -> Option<String> {
    let (head, body) = letter.split_once("\r\n\r\n")?;
    let bytes = if head.contains("quoted-printable") {
        plain(body)
    } else {
        BASE64.decode(body.split_whitespace().collect::<String>()).ok()?
    };
    String::from_utf8(bytes).ok()
}

/// What is quoted-printable, plain.
fn plain(quoted: &str) -> Vec<u8> {
    let quoted = quoted.replace("=\r\n", "");
    let mut parts = quoted.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(code, 16).ok());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_give_the_text() {
        let quoted =
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nXin ch=C3=A0o, d=\r\n=C3=A0i=3D1";
        assert_eq!(text_of(quoted).as_deref(), Some("Xin chào, dài=1"));
        let base64 = "Content-Transfer-Encoding: base64\r\n\r\nWGluIGNo\r\nw6Bv";
        assert_eq!(text_of(base64).as_deref(), Some("Xin chào"));
    }
}
