-- A record's timeline is told in the log's order, a page at a time: with the chain in the index a page is read off each
-- month's index. Without it every row of the record was fetched and sorted for each page (2,500 rows: 23 ms of 25).

create index change_record_pages on change (record_id, record_type, chain, seq);
drop index change_record;

-- Whatever asks by lead sorts by time, or not at all: change_lead_time (0007) serves both.
drop index change_lead;
