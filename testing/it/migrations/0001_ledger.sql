-- A ledger for the tests of storage.
CREATE TABLE entry (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    writer BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    note TEXT,
    share DOUBLE PRECISION NOT NULL,
    checked BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX entry_by_sequence ON entry (tenant_id, writer, sequence);
