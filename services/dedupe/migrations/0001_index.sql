-- The index of people, companies and leads. Contacts and companies of the CRM come by record.changed.v1.

create table contact (
    contact_id   text primary key,
    emails       text[]  not null default '{}',
    custom_id    text    not null default '',
    name         text    not null default '',
    phone        text    not null default '',
    company_id   text,
    company_name text    not null default '',
    minted_by    text,
    pending      boolean not null default false,
    shared       boolean not null default false,
    version      int     not null default 0,
    fields       jsonb
);

-- Every key that finds a contact: e-mail, the sender's id, and blocking keys (phone; name at a domain or company).
create table contact_key (
    key        text    not null,
    contact_id text    not null references contact on delete cascade,
    alone      boolean not null,
    primary key (key, contact_id)
);
create index contact_key_of on contact_key (contact_id);
-- What the locks promise, the database holds: no exact key of ours finds two people, unless a person said they share it.
create unique index contact_key_alone on contact_key (key) where alone;

create table company (
    company_id text primary key,
    domains    text[] not null default '{}',
    name       text   not null default '',
    country    text   not null default '',
    minted_by  text,
    version    int    not null default 0,
    fields     jsonb
);

create table company_key (
    key        text    not null,
    company_id text    not null references company on delete cascade,
    alone      boolean not null,
    primary key (key, company_id)
);
create index company_key_of on company_key (company_id);
create unique index company_key_alone on company_key (key) where alone;

-- Blocking keys of company names: 64-bit hashes (services/dedupe/domain/blocking.py). A company has a number here, so that a
-- row of keys is small, and its keys once more as an array, so that only what changed is written.
create table company_number (
    company_id text primary key references company on delete cascade,
    number     int generated always as identity unique,
    blocks     bigint[] not null
);
create table company_block (
    block  bigint not null,
    number int    not null,
    primary key (block, number)
);

-- The newest version of each lead that was let out.
create table lead (
    lead_id    text primary key,
    version    int   not null,
    facts_hash text  not null,
    contact_id text  not null,
    company_id text,
    email      text  not null,
    lead       bytea not null,
    edits      jsonb not null default '[]'
);

-- Links, never merges: whom a lead belongs to. A cut link stays as a row.
create table contact_link (
    lead_id    text not null,
    contact_id text not null,
    version    int  not null,
    rule       text not null,
    linked_by  text not null,
    cut_at_version int,
    primary key (lead_id, version)
);
create unique index contact_link_current on contact_link (lead_id) where cut_at_version is null;
create index contact_link_contact on contact_link (contact_id);

-- What people decided about a lead (or an address with a name) and a record: never asked again.
create table pair (
    subject   text not null,
    record_id text not null,
    verdict   text not null check (verdict in ('same', 'apart')),
    actor_id  text not null,
    lead_id   text not null,
    primary key (subject, record_id)
);

-- Written for every lead and read seldom: compressing it would cost more than the rest of the write.
alter table lead alter column lead set storage external;
