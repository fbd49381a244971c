#!/bin/sh
# After the desktop's package was removed: its names go, unless they are another package's by now. Homes are left alone.
set -e

case "${1:-remove}" in
  # Debian: an upgrade, and what fails in one. RPM: another version stays.
  upgrade | failed-upgrade | abort-install | abort-upgrade | disappear | 1) exit 0 ;;
esac
drop() {
  if [ "$(readlink "$1" || true)" = "$2" ]; then rm -f "$1"; fi
}
drop /usr/bin/autogit-desktop /opt/AutoGit/autogit-desktop
drop /usr/bin/autogit /opt/AutoGit/resources/autogit/bin/autogit
exit 0
