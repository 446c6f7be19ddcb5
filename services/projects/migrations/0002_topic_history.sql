-- Every step that somebody took with a topic, in order, with its reason; rows are only ever added.
-- `position` is the topic's version after the step: it grows, and no two steps share one.
CREATE TABLE topic_history (
    tenant_id BLOB NOT NULL,
    topic_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    actor_id BLOB,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, topic_id, position),
    FOREIGN KEY (tenant_id, topic_id) REFERENCES topic (tenant_id, id)
);
