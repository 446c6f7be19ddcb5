//! What goes on on one connection from outside, and for how long: the one timer behind all of its timeouts.
//!
//! Owns the connection's sense of time. Never reads a clock on the way of a request: the connection's driver wakes up
//! once each [`TICK`] and counts, everything else compares counts. What must be more precise asks for an [`Alarm`]; the
//! [`Beat`] of the driver brings its one timer forward for that, and leaves it there when the request is over before:
//! however many requests ask, the timer is set anew at most once for each time it rings.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

use crate::settings::Timeouts;

/// The driver's period, and so the precision of every timeout.
pub(crate) const TICK: Duration = Duration::from_millis(500);
/// How long a closing connection waits for the other side to read the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// One connection's activity, shared by its driver, its reader and its requests, all on one thread.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    ticks: AtomicU32,
    /// Since when nothing has been read or written, in ticks.
    touched: AtomicU32,
    /// Since when a head is incomplete, in ticks plus one; zero when none is.
    head_since: AtomicU32,
    head_overdue: AtomicBool,
    requests: AtomicU32,
    write_blocked: AtomicBool,
    /// Since when the connection is closing, in ticks plus one; zero when it is not.
    closing_since: AtomicU32,
    /// Since when it takes no more requests, in ticks plus one; zero while it does.
    stopping_since: AtomicU32,
    alarm: Alarm,
}

/// When a request wants to be looked at before the next tick.
#[derive(Debug)]
struct Alarm {
    born: Instant,
    /// When the timer last rang, in nanoseconds after `born`.
    rang_ns: AtomicU64,
    /// The earliest time that was asked for since; the highest number when none was.
    wanted_ns: AtomicU64,
}

/// What rang.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ring {
    /// A tick is over.
    Tick,
    /// Somebody asked to be looked at.
    Alarm,
}

/// The one timer of a connection's driver.
pub(crate) struct Beat<'a> {
    timer: Pin<&'a mut Sleep>,
    tick_at: Instant,
}

/// Timeouts counted in ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticks {
    head: u32,
    idle: u32,
    /// For a service to begin its answer, and for a client to go on with its body.
    pub(crate) response: u32,
    /// For a service to go on with its answer.
    pub(crate) stream_idle: u32,
    /// For the requests under way to end when their listener closes.
    drain: u32,
}

impl Ticks {
    /// Returns `timeouts` in ticks, rounded up.
    pub(crate) fn of(timeouts: &Timeouts) -> Self {
        Self {
            head: ticks(timeouts.head_ms),
            idle: ticks(timeouts.idle_ms),
            response: ticks(timeouts.response_ms),
            stream_idle: ticks(timeouts.stream_idle_ms),
            drain: ticks(timeouts.drain_ms),
        }
    }
}

impl Ticks {
    /// Returns whether a client that took nothing for so many ticks is given up.
    pub(crate) fn is_idle(self, ticks: u32) -> bool {
        ticks > self.idle
    }
}

/// Returns milliseconds in ticks, rounded up.
pub(crate) fn ticks(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(TICK.as_millis() as u64)).unwrap_or(u32::MAX).max(1)
}

/// A request under way on a connection; it is over when this is dropped, after the last byte of its answer.
#[derive(Debug)]
pub(crate) struct UnderWay(pub(crate) Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Relaxed);
        self.0.touch();
    }
}

impl Activity {
    /// Returns the time in ticks.
    pub(crate) fn now(&self) -> u32 {
        self.ticks.load(Relaxed)
    }

    /// Counts a tick; returns whether the connection is to be dropped.
    pub(crate) fn tick(&self, limits: Ticks) -> bool {
        let now = self.ticks.fetch_add(1, Relaxed) + 1;
        let since = |mark: &AtomicU32| now.saturating_sub(mark.load(Relaxed));
        if self.is_stopping() && since(&self.stopping_since) >= limits.drain {
            return true;
        }
        if self.closing() {
            return since(&self.closing_since) > Self::linger();
        }
        if self.write_blocked.load(Relaxed) {
            return since(&self.touched) > limits.idle;
        }
        if self.head_since.load(Relaxed) != 0 {
            self.head_overdue.store(since(&self.head_since) >= limits.head, Relaxed);
            return false;
        }
        self.requests.load(Relaxed) == 0 && since(&self.touched) > limits.idle
    }

