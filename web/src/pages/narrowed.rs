//! A list that shows its things in one state or all of them, page by page: what its address says, and
//! the links that change it.

use serde::Deserialize;

use super::views::{PageInfo, url_encode};

/// What the address of such a list says.
#[derive(Debug, Default, Deserialize)]
pub struct Narrowed {
    /// The state that is shown; all, where there is none or no such state.
    state: Option<String>,
    /// The cursor behind which the page begins.
    pub after: Option<String>,
}

/// A link to the list in one state.
#[derive(Debug)]
pub struct Tab {
    /// The state, as the API names it; empty: all.
    pub state: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether the page shows it now.
    pub chosen: bool,
}

impl Narrowed {
    /// The state that is shown, of those that there are.
    pub fn state(&self, known: &[&'static str]) -> Option<&'static str> {
        known.iter().copied().find(|one| self.state.as_deref() == Some(*one))
    }
}

/// The links of the list at a path: all of it, and each state.
pub fn tabs(path: &str, known: &[&'static str], chosen: Option<&str>) -> Vec<Tab> {
    let all = Tab { state: "", href: path.to_owned(), chosen: chosen.is_none() };
    let of_state = |state: &'static str| Tab {
        state,
        href: format!("{path}?state={state}"),
        chosen: chosen == Some(state),
    };
    std::iter::once(all).chain(known.iter().copied().map(of_state)).collect()
}

/// The address of the next page, if there is more.
pub fn next_of(page: &PageInfo, path: &str, chosen: Option<&str>) -> Option<String> {
    let cursor = url_encode(page.next()?);
    Some(match chosen {
        Some(state) => format!("{path}?state={state}&after={cursor}"),
        None => format!("{path}?after={cursor}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = ["SENT", "PAID"];

    #[test]
    fn a_list_stays_in_its_state_from_page_to_page_and_nonsense_is_all() {
        let asked = |state: &str| Narrowed { state: Some(state.to_owned()), after: None };
        assert_eq!(asked("PAID").state(&KNOWN), Some("PAID"));
        assert_eq!(asked("\"><b>").state(&KNOWN), None);
        assert_eq!(Narrowed::default().state(&KNOWN), None);
        let page = PageInfo { has_next_page: true, end_cursor: Some("a+b".to_owned()) };
        let next = next_of(&page, "/list", Some("PAID"));
        assert_eq!(next.as_deref(), Some("/list?state=PAID&after=a%2Bb"));
        assert_eq!(next_of(&page, "/list", None).as_deref(), Some("/list?after=a%2Bb"));
        assert_eq!(next_of(&PageInfo::default(), "/list", None), None);
        let shown = tabs("/list", &KNOWN, Some("PAID"));
        assert_eq!(shown.iter().map(|tab| tab.chosen).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(shown[1].href, "/list?state=SENT");
    }
}
