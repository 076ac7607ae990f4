-- Contacts, companies, opportunities, members, suppression entries, tasks. A row of version 0 only holds the lock of a
-- record that does not exist yet.
create table record (
    type       text    not null,
    id         text    not null,
    version    bigint  not null default 0,
    fields     jsonb   not null default '{}',
    field_meta jsonb   not null default '{}',
    deleted    boolean not null default false,
    primary key (type, id)
);
create index record_email on record (type, lower(fields ->> 'email'), id) where version > 0 and not deleted;
create index record_domain on record (type, lower(fields ->> 'domain'), id) where version > 0 and not deleted;

-- What people rejected, blocked or rolled back: the same evidence does not bring it up again.
create table rejection (
    type          text        not null,
    id            text        not null,
    field         text        not null,
    evidence_hash text        not null,
    verdict       text        not null check (verdict in ('reject', 'block', 'edit', 'rollback')),
    actor         text        not null,
    reason        text        not null default '',
    at            timestamptz not null,
    primary key (type, id, field, evidence_hash)
);

-- Fields that a person locked: no machine writes them.
create table human_lock (
    type  text        not null,
    id    text        not null,
    field text        not null,
    actor text        not null,
    at    timestamptz not null,
    primary key (type, id, field)
);
