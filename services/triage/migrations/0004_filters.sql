-- What the list is filtered and counted by, worked out of the item by the database itself. The questions, the lead and the
-- submission are kept out of the row, so that a hundred thousand rows are read through in some tens of milliseconds.
alter table item set (toast_tuple_target = 512);
alter table item
    add column kinds   jsonb generated always as (jsonb_path_query_array(questions, '$[*].review.kind')) stored,
    add column queue   text  generated always as (coalesce(nullif(suggested ->> 'queue', ''), waiting ->> 'queue', '')) stored,
    add column sends   text  generated always as (coalesce(suggested ->> 'destination', '')) stored,
    add column source  text  generated always as (coalesce(lead #>> '{source,name}', '')) stored,
    add column segment text  generated always as (coalesce(lead ->> 'kind', '')) stored,
    add column company text  generated always as (coalesce(lead #>> '{fields,company,value}', '')) stored,
    add column name    text  generated always as (coalesce(lead #>> '{fields,name,value}', '')) stored,
    add column sought  text  generated always as (lower(coalesce(lead #>> '{fields,name,value}', '') || ' ' ||
                                                        coalesce(lead #>> '{fields,company,value}', ''))) stored;

-- Short texts stay in the row, however long the others make it: reading them back one by one costs twenty times a scan.
alter table item
    alter column lead_id       set storage main,
    alter column question_hash set storage main,
    alter column status        set storage main,
    alter column claimed_by    set storage main,
    alter column assigned_to   set storage main,
    alter column equality      set storage main,
    alter column kinds         set storage main,
    alter column queue         set storage main,
    alter column sends         set storage main,
    alter column source        set storage main,
    alter column segment       set storage main,
    alter column company       set storage main,
    alter column name          set storage main,
    alter column sought        set storage main;

create index item_claimed  on item (claimed_by, due_order, (-worth), lead_id) where status = 'open' and claimed_by <> '';
create index item_assigned on item (assigned_to, due_order, (-worth), lead_id) where status = 'open' and assigned_to <> '';
create index item_snoozed  on item (snoozed_until, due_order, (-worth), lead_id) where status = 'open' and snoozed_until is not null;
create index item_of_queue on item (queue, due_order, (-worth), lead_id) where status = 'open';
