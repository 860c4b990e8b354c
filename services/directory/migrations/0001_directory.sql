-- Configuration records, their history and the sessions of users.

-- One row: the last revision. Its lock orders all writes, so that revisions
-- become visible in their order and a watcher that has seen 7 never misses 6.
CREATE TABLE counter (
  revision bigint NOT NULL
);
INSERT INTO counter VALUES (0);

-- The present state; a deleted record stays as a tombstone for watchers.
CREATE TABLE resources (
  name text COLLATE "C" PRIMARY KEY,
  tenant_id text NOT NULL,
  collection text NOT NULL,          -- '' for the tenant itself
  revision bigint NOT NULL UNIQUE,
  update_time timestamptz NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  body bytea NOT NULL                -- zvon.directory.v1.Resource without secrets
);
CREATE INDEX resources_by_collection ON resources (tenant_id, collection, name) WHERE NOT deleted;

-- Argon2id hashes of users' passwords; never published.
CREATE TABLE credentials (
  name text COLLATE "C" PRIMARY KEY REFERENCES resources (name),
  argon2id text NOT NULL
);

-- What a record points to, for "in use by".
CREATE TABLE refs (
  from_name text COLLATE "C" NOT NULL,
  field text NOT NULL,
  to_name text COLLATE "C" NOT NULL,
  PRIMARY KEY (from_name, field, to_name)
);
CREATE INDEX refs_by_target ON refs (to_name);

-- Values that may stand once within a tenant: logins, numbers, SIP users.
CREATE TABLE unique_values (
  tenant_id text NOT NULL,
  field text NOT NULL,               -- 'user.login'
  value text NOT NULL,
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, field, value)
);
CREATE INDEX unique_values_by_name ON unique_values (name);

-- History, append only.
CREATE TABLE revisions (
  number bigint PRIMARY KEY,
  create_time timestamptz NOT NULL,
  tenant_id text NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  resource_name text COLLATE "C" NOT NULL,
  before_json text NOT NULL,
  after_json text NOT NULL,
  diff_json text NOT NULL
);
CREATE INDEX revisions_by_tenant ON revisions (tenant_id, number);
CREATE INDEX revisions_by_resource ON revisions (resource_name, number);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'revisions are append only';
END $$;
CREATE TRIGGER revisions_append_only BEFORE UPDATE OR DELETE ON revisions
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- First answers, for repeated requests.
CREATE TABLE requests (
  request_id text PRIMARY KEY,
  create_time timestamptz NOT NULL,
  fingerprint text NOT NULL,
  response bytea NOT NULL
);
CREATE INDEX requests_by_time ON requests (create_time);

-- Changes on their way to Kafka.
CREATE TABLE outbox (
  revision bigint PRIMARY KEY,
  event_id text NOT NULL,
  create_time timestamptz NOT NULL,
  tenant_id text NOT NULL,
  name text NOT NULL,
  payload bytea NOT NULL             -- ResourceChange; empty = tombstone
);

-- Tokens are kept as SHA-256 only.
CREATE TABLE sessions (
  token_sha256 bytea PRIMARY KEY,
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  create_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  client_address text NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expire_time);

-- Failed log-ins by login and address, known or not.
CREATE TABLE login_failures (
  tenant_id text NOT NULL,
  login text NOT NULL,
  client_address text NOT NULL,
  failures integer NOT NULL,
  update_time timestamptz NOT NULL,
  locked_until timestamptz,
  PRIMARY KEY (tenant_id, login, client_address)
);
