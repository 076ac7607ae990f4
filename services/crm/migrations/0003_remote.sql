-- What crm and each remote CRM know of each other.
create table remote_link (
    connector  text        not null,
    type       text        not null,
    id         text        not null,
    remote_id  text        not null default '',
    gone       boolean     not null default false,
    duplicates boolean     not null default false,
    whole      boolean     not null default false,
    note       text        not null default '',
    checked_at timestamptz not null default now(),
    primary key (connector, type, id)
);
create unique index remote_link_remote on remote_link (connector, type, remote_id) where remote_id <> '';
create index remote_link_checked on remote_link (connector, type, checked_at) where remote_id <> '' and not gone;
create index remote_link_note on remote_link (connector) where note <> '' or gone;

-- The last value both agreed on, by field. `seq` rises with every move: who decided on an older one is late. `writing` is
-- a write that went out and whose answer was not stored yet; `theirs` what a person wrote there and crm does not follow.
create table remote_field (
    connector    text    not null,
    type         text    not null,
    id           text    not null,
    field        text    not null,
    value        jsonb,
    version      bigint  not null,
    seq          bigint  not null,
    writing      jsonb,
    is_writing   boolean not null default false,
    stamp        text    not null default '',
    theirs       jsonb,
    has_conflict boolean not null default false,
    primary key (connector, type, id, field)
);
create index remote_field_conflict on remote_field (connector) where has_conflict;

-- How far each remote's changes were read, and who talks to it now: one process at a time, so that its limits hold.
create table remote_cursor (
    connector text        not null,
    type      text        not null,
    cursor    text        not null,
    polled_at timestamptz not null,
    primary key (connector, type)
);
create table remote_lease (
    connector text        primary key,
    holder    text        not null,
    until     timestamptz not null,
    problem   text        not null default '',
    problem_at timestamptz
);
