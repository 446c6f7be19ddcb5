//! Events on every bus: one suite for the journal and for NATS, and what happens when NATS goes away.

mod contract;
mod delivery;
mod outage;
