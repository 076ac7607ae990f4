-- Clocks beside the first touch's, and to whom a lead was offered.

alter table lead add column clocks jsonb not null default '{}';
alter table lead add column offered text[] not null default '{}';
alter table lead add column accepted boolean not null default false;
