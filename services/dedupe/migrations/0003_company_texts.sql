-- What a company's names and domains come to, one a line (services/dedupe/domain/likeness.py): enough to see that a company
-- which a blocking key found is not the one that is asked for, without reading its row. Null: written before this was kept.
alter table company_number
    add column names   text,
    add column letters text,
    add column labels  text;
