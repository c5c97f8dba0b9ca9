#!/bin/sh
# What PostgreSQL's image runs once, when it has made its own tables. The account that it makes itself may do everything, and
# no rule about whose rows are whose holds it; Sandwich gets an ordinary one.
psql --username postgres --set ON_ERROR_STOP=1 <<'END'
\set password `cat /run/secrets/database-password`
CREATE ROLE sandwich LOGIN PASSWORD :'password';
CREATE DATABASE sandwich OWNER sandwich;
END
