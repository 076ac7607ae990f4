-- What triage knows of each lead's versions; its row is the lock of the lead's item.
create table lead_case (
    lead_id      text    primary key,
    seen_version bigint  not null default 0,
    settled      boolean not null default false
);

-- One item per lead: the newest questions about it, open or answered.
create table item (
    lead_id       text        primary key references lead_case (lead_id),
    version       bigint      not null,
    question_hash text        not null,
    questions     jsonb       not null,
    submission    jsonb       not null,
    lead          jsonb,
    suggested     jsonb,
    status        text        not null check (status in ('open', 'decided', 'superseded')),
    created_at    timestamptz not null,
    due_at        timestamptz,
    overdue       boolean     not null default false,
    closed_at     timestamptz,
    actor         jsonb,
    answers       jsonb       not null default '[]',
    due_order     bigint      not null,
    worth         int         not null
);
-- The queue's order: what is due first, then what is worth most. `due_order` is due_at in microseconds since 1970.
create index item_queue on item (status, due_order, (-worth), lead_id);

-- The whole lead, written once and read when a person opens the item: not worth compressing.
alter table item alter column lead set storage external;
