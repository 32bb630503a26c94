-- A table is kept as what changed since the one before, and now and then whole: publishing a change costs as much as the
-- change, however many endpoints stay as they are.
ALTER TABLE routing_table
    ALTER COLUMN body DROP NOT NULL,
    ADD COLUMN delta bytea,
    ADD CONSTRAINT routing_table_content_check CHECK (body IS NOT NULL OR delta IS NOT NULL);

CREATE OR REPLACE FUNCTION check_routing_table() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_epoch bigint;
    last_release bigint;
    last_generation bigint;
BEGIN
    SELECT epoch, release, generation INTO last_epoch, last_release, last_generation
    FROM routing_table ORDER BY generation DESC LIMIT 1;
    IF NEW.epoch < last_epoch OR (TG_OP = 'INSERT' AND NEW.release < last_release)
        OR (TG_OP = 'INSERT' AND NEW.generation <> coalesce(last_generation, 0) + 1)
        OR (TG_OP = 'UPDATE' AND (
            NEW.release < OLD.release
            OR (OLD.body IS NOT NULL AND NEW.body IS DISTINCT FROM OLD.body)
            OR (NEW.generation, NEW.delta, NEW.digest, NEW.created_at)
                IS DISTINCT FROM (OLD.generation, OLD.delta, OLD.digest, OLD.created_at)))
    THEN
        RAISE EXCEPTION '% of routing_table is refused: generations, epochs and releases only rise', TG_OP
            USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
