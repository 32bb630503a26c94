-- A proxy reports the backends that get no requests, not every backend of every endpoint every few seconds: what it
-- serves and does not name is healthy.
ALTER TABLE proxy
    DROP COLUMN health,
    ADD COLUMN unhealthy jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT proxy_unhealthy_check CHECK (jsonb_typeof(unhealthy) = 'array');
ALTER TABLE proxy ALTER COLUMN unhealthy DROP DEFAULT;
