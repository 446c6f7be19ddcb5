//! Holds to the bounds: requests under way, requests from one address, and the length a body claims.

use std::sync::Arc;

use http_body::Body;

use super::Exchange;
use crate::refusal::Refusal;

pub(super) async fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    if exchange.link.worker.is_overloaded() {
        return Err(Refusal::Overloaded);
    }
    let link = Arc::clone(&exchange.link);
    let outcome = link.worker.shared.rates.check_first(&exchange.asking()).await;
    exchange.limited(outcome)
}

/// Refuses a body that says of itself that it is longer than `bytes_max`; one that says nothing is counted on its way.
pub(super) fn body(exchange: &Exchange, bytes_max: u64) -> Result<(), Refusal> {
    let claimed = exchange.body.as_ref().and_then(|body| body.size_hint().exact());
    if claimed.is_some_and(|bytes| bytes > bytes_max) {
        return Err(Refusal::BodyTooLarge);
    }
    Ok(())
}
