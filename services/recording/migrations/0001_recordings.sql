-- Recordings as they are stored, what was ordered, who listened.

CREATE TABLE recording.recordings (
  tenant_id      text        NOT NULL,
  recording_id   text        NOT NULL,
  interaction_id text        NOT NULL DEFAULT '',
  call_id        text        NOT NULL DEFAULT '',
  agent_ids      text[]      NOT NULL DEFAULT '{}',
  -- 'open': ordered, 'stored', 'missing': an alarm.
  state          text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'stored', 'missing')),
  start_time     timestamptz,
  -- Milliseconds of the file, gaps included.
  length_ms      bigint      NOT NULL DEFAULT 0,
  -- [{"start_frame": 0, "frames": 0, "reason": ""}], frames of 1/8000 s.
  gaps           jsonb       NOT NULL DEFAULT '[]',
  bytes          bigint      NOT NULL DEFAULT 0,
  sha256         text        NOT NULL DEFAULT '',
  media_type     text        NOT NULL DEFAULT '',
  -- Below the store folder.
  path           text        NOT NULL DEFAULT '',
  -- What the call's owner said.
  ordered_time   timestamptz,
  ended_time     timestamptz,
  talked_ms      bigint      NOT NULL DEFAULT 0,
  -- RecordingMissing was published for this difference.
  missing_told   boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, recording_id)
);
CREATE INDEX recordings_by_interaction ON recording.recordings (tenant_id, interaction_id);
CREATE INDEX recordings_to_judge ON recording.recordings (ended_time)
  WHERE NOT missing_told AND ended_time IS NOT NULL;
CREATE INDEX recordings_open ON recording.recordings (ordered_time) WHERE state = 'open';
CREATE INDEX recordings_missing ON recording.recordings (tenant_id) WHERE state = 'missing';

-- Interactions whose talk may need a recording; forgotten when judged.
CREATE TABLE recording.talks (
  tenant_id      text        NOT NULL,
  interaction_id text        NOT NULL,
  call_id        text        NOT NULL DEFAULT '',
  bridged        boolean     NOT NULL DEFAULT false,
  assigned       boolean     NOT NULL DEFAULT false,
  ended_time     timestamptz,
  changed_time   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id)
);
CREATE INDEX talks_ended ON recording.talks (ended_time) WHERE ended_time IS NOT NULL;

CREATE TABLE recording.listens (
  listen_id    bigserial   PRIMARY KEY,
  tenant_id    text        NOT NULL,
  recording_id text        NOT NULL,
  user_id      text        NOT NULL,
  listen_time  timestamptz NOT NULL
);
CREATE INDEX listens_by_recording ON recording.listens (tenant_id, recording_id, listen_time);
