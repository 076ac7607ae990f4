-- Whom there is to tell: the CRM's members, as far as telling them needs it.
create table member (
    member_id text  primary key,
    version   int   not null,
    data      jsonb not null
);

-- The newest questions of triage about a lead; `question` when it is one that is approved or rejected.
create table question (
    lead_id       text primary key,
    version       int  not null,
    question_hash text not null,
    question      jsonb
);

-- What is to be told: kept until nobody can ask for it any more.
create table notice (
    notice_id text  primary key,
    lead_id   text  not null,
    data      jsonb not null
);
create index notice_lead on notice (lead_id);

-- One notice to one recipient by one channel: ids and what became of it, nothing personal.
create table delivery (
    delivery_id text        primary key,
    notice_id   text        not null,
    lead_id     text        not null,
    kind        text        not null,
    channel     text        not null,
    recipient   text        not null,
    state       text        not null check (state in ('queued', 'held', 'collected', 'sent', 'given_up')),
    due_at      timestamptz,
    message_id  text        not null default '',
    reason      text        not null default '',
    answer      text        not null default '',
    at          timestamptz not null
);
create index delivery_newest on delivery (at desc, delivery_id);
create index delivery_waiting on delivery (recipient, channel, due_at) where state in ('held', 'collected');
create index delivery_message on delivery (message_id);
create index delivery_lead on delivery (lead_id);
create index delivery_notice on delivery (notice_id);

-- What this process did: written right after the channel took a message, so that a crash sends it again only if it came between.
create table sending (
    message_id text        primary key,
    channel    text        not null,
    attempts   int         not null,
    sent_at    timestamptz,
    error      text        not null default '',
    last_at    timestamptz not null
);

-- How a channel fares: since when nothing gets through, and since when it is not tried any more.
create table channel (
    name          text primary key,
    failing_since timestamptz,
    disabled_at   timestamptz,
    disabled_for  text
);

-- Signatures of Slack's requests that were taken, for as long as one would be accepted again.
create table slack_request (
    signature text        primary key,
    at        timestamptz not null
);
