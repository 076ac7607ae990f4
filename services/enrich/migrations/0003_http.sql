-- What was read over HTTP and still counts: findings by provider and question, robots.txt by origin. May be emptied any time.
CREATE TABLE http_answer (
    provider    text        NOT NULL,
    asked       text        NOT NULL,       -- hash of the question, or the origin of a robots.txt
    answer      jsonb       NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (provider, asked)
);
CREATE INDEX http_answer_expires ON http_answer (expires_at);
-- What paid APIs have cost, by day and month (UTC): `2026-11-23`, `2026-11`.
CREATE TABLE http_spend (
    provider    text        NOT NULL,
    period      text        NOT NULL,
    spent       numeric     NOT NULL,
    PRIMARY KEY (provider, period)
);
