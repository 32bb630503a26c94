-- Endpoints and their history: releases, revisions, holds. What is live is decided by `endpoint` alone; everything else
-- here only grows.

-- The number and moment of the newest release: one row. Moments of releases agree with their numbers even when the
-- clock is set back.
CREATE TABLE release_counter (
    is_only boolean PRIMARY KEY DEFAULT true,
    number bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT release_counter_is_only_check CHECK (is_only),
    CONSTRAINT release_counter_number_check CHECK (number >= 0)
);
INSERT INTO release_counter (number, created_at) VALUES (0, 'epoch');

CREATE FUNCTION refuse_release_counter_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.number <> OLD.number + 1 OR NEW.created_at <= OLD.created_at THEN
        RAISE EXCEPTION '% of release_counter is refused: it only counts up', TG_OP USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER release_counter_refuse_change BEFORE UPDATE OR DELETE ON release_counter
    FOR EACH ROW EXECUTE FUNCTION refuse_release_counter_change();
CREATE TRIGGER release_counter_refuse_truncate BEFORE TRUNCATE ON release_counter
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE release (
    number bigint PRIMARY KEY,
    origin text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    reason text,
    commit text,
    source text,
    created_at timestamptz NOT NULL,
    CONSTRAINT release_number_check CHECK (number >= 1),
    CONSTRAINT release_origin_check CHECK (origin IN ('apply', 'promote', 'rollback', 'resume', 'hold_expiry'))
);
CREATE TRIGGER release_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- {"champion": [[0, 9000]], "challenger": [[9000, 10000]]}: whether every bucket has exactly one owner.
CREATE FUNCTION is_bucket_partition(ranges jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        sum(upper_bound - lower_bound) = 10000
        AND range_agg(int4range(lower_bound, upper_bound)) = int4multirange(int4range(0, 10000)), false)
    FROM (
        SELECT (pair ->> 0)::integer AS lower_bound, (pair ->> 1)::integer AS upper_bound
        FROM jsonb_each(ranges) AS owner, jsonb_array_elements(owner.value) AS pair
    ) AS bound
$$;

CREATE TABLE endpoint (
    name text COLLATE "C" PRIMARY KEY,
    created_at timestamptz NOT NULL,
    latest_revision integer NOT NULL,
    -- What proxies are to serve.
    active_revision integer NOT NULL,
    -- The last from git that went live.
    applied_revision integer NOT NULL,
    -- The last from git, while a hold keeps it from going live.
    waiting_revision integer,
    -- Who owns each bucket, since when, and who owned it before: what makes stepping back restore the identical map.
    bucket_map jsonb NOT NULL,
    CONSTRAINT endpoint_name_check CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT endpoint_revision_check CHECK (
        active_revision BETWEEN 1 AND latest_revision AND applied_revision BETWEEN 1 AND latest_revision
        AND waiting_revision BETWEEN 1 AND latest_revision)
);

CREATE TABLE endpoint_revision (
    endpoint text COLLATE "C" NOT NULL REFERENCES endpoint (name),
    number integer NOT NULL,
    release bigint NOT NULL REFERENCES release (number),
    -- Whether it went live when it was recorded, or waited for a hold.
    active boolean NOT NULL,
    restores integer,
    content jsonb NOT NULL,
    digest text COLLATE "C" NOT NULL,
    ranges jsonb NOT NULL,
    -- The release's, repeated for the index that finds what was live at a moment.
    created_at timestamptz NOT NULL,
    PRIMARY KEY (endpoint, number),
    FOREIGN KEY (endpoint, restores) REFERENCES endpoint_revision (endpoint, number),
    CONSTRAINT endpoint_revision_release_key UNIQUE (release, endpoint),
    CONSTRAINT endpoint_revision_number_check CHECK (number >= 1),
    CONSTRAINT endpoint_revision_restores_check CHECK (restores < number),
    CONSTRAINT endpoint_revision_content_check CHECK (content ->> 'name' = endpoint),
    CONSTRAINT endpoint_revision_digest_check CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT endpoint_revision_ranges_check CHECK (is_bucket_partition(ranges))
);
CREATE INDEX endpoint_revision_created_at_index ON endpoint_revision (endpoint, created_at DESC) WHERE active;
CREATE TRIGGER endpoint_revision_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON endpoint_revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE endpoint
    ADD FOREIGN KEY (name, active_revision) REFERENCES endpoint_revision (endpoint, number)
        DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (name, applied_revision) REFERENCES endpoint_revision (endpoint, number)
        DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (name, waiting_revision) REFERENCES endpoint_revision (endpoint, number)
        DEFERRABLE INITIALLY DEFERRED;

