-- Every object that intake asked for, by the id of the submission that holds the answer. No answers: those are submissions.
create table wanted (
    key    text        primary key,
    "order" jsonb      not null,
    state  text        not null check (state in ('open', 'fetched', 'gone', 'given_up')),
    at     timestamptz not null,
    reason text        not null default ''
);
create index wanted_unsettled on wanted (at) where state in ('open', 'given_up');
