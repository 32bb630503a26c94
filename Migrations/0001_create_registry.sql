-- The registry's nouns. Names that sort are COLLATE "C": pages then follow the bytes, whatever the server's locale.

-- For tables that are history: nothing in them is ever changed or removed.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'TO001';
END
$$;

CREATE TABLE model (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    description text NOT NULL DEFAULT '',
    -- The number of the newest version ever. A deleted model keeps its row, so that no number comes twice.
    version_counter integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT model_name_key UNIQUE (name),
    CONSTRAINT model_name_check CHECK (char_length(name) BETWEEN 1 AND 255 AND name !~ '[/:@]'),
    CONSTRAINT model_version_counter_check CHECK (version_counter >= 0)
);

CREATE FUNCTION refuse_model_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR NEW.id <> OLD.id OR NEW.version_counter NOT IN (OLD.version_counter, OLD.version_counter + 1)
    THEN
        RAISE EXCEPTION '% of model is refused: rows stay and version numbers only grow', TG_OP USING ERRCODE = 'TO001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER model_refuse_change BEFORE UPDATE OR DELETE ON model
    FOR EACH ROW EXECUTE FUNCTION refuse_model_change();
CREATE TRIGGER model_refuse_truncate BEFORE TRUNCATE ON model
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE model_tag (
    model_id bigint NOT NULL REFERENCES model (id),
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (model_id, key),
    CONSTRAINT model_tag_key_check CHECK (char_length(key) BETWEEN 1 AND 250),
    CONSTRAINT model_tag_value_check CHECK (char_length(value) <= 100000)
);

CREATE TABLE model_version (
    model_id bigint NOT NULL REFERENCES model (id),
    number integer NOT NULL,
    source text NOT NULL,
    commit text,
    run_id text,
    run_link text,
    metrics jsonb NOT NULL DEFAULT '{}',
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    deleted_by text,
    PRIMARY KEY (model_id, number),
    CONSTRAINT model_version_number_check CHECK (number >= 1),
    CONSTRAINT model_version_metrics_check CHECK (jsonb_typeof(metrics) = 'object'),
    CONSTRAINT model_version_deleted_check CHECK ((deleted_at IS NULL) = (deleted_by IS NULL))
);

-- A version may get another description and, once, a tombstone; what it is stays what it was.
CREATE FUNCTION refuse_model_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER model_version_refuse_change BEFORE UPDATE OR DELETE ON model_version
    FOR EACH ROW EXECUTE FUNCTION refuse_model_version_change();
CREATE TRIGGER model_version_refuse_truncate BEFORE TRUNCATE ON model_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE model_version_tag (
    model_id bigint NOT NULL,
    number integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (model_id, number, key),
    FOREIGN KEY (model_id, number) REFERENCES model_version (model_id, number),
    CONSTRAINT model_version_tag_key_check CHECK (char_length(key) BETWEEN 1 AND 250),
    CONSTRAINT model_version_tag_value_check CHECK (char_length(value) <= 100000)
);

CREATE TABLE artifact (
    digest text COLLATE "C" PRIMARY KEY,
    size bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT artifact_digest_check CHECK (digest ~ '^sha256:[0-9a-f]{64}$'),
    CONSTRAINT artifact_size_check CHECK (size >= 0)
);
CREATE TRIGGER artifact_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON artifact
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE version_artifact (
    model_id bigint NOT NULL,
    number integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL REFERENCES artifact (digest),
    PRIMARY KEY (model_id, number, name),
    FOREIGN KEY (model_id, number) REFERENCES model_version (model_id, number),
    CONSTRAINT version_artifact_name_check CHECK (char_length(name) BETWEEN 1 AND 1024)
);
CREATE INDEX version_artifact_digest_index ON version_artifact (digest);
CREATE TRIGGER version_artifact_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON version_artifact
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE model_alias (
    model_id bigint NOT NULL,
    alias text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (model_id, alias),
    FOREIGN KEY (model_id, number) REFERENCES model_version (model_id, number),
    CONSTRAINT model_alias_alias_check
        CHECK (alias ~ '^[A-Za-z0-9_-]{1,255}$' AND alias !~* '^(latest|v[0-9]+)$')
);
CREATE INDEX model_alias_number_index ON model_alias (model_id, number);

CREATE TABLE model_alias_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id bigint NOT NULL REFERENCES model (id),
    alias text COLLATE "C" NOT NULL,
    -- NULL: the alias was deleted.
    number integer,
    -- NULL: there was no such alias before.
    previous_number integer,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    reason text,
    FOREIGN KEY (model_id, number) REFERENCES model_version (model_id, number),
    FOREIGN KEY (model_id, previous_number) REFERENCES model_version (model_id, number)
);
CREATE INDEX model_alias_history_alias_index ON model_alias_history (model_id, alias, id);
CREATE TRIGGER model_alias_history_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON model_alias_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The end of the audit chain: one row. Whoever writes an audit entry first locks this table.
CREATE TABLE audit_chain (
    is_only boolean PRIMARY KEY DEFAULT true,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_chain_is_only_check CHECK (is_only),
    CONSTRAINT audit_chain_hash_check CHECK (octet_length(hash) = 32)
);
INSERT INTO audit_chain (sequence, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE TABLE audit_entry (
    -- 1, 2, 3, … without holes.
    sequence bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    reason text,
    -- json, not jsonb: the hash is over the text as it was written.
    detail json NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_entry_subject_index ON audit_entry (subject, sequence);

-- Sequence and hashes are given here and nowhere else, so that no writer can leave the chain.
-- hash = SHA-256(previous hash, then each field as "<octets>:<text>", an absent one as "-").
CREATE FUNCTION chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER audit_entry_chain BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();
CREATE TRIGGER audit_entry_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chain_refuse_removal BEFORE DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE api_token (
    -- The public part of the token, for lists and for `revoke`.
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    CONSTRAINT api_token_id_check CHECK (id ~ '^[0-9a-f]{12}$'),
    CONSTRAINT api_token_name_check CHECK (char_length(name) BETWEEN 1 AND 255),
    CONSTRAINT api_token_role_check CHECK (role IN ('viewer', 'operator', 'admin')),
    CONSTRAINT api_token_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT api_token_revoked_check CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);

-- Whether anyone could authenticate just now.
CREATE INDEX api_token_usable_index ON api_token (coalesce(expires_at, 'infinity')) WHERE revoked_at IS NULL;

-- What a caller's earlier request with the same key was answered, so that sending it again has no second effect.
CREATE TABLE idempotency_key (
    actor text NOT NULL,
    key text NOT NULL,
    request_digest text NOT NULL,
    response json NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key),
    CONSTRAINT idempotency_key_key_check CHECK (char_length(key) BETWEEN 1 AND 255)
);
CREATE INDEX idempotency_key_created_at_index ON idempotency_key (created_at);
