#!/bin/sh
# The tables of Temporal's two databases, made or brought up to the version of this image. Run before every start of the
# server: tables that are up to date stay as they are. Where to and as whom: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER,
# SQL_PASSWORD, which temporal-sql-tool reads by itself.
set -eu

for database in temporal temporal_visibility; do
    tables=/etc/temporal/schema/postgresql/v12/${database#temporal_}/versioned
    temporal-sql-tool --database "$database" setup-schema --version 0.0
    temporal-sql-tool --database "$database" update-schema --schema-dir "$tables"
done
