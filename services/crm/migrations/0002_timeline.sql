-- What lists and timelines look records up by, and who is told of changes.

alter table record add column updated_at timestamptz;
create index record_updated on record (type, updated_at, id) where version > 0 and not deleted;
create index record_company on record (type, (fields ->> 'company_id'), id)
    where version > 0 and not deleted and fields ? 'company_id';
create index record_contact on record (type, (fields ->> 'contact_id'), id)
    where version > 0 and not deleted and fields ? 'contact_id';
create index record_opportunity on record (type, (fields ->> 'opportunity_id'), id)
    where version > 0 and not deleted and fields ? 'opportunity_id';
create index record_owner on record (type, (fields ->> 'owner'), id)
    where version > 0 and not deleted and fields ? 'owner';
-- Names in any place of the text; GIN takes new rows into its pending list, so a load is not held up row by row.
create index record_name on record using gin (lower(fields ->> 'name') gin_trgm_ops)
    where version > 0 and not deleted and fields ? 'name';

create table webhook (
    webhook_id    text primary key,
    url           text        not null,
    types         text[]      not null,
    active        boolean     not null,
    made_by       text        not null,
    failing_since timestamptz,
    disabled_at   timestamptz,
    disabled_for  text
);

-- Apart from the rest: a command, and so a topic, never holds a secret.
create table webhook_secret (
    webhook_id text primary key,
    secret     text not null
);

-- Every call with what became of it; kept for 30 days.
create table webhook_delivery (
    message_id  text        primary key,
    webhook_id  text        not null,
    type        text        not null,
    record_type text        not null,
    record_id   text        not null,
    version     bigint      not null,
    state       text        not null check (state in ('delivered', 'failing', 'skipped')),
    attempts    int         not null,
    http_status int,
    error       text,
    first_at    timestamptz not null,
    last_at     timestamptz not null
);
create index webhook_delivery_of on webhook_delivery (webhook_id, last_at desc, message_id);
create index webhook_delivery_age on webhook_delivery using brin (last_at);
