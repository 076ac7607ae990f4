-- Routed leads, and the router's own copy of what it needs of the CRM's records (by record.changed.v1).

create table lead (
    lead_id    text primary key,
    version    int     not null,
    route      jsonb   not null,
    settled    boolean not null,
    contact_id text    not null,
    company_id text,
    due_at     timestamptz,
    sla        text    not null check (sla in ('none', 'running', 'met', 'breached')),
    lead       bytea   not null,
    pool       text
);

-- A contact or company: only the fields that routing depends on. `assigned`: the owner given here, until the CRM says so.
create table party (
    record_id text primary key,
    version   int  not null,
    fields    jsonb,
    assigned  text
);

create table opportunity (
    record_id  text primary key,
    version    int     not null,
    contact_id text    not null,
    company_id text    not null,
    owner      text    not null,
    is_open    boolean not null
);
create index opportunity_contact on opportunity (contact_id) where is_open;
create index opportunity_company on opportunity (company_id) where is_open;

create table entry (
    record_id text primary key,
    version   int  not null,
    reason    text not null,
    email     text not null,
    domain    text not null,
    names     text not null
);
create index entry_email on entry (email) where email <> '';
create index entry_domain on entry (domain) where domain <> '';
create index entry_names on entry (names) where names <> '';

create table member (
    record_id text primary key,
    version   int   not null,
    data      jsonb not null
);

create table turn (
    pool      text not null,
    member_id text not null,
    running   int  not null,
    primary key (pool, member_id)
);

create table load (
    member_id  text primary key,
    open_leads int  not null,
    day        text not null,
    day_leads  int  not null
);

create table answered (
    lead_id     text not null,
    question_id text not null,
    verdict     text not null,
    value       jsonb,
    actor_id    text not null,
    primary key (lead_id, question_id)
);

-- Tens of kilobytes a lead, written often and read seldom: compressing them would cost more than the rest of the write.
alter table lead alter column lead set storage external;
