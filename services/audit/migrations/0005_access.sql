-- Who was shown personal data of whom, and who was granted what: one row a record that was shown. Rebuilt from the topics at
-- any time; nothing here is ever updated.

create table access (
    partition    int         not null,
    kafka_offset bigint      not null,
    record_type  text        not null,
    record_id    text        not null,
    event_id     text        not null,
    person       text        not null,
    role         text        not null,
    service      text        not null,
    route        text        not null,
    at           timestamptz not null,
    primary key (partition, kafka_offset, record_type, record_id)
);
create index access_record on access (record_id, record_type, at);
create index access_person on access (person, at);

create table access_grant (
    kafka_offset bigint      primary key,
    event_id     text        not null,
    person       text        not null,
    role         text,
    queues       text[]      not null,
    member       text,
    valid_from   timestamptz not null,
    until        timestamptz,
    actor_id     text        not null,
    reason       text        not null
);

create trigger access_keeps_rows before update or delete on access for each row execute function refuse_rewriting();
create trigger access_keeps_all before truncate on access for each statement execute function refuse_rewriting();
alter table access enable always trigger access_keeps_rows;
alter table access enable always trigger access_keeps_all;

do $$
declare
    app text := nullif(current_setting('signalbox.app_role', true), '');
begin
    if app is null then
        return;
    end if;
    execute format('revoke all on access, access_grant from %I, public', app);
    execute format('grant select, insert on access, access_grant to %I', app);
end
$$;
