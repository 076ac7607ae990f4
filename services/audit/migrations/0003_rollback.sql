-- Plans that were shown to a person, so that a refusal can say what changed since; and the rollbacks that were ordered.

create table rollback_plan (
    plan_hash  text        primary key,
    selection  jsonb       not null,
    plan       jsonb       not null,
    planned_at timestamptz not null
);

create table rollback (
    rollback_id text        primary key,
    plan_hash   text        not null,
    command_id  text        not null,
    selection   jsonb       not null,
    reason      text        not null,
    actor_kind  text        not null,
    actor_id    text        not null,
    counts      jsonb       not null,
    items       jsonb       not null,
    ordered_at  timestamptz not null
);
