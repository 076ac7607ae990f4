-- Keys of the people and things that records are sealed under, each wrapped by the master key; and what was erased. Only the
-- role that erases may delete here; every service's role may read and add.

create table subject_key (
    subject_key_id text        not null,
    fingerprint    bytea       not null,
    wrapped        bytea       not null,
    made_at        timestamptz not null default now(),
    primary key (subject_key_id, fingerprint)
);

create table erased (
    subject_key_id text        primary key,
    erasure_id     text        not null,
    at             timestamptz not null default now()
);

-- A key that comes after its subject's erasure is not kept, whoever brings it.
create function refuse_erased() returns trigger language plpgsql as $$
begin
    if exists (select from erased where subject_key_id = new.subject_key_id) then
        return null;
    end if;
    return new;
end
$$;
create trigger subject_key_not_erased before insert on subject_key for each row execute function refuse_erased();

do $$
declare
    app text := nullif(current_setting('signalbox.app_role', true), '');
begin
    if app is null then
        return;
    end if;
    execute format('revoke all on subject_key, erased from %I, public', app);
    execute format('grant select, insert on subject_key to %I', app);
    execute format('grant select on erased to %I', app);
end
$$;
