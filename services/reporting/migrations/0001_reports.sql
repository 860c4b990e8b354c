-- Events as they came, and the rows folded from them.

create table reporting.events (
  event_id       text primary key,
  tenant_id      text not null,
  interaction_id text not null,
  occur_time     timestamptz not null,
  payload        bytea not null          -- zvon.events.v1.Event
);
create index events_by_interaction on reporting.events (interaction_id);

create table reporting.interactions (
  interaction_id text primary key,
  tenant_id      text not null,
  call_id        text not null,
  direction      text not null,
  caller_number  text not null,
  caller_name    text not null,
  called_number  text not null,
  start_time     timestamptz not null,
  answer_time    timestamptz,
  end_time       timestamptz,
  queue_id       text not null,
  agent_id       text not null,
  outcome        text not null,
  disposition_id text not null,
  comment        text not null,
  end_cause      text not null,
  wait_ms        bigint not null,
  talk_ms        bigint not null,
  hold_ms        bigint not null,
  wrap_up_ms     bigint not null,
  recording_ids  text[] not null,
  refold_at      timestamptz
);
create index interactions_newest on reporting.interactions (tenant_id, start_time desc, interaction_id desc);
create index interactions_to_refold on reporting.interactions (refold_at) where refold_at is not null;

create table reporting.segments (
  interaction_id text not null references reporting.interactions on delete cascade,
  index          int not null,
  kind           text not null,
  start_time     timestamptz not null,
  end_time       timestamptz,
  queue_id       text not null,
  agent_id       text not null,
  outcome        text not null,
  primary key (interaction_id, index)
);

create table reporting.queue_stays (
  interaction_id   text not null references reporting.interactions on delete cascade,
  index            int not null,
  tenant_id        text not null,
  queue_id         text not null,
  enter_time       timestamptz not null,
  leave_time       timestamptz,
  outcome          text not null check (outcome in ('waiting', 'answered', 'abandoned', 'flowed_out', 'refused')),
  within_threshold boolean not null,
  short_abandon    boolean not null,
  agent_id         text not null,
  talk_ms          bigint not null,
  hold_ms          bigint not null,
  wrap_up_ms       bigint not null,
  primary key (interaction_id, index)
);
create index queue_stays_by_time on reporting.queue_stays (tenant_id, queue_id, enter_time);

create table reporting.agent_changes (
  event_id   text primary key,
  tenant_id  text not null,
  agent_id   text not null,
  occur_time timestamptz not null,
  from_state text not null,
  to_state   text not null,
  reason_id  text not null
);
create index agent_changes_by_agent on reporting.agent_changes (tenant_id, agent_id, occur_time);