    /// Returns whether it is `at` or later, as far as the driver knows, which looks again at that time when it is not.
    pub(crate) fn is_due(&self, at: Instant) -> bool {
        let (alarm, at_ns) = (&self.alarm, self.alarm.nanos(at));
        let due = alarm.rang_ns.load(Relaxed) >= at_ns;
        if !due && at_ns < alarm.wanted_ns.load(Relaxed) {
            alarm.wanted_ns.store(at_ns, Relaxed);
        }
        due
    }

    /// Says that bytes moved.
    pub(crate) fn touch(&self) {
        self.touched.store(self.now(), Relaxed);
    }

    /// Returns whether nothing has been read or written for a moment.
    pub(crate) fn is_resting(&self) -> bool {
        self.now().saturating_sub(self.touched.load(Relaxed)) > 1
    }

    /// Says that a head has arrived in part.
    pub(crate) fn head_begins(&self) {
        let _ = self.head_since.compare_exchange(0, self.now() + 1, Relaxed, Relaxed);
    }

    /// Says that no head is incomplete.
    pub(crate) fn head_ends(&self) {
        self.head_since.store(0, Relaxed);
        self.head_overdue.store(false, Relaxed);
    }

    /// Returns whether the head took too long.
    pub(crate) fn head_overdue(&self) -> bool {
        self.head_overdue.load(Relaxed)
    }

    /// Says that a head is complete; the request is over when its [`UnderWay`] is dropped.
    pub(crate) fn request_begins(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    /// Says how a write went.
    pub(crate) fn wrote(&self, ready: bool) {
        self.write_blocked.store(!ready, Relaxed);
        if ready {
            self.touch();
        }
    }

    /// Says that it takes no more requests.
    pub(crate) fn stop(&self) {
        self.stopping_since.store(self.now() + 1, Relaxed);
    }

    /// Returns whether it takes no more requests.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping_since.load(Relaxed) != 0
    }

    /// Returns whether our side has been closed.
    pub(crate) fn closing(&self) -> bool {
        self.closing_since.load(Relaxed) != 0
    }

    /// Says that our side has been closed.
    pub(crate) fn close(&self) {
        self.closing_since.store(self.now() + 1, Relaxed);
    }

    fn linger() -> u32 {
        (LINGER.as_millis() / TICK.as_millis()) as u32
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self { born: Instant::now(), rang_ns: AtomicU64::new(0), wanted_ns: AtomicU64::new(u64::MAX) }
    }
}

impl Alarm {
    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.born).as_nanos()).unwrap_or(u64::MAX)
    }

    fn wanted(&self) -> Option<Instant> {
        let wanted_ns = self.wanted_ns.load(Relaxed);
        (wanted_ns != u64::MAX).then(|| self.born + Duration::from_nanos(wanted_ns))
    }

    fn ring(&self, now: Instant) {
        self.rang_ns.store(self.nanos(now), Relaxed);
        self.wanted_ns.store(u64::MAX, Relaxed);
    }
}

impl<'a> Beat<'a> {
    /// Returns the beat that `timer` gives, which must end a tick from now.
    pub(crate) fn new(timer: Pin<&'a mut Sleep>) -> Self {
        let tick_at = timer.deadline();
        Self { timer, tick_at }
    }

    /// Waits until a tick is over or somebody is to be looked at.
    pub(crate) fn poll(&mut self, activity: &Activity, cx: &mut Context<'_>) -> Poll<Ring> {
        ready!(self.timer.as_mut().poll(cx));
        let now = Instant::now();
        activity.alarm.ring(now);
        let ticks = now >= self.tick_at;
        if ticks {
            self.tick_at = now + TICK;
        }
        self.timer.as_mut().reset(self.tick_at);
        Poll::Ready(if ticks { Ring::Tick } else { Ring::Alarm })
    }

