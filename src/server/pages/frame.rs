use super::style;

/// Where in the dashboard a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Posture,
    Findings,
    Accounts,
    Coverage,
    Scans,
    Reports,
    /// In none of its parts.
    Nowhere,
}

impl Tab {
    /// Those in the menu: the part, its address, its name.
    pub const MENU: [(Self, &'static str, &'static str); 6] = [
        (Self::Posture, "/", "Posture"),
        (Self::Findings, "/findings", "Findings"),
        (Self::Accounts, "/accounts", "Accounts"),
        (Self::Coverage, "/coverage", "Coverage"),
        (Self::Scans, "/scans", "Scans"),
        (Self::Reports, "/reports", "Reports"),
    ];
}

/// What is the same on every page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub title: String,
    tab: Tab,
    /// Whether the page is the first of its part, and not one below it.
    first: bool,
    pub sheet: String,
}

impl Frame {
    /// Of the first page of a part.
    pub fn of(tab: Tab, title: &str) -> Self {
        Self { title: title.to_owned(), tab, first: true, sheet: style::sheet() }
    }

    /// Of a page below it.
    pub fn below(tab: Tab, title: &str) -> Self {
        Self { first: false, ..Self::of(tab, title) }
    }

    /// What `aria-current` says of a part in the menu; empty where it is another.
    pub fn current(&self, tab: &Tab) -> &'static str {
        match (self.tab == *tab, self.first) {
            (false, _) => "",
            (true, true) => "page",
            (true, false) => "true",
        }
    }
}
