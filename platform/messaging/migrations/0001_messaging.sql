-- What messaging keeps in the database of every service that emits or consumes events.

-- Events emitted and not yet on the bus. `sequence` is the microsecond of emission, moved on where the same key needs it,
-- so that events of one key sort in the order of their transactions.
CREATE TABLE outbox (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    event_type TEXT NOT NULL,
    event_key BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    request BLOB NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_by_sequence ON outbox (sequence);
CREATE INDEX outbox_by_key ON outbox (tenant_id, event_key, sequence);

-- Events that a consumer has handled; written in the transaction of their effect.
CREATE TABLE inbox (
    tenant_id BLOB NOT NULL,
    consumer TEXT NOT NULL,
    event BLOB NOT NULL,
    happened_at BIGINT NOT NULL,
    handled_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, consumer, event)
);
CREATE INDEX inbox_by_age ON inbox (handled_at);
CREATE INDEX inbox_by_time ON inbox (consumer, happened_at);

-- Events that a consumer could not handle yet, the later ones of the same key behind them; and those given up (dead).
CREATE TABLE parked_event (
    tenant_id BLOB NOT NULL,
    consumer TEXT NOT NULL,
    event BLOB NOT NULL,
    event_key BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    dead BOOLEAN NOT NULL,
    failed_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    envelope TEXT NOT NULL,
    PRIMARY KEY (tenant_id, consumer, event)
);
CREATE INDEX parked_event_by_key ON parked_event (tenant_id, consumer, event_key, dead, sequence);
CREATE INDEX parked_event_by_due ON parked_event (consumer, dead, due_at);
CREATE INDEX parked_event_by_failure ON parked_event (tenant_id, dead, failed_at);
CREATE INDEX parked_event_by_age ON parked_event (dead, failed_at);
