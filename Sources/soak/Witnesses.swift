import Postgres

/// Triggers in the run's own database that keep what the product overwrites or throws away: every table ever published,
/// every holder of the lease, every step of a proxy.
enum Witnesses {
    static let sql = """
        CREATE SCHEMA soak;

        CREATE TABLE soak.publication (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, generation bigint, epoch bigint, release bigint,
            lease_epoch bigint, digest text, body bytea, delta bytea);
        CREATE FUNCTION soak.note_publication() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO soak.publication (generation, epoch, release, lease_epoch, digest, body, delta)
            SELECT NEW.generation, NEW.epoch, NEW.release, l.epoch, NEW.digest,
                CASE WHEN TG_OP = 'INSERT' THEN NEW.body END, CASE WHEN TG_OP = 'INSERT' THEN NEW.delta END
            FROM public.lease l WHERE l.name = 'reconciler';
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER soak_publication AFTER INSERT OR UPDATE ON public.routing_table
            FOR EACH ROW EXECUTE FUNCTION soak.note_publication();

        CREATE TABLE soak.lease_grant (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, epoch bigint, holder text);
        CREATE FUNCTION soak.note_grant() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' OR (NEW.epoch, NEW.holder) IS DISTINCT FROM (OLD.epoch, OLD.holder) THEN
                INSERT INTO soak.lease_grant (epoch, holder) VALUES (NEW.epoch, NEW.holder);
            END IF;
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER soak_grant AFTER INSERT OR UPDATE ON public.lease
            FOR EACH ROW EXECUTE FUNCTION soak.note_grant();

        CREATE TABLE soak.proxy_step (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, proxy text, incarnation text, generation bigint,
            digest text);
        CREATE FUNCTION soak.note_step() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO soak.proxy_step (proxy, incarnation, generation, digest)
            VALUES (NEW.id, NEW.incarnation, NEW.generation, NEW.digest);
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER soak_step AFTER INSERT OR UPDATE ON public.proxy
            FOR EACH ROW EXECUTE FUNCTION soak.note_step();
        """

    static func install(_ pool: PostgresPool) async throws {
        try await pool.withConnection { try await $0.script(sql) }
    }
}
