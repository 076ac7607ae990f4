-- The company directory: files of companies that people loaded. A load that was taken back stays listed, its rows are gone.
CREATE TABLE directory_load (
    load_id     text        PRIMARY KEY,        -- of the file's content: the same file again is the same load
    file        text        NOT NULL,
    actor       text        NOT NULL,
    loaded_at   timestamptz NOT NULL,
    removed_at  timestamptz,
    removed_by  text
);
CREATE TABLE directory_company (
    load_id     text        NOT NULL REFERENCES directory_load,
    line        integer     NOT NULL,           -- of the file
    domain      text,                           -- registrable
    name_key    text,                           -- without legal form and spelling
    name        text        NOT NULL,
    fields      jsonb       NOT NULL,
    PRIMARY KEY (load_id, line)
);
CREATE INDEX directory_company_domain ON directory_company (domain) WHERE domain IS NOT NULL;
CREATE INDEX directory_company_name ON directory_company (name_key) WHERE name_key IS NOT NULL;
