-- What members and roles should hear, in the order in which it was decided (one batch decides at a time), and up to where
-- each member has read.

create table notice (
    number    bigint generated always as identity primary key,
    notice_id text   not null unique,
    member_id text   not null,
    role      text   not null,
    lead_id   text   not null,
    data      jsonb  not null
);
create index notice_member on notice (member_id, number) where member_id <> '';
create index notice_role on notice (role, number) where role <> '';

create table notice_read (
    member_id text   primary key,
    upto      bigint not null
);
