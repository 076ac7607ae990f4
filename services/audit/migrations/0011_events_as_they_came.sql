-- An event as the bytes that stood on its topic, sealed as they came; beside them what it is found by. Before, its JSON stood
-- here in the clear: dearer to write than to read again, and one more place that holds what people said.

alter table event
    add column subject_key_id text not null default '',
    add column schema_version text not null default '1',
    add column contact_id     text,
    add column submission_id  text,
    add column email          text,
    add column destination    text,
    add column lead_kind      text,
    add column write_id       text,
    add column bytes          bytea;

update event set
    contact_id = case when topic = 'record.changed.v1' then body #>> '{fields,contact_id}'
                      else body #>> '{lead,identity,contact,id}' end,
    submission_id = coalesce(body #>> '{lead,submission,submission_id}', body #>> '{submission,submission_id}'),
    email = lower(case when topic = 'record.changed.v1' then body #>> '{fields,email}'
                       else body #>> '{lead,fields,email,value}' end),
    destination = body #>> '{route,destination}',
    lead_kind = body #>> '{lead,kind}',
    write_id = body ->> 'write_id',
    bytes = convert_to(body::text, 'UTF8');

drop index event_write, event_lead_contact, event_lead_email, event_lead_submission, event_record_email, event_record_contact;
alter table event drop column body, alter column bytes set not null, alter column bytes set storage external;

create index event_write on event (write_id) where topic = 'record.changed.v1';
create index event_contact on event (contact_id) where contact_id is not null;
create index event_submission on event (submission_id) where submission_id is not null;
create index event_email on event (email) where email is not null;
