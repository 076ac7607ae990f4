-- What the CRM holds about people and companies beside their records; `about` names them: record:ID or domain:NAME.
create table related (
    record_id text primary key,
    kind      text   not null,
    about     text[] not null,
    version   int    not null,
    reason    text   not null default '',
    at        text   not null default ''
);
create index related_about on related using gin (about);

-- Addresses that a person's word brought to a contact: they go when the link is cut.
alter table contact add column learned text[] not null default '{}';
-- What spoke for a pair when it was kept apart: only something else brings it back.
alter table pair add column evidence text not null default '';
