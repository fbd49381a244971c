#!/bin/sh
# Starts Redis, or asks it whether it answers (`ask`), with its password in no command line.
set -eu
umask 077
password=
IFS= read -r password < /run/secrets/authelia-redis-password || [ -n "$password" ]
if [ "${1:-}" = ask ]; then
  [ "$(REDISCLI_AUTH="$password" redis-cli ping)" = PONG ]
  exit
fi
printf 'requirepass "%s"\n' "$password" > /tmp/password.conf
exec redis-server /config/redis.conf
