-- Scenarios: a draft that may change and numbered versions that never do.
CREATE SCHEMA IF NOT EXISTS scenario;

CREATE TABLE scenario.scenarios (
  tenant_id         text NOT NULL,
  scenario_id       text NOT NULL,
  display_name      text NOT NULL DEFAULT '',
  -- Protobuf's JSON form of zvon.scenario.v1.ScenarioDefinition.
  draft             jsonb NOT NULL,
  draft_author      text NOT NULL DEFAULT '',
  -- 0 = never published.
  published_version integer NOT NULL DEFAULT 0 CHECK (published_version >= 0),
  update_time       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, scenario_id)
);

CREATE TABLE scenario.versions (
  tenant_id    text NOT NULL,
  scenario_id  text NOT NULL,
  version      integer NOT NULL CHECK (version > 0),
  definition   jsonb NOT NULL,
  author       text NOT NULL DEFAULT '',
  publish_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, scenario_id, version),
  FOREIGN KEY (tenant_id, scenario_id) REFERENCES scenario.scenarios
);

-- A published version is what live calls stand in: it is never changed.
CREATE FUNCTION scenario.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'version % of scenario % is published and cannot be changed', OLD.version, OLD.scenario_id;
END $$;
CREATE TRIGGER versions_are_immutable BEFORE UPDATE ON scenario.versions
  FOR EACH ROW EXECUTE FUNCTION scenario.refuse_change();