    /// Rings earlier when somebody asked for that; to be called after the requests of the connection were polled.
    pub(crate) fn bring_forward(&mut self, activity: &Activity, cx: &Context<'_>) {
        let Some(wanted) = activity.alarm.wanted().filter(|wanted| *wanted < self.timer.deadline()) else {
            return;
        };
        self.timer.as_mut().reset(wanted);
        if self.timer.is_elapsed() {
            cx.waker().wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use tokio::time::sleep;

    use super::*;

    fn limits() -> Ticks {
        Ticks { head: 4, idle: 10, response: 20, stream_idle: 30, drain: 40 }
    }

    fn ticks_until_dropped(activity: &Activity) -> usize {
        (1..).take(1_000).find(|_| activity.tick(limits())).unwrap_or(usize::MAX)
    }

    #[test]
    fn an_idle_connection_is_dropped_but_not_one_with_a_request() {
        assert_eq!(ticks_until_dropped(&Activity::default()), 11);
        let busy = Arc::new(Activity::default());
        busy.request_begins();
        let under_way = UnderWay(Arc::clone(&busy));
        assert_eq!(ticks_until_dropped(&busy), usize::MAX);
        drop(under_way);
        assert_eq!(ticks_until_dropped(&busy), 11);
    }

    #[test]
    fn a_head_that_dribbles_in_is_overdue_whatever_else_moves() {
        let activity = Activity::default();
        activity.head_begins();
        for _ in 0..5 {
            activity.touch();
            activity.head_begins();
            assert!(!activity.tick(limits()));
        }
        assert!(activity.head_overdue());
        activity.head_ends();
        assert!(!activity.head_overdue());
    }

    #[test]
    fn a_client_that_takes_nothing_of_its_answer_is_dropped() {
        let activity = Activity::default();
        activity.request_begins();
        activity.wrote(false);
        assert_eq!(ticks_until_dropped(&activity), 11);
    }

    #[test]
    fn a_closing_connection_lingers_a_moment_only() {
        let activity = Activity::default();
        activity.close();
        assert!(ticks_until_dropped(&activity) <= 6);
    }

    /// Drives a request that wants to be looked at after each of `waits`, until a second is over; returns when it was.
    async fn looked_at(activity: &Activity, waits: &[u64]) -> (Vec<u64>, usize) {
        let began = Instant::now();
        let mut timer = pin!(sleep(TICK));
        let mut beat = Beat::new(timer.as_mut());
        let (mut seen, mut rings) = (Vec::new(), 0);
        let mut waits = waits.iter().map(|ms| began + Duration::from_millis(*ms)).peekable();
        poll_fn(|cx| {
            while beat.poll(activity, cx).is_ready() {
                rings += 1;
            }
            if began.elapsed() >= Duration::from_secs(1) {
                return Poll::Ready(());
            }
            while waits.next_if(|at| activity.is_due(*at)).is_some() {
                seen.push(u64::try_from(began.elapsed().as_millis()).unwrap());
            }
            beat.bring_forward(activity, cx);
            Poll::Pending
        })
        .await;
        (seen, rings)
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_looked_at_when_it_asked_for_that_and_ticks_go_on() {
        assert_eq!(looked_at(&Activity::default(), &[]).await, (vec![], 2));
        assert_eq!(looked_at(&Activity::default(), &[100, 250, 700]).await, (vec![100, 250, 700], 5));
        // The timer rings once for all that is due by then.
        assert_eq!(looked_at(&Activity::default(), &[100, 80, 500]).await, (vec![100, 100, 500], 3));
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_end_in_time_do_not_set_the_timer_anew() {
        let activity = Activity::default();
        let mut timer = pin!(sleep(TICK));
        let mut beat = Beat::new(timer.as_mut());
        poll_fn(|cx| {
            assert!(beat.poll(&activity, cx).is_pending());
            let now = Instant::now();
            for number in 0..1_000 {
                assert!(!activity.is_due(now + Duration::from_millis(100 + number)));
                beat.bring_forward(&activity, cx);
                assert_eq!(beat.timer.deadline(), now + Duration::from_millis(100));
            }
            Poll::Ready(())
        })
        .await;
    }
}
