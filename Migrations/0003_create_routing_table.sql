-- How what is live reaches the proxies: leases, routing tables, and what proxies report.

CREATE TABLE lease (
    name text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    -- Rises with every new holder. Every write made under the lease carries it, and an older one is refused.
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT lease_epoch_check CHECK (epoch >= 1)
);

CREATE FUNCTION refuse_lease_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.name <> OLD.name OR NEW.epoch < OLD.epoch
        OR (NEW.holder <> OLD.holder AND NEW.epoch = OLD.epoch)
    THEN
        RAISE EXCEPTION '% of lease is refused: an epoch belongs to one holder and never falls', TG_OP
            USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER lease_refuse_change BEFORE UPDATE OR DELETE ON lease
    FOR EACH ROW EXECUTE FUNCTION refuse_lease_change();

CREATE TABLE routing_table (
    generation bigint PRIMARY KEY,
    epoch bigint NOT NULL,
    -- Every release up to this one is in it; rises without a new generation when a release changed nothing that is live.
    release bigint NOT NULL,
    body bytea NOT NULL,
    -- XXH64 of the body: what proxies report of the table that they serve.
    digest text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT routing_table_generation_check CHECK (generation >= 1),
    CONSTRAINT routing_table_digest_check CHECK (digest ~ '^[0-9a-f]{16}$')
);

CREATE FUNCTION check_routing_table() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last routing_table;
BEGIN
    SELECT * INTO last FROM routing_table ORDER BY generation DESC LIMIT 1;
    IF NEW.epoch < last.epoch OR NEW.release < last.release
        OR (TG_OP = 'INSERT' AND NEW.generation <> coalesce(last.generation, 0) + 1)
        OR (TG_OP = 'UPDATE' AND (NEW.generation, NEW.body, NEW.digest, NEW.created_at)
            IS DISTINCT FROM (OLD.generation, OLD.body, OLD.digest, OLD.created_at))
    THEN
        RAISE EXCEPTION '% of routing_table is refused: generations, epochs and releases only rise', TG_OP
            USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER routing_table_check BEFORE INSERT OR UPDATE ON routing_table
    FOR EACH ROW EXECUTE FUNCTION check_routing_table();

CREATE TABLE proxy (
    id text COLLATE "C" PRIMARY KEY,
    -- Differs after every start of the proxy; within one the generation never falls.
    incarnation text NOT NULL,
    address text NOT NULL,
    admin_address text NOT NULL,
    generation bigint NOT NULL,
    digest text COLLATE "C" NOT NULL,
    -- {"10.0.0.7:8080": true}: which backends it calls healthy.
    health jsonb NOT NULL,
    last_seen timestamptz NOT NULL,
    CONSTRAINT proxy_id_check CHECK (char_length(id) BETWEEN 1 AND 255),
    CONSTRAINT proxy_generation_check CHECK (generation >= 0),
    CONSTRAINT proxy_health_check CHECK (jsonb_typeof(health) = 'object')
);
CREATE INDEX proxy_last_seen_index ON proxy (last_seen);
