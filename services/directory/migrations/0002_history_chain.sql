-- Each revision seals those before it: who changes, removes or slips in a row
-- behind our back breaks every seal from there on.

ALTER TABLE revisions ADD COLUMN seal text;

CREATE FUNCTION seal_of(previous text, r revisions) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\x1f', coalesce(previous, ''), r.number,
    to_char(r.create_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), r.tenant_id, r.author, r.reason,
    r.resource_name, r.before_json, r.after_json, r.diff_json), 'UTF8')), 'hex')
$$;

-- The writers' lock (counter) keeps two from sealing at once.
CREATE FUNCTION seal_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seal := seal_of((SELECT seal FROM revisions ORDER BY number DESC LIMIT 1), NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER revisions_sealed BEFORE INSERT ON revisions
  FOR EACH ROW EXECUTE FUNCTION seal_revision();

-- The first revision whose seal is wrong; NULL where the history is whole.
CREATE FUNCTION first_broken_revision() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT min(number) FROM (
    SELECT r.number, r.seal, seal_of(lag(r.seal) OVER (ORDER BY r.number), r) AS expected FROM revisions r
  ) checked WHERE seal IS DISTINCT FROM expected
$$;

-- Seals for what was written before this migration.
ALTER TABLE revisions DISABLE TRIGGER revisions_append_only;
DO $$
DECLARE
  row revisions;
  last text;
BEGIN
  FOR row IN SELECT * FROM revisions ORDER BY number LOOP
    last := seal_of(last, row);
    UPDATE revisions SET seal = last WHERE number = row.number;
  END LOOP;
END $$;
ALTER TABLE revisions ENABLE TRIGGER revisions_append_only;
ALTER TABLE revisions ALTER COLUMN seal SET NOT NULL;
