-- An entry may hold somebody back until a time, as the CRM writes it; empty: without an end.
alter table entry add column until text not null default '';
