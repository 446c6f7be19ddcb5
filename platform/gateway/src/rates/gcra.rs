//! The generic cell rate algorithm: whether one more request fits, in whole microseconds and without a timer.
//!
//! Pure. A bucket is described by one moment: when it would be full again if nothing more came.
//! Start reading at [`Quota::take`].

/// Most requests a second, so that a microsecond is fine enough.
pub(crate) const PER_SECOND_MAX: u64 = 10_000;
/// Longest time in which a bucket fills.
pub(crate) const SECONDS_MAX: u64 = 86_400;

/// How much may come: a bucket of `burst` requests, into which one comes back each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// From one request that comes back to the next; rounded up, so that never more is let through than was said.
    pub(crate) period_us: u64,
    pub(crate) burst: u64,
}

/// Whether a request fits, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// How long until the same request would fit; `None` when it does.
    pub(crate) wait_us: Option<u64>,
    /// How many more fit now.
    pub(crate) remaining: u64,
    /// How long until the bucket is full again.
    pub(crate) reset_us: u64,
}

impl Quota {
    /// Returns the quota of `requests` in `seconds`, of which `burst` may come at once; `None` when that is out of bounds.
    pub(crate) fn of(requests: u64, seconds: u64, burst: u64) -> Option<Self> {
        let sound = (1..=SECONDS_MAX).contains(&seconds) && requests > 0 && burst > 0;
        let slow = requests <= seconds.saturating_mul(PER_SECOND_MAX) && burst <= SECONDS_MAX * PER_SECOND_MAX;
        (sound && slow).then(|| Self { period_us: (seconds * 1_000_000).div_ceil(requests), burst })
    }

    /// Takes one request at `now_us` out of the bucket that would be full at `full_at_us`, if there is one.
    pub(crate) fn take(self, full_at_us: &mut u64, now_us: u64) -> Verdict {
        let owed_us = full_at_us.saturating_sub(now_us);
        let then_us = owed_us + self.period_us;
        if then_us > self.capacity_us() {
            let wait_us = Some(then_us - self.capacity_us());
            return Verdict { wait_us, ..self.verdict(owed_us) };
        }
        *full_at_us = now_us + then_us;
        self.verdict(then_us)
    }

    /// Returns what is left of a bucket that is full in `owed_us`.
    pub(crate) fn verdict(self, owed_us: u64) -> Verdict {
        let remaining = self.capacity_us().saturating_sub(owed_us) / self.period_us;
        Verdict { wait_us: None, remaining, reset_us: owed_us }
    }

    /// Returns how long an empty bucket takes to fill.
    pub(crate) fn capacity_us(self) -> u64 {
        self.period_us * self.burst
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A bucket counted the plain way: tokens in units of a period's microseconds.
    struct Bucket {
        level_us: u64,
        at_us: u64,
    }

    impl Bucket {
        fn take(&mut self, quota: Quota, now_us: u64) -> bool {
            self.level_us = quota.capacity_us().min(self.level_us + (now_us - self.at_us));
            self.at_us = now_us;
            let fits = self.level_us >= quota.period_us;
            if fits {
                self.level_us -= quota.period_us;
            }
            fits
        }
    }

    fn quotas() -> impl Strategy<Value = Quota> {
        (1_u64..2_000, 1_u64..120, 1_u64..500)
            .prop_map(|(requests, seconds, burst)| Quota::of(requests, seconds, burst).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_decides_exactly_as_a_bucket_of_tokens_does(
            quota in quotas(),
            gaps in prop::collection::vec(0_u64..3_000_000, 1..600),
        ) {
            let mut bucket = Bucket { level_us: quota.capacity_us(), at_us: 0 };
            let (mut full_at_us, mut now_us) = (0, 0);
            for gap in gaps {
                now_us += gap * quota.period_us / 1_000_000;
                let verdict = quota.take(&mut full_at_us, now_us);
                prop_assert_eq!(verdict.wait_us.is_none(), bucket.take(quota, now_us));
                prop_assert_eq!(verdict.remaining, bucket.level_us / quota.period_us);
                prop_assert_eq!(verdict.reset_us, quota.capacity_us() - bucket.level_us);
            }
        }

        #[test]
        fn no_span_lets_through_more_than_the_burst_and_what_came_back(
            quota in quotas(),
            gaps in prop::collection::vec(0_u64..20_000, 1..400),
        ) {
            let (mut full_at_us, mut now_us, mut let_through) = (0, 0, Vec::new());
            for gap in gaps {
                now_us += gap;
                if quota.take(&mut full_at_us, now_us).wait_us.is_none() {
                    let_through.push(now_us);
                }
            }
            for (first, from) in let_through.iter().enumerate() {
                let last = let_through.len() - 1;
                let came_back = (let_through[last] - from) / quota.period_us;
                prop_assert!((last - first + 1) as u64 <= quota.burst + came_back);
            }
        }

        #[test]
        fn a_refused_request_fits_after_exactly_the_wait_and_not_a_microsecond_before(quota in quotas(), start in 0_u64..1 << 40) {
            let mut full_at_us = 0;
            let wait_us = (0..=quota.burst).find_map(|_| quota.take(&mut full_at_us, start).wait_us).unwrap();
            let early = quota.take(&mut full_at_us.clone(), start + wait_us - 1);
            prop_assert_eq!(early.wait_us, Some(1));
            prop_assert_eq!(quota.take(&mut full_at_us, start + wait_us).wait_us, None);
        }
    }

    #[test]
    fn what_cannot_be_counted_is_no_quota() {
        assert!(Quota::of(0, 1, 1).is_none() && Quota::of(1, 0, 1).is_none() && Quota::of(1, 1, 0).is_none());
        assert!(Quota::of(10_001, 1, 1).is_none() && Quota::of(1, SECONDS_MAX + 1, 1).is_none());
        assert_eq!(Quota::of(7, 60, 7).unwrap().period_us, 8_571_429);
    }
}
