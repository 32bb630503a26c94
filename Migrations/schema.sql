-- What the migrations make, for reading and reviewing; written by .ci/dump-schema.

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE FUNCTION public.chain_audit_entry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    field text;
    content text := '';
BEGIN
    UPDATE audit_chain SET sequence = sequence + 1 RETURNING sequence, hash INTO NEW.sequence, NEW.previous_hash;
    FOREACH field IN ARRAY ARRAY[
        NEW.sequence::text, (extract(epoch FROM NEW.at) * 1000000)::bigint::text, NEW.actor, NEW.role, NEW.action,
        NEW.subject, NEW.reason, NEW.detail::text]
    LOOP
        content := content || coalesce(octet_length(field) || ':' || field, '-');
    END LOOP;
    NEW.hash := sha256(NEW.previous_hash || convert_to(content, 'UTF8'));
    UPDATE audit_chain SET hash = NEW.hash;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.check_revision_number() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.check_routing_table() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.is_bucket_partition(ranges jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT coalesce(
        sum(upper_bound - lower_bound) = 10000
        AND range_agg(int4range(lower_bound, upper_bound)) = int4multirange(int4range(0, 10000)), false)
    FROM (
        SELECT (pair ->> 0)::integer AS lower_bound, (pair ->> 1)::integer AS upper_bound
        FROM jsonb_each(ranges) AS owner, jsonb_array_elements(owner.value) AS pair
    ) AS bound
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'TO001';
END
$$;

CREATE FUNCTION public.refuse_hold_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.refuse_lease_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.refuse_model_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.id <> OLD.id OR NEW.version_counter NOT IN (OLD.version_counter, OLD.version_counter + 1)
    THEN
        RAISE EXCEPTION '% of model is refused: rows stay and version numbers only grow', TG_OP USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.refuse_model_version_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.deleted_at IS NOT NULL
        OR (NEW.model_id, NEW.number, NEW.source, NEW.commit, NEW.run_id, NEW.run_link, NEW.metrics, NEW.created_at,
            NEW.created_by)
        IS DISTINCT FROM (OLD.model_id, OLD.number, OLD.source, OLD.commit, OLD.run_id, OLD.run_link, OLD.metrics,
            OLD.created_at, OLD.created_by)
    THEN
        RAISE EXCEPTION '% of model_version is refused: versions are immutable', TG_OP USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.refuse_release_counter_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.number <> OLD.number + 1 OR NEW.created_at <= OLD.created_at THEN
        RAISE EXCEPTION '% of release_counter is refused: it only counts up', TG_OP USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;

CREATE TABLE public.api_token (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    role text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT api_token_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT api_token_id_check CHECK ((id ~ '^[0-9a-f]{12}$'::text)),
    CONSTRAINT api_token_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
    CONSTRAINT api_token_revoked_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT api_token_role_check CHECK ((role = ANY (ARRAY['proxy'::text, 'viewer'::text, 'operator'::text, 'admin'::text])))
);

CREATE TABLE public.artifact (
    digest text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT artifact_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
    CONSTRAINT artifact_size_check CHECK ((size >= 0))
);

CREATE TABLE public.audit_chain (
    is_only boolean DEFAULT true NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_chain_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_chain_is_only_check CHECK (is_only)
);

CREATE TABLE public.audit_entry (
    sequence bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    reason text,
    detail json NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE public.endpoint (
    name text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    latest_revision integer NOT NULL,
    active_revision integer NOT NULL,
    applied_revision integer NOT NULL,
    waiting_revision integer,
    bucket_map jsonb NOT NULL,
    source text COLLATE pg_catalog."C",
    removed boolean DEFAULT false NOT NULL,
    CONSTRAINT endpoint_name_check CHECK ((name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT endpoint_revision_check CHECK ((((active_revision >= 1) AND (active_revision <= latest_revision)) AND ((applied_revision >= 1) AND (applied_revision <= latest_revision)) AND ((waiting_revision >= 1) AND (waiting_revision <= latest_revision)))),
    CONSTRAINT endpoint_source_check CHECK (((char_length(source) >= 1) AND (char_length(source) <= 1024)))
);

CREATE TABLE public.endpoint_host (
    host text NOT NULL COLLATE pg_catalog."C",
    endpoint text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.endpoint_revision (
    endpoint text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    release bigint NOT NULL,
    active boolean NOT NULL,
    restores integer,
    content jsonb NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    ranges jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    removed boolean DEFAULT false NOT NULL,
    CONSTRAINT endpoint_revision_content_check CHECK (((content ->> 'name'::text) = endpoint)),
    CONSTRAINT endpoint_revision_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT endpoint_revision_number_check CHECK ((number >= 1)),
    CONSTRAINT endpoint_revision_ranges_check CHECK (public.is_bucket_partition(ranges)),
    CONSTRAINT endpoint_revision_restores_check CHECK ((restores < number))
);

CREATE TABLE public.hold (
    id bigint NOT NULL,
    endpoint text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL,
    reason text,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    ended_at timestamp with time zone,
    ended_by text,
    ended_why text COLLATE pg_catalog."C",
    CONSTRAINT hold_ended_check CHECK ((((ended_at IS NULL) = (ended_by IS NULL)) AND ((ended_at IS NULL) = (ended_why IS NULL)))),
    CONSTRAINT hold_ended_why_check CHECK ((ended_why = ANY (ARRAY['resumed'::text, 'expired'::text, 'caught_up'::text, 'replaced'::text]))),
    CONSTRAINT hold_kind_check CHECK ((kind = ANY (ARRAY['promote'::text, 'rollback'::text])))
);

ALTER TABLE public.hold ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.idempotency_key (
    actor text NOT NULL,
    key text NOT NULL,
    request_digest text NOT NULL,
    response json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_key_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
);

CREATE TABLE public.lease (
    name text NOT NULL COLLATE pg_catalog."C",
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT lease_epoch_check CHECK ((epoch >= 1))
);

CREATE TABLE public.model (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    description text DEFAULT ''::text NOT NULL,
    version_counter integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT model_name_check CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 255)) AND (name !~ '[/:@]'::text))),
    CONSTRAINT model_version_counter_check CHECK ((version_counter >= 0))
);

CREATE TABLE public.model_alias (
    model_id bigint NOT NULL,
    alias text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    updated_by text NOT NULL,
    CONSTRAINT model_alias_alias_check CHECK (((alias ~ '^[A-Za-z0-9_-]{1,255}$'::text) AND (alias !~* '^(latest|v[0-9]+)$'::text)))
);

CREATE TABLE public.model_alias_history (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    alias text NOT NULL COLLATE pg_catalog."C",
    number integer,
    previous_number integer,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL,
    reason text
);

ALTER TABLE public.model_alias_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.model_alias_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.model ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.model_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.model_tag (
    model_id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL,
    CONSTRAINT model_tag_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 250))),
    CONSTRAINT model_tag_value_check CHECK ((char_length(value) <= 100000))
);

