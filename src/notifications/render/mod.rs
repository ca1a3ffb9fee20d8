//! A message in the form of each channel, within each channel's limits. Pure.

pub mod generic;
pub mod mail;
pub mod pagerduty;
pub mod slack;
pub mod sns;
pub mod teams;

/// How many lines of a list are shown: as many as fit.
const LINES: [usize; 8] = [200, 100, 50, 20, 10, 5, 2, 0];

/// The fullest form that is no longer than so many bytes; the barest, if even that is.
fn fit(most: usize, lines: usize, render: impl Fn(usize) -> String) -> String {
    let mut last = String::new();
    for lines in LINES.into_iter().filter(|n| *n <= lines) {
        last = render(lines);
        if last.len() <= most {
            break;
        }
    }
    last
}

/// What is said of what is not shown.
fn and_more(more: u64) -> String {
    format!("and {more} more: `keywatch findings list --state open`, `keywatch coverage`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_form_that_fits() {
        let render = |lines: usize| "x".repeat(lines);
        assert_eq!(fit(60, 200, render).len(), 50);
        assert_eq!(fit(60, 20, render).len(), 20);
        assert_eq!(fit(1, 200, render).len(), 0);
    }
}
