-- The first form of the identity service's tables. One text for both engines.
-- Times are microseconds since 1970, ids sixteen bytes, states their stable names. Secrets are kept as digests alone.

CREATE TABLE person (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    -- Lower case; what lists are sorted by.
    sort_name TEXT NOT NULL,
    -- Lower case: names, e-mail and numbers; what the filter looks in.
    search TEXT NOT NULL,
    email TEXT,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX person_by_email ON person (tenant_id, email);
CREATE INDEX person_by_name ON person (tenant_id, sort_name, id);

-- Numbers by which the university knows a person: student number, staff number.
CREATE TABLE person_number (
    tenant_id BLOB NOT NULL,
    number TEXT NOT NULL,
    person_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, number),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX person_number_by_person ON person_number (tenant_id, person_id);

CREATE TABLE membership (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    role TEXT NOT NULL,
    -- All zeros when it holds in the whole tenant.
    unit_id BLOB NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX membership_by_person ON membership (tenant_id, person_id, role);
CREATE INDEX membership_by_role ON membership (tenant_id, role, person_id);

CREATE TABLE password (
    tenant_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    -- Argon2id as a PHC string.
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

CREATE TABLE session (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    device TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE UNIQUE INDEX session_by_digest ON session (tenant_id, digest);
CREATE INDEX session_by_person ON session (tenant_id, person_id, created_at);

CREATE TABLE api_token (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    -- Separated by spaces.
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE UNIQUE INDEX api_token_by_digest ON api_token (tenant_id, digest);
CREATE INDEX api_token_by_person ON api_token (tenant_id, person_id, created_at);

-- Links sent by mail: good once, until they end.
CREATE TABLE link (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    digest BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE UNIQUE INDEX link_by_digest ON link (tenant_id, digest);
CREATE INDEX link_by_person ON link (tenant_id, person_id, purpose);

-- Failed attempts, by a keyed digest of what they were made against: an account, or an address.
CREATE TABLE attempt (
    tenant_id BLOB NOT NULL,
    subject BLOB NOT NULL,
    failures BIGINT NOT NULL,
    window_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
