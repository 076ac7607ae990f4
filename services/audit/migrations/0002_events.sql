-- What a lead's journey and `why` need beside the changes: where raw submissions stand (never their bytes), and the
-- events that tell what was decided. Rebuilt from the topics at any time, so not chained.

create table submission (
    topic         text        not null,
    partition     int         not null,
    kafka_offset  bigint      not null,
    submission_id text        not null,
    event_id      text        not null,
    source        text        not null,
    delivery_id   text,
    trust         text        not null,
    content_type  text        not null,
    sha256        text        not null,
    size_bytes    int         not null,
    received_at   timestamptz not null,
    primary key (topic, partition, kafka_offset)
);
create index submission_submission on submission (submission_id);
create index submission_event on submission (event_id);

create table event (
    topic        text        not null,
    partition    int         not null,
    kafka_offset bigint      not null,
    event_id     text        not null,
    caused_by    text        not null,
    decided_at   timestamptz,
    lead_id      text,
    lead_version int,
    record_type  text,
    record_id    text,
    body         jsonb       not null,
    primary key (topic, partition, kafka_offset)
);
create index event_lead on event (lead_id, topic);
create index event_record on event (record_id, record_type, topic);
create index event_event on event (event_id);

create table unreadable (
    topic        text   not null,
    partition    int    not null,
    kafka_offset bigint not null,
    problem      text   not null,
    primary key (topic, partition, kafka_offset)
);

-- Whole events, written once and read seldom: not worth compressing.
alter table event alter column body set storage external;
