-- What notifications knows of people, from identity's events: where and in which language to write to them.
CREATE TABLE person (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    language TEXT NOT NULL,
    reachable BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What a person is told within the product. The words are made when it is shown, in the reader's language.
CREATE TABLE notification (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    kind TEXT NOT NULL,
    arguments TEXT NOT NULL,
    link TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX notification_by_person ON notification (tenant_id, person, created_at, id);
CREATE INDEX notification_by_age ON notification (created_at);

-- Mails to be sent. `address` is set when the event that asked for the mail named it; else the person's is used.
-- What a mail says is forgotten once it is sent.
CREATE TABLE mail (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    template TEXT NOT NULL,
    arguments TEXT NOT NULL,
    link TEXT NOT NULL,
    address TEXT,
    name TEXT,
    language TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX mail_by_due ON mail (state, due_at);
CREATE INDEX mail_by_end ON mail (state, ended_at);
