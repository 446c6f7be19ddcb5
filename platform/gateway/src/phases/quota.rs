//! Holds to the limits that depend on who asks for what: by person, tenant and route, and those of the route itself.

use std::sync::Arc;

use super::Exchange;
use crate::refusal::Refusal;

pub(super) async fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let link = Arc::clone(&exchange.link);
    let outcome = {
        let way = exchange.entry.as_ref().map(|entry| &entry.way);
        let own = way.map_or(&[][..], |way| &way.limits);
        let exempt = way.is_some_and(|way| way.route.limits_exempt);
        link.worker.shared.rates.check_rest(&exchange.asking(), own, exempt).await
    };
    exchange.limited(outcome)
}
