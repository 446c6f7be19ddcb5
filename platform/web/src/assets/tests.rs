//! What the style sheet promises.

use std::collections::HashMap;

use super::CSS;

/// Text on ground, and the contrast that WCAG 2.2 AA asks for.
const PAIRS: &[(&str, &str, f64)] = &[
    ("ink", "paper", 4.5),
    ("ink", "surface", 4.5),
    ("ink", "sunken", 4.5),
    ("ink", "info-tint", 4.5),
    ("ink", "danger-tint", 4.5),
    ("ink", "warning-tint", 4.5),
    ("ink", "success-tint", 4.5),
    ("ink-soft", "paper", 4.5),
    ("ink-soft", "surface", 4.5),
    ("ink-soft", "sunken", 4.5),
    ("link", "paper", 4.5),
    ("link", "surface", 4.5),
    ("link", "tint", 4.5),
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-strong", 4.5),
    ("danger", "surface", 4.5),
    ("danger", "danger-tint", 4.5),
    ("success", "success-tint", 4.5),
    ("warning", "warning-tint", 4.5),
    ("info", "info-tint", 4.5),
    ("edge", "surface", 3.0),
    ("edge", "paper", 3.0),
    ("accent", "paper", 3.0),
    ("accent", "surface", 3.0),
];

fn tokens(selector: &str) -> HashMap<&'static str, &'static str> {
    let start = CSS.find(selector).unwrap();
    let block = CSS[start..].split_once('{').unwrap().1.split_once('}').unwrap().0;
    let declarations = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
    declarations.collect()
}

fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
    let linear = |at| {
        let value = channel(at);
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055_f64).powf(2.4) }
    };
    0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_can_be_read_on_its_ground_in_light_and_dark() {
    for theme in [":root {", ":root[data-theme=\"dark\"] {"] {
        let tokens = tokens(theme);
        for (text, ground, least) in PAIRS {
            let found = contrast(tokens[text], tokens[ground]);
            assert!(found >= *least, "{theme} {text} on {ground}: {found:.2}, not {least}");
        }
    }
}

#[test]
fn the_dark_chosen_is_the_dark_of_the_device() {
    assert_eq!(tokens(":root[data-theme=\"dark\"] {"), tokens(":root:not([data-theme=\"light\"]) {"));
}
