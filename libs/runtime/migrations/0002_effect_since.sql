-- Since when an effect is owed: one that is told to come back later is given up by its age and not by its attempts.

alter table effect add column created_at timestamptz not null default now();
