//! Finds the service that a path belongs to.

use std::sync::Arc;

use super::{Exchange, limit};
use crate::refusal::Refusal;

pub(super) fn run(exchange: &mut Exchange) -> Result<(), Refusal> {
    let target = {
        let table = exchange.link.worker.shared.table.load();
        table.find(exchange.head.uri.path()).cloned().ok_or(Refusal::NoRoute)?
    };
    let bytes_max = target.body_bytes_max;
    exchange.record.target = Some(Arc::clone(&target));
    limit::body(exchange, bytes_max)
}
