-- What the benchmarks of storage read and write: keyed as the product's tables are.
CREATE TABLE entry (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    title TEXT NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    checked BOOLEAN NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What `durability` writes: numbers without gaps.
CREATE TABLE mark (
    tenant_id BLOB NOT NULL,
    writer BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, writer, sequence)
);
