-- The log itself: every record of audit.change.v1 as it came, chained per Kafka partition. Nothing here is ever
-- updated or deleted: the service's role may only insert, and the triggers hold for everyone who is no superuser.

create table change (
    chain            int     not null,
    seq              bigint  not null check (seq > 0),
    kafka_offset     bigint  not null check (kafka_offset >= 0),
    prev             bytea   not null,
    hash             bytea   not null,
    bytes            bytea   not null,
    ce_id            text    not null,
    schema_version   text    not null,
    subject_key_id   text    not null,
    readable         boolean not null,
    problem          text,
    event_id         text,
    change_id        text,
    record_type      text,
    record_id        text,
    field            text,
    old              jsonb,
    new              jsonb,
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
    reason           text,
    reverts          text,
    effect           text,
    verified_by      text,
    primary key (chain, seq),
    unique (chain, kafka_offset)
);

create index change_record on change (record_id, record_type, seq);
create index change_lead on change (lead_id, seq);
create index change_event on change (event_id);
create index change_id on change (change_id);
create index change_at on change using brin (at);

create table chain_head (
    chain        int    primary key,
    seq          bigint not null,
    hash         bytea  not null,
    kafka_offset bigint not null
);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only: % on % is refused', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;

create trigger change_keeps_rows before update or delete on change
    for each row execute function refuse_rewriting();
create trigger change_keeps_all before truncate on change
    for each statement execute function refuse_rewriting();
-- `always`: also when session_replication_role is `replica`.
alter table change enable always trigger change_keeps_rows;
alter table change enable always trigger change_keeps_all;

create trigger chain_head_stays before delete on chain_head
    for each row execute function refuse_rewriting();
create trigger chain_head_stays_all before truncate on chain_head
    for each statement execute function refuse_rewriting();
alter table chain_head enable always trigger chain_head_stays;
alter table chain_head enable always trigger chain_head_stays_all;

do $$
declare
    app text := nullif(current_setting('signalbox.app_role', true), '');
begin
    if app is null then
        return;
    end if;
    execute format('revoke all on change, chain_head from %I, public', app);
    execute format('grant select, insert on change to %I', app);
    execute format('grant select, insert, update on chain_head to %I', app);
end
$$;
