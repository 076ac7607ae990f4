-- What people changed, at any time: among a hundred changes one is theirs, and a page of a day read ten thousand rows to
-- find its hundred.

create index change_people_time on change (actor_kind, at, chain, seq) where actor_kind in ('human', 'human_approved_ai');
