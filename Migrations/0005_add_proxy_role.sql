-- Proxies have a role of their own: a token that only reads must not be able to speak for one.
ALTER TABLE api_token
    DROP CONSTRAINT api_token_role_check,
    ADD CONSTRAINT api_token_role_check CHECK (role IN ('proxy', 'viewer', 'operator', 'admin'));