-- Revisions are numbered without holes, whoever writes them.
CREATE FUNCTION check_revision_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> 1 AND NOT EXISTS (
        SELECT FROM endpoint_revision WHERE endpoint = NEW.endpoint AND number = NEW.number - 1)
    THEN
        RAISE EXCEPTION 'revision % of endpoint % does not follow the last one', NEW.number, NEW.endpoint
            USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER endpoint_revision_number BEFORE INSERT ON endpoint_revision
    FOR EACH ROW EXECUTE FUNCTION check_revision_number();

-- Which versions a revision uses; what answers "who uses fraud/12?".
CREATE TABLE revision_variant (
    endpoint text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    model_id bigint NOT NULL,
    version integer NOT NULL,
    traffic integer NOT NULL,
    PRIMARY KEY (endpoint, revision, name),
    FOREIGN KEY (endpoint, revision) REFERENCES endpoint_revision (endpoint, number),
    FOREIGN KEY (model_id, version) REFERENCES model_version (model_id, number),
    CONSTRAINT revision_variant_traffic_check CHECK (traffic BETWEEN 0 AND 10000)
);
CREATE INDEX revision_variant_version_index ON revision_variant (model_id, version);
CREATE TRIGGER revision_variant_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON revision_variant
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Which hosts are taken: by what is live, by what git says, and by what waits.
CREATE TABLE endpoint_host (
    host text COLLATE "C" PRIMARY KEY,
    endpoint text COLLATE "C" NOT NULL REFERENCES endpoint (name)
);
CREATE INDEX endpoint_host_endpoint_index ON endpoint_host (endpoint);

CREATE TABLE hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint text COLLATE "C" NOT NULL REFERENCES endpoint (name),
    kind text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    reason text,
    since timestamptz NOT NULL,
    until timestamptz,
    ended_at timestamptz,
    ended_by text,
    ended_why text COLLATE "C",
    CONSTRAINT hold_kind_check CHECK (kind IN ('promote', 'rollback')),
    CONSTRAINT hold_ended_why_check CHECK (ended_why IN ('resumed', 'expired', 'caught_up', 'replaced')),
    CONSTRAINT hold_ended_check CHECK (
        (ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ended_why IS NULL))
);
-- One hold an endpoint.
CREATE UNIQUE INDEX hold_open_key ON hold (endpoint) WHERE ended_at IS NULL;
CREATE INDEX hold_until_index ON hold (until) WHERE ended_at IS NULL;
CREATE INDEX hold_endpoint_index ON hold (endpoint, id);

-- A hold may end, once; what it was stays what it was.
CREATE FUNCTION refuse_hold_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
        OR (NEW.id, NEW.endpoint, NEW.kind, NEW.actor, NEW.reason, NEW.since, NEW.until)
        IS DISTINCT FROM (OLD.id, OLD.endpoint, OLD.kind, OLD.actor, OLD.reason, OLD.since, OLD.until)
    THEN
        RAISE EXCEPTION '% of hold is refused: a hold may only end, once', TG_OP USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_refuse_change BEFORE UPDATE OR DELETE ON hold
    FOR EACH ROW EXECUTE FUNCTION refuse_hold_change();
CREATE TRIGGER hold_refuse_truncate BEFORE TRUNCATE ON hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
