-- The files that people hand in. The bytes rest in the blob store under the tenant and the id; a row is what is known of them.
-- A row is `receiving` while bytes come in, so that whatever a crash leaves behind can be found and removed.
CREATE TABLE stored_file (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 BLOB NOT NULL,
    uploaded_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    claimed_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX stored_file_by_person ON stored_file (tenant_id, uploaded_by, created_at);
CREATE INDEX stored_file_by_state ON stored_file (state, created_at);
