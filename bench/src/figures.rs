//! The lines that other programs read: `figure: NAME.metric VALUE`.

use std::fmt::Display;

/// Prints one figure.
pub(crate) fn figure(name: &str, value: impl Display) {
    println!("figure: {name} {value}");
}

/// Prints a ratio to two places.
pub(crate) fn ratio(name: &str, value: f64) {
    figure(name, format_args!("{value:.2}"));
}

/// Returns the value in the middle; 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or_default();
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|index| values.get(index)).copied().unwrap_or_default();
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}
