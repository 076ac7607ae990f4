"""Statements: the read model of the CRM's records (`migrations/0001_record.sql`), and missed questions (`0002_question.sql`)."""

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

QUESTIONS_OF = """
SELECT question_id, lead_id, provider, asked, state, until, "order"::text AS "order", answers::text AS answers
FROM question WHERE lead_id = ANY($1::text[])
"""

QUESTIONS_LOCKED = """
SELECT question_id, lead_id, provider, asked, state, until, "order"::text AS "order", answers::text AS answers
FROM question WHERE question_id = ANY($1::text[]) ORDER BY question_id FOR UPDATE
"""

SAVE_QUESTION = """
INSERT INTO question (question_id, lead_id, provider, asked, state, until, "order", answers)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb)
ON CONFLICT (question_id) DO UPDATE
SET state = excluded.state, until = excluded.until, "order" = excluded."order", answers = excluded.answers
"""
