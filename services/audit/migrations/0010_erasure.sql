-- Erasures that were ordered, and the ways from a person to all that is theirs. No row here says whom it was about.

create table erasure (
    erasure_id      text        primary key,
    lead_ids        text[]      not null,
    submission_ids  text[]      not null,
    records         text[]      not null,
    subject_key_ids text[]      not null,
    actor_kind      text        not null,
    actor_id        text        not null,
    reason          text        not null,
    ordered_at      timestamptz not null,
    keys_destroyed  int,
    destroyed_at    timestamptz,
    repeated_at     timestamptz
);
create index erasure_ordered on erasure (ordered_at);

create index event_lead_contact on event ((body #>> '{lead,identity,contact,id}'))
    where topic in ('lead.routed.v1', 'triage.requested.v1');
create index event_lead_email on event (lower(body #>> '{lead,fields,email,value}'))
    where topic in ('lead.routed.v1', 'triage.requested.v1');
create index event_lead_submission on event (coalesce(body #>> '{lead,submission,submission_id}', body #>> '{submission,submission_id}'))
    where topic in ('lead.routed.v1', 'triage.requested.v1');
create index event_record_email on event (lower(body #>> '{fields,email}')) where topic = 'record.changed.v1';
create index event_record_contact on event ((body #>> '{fields,contact_id}')) where topic = 'record.changed.v1';
create index change_subject on change (subject_key_id);
