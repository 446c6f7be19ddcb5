//! The three kinds of series and their handles: atomics behind an `Arc`.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Bucket bounds that suit durations in seconds, from a quarter of a millisecond to a minute.
pub const SECONDS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];

/// A kind of series. Implemented by [`Counter`], [`Gauge`] and [`Histogram`].
pub trait Series: Clone + Send + Sync + 'static {
    /// The kind's name in the exposition.
    const KIND: &'static str;

    /// Returns a series at its beginning.
    fn start(bounds: &'static [f64]) -> Self;

    /// Appends the series' lines.
    fn write(&self, text: &mut String, name: &str, labels: &str);
}

/// A number that only grows.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Adds `count`.
    #[inline]
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Returns the number.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Series for Counter {
    const KIND: &'static str = "counter";

    fn start(_: &'static [f64]) -> Self {
        Self::default()
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) {
        line(text, name, labels, &self.value().to_string());
    }
}

/// A number that goes up and down.
#[derive(Debug, Clone, Default)]
pub struct Gauge(Arc<AtomicI64>);

impl Gauge {
    /// Sets the number.
    #[inline]
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Adds `difference`, which may be negative.
    #[inline]
    pub fn add(&self, difference: i64) {
        self.0.fetch_add(difference, Ordering::Relaxed);
    }

    /// Returns the number.
    pub fn value(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Series for Gauge {
    const KIND: &'static str = "gauge";

    fn start(_: &'static [f64]) -> Self {
        Self::default()
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) {
        line(text, name, labels, &self.value().to_string());
    }
}

/// Observations counted by size.
#[derive(Debug, Clone)]
pub struct Histogram(Arc<Buckets>);

#[derive(Debug)]
struct Buckets {
    bounds: &'static [f64],
    /// One for each bound and one for all that is larger; each counts only its own.
    counts: Box<[AtomicU64]>,
    sum_bits: AtomicU64,
}

impl Histogram {
    /// Counts an observation.
    #[inline]
    pub fn observe(&self, value: f64) {
        let Buckets { bounds, counts, sum_bits } = &*self.0;
        let bucket = bounds.iter().position(|bound| value <= *bound).unwrap_or(bounds.len());
        if let Some(count) = counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let add = |bits: u64| Some((f64::from_bits(bits) + value).to_bits());
        let _ = sum_bits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Counts a duration, in seconds.
    #[inline]
    pub fn observe_duration(&self, duration: Duration) {
        self.observe(duration.as_secs_f64());
    }

    /// Returns how many observations there were.
    pub fn count(&self) -> u64 {
        self.0.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl Series for Histogram {
    const KIND: &'static str = "histogram";

    fn start(bounds: &'static [f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Buckets { bounds, counts, sum_bits: AtomicU64::new(0f64.to_bits()) }))
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        let ends = self.0.bounds.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        let mut total = 0;
        for (end, count) in ends.zip(&self.0.counts) {
            total += count.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{end}\"}} {total}");
        }
        let sum = f64::from_bits(self.0.sum_bits.load(Ordering::Relaxed));
        line(text, &format!("{name}_sum"), labels, &sum.to_string());
        line(text, &format!("{name}_count"), labels, &total.to_string());
    }
}

fn line(text: &mut String, name: &str, labels: &str, value: &str) {
    let _ =
        if labels.is_empty() { writeln!(text, "{name} {value}") } else { writeln!(text, "{name}{{{labels}}} {value}") };
}
