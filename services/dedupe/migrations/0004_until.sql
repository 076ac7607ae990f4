-- A suppression entry may hold somebody back until a time, as the CRM writes it; empty: without an end.
alter table related add column until text not null default '';
