-- What the benchmarks of storage read and write.
CREATE TABLE entry (
    tenant_id BLOB NOT NULL,
    writer BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    title TEXT NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    checked BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, writer, sequence)
);
