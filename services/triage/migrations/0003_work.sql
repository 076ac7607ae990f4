-- Who works on an item. A claim and a snooze end by the clock: nothing has to happen for that.
alter table item
    add column claimed_by    text not null default '',
    add column claimed_since timestamptz,
    add column claimed_until timestamptz,
    add column assigned_to   text not null default '',
    add column snoozed_until timestamptz,
    add column snoozed_by    text not null default '',
    add column equality      text not null default '';

-- The newest decision, as long as it can be taken back, and the fields that people blocked.
alter table lead_case
    add column decided jsonb,
    add column blocked jsonb not null default '[]';

-- What people said about an item: only added to, and gone when the person whom it is about is erased.
create table comment (
    comment_id text        primary key,
    lead_id    text        not null,
    author     text        not null,
    at         timestamptz not null,
    text       text        not null
);
create index comment_of on comment (lead_id, at);
