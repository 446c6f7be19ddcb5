-- What has ended is found by its end, over all tenants of a shard, when it is swept away.

CREATE INDEX session_by_end ON session (expires_at);
CREATE INDEX api_token_by_end ON api_token (expires_at);
CREATE INDEX link_by_end ON link (expires_at);
CREATE INDEX attempt_by_window ON attempt (window_at);
