-- The log by months of the broker's time, with no column that holds a value: values are read from the bytes alone.
--
-- Postgres wants the partition key in every unique key, so one number twice is not refused by an index. It is refused by
-- continue_chains: under the lock of the chain's head, every statement's rows have to follow the head without a gap, with
-- rising offsets and each with the hash of the one before it. Only then is the head moved, by the trigger itself: the
-- service's role may not write it.

create table change_by_month (
    chain            int         not null,
    seq              bigint      not null check (seq > 0),
    kafka_offset     bigint      not null check (kafka_offset >= 0),
    recorded_at      timestamptz not null,
    prev             bytea       not null,
    hash             bytea       not null,
    bytes            bytea       not null,
    ce_id            text        not null,
    schema_version   text        not null,
    subject_key_id   text        not null,
    readable         boolean     not null,
    problem          text,
    event_id         text,
    change_id        text,
    record_type      text,
    record_id        text,
    field            text,
    status           text,
    source_kind      text,
    source_name      text,
    source_trust     float8,
    confidence       float8,
    actor_kind       text,
    actor_id         text,
    workflow_name    text,
    workflow_version text,
    model_version    text,
    policy_version   text,
    trigger_event_id text,
    lead_id          text,
    trace_id         text,
    at               timestamptz,
    rule             text,
    reverts          text,
    effect           text
) partition by range (recorded_at);

-- What has no time (rows from before this file, records without a timestamp) stands at 1970; and nothing is ever refused.
create table change_before partition of change_by_month for values from (minvalue) to ('2020-01-01+00');
create table change_after partition of change_by_month for values from ('2100-01-01+00') to (maxvalue);

-- The time of rows from before was not kept: their hashes do not cover it, and 1970 says so.
insert into change_by_month
select chain, seq, kafka_offset, timestamptz 'epoch', prev, hash, bytes, ce_id, schema_version, subject_key_id, readable,
    problem, event_id, change_id, record_type, record_id, field, status, source_kind, source_name, source_trust, confidence,
    actor_kind, actor_id, workflow_name, workflow_version, model_version, policy_version, trigger_event_id, lead_id,
    trace_id, at, rule, reverts, effect
from change;

drop table change;
alter table change_by_month rename to change;
alter table change add primary key (chain, seq, recorded_at);
create index change_record on change (record_id, record_type, seq);
create index change_lead on change (lead_id, seq);
create index change_event on change (event_id);
create index change_id on change (change_id);
create index change_at on change using brin (at);
create index change_rollback on change (source_name) where source_kind = 'rollback';

create trigger change_keeps_rows before update or delete on change
    for each row execute function refuse_rewriting();
create trigger change_keeps_all before truncate on change
    for each statement execute function refuse_rewriting();
alter table change enable always trigger change_keeps_rows;
alter table change enable always trigger change_keeps_all;

-- A partition is out of everybody's reach but through `change`, and can't be emptied by its own name either.
create function close_partition(partition regclass) returns void language plpgsql as $$
declare
    grantee text;
begin
    for grantee in
        select distinct quote_ident(pg_get_userbyid(held.grantee))
        from pg_class, aclexplode(relacl) held
        where pg_class.oid = partition and held.grantee <> relowner and held.grantee <> 0
    loop
        execute format('revoke all on %s from %s', partition, grantee);
    end loop;
    execute format('revoke all on %s from public', partition);
    execute format('create trigger change_keeps_all before truncate on %s '
                   'for each statement execute function refuse_rewriting()', partition);
    execute format('alter table %s enable always trigger change_keeps_all', partition);
    execute format('alter table %s enable always trigger change_keeps_rows', partition);
end
$$;

-- The partition of a month, made when it is missing. It is filled with triggers and indexes before it is attached, which
-- stops neither readers nor writers of the others.
create function make_month(month timestamptz) returns void language plpgsql security definer as $$
declare
    first timestamptz := date_trunc('month', month, 'UTC');
    name  text := 'change_' || to_char(first at time zone 'UTC', 'YYYY_MM');
begin
    if month < '2020-01-01+00' or month >= '2100-01-01+00' or to_regclass(name) is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('signalbox audit months'));
    if to_regclass(name) is not null then
        return;
    end if;
    execute format('create table %I (like change including constraints)', name);
    execute format('alter table change attach partition %I for values from (%L) to (%L)',
                   name, first, date_add(first, '1 month', 'UTC'));
    perform close_partition(name::regclass);
end
$$;

-- Where a chain ends, locked until the transaction does, with the partitions of these months at hand.
create function open_chain(opened int, months timestamptz[]) returns setof chain_head
language plpgsql security definer as $$
declare
    month timestamptz;
begin
    foreach month in array months loop
        perform make_month(month);
    end loop;
    insert into chain_head (chain, seq, hash, kafka_offset)
    values (opened, 0, decode(repeat('00', 32), 'hex'), -1) on conflict do nothing;
    return query select * from chain_head where chain_head.chain = opened for update;
end
$$;

create function continue_chains() returns trigger language plpgsql security definer as $$
declare
    held chain_head;
    ends record;
begin
    for ends in
        with steps as (
            select chain, seq, kafka_offset, prev, hash,
                lag(seq) over chained as seq_before, lag(kafka_offset) over chained as offset_before,
                lag(hash) over chained as hash_before, lead(seq) over chained as seq_after
            from added window chained as (partition by chain order by seq)
        )
        select first.chain, first.seq as first_seq, first.kafka_offset as first_offset, first.prev as first_prev,
            last.seq, last.kafka_offset, last.hash,
            exists (
                select from steps where steps.chain = first.chain
                and (seq <> seq_before + 1 or kafka_offset <= offset_before or prev <> hash_before)
            ) as is_broken
        from steps first join steps last on last.chain = first.chain and last.seq_after is null
        where first.seq_before is null order by first.chain
    loop
        select * into held from chain_head where chain = ends.chain for update;
        if held is null or ends.is_broken or ends.first_seq <> held.seq + 1 or ends.first_offset <= held.kafka_offset
            or ends.first_prev <> held.hash
        then
            -- As when two transactions wrote at once: whoever comes second tries again, and finds the rows written.
            raise exception 'rows % to % do not continue chain %, which ends with row %',
                ends.first_seq, ends.seq, ends.chain, held.seq using errcode = 'serialization_failure';
        end if;
        update chain_head set seq = ends.seq, hash = ends.hash, kafka_offset = ends.kafka_offset
        where chain = ends.chain;
    end loop;
    return null;
end
$$;

create trigger change_continues after insert on change referencing new table as added
    for each statement execute function continue_chains();
alter table change enable always trigger change_continues;

select close_partition('change_before'), close_partition('change_after');
select make_month(now()), make_month(date_add(now(), '1 month', 'UTC'));

do $$
declare
    app  text := nullif(current_setting('signalbox.app_role', true), '');
    name text;
begin
    -- A definer's function must not find another's tables: temporary ones would come first if they were not named last.
    foreach name in array array['make_month(timestamptz)', 'open_chain(int, timestamptz[])', 'continue_chains()'] loop
        execute format('alter function %s set search_path = %I, pg_temp', name, current_schema());
        execute format('revoke all on function %s from public', name);
    end loop;
    execute 'revoke all on function close_partition(regclass) from public';
    if app is null then
        return;
    end if;
    execute format('revoke all on change, chain_head from %I, public', app);
    execute format('grant select, insert on change to %I', app);
    execute format('grant select on chain_head to %I', app);
    execute format('grant execute on function open_chain(int, timestamptz[]) to %I', app);
end
$$;
