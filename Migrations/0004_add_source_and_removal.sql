-- Where an endpoint's files come from, endpoints that git no longer has, and what tells one registry from another.

-- One row. A plan that was made by one registry is refused by every other.
CREATE TABLE registry (
    is_only boolean PRIMARY KEY DEFAULT true,
    id text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
    CONSTRAINT registry_is_only_check CHECK (is_only)
);
INSERT INTO registry DEFAULT VALUES;
CREATE TRIGGER registry_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON registry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A removed endpoint keeps its history; its last revision says that it is gone, with the content that it had.
ALTER TABLE endpoint_revision
    ADD COLUMN removed boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT endpoint_revision_removed_key UNIQUE (endpoint, number, removed);
ALTER TABLE endpoint
    -- The repository and directory whose files declare it; NULL while none of them said so.
    ADD COLUMN source text COLLATE "C",
    -- Whether what is live is that it is gone.
    ADD COLUMN removed boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT endpoint_source_check CHECK (char_length(source) BETWEEN 1 AND 1024),
    DROP CONSTRAINT endpoint_name_active_revision_fkey,
    ADD CONSTRAINT endpoint_active_revision_fkey FOREIGN KEY (name, active_revision, removed)
        REFERENCES endpoint_revision (endpoint, number, removed) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX endpoint_source_index ON endpoint (source, name) WHERE NOT removed;
