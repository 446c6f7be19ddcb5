//! The process's numbers: counters, gauges and histograms, written out in Prometheus' text format.
//!
//! Owns every series of the process, at most [`SERIES_MAX`] of each family. Never holds a value that names a person.
//! Start reading at [`Family`]. A crate declares its families as statics in its `metrics.rs`; they join the registry
//! when first used. Take a handle once with [`Family::with`] and keep it: using a handle costs a few nanoseconds.
//!
//! ```
//! use runtime::metrics::{Counter, Family};
//!
//! /// Mails handed to the relay.
//! static MAILS: Family<Counter> = Family::new("fpms_mails_total", "Mails handed to the relay.", &["outcome"]);
//! MAILS.with(&["sent"]).increment();
//! ```

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::atomic::{AtomicBool, Ordering},
};

use parking_lot::RwLock;

mod series;

pub use self::series::{Counter, Gauge, Histogram, SECONDS, Series};

/// Most series of one family. Label values beyond it share the series whose labels are all `other`.
pub const SERIES_MAX: usize = 512;
const OTHER: &str = "other";

static REGISTRY: RwLock<Vec<&'static dyn Collect>> = RwLock::new(Vec::new());

/// All series of one name; a static.
pub struct Family<S: Series> {
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    bounds: &'static [f64],
    registered: AtomicBool,
    series: RwLock<BTreeMap<Vec<String>, S>>,
}

impl<S: Series> Family<S> {
    /// Declares a family: its name with its unit last, one sentence about it, and the names of its labels.
    pub const fn new(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Self {
            name,
            help,
            labels,
            bounds: SECONDS,
            registered: AtomicBool::new(false),
            series: RwLock::new(BTreeMap::new()),
        }
    }

    /// Returns the family with other bucket bounds, ascending; of use for histograms only. The default suits seconds.
    #[must_use]
    pub const fn bounds(mut self, bounds: &'static [f64]) -> Self {
        self.bounds = bounds;
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the handle of the series with these label values, in the order of the label names.
    pub fn with(&'static self, values: &[&str]) -> S {
        self.register();
        debug_assert_eq!(values.len(), self.labels.len(), "{} has other labels", self.name);
        if let Some(series) = self.find(values) {
            return series;
        }
        let mut all = self.series.write();
        let key: Vec<String> = if all.len() < SERIES_MAX {
            values.iter().map(|value| (*value).to_owned()).collect()
        } else {
            self.labels.iter().map(|_| OTHER.to_owned()).collect()
        };
        all.entry(key).or_insert_with(|| S::start(self.bounds)).clone()
    }

    /// Drops the series with these label values, for example of a node that is gone.
    pub fn forget(&self, values: &[&str]) {
        self.series.write().retain(|key, _| !key.iter().map(String::as_str).eq(values.iter().copied()));
    }

    fn find(&self, values: &[&str]) -> Option<S> {
        let all = self.series.read();
        // The map is keyed by owned text; with a handful of series a scan is cheaper than building a key.
        if all.len() <= 8 {
            let same = |key: &Vec<String>| key.iter().map(String::as_str).eq(values.iter().copied());
            return all.iter().find(|(key, _)| same(key)).map(|(_, series)| series.clone());
        }
        let key: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        all.get(&key).cloned()
    }

    fn register(&'static self) {
        if !self.registered.load(Ordering::Acquire) && !self.registered.swap(true, Ordering::AcqRel) {
            REGISTRY.write().push(self);
        }
    }
}

/// Returns every series of the process in Prometheus' text exposition format, version 0.0.4.
pub fn exposition() -> String {
    let mut families = REGISTRY.read().clone();
    families.sort_by_key(|family| family.key());
    let mut text = String::new();
    for family in families {
        family.collect(&mut text);
    }
    text
}

/// The content type of [`exposition`].
pub const EXPOSITION_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A family whose kind of series does not matter.
trait Collect: Send + Sync {
    fn key(&self) -> &'static str;
    fn collect(&self, text: &mut String);
}

impl<S: Series> Collect for Family<S> {
    fn key(&self) -> &'static str {
        self.name
    }

    fn collect(&self, text: &mut String) {
        let _ = writeln!(text, "# HELP {} {}", self.name, escape(self.help, false));
        let _ = writeln!(text, "# TYPE {} {}", self.name, S::KIND);
        for (values, series) in &*self.series.read() {
            let pairs = self.labels.iter().zip(values);
            let labels: Vec<_> = pairs.map(|(name, value)| format!("{name}=\"{}\"", escape(value, true))).collect();
            series.write(text, self.name, &labels.join(","));
        }
    }
}

fn escape(text: &str, quoted: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quoted { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exposition_names_each_family_once_and_escapes_values() {
        static SEEN: Family<Counter> = Family::new("test_seen_total", "Things\nseen.", &["what", "where"]);
        SEEN.with(&["a\"b", "c"]).add(3);
        SEEN.with(&["a\"b", "c"]).increment();
        let text = exposition();
        assert!(text.contains("# HELP test_seen_total Things\\nseen.\n# TYPE test_seen_total counter\n"), "{text}");
        assert!(text.contains("test_seen_total{what=\"a\\\"b\",where=\"c\"} 4\n"), "{text}");
        assert_eq!(text.matches("# TYPE test_seen_total").count(), 1);
    }

    #[test]
    fn a_histogram_counts_up_to_each_bound() {
        static TOOK: Family<Histogram> = Family::new("test_took_seconds", "Time taken.", &[]).bounds(&[0.1, 1.0]);
        let took = TOOK.with(&[]);
        for seconds in [0.05, 0.5, 5.0] {
            took.observe(seconds);
        }
        let text = exposition();
        let expected = "test_took_seconds_bucket{le=\"0.1\"} 1\n\
                        test_took_seconds_bucket{le=\"1\"} 2\n\
                        test_took_seconds_bucket{le=\"+Inf\"} 3\n\
                        test_took_seconds_sum 5.55\n\
                        test_took_seconds_count 3\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn label_values_beyond_the_bound_share_one_series() {
        static MANY: Family<Gauge> = Family::new("test_many", "Many.", &["id"]);
        for id in 0..SERIES_MAX + 50 {
            MANY.with(&[&id.to_string()]).add(1);
        }
        assert_eq!(MANY.series.read().len(), SERIES_MAX + 1);
        assert_eq!(MANY.with(&[OTHER]).value(), 50);
        MANY.forget(&["7"]);
        assert_eq!(MANY.series.read().len(), SERIES_MAX);
    }
}