CREATE TABLE public.model_version (
    model_id bigint NOT NULL,
    number integer NOT NULL,
    source text NOT NULL,
    commit text,
    run_id text,
    run_link text,
    metrics jsonb DEFAULT '{}'::jsonb NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    deleted_by text,
    CONSTRAINT model_version_deleted_check CHECK (((deleted_at IS NULL) = (deleted_by IS NULL))),
    CONSTRAINT model_version_metrics_check CHECK ((jsonb_typeof(metrics) = 'object'::text)),
    CONSTRAINT model_version_number_check CHECK ((number >= 1))
);

CREATE TABLE public.model_version_tag (
    model_id bigint NOT NULL,
    number integer NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL,
    CONSTRAINT model_version_tag_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 250))),
    CONSTRAINT model_version_tag_value_check CHECK ((char_length(value) <= 100000))
);

CREATE TABLE public.proxy (
    id text NOT NULL COLLATE pg_catalog."C",
    incarnation text NOT NULL,
    address text NOT NULL,
    admin_address text NOT NULL,
    generation bigint NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    last_seen timestamp with time zone NOT NULL,
    unhealthy jsonb NOT NULL,
    refusal text,
    CONSTRAINT proxy_generation_check CHECK ((generation >= 0)),
    CONSTRAINT proxy_id_check CHECK (((char_length(id) >= 1) AND (char_length(id) <= 255))),
    CONSTRAINT proxy_refusal_check CHECK (((length(refusal) >= 1) AND (length(refusal) <= 1000))),
    CONSTRAINT proxy_unhealthy_check CHECK ((jsonb_typeof(unhealthy) = 'array'::text))
);

CREATE TABLE public.registry (
    is_only boolean DEFAULT true NOT NULL,
    id text DEFAULT (gen_random_uuid())::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT registry_is_only_check CHECK (is_only)
);

CREATE TABLE public.release (
    number bigint NOT NULL,
    origin text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL,
    reason text,
    commit text,
    source text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT release_number_check CHECK ((number >= 1)),
    CONSTRAINT release_origin_check CHECK ((origin = ANY (ARRAY['apply'::text, 'promote'::text, 'rollback'::text, 'resume'::text, 'hold_expiry'::text])))
);

CREATE TABLE public.release_counter (
    is_only boolean DEFAULT true NOT NULL,
    number bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT release_counter_is_only_check CHECK (is_only),
    CONSTRAINT release_counter_number_check CHECK ((number >= 0))
);

