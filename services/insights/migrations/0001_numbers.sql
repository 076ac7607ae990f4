-- What the events said, as far as a number needs it: ids, codes and times, never what people are called or wrote. `subject` is
-- what is counted anew as a whole: lead:ID, submission:ID or rollback:ID.
create table fact (
    subject text        not null,
    kind    text        not null,
    id      text        not null,
    at      timestamptz not null,
    body    jsonb       not null,
    primary key (subject, kind, id)
);
create index fact_taken_back on fact (subject) where kind = 'taken_back';
create index fact_contact on fact ((body ->> 'contact')) where kind = 'route';

-- Opportunities, tasks and activities of the CRM as they are now, folded from the audit log.
create table record (
    record_key text        primary key,
    contact_id text        not null default '',
    lead_id    text        not null default '',
    at         timestamptz not null,
    body       jsonb       not null,
    unique (contact_id, record_key)
);

-- The machine's write that a field of a CRM record holds now: whoever moves it next corrects that write.
create table held (
    record_key text        not null,
    field      text        not null,
    lead_id    text        not null,
    change_id  text        not null,
    at         timestamptz not null,
    automatic  boolean     not null,
    primary key (record_key, field)
);

create table policy (
    policy_hash  text   primary key,
    kafka_offset bigint not null,
    files        jsonb  not null
);

-- The zone that days and weeks are of; when a policy names another one, everything is counted anew.
create table zone (
    one  boolean primary key default true check (one),
    name text    not null
);

-- What has to be counted anew.
create table dirty (
    subject text   primary key,
    seq     bigint not null default 0
);

-- What numbers are told apart by; the id is a hash of the rest, so that a rebuild gives the same.
create table slice (
    slice    bigint primary key,
    kind     text   not null,
    source   text   not null,
    queue    text   not null,
    workflow text   not null,
    version  text   not null,
    policy   text   not null,
    field    text   not null,
    model    text   not null,
    label    text   not null
);

-- One counted case of one metric. Cells are nothing but sums of these.
create table mark (
    subject text   not null,
    number  int    not null,
    metric  text   not null,
    case_id text   not null,
    day     date   not null,
    slice   bigint not null,
    value   int    not null,
    num     int    not null,
    den     int    not null,
    owner   text   not null,
    primary key (subject, number)
);
create index mark_case on mark (metric, day desc, subject, number);
create index mark_owner on mark (owner, metric, day) where owner <> '';

create table cell (
    metric text   not null,
    day    date   not null,
    slice  bigint not null,
    value  int    not null,
    n      bigint not null,
    num    bigint not null,
    den    bigint not null,
    primary key (metric, day, slice, value)
);

-- The same sums, told apart by queue and label alone: what is asked most is read here.
create table brief (
    metric text   not null,
    day    date   not null,
    queue  text   not null,
    label  text   not null,
    value  int    not null,
    n      bigint not null,
    num    bigint not null,
    den    bigint not null,
    primary key (metric, day, queue, label, value)
);
