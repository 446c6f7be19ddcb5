-- What storage itself keeps in every service's database.

-- Which buckets live here, and since which epoch of the map. A writer that believes another epoch is refused.
CREATE TABLE bucket_owner (
    bucket BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (bucket)
);

-- The answers to requests that carried an Idempotency-Key. `answer` is NULL while the request is being worked on.
CREATE TABLE idempotency_key (
    tenant_id BLOB NOT NULL,
    principal BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, principal, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
