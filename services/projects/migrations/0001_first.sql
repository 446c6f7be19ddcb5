-- The first form of the projects service's tables. One text for both engines.
-- Times are microseconds since 1970, ids sixteen bytes, states and kinds their stable names, lists and policies JSON texts.

-- What identity tells of people: a read model, kept by the consumer of `identity.person.changed` and by import.
CREATE TABLE person (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    number TEXT,
    family_name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX person_by_number ON person (tenant_id, number);
CREATE INDEX person_by_email ON person (tenant_id, email);

CREATE TABLE programme (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX programme_by_code ON programme (tenant_id, code);

CREATE TABLE milestone_template (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX milestone_template_by_name ON milestone_template (tenant_id, name);

CREATE TABLE milestone_template_item (
    tenant_id BLOB NOT NULL,
    template_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    opens_days BIGINT NOT NULL,
    due_days BIGINT NOT NULL,
    mandatory BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, template_id, position),
    FOREIGN KEY (tenant_id, template_id) REFERENCES milestone_template (tenant_id, id)
);

CREATE TABLE cycle (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    proposals_until_at BIGINT NOT NULL,
    final_due_at BIGINT NOT NULL,
    template_id BLOB,
    policy TEXT NOT NULL,
    project_count BIGINT NOT NULL,
    receipt_count BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, template_id) REFERENCES milestone_template (tenant_id, id)
);
CREATE UNIQUE INDEX cycle_by_name ON cycle (tenant_id, name);
CREATE INDEX cycle_by_start ON cycle (tenant_id, starts_at, id);

-- A student in a cycle. `project_id` is the one live project: taken by a conditional UPDATE, so nobody is in two.
CREATE TABLE student (
    tenant_id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    classroom TEXT NOT NULL,
    gpa_points BIGINT,
    project_id BLOB,
    PRIMARY KEY (tenant_id, cycle_id, person_id),
    FOREIGN KEY (tenant_id, cycle_id) REFERENCES cycle (tenant_id, id),
    FOREIGN KEY (tenant_id, programme_id) REFERENCES programme (tenant_id, id)
);
CREATE INDEX student_by_person ON student (tenant_id, person_id);

-- A supervisor in a cycle. The three counters are the load: raised by conditional UPDATEs that never pass the maxima.
CREATE TABLE supervisor (
    tenant_id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    title TEXT NOT NULL,
    supervise_max BIGINT NOT NULL,
    chair_max BIGINT NOT NULL,
    examine_max BIGINT NOT NULL,
    supervising BIGINT NOT NULL,
    chairing BIGINT NOT NULL,
    examining BIGINT NOT NULL,
    areas TEXT NOT NULL,
    PRIMARY KEY (tenant_id, cycle_id, person_id),
    FOREIGN KEY (tenant_id, cycle_id) REFERENCES cycle (tenant_id, id)
);
CREATE INDEX supervisor_by_person ON supervisor (tenant_id, person_id);

CREATE TABLE topic (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    number TEXT NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    summary TEXT NOT NULL,
    area TEXT NOT NULL,
    supervisor_id BLOB NOT NULL,
    capacity BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, cycle_id) REFERENCES cycle (tenant_id, id)
);
CREATE UNIQUE INDEX topic_by_number ON topic (tenant_id, cycle_id, number);
CREATE INDEX topic_by_title ON topic (tenant_id, cycle_id, title_en, id);
CREATE INDEX topic_by_supervisor ON topic (tenant_id, supervisor_id, cycle_id);

CREATE TABLE topic_programme (
    tenant_id BLOB NOT NULL,
    topic_id BLOB NOT NULL,
    programme_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, topic_id, programme_id),
    FOREIGN KEY (tenant_id, topic_id) REFERENCES topic (tenant_id, id),
    FOREIGN KEY (tenant_id, programme_id) REFERENCES programme (tenant_id, id)
);

CREATE TABLE preference (
    tenant_id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    student_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    topic_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, cycle_id, student_id, position),
    FOREIGN KEY (tenant_id, topic_id) REFERENCES topic (tenant_id, id)
);
CREATE INDEX preference_by_topic ON preference (tenant_id, topic_id);

CREATE TABLE ranking (
    tenant_id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    supervisor_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    student_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, cycle_id, supervisor_id, position)
);

