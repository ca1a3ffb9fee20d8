/// `1,234,567`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 finding`, `2,300 findings`.
pub fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{} {what}s", thousands(n)) }
}

/// `95.2 %`, cut and not rounded like everywhere else: only the whole shows as 100 %, only nothing as 0 %. None where
/// there is nothing to divide by. Number and sign stay on one line.
pub fn percent(part: u64, whole: u64) -> Option<String> {
    let thousandths = (u128::from(part) * 1000).checked_div(u128::from(whole))?;
    Some(match (part, thousandths) {
        (0, _) => "0\u{a0}%".to_owned(),
        (_, 0) => "under 0.1\u{a0}%".to_owned(),
        _ if part == whole => "100\u{a0}%".to_owned(),
        (_, n) => format!("{}.{}\u{a0}%", n / 10, n % 10),
    })
}

/// `+3`, `-2`, `0`.
pub fn change(now: u64, before: u64) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => "0".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", thousands(now - before)),
        std::cmp::Ordering::Less => format!("\u{2212}{}", thousands(before - now)),
    }
}

/// `under an hour`, `5 hours`, `23 days 4 hours`.
pub fn hours(hours: f64) -> String {
    // Hours between two moments fit by far.
    let whole = hours.max(0.0) as u64;
    match (whole / 24, whole % 24) {
        (0, 0) => "under an hour".to_owned(),
        (0, hours) => counted(hours, "hour"),
        (days, 0) => counted(days, "day"),
        (days, hours) => format!("{} {}", counted(days, "day"), counted(hours, "hour")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_whole_only_where_all_pass_and_nothing_only_where_none_does() {
        let shown = |part, whole| {
            percent(part, whole).map_or_else(|| "-".to_owned(), |text| text.replace('\u{a0}', " "))
        };
        assert_eq!(shown(0, 0), "-");
        assert_eq!(shown(0, 7), "0 %");
        assert_eq!(shown(1, 100_000), "under 0.1 %");
        assert_eq!(shown(1, 1000), "0.1 %");
        assert_eq!(shown(101, 106), "95.2 %");
        assert_eq!(shown(99_999, 100_000), "99.9 %");
        assert_eq!(shown(7, 7), "100 %");
        assert_eq!(shown(u64::MAX - 1, u64::MAX), "99.9 %");
    }

    #[test]
    fn numbers_as_people_write_them() {
        assert_eq!(
            [0, 999, 1000, 69_525, 1_234_567].map(thousands),
            ["0", "999", "1,000", "69,525", "1,234,567"]
        );
        assert_eq!(
            [0, 1, 2000].map(|n| counted(n, "finding")),
            ["0 findings", "1 finding", "2,000 findings"]
        );
        assert_eq!(
            [(5, 2), (2, 2), (2, 1002)].map(|(now, before)| change(now, before)),
            ["+3", "0", "−1,000"]
        );
        let shown = [0.2, 1.0, 5.9, 24.0, 556.0, 49.0].map(hours);
        assert_eq!(
            shown,
            ["under an hour", "1 hour", "5 hours", "1 day", "23 days 4 hours", "2 days 1 hour"]
        );
    }
}
