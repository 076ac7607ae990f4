"""The read model of the CRM's records: statements of `migrations/0001_record.sql`."""

UPSERT = """
INSERT INTO record AS held (type, id, version, company_id, contact_id, fields)
SELECT DISTINCT ON (type, id) type, id, version, company_id, contact_id, fields::jsonb
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
    AS new (type, id, version, company_id, contact_id, fields)
ORDER BY type, id, version DESC
ON CONFLICT (type, id) DO UPDATE
SET version = excluded.version, company_id = excluded.company_id, contact_id = excluded.contact_id, fields = excluded.fields
WHERE held.version < excluded.version
"""
"""Newest version wins; an older one that comes late changes nothing."""

BY_ID = """
SELECT type, id, fields::text AS fields FROM record
WHERE fields IS NOT NULL AND (type, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""

OPPORTUNITIES = """
SELECT company_id, contact_id, fields::text AS fields FROM record
WHERE type = 'opportunity' AND fields IS NOT NULL AND (company_id = ANY($1::text[]) OR contact_id = ANY($2::text[]))
"""
