//! Moments as people of a tenant read them: in its zone, with the month's name in their language.

use std::time::Duration;

use base::Timestamp;
use jiff::{Zoned, civil, tz::TimeZone};

use crate::{Ctx, markup::Markup};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// From this many days on, a month says more than a number of days.
const DAYS_MAX: u64 = 60;

fn local(ctx: &Ctx, instant: Timestamp) -> Option<Zoned> {
    let instant = jiff::Timestamp::from_microsecond(instant.as_micros()).ok()?;
    Some(instant.to_zoned(ctx.zone().clone()))
}

/// Wraps `text`, which is ours, in a `<time>` with the machine's form.
pub(crate) fn element(ctx: &Ctx, instant: Timestamp, text: &str) -> Markup {
    let title = datetime(ctx, instant);
    Markup::trusted(format!("<time datetime=\"{instant}\" title=\"{title}\">{text}</time>"))
}

pub(crate) fn date(ctx: &Ctx, instant: Timestamp) -> String {
    let Some(local) = local(ctx, instant) else { return ctx.t("time-never").to_owned() };
    let month = format!("month-{}", local.month());
    format!("{} {} {}", local.day(), ctx.t(&month), local.year())
}

pub(crate) fn datetime(ctx: &Ctx, instant: Timestamp) -> String {
    let Some(local) = local(ctx, instant) else { return ctx.t("time-never").to_owned() };
    format!("{}, {:02}:{:02}", date(ctx, instant), local.hour(), local.minute())
}

pub(crate) fn date_value(ctx: &Ctx, instant: Timestamp) -> String {
    local(ctx, instant).map(|local| local.date().to_string()).unwrap_or_default()
}

pub(crate) fn datetime_value(ctx: &Ctx, instant: Timestamp) -> String {
    local(ctx, instant).map(|local| local.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

pub(crate) fn away(ctx: &Ctx, instant: Timestamp) -> String {
    let (ahead, behind) = (instant.since(ctx.now()), ctx.now().since(instant));
    let (direction, distance) = if ahead > Duration::ZERO { ("in", ahead) } else { ("ago", behind) };
    let seconds = distance.as_secs();
    let (unit, count) = match seconds {
        0..MINUTE => return ctx.t("time-now").to_owned(),
        MINUTE..HOUR => ("minutes", seconds / MINUTE),
        HOUR..DAY => ("hours", seconds / HOUR),
        _ if seconds < DAYS_MAX * DAY => ("days", seconds / DAY),
        _ => return date(ctx, instant),
    };
    ctx.t1(&format!("time-{direction}-{unit}"), "count", count)
}

pub(crate) fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let moment: civil::DateTime = match text.parse::<civil::DateTime>() {
        Ok(moment) if text.len() > 10 => moment,
        _ => text.parse::<civil::Date>().ok()?.at(23, 59, 59, 0),
    };
    let instant = zone.to_ambiguous_zoned(moment).compatible().ok()?.timestamp();
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_says_a_moment_in_the_tenants_zone() {
        let zone = TimeZone::get("Asia/Vientiane").unwrap();
        let check = |text: &str| read(text, &zone).map(|instant| instant.to_string());
        assert_eq!(check("2027-06-01T09:00").as_deref(), Some("2027-06-01T02:00:00Z"));
        assert_eq!(check("2027-06-01").as_deref(), Some("2027-06-01T16:59:59Z"));
        assert_eq!(check("1 June"), None);
    }
}
