-- Ways into the log by who, what and when, each sorted as answers are: by time, then by place in the log. A page is read
-- off the index, wherever it begins. Values are in no column, so nothing here finds or sorts by one.

create index change_record_time on change (record_id, record_type, at, chain, seq);
create index change_lead_time on change (lead_id, at, chain, seq);
create index change_time on change (at, chain, seq);
create index change_field_time on change (record_type, field, at, chain, seq);
create index change_actor_time on change (actor_id, at, chain, seq);
create index change_source_time on change (source_name, at, chain, seq);
create index change_workflow_time on change (workflow_name, workflow_version, at, chain, seq);
create index change_policy_time on change (policy_version, at, chain, seq);
create index change_model_time on change (model_version, at, chain, seq) where model_version is not null;
create index change_status_time on change (status, at, chain, seq) where status <> 'applied';

-- Read off the new ones.
drop index change_at;
drop index change_rollback;
