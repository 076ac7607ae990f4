-- The runtime's own tables, in every service's schema.

create table checkpoint (
    stage       text   not null,
    topic       text   not null,
    partition   int    not null,
    next_offset bigint not null,
    primary key (stage, topic, partition)
);

-- What each input led to: sent again byte for byte when the same offset comes back, nothing when the same event does.
create table outcome (
    stage     text   not null,
    topic     text   not null,
    partition int    not null,
    "offset"  bigint not null,
    event_id  text   not null,
    verdict   text   not null check (verdict in ('decided', 'redelivered', 'dead', 'refused')),
    records   bytea  not null,
    answer    jsonb,
    decided_at timestamptz not null,
    primary key (stage, topic, partition, "offset")
);
-- Compressed already (libs/runtime/stored.py).
alter table outcome alter column records set storage external;
create index outcome_event on outcome (event_id, stage) where verdict in ('decided', 'refused');

create table timer (
    name      text not null,
    key       text not null,
    due_at    timestamptz not null,
    arguments jsonb,
    cause     text not null,
    primary key (name, key)
);
create index timer_due on timer (due_at);

create table effect (
    effect_id  text primary key,
    name       text not null,
    key        text not null,
    arguments  jsonb,
    done       text,
    attempts   int not null default 0,
    next_at    timestamptz not null,
    finished_at timestamptz,
    result     jsonb,
    error      text
);
create index effect_due on effect (next_at) where finished_at is null;
