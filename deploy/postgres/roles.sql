-- Two roles and three databases, each role owner of its own and allowed nowhere else. Run by `psql` as superuser, at
-- every start: what is there stays, and a changed password takes effect.
--
-- The passwords come from the environment (\getenv), so that no process list shows them; without one, nothing runs.

\getenv temporal_password TEMPORAL_DATABASE_PASSWORD
\getenv tuntas_password DATABASE_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['temporal', 'tuntas']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE temporal WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'temporal_password';
ALTER ROLE tuntas WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'tuntas_password';

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
FROM (VALUES ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('tuntas', 'tuntas')) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

-- An owner keeps its rights; everybody else had CONNECT and TEMPORARY until here.
REVOKE ALL ON DATABASE postgres, temporal, temporal_visibility, tuntas FROM PUBLIC;
