//! Names nobody knows, and the nearest that somebody does.

use super::{Origin, error::Unknown, field::Field, table::SECTIONS};

/// Below this likeness a suggestion would be a guess.
const LIKENESS_MIN: f64 = 0.5;

/// Returns what is said of an unknown key.
pub(super) fn unknown(key: &str, origin: Origin) -> Unknown {
    let keys = Field::all().map(|field| field.key).chain(SECTIONS.iter().map(|section| section.name));
    let nearest = nearest(key, keys.map(str::to_owned));
    Unknown { name: key.to_owned(), origin, nearest }
}

/// Returns the candidate most like `name`. Whole keys are compared, and their last parts when `name` is but one part.
pub(super) fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let likeness = |candidate: &str| {
        let last = candidate.rsplit('.').next().unwrap_or_default();
        let whole = strsim::normalized_damerau_levenshtein(name, candidate);
        let of_part = if name.contains('.') { 0.0 } else { strsim::normalized_damerau_levenshtein(name, last) * 0.99 };
        whole.max(of_part)
    };
    let best = candidates.map(|candidate| (likeness(&candidate), candidate)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= LIKENESS_MIN).then_some(best.1)
}
