-- A member's place in a pool (see domain/fairness.py) instead of one running weight, and loads by local day and week.
-- Standings begin at zero once: nobody is more than one lead away from their share by it.

drop table turn;
create table place (
    pool      text   not null,
    member_id text   not null,
    owed      bigint not null,
    weight    int    not null,
    taken     int    not null,
    last      bigint not null,
    primary key (pool, member_id)
);

alter table load add column week text not null default '';
alter table load add column week_leads int not null default 0;

-- Days on which a calendar, or a country's calendars, have other hours than the policy says.
create table exception (
    record_id text primary key,
    version   int  not null,
    data      jsonb not null
);
