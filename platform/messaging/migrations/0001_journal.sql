-- The embedded bus: an append-only journal of events per shard, and how far each durable consumer has read.

-- The newest sequence. Its row is locked by whoever appends, so that sequences become visible in their order.
CREATE TABLE journal_head (
    id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE journal_event (
    sequence BIGINT NOT NULL,
    id BLOB NOT NULL,
    tenant BLOB NOT NULL,
    source TEXT NOT NULL,
    event_type TEXT NOT NULL,
    event_key BLOB NOT NULL,
    happened_at BIGINT NOT NULL,
    appended_at BIGINT NOT NULL,
    request BLOB NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (sequence)
);
CREATE UNIQUE INDEX journal_event_by_id ON journal_event (id);
CREATE INDEX journal_event_by_time ON journal_event (appended_at, sequence);

-- `generation` grows with each replay: an acknowledgement of what was read before it changes nothing.
CREATE TABLE journal_cursor (
    consumer TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (consumer)
);
