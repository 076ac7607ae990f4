-- One row for each version of a lead that came to somebody, or that ended where nobody answers: its note and its draft.
create table handoff (
    lead_id text   not null,
    version bigint not null,
    owner   text,
    queue   text,
    status  text   not null check (status in ('none', 'created', 'edited', 'approved', 'discarded')),
    held    jsonb  not null,
    primary key (lead_id, version)
);
