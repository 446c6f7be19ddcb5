//! Holds to the bounds: requests under way, and the length a body claims.

use http_body::Body;

use super::Exchange;
use crate::refusal::Refusal;

pub(super) fn run(exchange: &Exchange) -> Result<(), Refusal> {
    if exchange.link.worker.is_overloaded() {
        return Err(Refusal::Overloaded);
    }
    Ok(())
}

/// Refuses a body that says of itself that it is longer than `bytes_max`; one that says nothing is counted on its way.
pub(super) fn body(exchange: &Exchange, bytes_max: u64) -> Result<(), Refusal> {
    let claimed = exchange.body.as_ref().and_then(|body| body.size_hint().exact());
    if claimed.is_some_and(|bytes| bytes > bytes_max) {
        return Err(Refusal::BodyTooLarge);
    }
    Ok(())
}
