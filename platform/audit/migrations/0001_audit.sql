-- What was done, by whom, to what: added to, never changed. Written in the transaction of what it records.
CREATE TABLE audit_record (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    happened_at BIGINT NOT NULL,
    request BLOB NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_record_by_time ON audit_record (tenant_id, happened_at, id);
CREATE INDEX audit_record_by_object ON audit_record (tenant_id, object_kind, object, happened_at, id);
CREATE INDEX audit_record_by_actor ON audit_record (tenant_id, actor, happened_at, id);
