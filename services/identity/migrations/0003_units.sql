-- The programmes of the university, by name: kept from what the projects service tells.

CREATE TABLE unit (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
