-- Questions that a provider missed: asked again by the effect `ask` while open; afterwards the answers that count for good.
CREATE TABLE question (
    question_id text        PRIMARY KEY,    -- derived from lead, provider and the question's hash
    lead_id     text        NOT NULL,
    provider    text        NOT NULL,
    asked       text        NOT NULL,       -- hash of the question
    state       text        NOT NULL CHECK (state IN ('open', 'answered', 'given_up')),
    until       timestamptz NOT NULL,
    "order"     jsonb,                      -- while open: the question, and the lead as it went on
    answers     jsonb       NOT NULL
);
CREATE INDEX question_lead ON question (lead_id);
