"""Router: where a lead goes, and the only one that lets anything out: triage requests and writes to the CRM."""