CREATE TABLE room (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    seats BIGINT NOT NULL,
    equipment TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX room_by_name ON room (tenant_id, name);

CREATE TABLE availability (
    tenant_id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, cycle_id, person_id, from_at)
);

CREATE TABLE project (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    cycle_id BLOB NOT NULL,
    number TEXT NOT NULL,
    topic_id BLOB,
    supervisor_id BLOB NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    previous_id BLOB,
    proposal_version BIGINT NOT NULL,
    history_count BIGINT NOT NULL,
    due_at BIGINT,
    suspended_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, cycle_id) REFERENCES cycle (tenant_id, id),
    FOREIGN KEY (tenant_id, topic_id) REFERENCES topic (tenant_id, id)
);
CREATE UNIQUE INDEX project_by_number ON project (tenant_id, cycle_id, number);
CREATE INDEX project_by_state ON project (tenant_id, cycle_id, state, number);
CREATE INDEX project_by_supervisor ON project (tenant_id, supervisor_id, state, number);
CREATE UNIQUE INDEX project_by_previous ON project (tenant_id, previous_id);
CREATE INDEX project_by_due ON project (tenant_id, state, due_at);

CREATE TABLE project_member (
    tenant_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    confirmed_at BIGINT,
    PRIMARY KEY (tenant_id, project_id, person_id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);
CREATE INDEX project_member_by_person ON project_member (tenant_id, person_id);

CREATE TABLE project_role (
    tenant_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    role TEXT NOT NULL,
    since_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, person_id, role),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);
CREATE INDEX project_role_by_person ON project_role (tenant_id, person_id);

-- Every step of every project, in order; rows are only ever added.
CREATE TABLE project_history (
    tenant_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    actor_id BLOB,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, position),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);

CREATE TABLE proposal (
    tenant_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    version BIGINT NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    summary TEXT NOT NULL,
    methods TEXT NOT NULL,
    submitted_by BLOB NOT NULL,
    submitted_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, version),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);

CREATE TABLE change_request (
    tenant_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    proposal_version BIGINT NOT NULL,
    request TEXT NOT NULL,
    done BOOLEAN NOT NULL,
    answer TEXT NOT NULL,
    asked_by BLOB NOT NULL,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT,
    PRIMARY KEY (tenant_id, project_id, position),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);

CREATE TABLE endorsement (
    tenant_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    proposal_version BIGINT NOT NULL,
    person_id BLOB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_id, proposal_version, person_id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);

CREATE TABLE milestone (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    title_en TEXT NOT NULL,
    title_local TEXT NOT NULL,
    state TEXT NOT NULL,
    opens_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    mandatory BOOLEAN NOT NULL,
    feedback TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id)
);
CREATE UNIQUE INDEX milestone_by_project ON milestone (tenant_id, project_id, position);
CREATE INDEX milestone_by_opening ON milestone (tenant_id, state, opens_at);
CREATE INDEX milestone_by_due ON milestone (tenant_id, state, due_at);

-- A file handed in, for a milestone or, where `milestone_id` is null, as the final work. Rows are only ever added.
CREATE TABLE submission (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    milestone_id BLOB,
    version BIGINT NOT NULL,
    file_id BLOB NOT NULL,
    file_name TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 BLOB NOT NULL,
    receipt TEXT NOT NULL,
    declarations TEXT NOT NULL,
    late BOOLEAN NOT NULL,
    submitted_by BLOB NOT NULL,
    submitted_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES project (tenant_id, id),
    FOREIGN KEY (tenant_id, milestone_id) REFERENCES milestone (tenant_id, id)
);
CREATE UNIQUE INDEX submission_by_receipt ON submission (tenant_id, receipt);
CREATE INDEX submission_by_project ON submission (tenant_id, project_id, submitted_at);

-- One import of spreadsheets: what was given, how far it is, and what was refused.
CREATE TABLE import_run (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    cycle_id BLOB,
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_done BIGINT NOT NULL,
    rows_refused BIGINT NOT NULL,
    refusals TEXT NOT NULL,
    started_by BLOB,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX import_run_by_start ON import_run (tenant_id, started_at, id);

CREATE TABLE import_file (
    tenant_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    sheet TEXT NOT NULL,
    mapping TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tenant_id, import_id, position),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import_run (tenant_id, id)
);
