-- The whole clock of an item, as its request told it, and which of its steps were told.
alter table item add column waiting jsonb;
alter table item add column reminded boolean not null default false;
alter table item add column escalated boolean not null default false;
