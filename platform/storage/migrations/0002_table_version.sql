-- How often rows of some tables were changed, by tenant: what is kept of a reading of them stands while the number does.
CREATE TABLE table_version (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