CREATE TABLE public.revision_variant (
    endpoint text NOT NULL COLLATE pg_catalog."C",
    revision integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    model_id bigint NOT NULL,
    version integer NOT NULL,
    traffic integer NOT NULL,
    CONSTRAINT revision_variant_traffic_check CHECK (((traffic >= 0) AND (traffic <= 10000)))
);

CREATE TABLE public.routing_table (
    generation bigint NOT NULL,
    epoch bigint NOT NULL,
    release bigint NOT NULL,
    body bytea,
    digest text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    delta bytea,
    CONSTRAINT routing_table_content_check CHECK (((body IS NOT NULL) OR (delta IS NOT NULL))),
    CONSTRAINT routing_table_digest_check CHECK ((digest ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT routing_table_generation_check CHECK ((generation >= 1))
);

CREATE TABLE public.version_artifact (
    model_id bigint NOT NULL,
    number integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT version_artifact_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 1024)))
);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.artifact
    ADD CONSTRAINT artifact_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY public.endpoint_host
    ADD CONSTRAINT endpoint_host_pkey PRIMARY KEY (host);

ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT endpoint_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.endpoint_revision
    ADD CONSTRAINT endpoint_revision_pkey PRIMARY KEY (endpoint, number);

ALTER TABLE ONLY public.endpoint_revision
    ADD CONSTRAINT endpoint_revision_release_key UNIQUE (release, endpoint);

ALTER TABLE ONLY public.endpoint_revision
    ADD CONSTRAINT endpoint_revision_removed_key UNIQUE (endpoint, number, removed);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (actor, key);

ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.model_alias_history
    ADD CONSTRAINT model_alias_history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.model_alias
    ADD CONSTRAINT model_alias_pkey PRIMARY KEY (model_id, alias);

ALTER TABLE ONLY public.model
    ADD CONSTRAINT model_name_key UNIQUE (name);

ALTER TABLE ONLY public.model
    ADD CONSTRAINT model_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.model_tag
    ADD CONSTRAINT model_tag_pkey PRIMARY KEY (model_id, key);

ALTER TABLE ONLY public.model_version
    ADD CONSTRAINT model_version_pkey PRIMARY KEY (model_id, number);

ALTER TABLE ONLY public.model_version_tag
    ADD CONSTRAINT model_version_tag_pkey PRIMARY KEY (model_id, number, key);

ALTER TABLE ONLY public.proxy
    ADD CONSTRAINT proxy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.registry
    ADD CONSTRAINT registry_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY public.release_counter
    ADD CONSTRAINT release_counter_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY public.release
    ADD CONSTRAINT release_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.revision_variant
    ADD CONSTRAINT revision_variant_pkey PRIMARY KEY (endpoint, revision, name);

ALTER TABLE ONLY public.routing_table
    ADD CONSTRAINT routing_table_pkey PRIMARY KEY (generation);

ALTER TABLE ONLY public.version_artifact
    ADD CONSTRAINT version_artifact_pkey PRIMARY KEY (model_id, number, name);

CREATE INDEX api_token_usable_index ON public.api_token USING btree (COALESCE(expires_at, 'infinity'::timestamp with time zone)) WHERE (revoked_at IS NULL);

CREATE INDEX audit_entry_subject_index ON public.audit_entry USING btree (subject, sequence);

CREATE INDEX endpoint_host_endpoint_index ON public.endpoint_host USING btree (endpoint);

CREATE INDEX endpoint_revision_created_at_index ON public.endpoint_revision USING btree (endpoint, created_at DESC) WHERE active;

CREATE INDEX endpoint_source_index ON public.endpoint USING btree (source, name) WHERE (NOT removed);

CREATE INDEX hold_endpoint_index ON public.hold USING btree (endpoint, id);

CREATE UNIQUE INDEX hold_open_key ON public.hold USING btree (endpoint) WHERE (ended_at IS NULL);

CREATE INDEX hold_until_index ON public.hold USING btree (until) WHERE (ended_at IS NULL);

CREATE INDEX idempotency_key_created_at_index ON public.idempotency_key USING btree (created_at);

CREATE INDEX model_alias_history_alias_index ON public.model_alias_history USING btree (model_id, alias, id);

CREATE INDEX model_alias_number_index ON public.model_alias USING btree (model_id, number);

CREATE INDEX proxy_last_seen_index ON public.proxy USING btree (last_seen);

CREATE INDEX revision_variant_version_index ON public.revision_variant USING btree (model_id, version);

CREATE INDEX version_artifact_digest_index ON public.version_artifact USING btree (digest);

CREATE TRIGGER artifact_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.artifact FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_chain_refuse_removal BEFORE DELETE OR TRUNCATE ON public.audit_chain FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_entry_chain BEFORE INSERT ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.chain_audit_entry();

CREATE TRIGGER audit_entry_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER endpoint_revision_number BEFORE INSERT ON public.endpoint_revision FOR EACH ROW EXECUTE FUNCTION public.check_revision_number();

