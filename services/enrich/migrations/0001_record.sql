-- What the CRM holds, as `record.changed.v1` tells it: the newest version of each record. Rebuilt by reading that
-- compacted topic from its beginning.
CREATE TABLE record (
    type        text        NOT NULL,
    id          text        NOT NULL,
    version     bigint      NOT NULL,
    company_id  text,                   -- whom an opportunity or a contact belongs to
    contact_id  text,
    fields      jsonb,                  -- NULL: the record is gone
    PRIMARY KEY (type, id)
);
CREATE INDEX record_company ON record (company_id, type) WHERE company_id IS NOT NULL AND fields IS NOT NULL;
CREATE INDEX record_contact ON record (contact_id, type) WHERE contact_id IS NOT NULL AND fields IS NOT NULL;
