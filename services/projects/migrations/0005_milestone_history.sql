-- Every step of every milestone, in order, with what was said; rows are only ever added.
-- `position` is the milestone's version after the step: it grows, and no two steps share one.
CREATE TABLE milestone_history (
    tenant_id BLOB NOT NULL,
    milestone_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    project_id BLOB NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    actor_id BLOB,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, milestone_id, position),
    FOREIGN KEY (tenant_id, milestone_id) REFERENCES milestone (tenant_id, id)
);
CREATE INDEX milestone_history_by_project ON milestone_history (tenant_id, project_id, at);
