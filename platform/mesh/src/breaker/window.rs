//! The outcomes of the last ten seconds, counted exactly.
//!
//! Ten buckets of a second rather than an average that decays: a short burst of failures must count in full.

/// How many buckets, and so seconds, a window has.
pub const BUCKETS: usize = 10;
const BUCKET_NS: u64 = 1_000_000_000;

/// What ended well and what did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// What ended well.
    pub good: u32,
    /// What did not.
    pub bad: u32,
}

/// The outcomes of the last ten seconds.
#[derive(Debug, Clone, Default)]
pub struct Window([Bucket; BUCKETS]);

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    second: u64,
    counts: Counts,
}

impl Window {
    /// Counts an outcome at `now_ns`.
    pub fn add(&mut self, now_ns: u64, good: bool) {
        let second = now_ns / BUCKET_NS;
        let Some(bucket) = self.0.get_mut(second as usize % BUCKETS) else {
            return;
        };
        if bucket.second != second {
            *bucket = Bucket { second, counts: Counts::default() };
        }
        let count = if good { &mut bucket.counts.good } else { &mut bucket.counts.bad };
        *count = count.saturating_add(1);
    }

    /// Returns what was counted in this second and the nine before.
    pub fn counts(&self, now_ns: u64) -> Counts {
        let second = now_ns / BUCKET_NS;
        let recent = |bucket: &&Bucket| bucket.second <= second && second - bucket.second < BUCKETS as u64;
        self.0.iter().filter(recent).fold(Counts::default(), |sum, bucket| Counts {
            good: sum.good.saturating_add(bucket.counts.good),
            bad: sum.bad.saturating_add(bucket.counts.bad),
        })
    }
}
