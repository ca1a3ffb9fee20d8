/// From the lowest to the highest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One block per value, the lowest value the lowest block; a blank where there is none.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let known = || values.iter().copied().flatten();
    let low = known().fold(f64::INFINITY, f64::min);
    let span = known().fold(f64::NEG_INFINITY, f64::max) - low;
    let top = BLOCKS.len() - 1;
    values
        .iter()
        .map(|value| match value {
            None => ' ',
            // All the same: neither high nor low.
            Some(_) if span <= 0.0 => BLOCKS[top / 2],
            // Between 0 and 7 by construction.
            Some(value) => BLOCKS[(((value - low) / span * top as f64).round() as usize).min(top)],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_and_the_highest_are_told_apart_and_gaps_are_gaps() {
        let line = |values: &[f64]| sparkline(&values.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(line(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "▁▂▃▄▅▆▇█");
        assert_eq!(line(&[7.0, 7.0]), "▄▄");
        assert_eq!(line(&[0.991, 0.999]), "▁█");
        assert_eq!(sparkline(&[None, Some(1.0), None, Some(3.0)]), " ▁ █");
        assert_eq!(sparkline(&[]), "");
    }
}