CREATE TRIGGER endpoint_revision_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.endpoint_revision FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER hold_refuse_change BEFORE DELETE OR UPDATE ON public.hold FOR EACH ROW EXECUTE FUNCTION public.refuse_hold_change();

CREATE TRIGGER hold_refuse_truncate BEFORE TRUNCATE ON public.hold FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER lease_refuse_change BEFORE DELETE OR UPDATE ON public.lease FOR EACH ROW EXECUTE FUNCTION public.refuse_lease_change();

CREATE TRIGGER model_alias_history_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.model_alias_history FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER model_refuse_change BEFORE DELETE OR UPDATE ON public.model FOR EACH ROW EXECUTE FUNCTION public.refuse_model_change();

CREATE TRIGGER model_refuse_truncate BEFORE TRUNCATE ON public.model FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER model_version_refuse_change BEFORE DELETE OR UPDATE ON public.model_version FOR EACH ROW EXECUTE FUNCTION public.refuse_model_version_change();

CREATE TRIGGER model_version_refuse_truncate BEFORE TRUNCATE ON public.model_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER registry_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.registry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER release_counter_refuse_change BEFORE DELETE OR UPDATE ON public.release_counter FOR EACH ROW EXECUTE FUNCTION public.refuse_release_counter_change();

CREATE TRIGGER release_counter_refuse_truncate BEFORE TRUNCATE ON public.release_counter FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER release_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.release FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER revision_variant_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.revision_variant FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER routing_table_check BEFORE INSERT OR UPDATE ON public.routing_table FOR EACH ROW EXECUTE FUNCTION public.check_routing_table();

CREATE TRIGGER version_artifact_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.version_artifact FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT endpoint_active_revision_fkey FOREIGN KEY (name, active_revision, removed) REFERENCES public.endpoint_revision(endpoint, number, removed) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.endpoint_host
    ADD CONSTRAINT endpoint_host_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES public.endpoint(name);

ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT endpoint_name_applied_revision_fkey FOREIGN KEY (name, applied_revision) REFERENCES public.endpoint_revision(endpoint, number) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT endpoint_name_waiting_revision_fkey FOREIGN KEY (name, waiting_revision) REFERENCES public.endpoint_revision(endpoint, number) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.endpoint_revision
    ADD CONSTRAINT endpoint_revision_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES public.endpoint(name);

ALTER TABLE ONLY public.endpoint_revision
    ADD CONSTRAINT endpoint_revision_endpoint_restores_fkey FOREIGN KEY (endpoint, restores) REFERENCES public.endpoint_revision(endpoint, number);

ALTER TABLE ONLY public.endpoint_revision
    ADD CONSTRAINT endpoint_revision_release_fkey FOREIGN KEY (release) REFERENCES public.release(number);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES public.endpoint(name);

ALTER TABLE ONLY public.model_alias_history
    ADD CONSTRAINT model_alias_history_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.model(id);

ALTER TABLE ONLY public.model_alias_history
    ADD CONSTRAINT model_alias_history_model_id_number_fkey FOREIGN KEY (model_id, number) REFERENCES public.model_version(model_id, number);

ALTER TABLE ONLY public.model_alias_history
    ADD CONSTRAINT model_alias_history_model_id_previous_number_fkey FOREIGN KEY (model_id, previous_number) REFERENCES public.model_version(model_id, number);

ALTER TABLE ONLY public.model_alias
    ADD CONSTRAINT model_alias_model_id_number_fkey FOREIGN KEY (model_id, number) REFERENCES public.model_version(model_id, number);

ALTER TABLE ONLY public.model_tag
    ADD CONSTRAINT model_tag_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.model(id);

ALTER TABLE ONLY public.model_version
    ADD CONSTRAINT model_version_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.model(id);

ALTER TABLE ONLY public.model_version_tag
    ADD CONSTRAINT model_version_tag_model_id_number_fkey FOREIGN KEY (model_id, number) REFERENCES public.model_version(model_id, number);

ALTER TABLE ONLY public.revision_variant
    ADD CONSTRAINT revision_variant_endpoint_revision_fkey FOREIGN KEY (endpoint, revision) REFERENCES public.endpoint_revision(endpoint, number);

ALTER TABLE ONLY public.revision_variant
    ADD CONSTRAINT revision_variant_model_id_version_fkey FOREIGN KEY (model_id, version) REFERENCES public.model_version(model_id, number);

ALTER TABLE ONLY public.version_artifact
    ADD CONSTRAINT version_artifact_digest_fkey FOREIGN KEY (digest) REFERENCES public.artifact(digest);

ALTER TABLE ONLY public.version_artifact
    ADD CONSTRAINT version_artifact_model_id_number_fkey FOREIGN KEY (model_id, number) REFERENCES public.model_version(model_id, number);
