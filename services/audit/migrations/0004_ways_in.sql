-- Ways in that rollbacks take: the changes of one rollback, and what one source or workflow did.

create index change_rollback on change (source_name) where source_kind = 'rollback';
create index event_write on event ((body ->> 'write_id')) where topic = 'record.changed.v1';
