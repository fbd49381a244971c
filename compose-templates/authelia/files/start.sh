#!/bin/sh
# Starts Authelia. The file of people is made here at the first start, and is Authelia's own from then on: it writes new
# passwords into it. Only what the shell itself can do is used, because the image has little else.
set -eu
umask 077
people=/data/users_database.yml
if [ ! -s "$people" ]; then
  digest=
  IFS= read -r digest < /run/secrets/authelia-admin-digest || [ -n "$digest" ]
  text=
  while IFS= read -r line; do
    case $line in *'@digest@'*) line="${line%%@digest@*}${digest}${line#*@digest@}" ;; esac
    text="$text$line
"
  done < /config/first-users.yml
  # In one piece: a file that is half written would be taken for the real one.
  printf '%s' "$text" > "$people"
fi
exec authelia --config /config/configuration.yml
