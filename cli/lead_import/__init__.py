"""Event lists as leads: each row of a table becomes one submission, looked at before anything is posted."""
