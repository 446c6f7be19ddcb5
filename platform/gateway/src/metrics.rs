//! The numbers of this crate.

use runtime::metrics::{Counter, Family, Gauge, Histogram};

/// Requests answered, by service (`gateway` for those answered here) and class of status.
pub static REQUESTS: Family<Counter> =
    Family::new("fpms_gateway_requests_total", "Requests answered.", &["service", "status"]);
/// Time from the head of a request to the last byte of its answer, by service.
pub static DURATION: Family<Histogram> =
    Family::new("fpms_gateway_request_duration_seconds", "Time from head to last byte.", &["service"]);
/// Requests that the gateway refused, by code.
pub static REFUSED: Family<Counter> =
    Family::new("fpms_gateway_refused_total", "Requests refused by the gateway itself.", &["code"]);
/// Requests tried again on another node, by service.
pub static RETRIES: Family<Counter> =
    Family::new("fpms_gateway_retries_total", "Requests tried again on another node.", &["service"]);
/// Requests sent to a second node because the first took long, by service and outcome: `sent`, and `won` for those that
/// were answered first.
pub static HEDGES: Family<Counter> = Family::new(
    "fpms_gateway_hedges_total",
    "Requests sent to a second node because the first took long.",
    &["service", "outcome"],
);
/// Answers that broke off after their head was sent, by service.
pub static BROKEN: Family<Counter> =
    Family::new("fpms_gateway_broken_answers_total", "Answers that broke off after their head.", &["service"]);
/// Connections from outside that are open.
pub static CONNECTIONS: Family<Gauge> =
    Family::new("fpms_gateway_connections", "Connections from outside that are open.", &[]);
/// Requests under way.
pub static IN_FLIGHT: Family<Gauge> = Family::new("fpms_gateway_requests_in_flight", "Requests under way.", &[]);
/// Lookups of who a credential belongs to, by outcome: `kept`, `asked`, `refused`.
pub static CALLERS: Family<Counter> =
    Family::new("fpms_gateway_callers_total", "Lookups of who a credential belongs to.", &["outcome"]);
/// Changes of the route file, by outcome: `taken`, or `refused` when the one before stayed in force.
pub static RELOADS: Family<Counter> =
    Family::new("fpms_gateway_route_file_reloads_total", "Changes of the route file.", &["outcome"]);
/// Requests refused by a limit, by its name.
pub static RATE_LIMITED: Family<Counter> =
    Family::new("fpms_gateway_rate_limited_total", "Requests refused by a limit.", &["limit"]);
/// Requests that this gateway counted for itself because the shared engine was away.
pub static RATES_COUNTED_ALONE: Family<Counter> =
    Family::new("fpms_gateway_rates_counted_alone_total", "Requests counted here for want of the shared engine.", &[]);
/// Requests whose answer may be kept, by outcome: `hit`, `stale`, `missed`; and `kept` for answers that were.
pub static RESPONSE_CACHE: Family<Counter> =
    Family::new("fpms_gateway_response_cache_total", "Requests whose answer may be kept.", &["outcome"]);
/// Answers that were coded, by coding; those that were kept coded are given without.
pub static CODED: Family<Counter> = Family::new("fpms_gateway_coded_total", "Answers that were coded.", &["coding"]);
/// Copies of requests to a second place, by outcome: `answered`, `failed`, or `dropped` when too many were under way.
pub static MIRRORED: Family<Counter> =
    Family::new("fpms_gateway_mirrored_total", "Copies of requests to a second place.", &["outcome"]);

/// Handshakes of TLS, by outcome: `full`, `resumed`, `failed`, `timeout`.
pub static HANDSHAKES: Family<Counter> =
    Family::new("fpms_gateway_tls_handshakes_total", "Handshakes of TLS.", &["outcome"]);
/// Time that a handshake took, of those that came to their end.
pub static HANDSHAKE_DURATION: Family<Histogram> =
    Family::new("fpms_gateway_tls_handshake_duration_seconds", "Time that a handshake of TLS took.", &[]);
/// Handshakes of TLS with places outside, by outcome: `full`, `resumed`, `failed`.
pub static UPSTREAM_HANDSHAKES: Family<Counter> =
    Family::new("fpms_gateway_upstream_tls_handshakes_total", "Handshakes of TLS with places outside.", &["outcome"]);
/// Changes of certificates, by outcome: `taken`, or `refused` when the one before stayed in force.
pub static CERTIFICATES: Family<Counter> =
    Family::new("fpms_gateway_certificate_reloads_total", "Changes of certificates.", &["outcome"]);

/// Orders of certificates, by outcome: `issued`, or `failed` when the one before stayed in force.
pub static ACME_ORDERS: Family<Counter> =
    Family::new("fpms_gateway_acme_orders_total", "Orders of certificates from the ACME directory.", &["outcome"]);
/// When the certificate that was obtained ends, in seconds since 1970.
pub static ACME_EXPIRES: Family<Gauge> =
    Family::new("fpms_gateway_acme_certificate_expires_seconds", "When the certificate obtained ends.", &[]);

/// Connections of HTTP/2 that were broken off because of too many frames without use.
pub static FLOODS: Family<Counter> =
    Family::new("fpms_gateway_http2_floods_total", "Connections broken off because of too many frames.", &[]);

/// The classes of status, by their first digit less one.
pub(crate) const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The handles of one service, taken once.
#[derive(Clone)]
pub(crate) struct ServiceHandles {
    pub(crate) by_class: [Counter; 5],
    pub(crate) duration: Histogram,
    pub(crate) retries: Counter,
    pub(crate) hedges: Counter,
    pub(crate) hedges_won: Counter,
    pub(crate) broken: Counter,
}

impl ServiceHandles {
    /// Takes the handles of `service`.
    pub(crate) fn of(service: &str) -> Self {
        Self {
            by_class: CLASSES.map(|class| REQUESTS.with(&[service, class])),
            duration: DURATION.with(&[service]),
            retries: RETRIES.with(&[service]),
            hedges: HEDGES.with(&[service, "sent"]),
            hedges_won: HEDGES.with(&[service, "won"]),
            broken: BROKEN.with(&[service]),
        }
    }
}
