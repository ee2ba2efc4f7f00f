#!/bin/sh
# Creates Temporal's two databases and brings their schemas up to this server's version. Run again, it changes nothing.
set -eu

for database in temporal temporal_visibility; do
  case $database in
    temporal) schema=temporal ;;
    *) schema=visibility ;;
  esac
  temporal-sql-tool --db "$database" create
  # Version 0.0 only makes the table of versions, and fails where it is there already.
  temporal-sql-tool --db "$database" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
