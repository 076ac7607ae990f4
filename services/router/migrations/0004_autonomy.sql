-- What workflows have earned by people's answers, and the newest write of each field that somebody may still take back.

create table earned (
    key         text primary key,
    workflow    text        not null,
    record_type text        not null,
    field       text        not null,
    segment     text        not null,
    level       text        not null,
    since       timestamptz not null,
    decided     int         not null,
    accepted    int         not null,
    recent      jsonb       not null
);

create table let_out (
    record_id text    not null,
    field     text    not null,
    key       text    not null,
    answer_id text    not null,
    value     jsonb   not null,
    automatic boolean not null,
    seen      boolean not null,
    primary key (record_id, field)
);
