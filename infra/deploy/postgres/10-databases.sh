#!/bin/bash
# A database and a role for each service, at the first start of the server. No role may enter another's
# database: a join across services cannot be written, and a leaked password opens one service only.
set -euo pipefail
for service in accounts catalog orders payments; do
    variable="${service^^}_DATABASE_PASSWORD"
    # The image's psql connects by the socket; passwords come as variables, quoted by psql.
    psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set service="$service" --set password="${!variable:?}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
