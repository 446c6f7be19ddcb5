-- The directory: which tenants there are, and on which shard each bucket of them lives. Only on the home shard.

CREATE TABLE tenant (
    id BLOB NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    name_local TEXT NOT NULL,
    language TEXT NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX tenant_by_slug ON tenant (slug);

CREATE TABLE tenant_domain (
    domain TEXT NOT NULL,
    tenant BLOB NOT NULL,
    PRIMARY KEY (domain)
);

CREATE TABLE bucket (
    bucket BIGINT NOT NULL,
    shard TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    PRIMARY KEY (bucket)
);

CREATE TABLE directory_version (
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id)
);
