#!/bin/sh
# After the desktop's package was unpacked: names for its two programs, and Chromium's sandbox where the kernel has none.
set -e

app=/opt/AutoGit
ln -sf "$app/autogit-desktop" /usr/bin/autogit-desktop
ln -sf "$app/resources/autogit/bin/autogit" /usr/bin/autogit

# Where ordinary programs may make no user namespaces, Chromium uses this helper, which has to run as root.
chown root:root "$app/chrome-sandbox"
chmod 4755 "$app/chrome-sandbox"

# A core that a person serves by systemd goes on with the new program. Runners go on by themselves meanwhile.
if [ -d /run/systemd/system ]; then
  for bus in /run/user/*/systemd/private; do
    [ -S "$bus" ] || continue
    user=${bus#/run/user/}
    user=${user%%/*}
    systemctl --user --machine="$user@.host" daemon-reload > /dev/null 2>&1 || true
    systemctl --user --machine="$user@.host" try-restart autogit.service > /dev/null 2>&1 || true
  done
fi
exit 0
