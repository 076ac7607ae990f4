-- What outcomes are looked up by besides their place: age (pruning) and, for a person who waits, their command's id.

create index outcome_age on outcome using brin (decided_at);
create index outcome_dead on outcome (event_id) where verdict = 'dead';
create index effect_age on effect (finished_at) where finished_at is not null;
