-- A proxy that can't serve the newest routing table says why: too many backends for it, or a form of a later version.
ALTER TABLE proxy
    ADD COLUMN refusal text,
    ADD CONSTRAINT proxy_refusal_check CHECK (length(refusal) BETWEEN 1 AND 1000);
