// Executor `container`: the official runner starts jobs as another user than its own, who cannot read its token.
import type { ContainerFile } from '../ports.ts';

const folder = '/usr/local/lib/autogit';

/** The program of a container whose runner would run jobs as root; it becomes the runner. */
export const startProgram = `${folder}/start`;

/** Names the groups of the machine that may open the container's graphics cards, for the user of the jobs as well. */
export const groupsVariable = 'AUTOGIT_GPU_GROUPS';

/**
 * `run-single` knows no user for its jobs, but it starts their shell by its name: the one that it finds first changes
 * the user and then becomes the real one. That the image has a way to do so is tried before any job is asked for.
 * https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v19.4.0/commands/single.go
 */
const startText = `#!/bin/sh
set -eu
name= id=1000 group=1000 home=/builds
while IFS=: read -r entry _ number of _ place _; do
  case $entry in
    gitlab-runner | job)
      if test "$number" -gt 0; then
        name=$entry id=$number group=$of home=$place
        break
      fi ;;
  esac
done < /etc/passwd
mkdir -p /builds /cache
chown "$id:$group" /builds /cache
test -d "$home" || home=/builds
case \${${groupsVariable}:-} in
  '') groups=--clear-groups ;;
  *)
    groups="--groups $${groupsVariable}"
    for number in $(echo "$${groupsVariable}" | tr , ' '); do
      test -z "$name" || echo "gpu-$number:x:$number:$name" >> /etc/group
    done ;;
esac
if setpriv --reuid "$id" --regid "$group" $groups true 2> /dev/null; then
  become="setpriv --reuid $id --regid $group $groups bash \\"\\$@\\""
elif test -n "$name" && su -m -s /bin/sh -c true "$name" 2> /dev/null; then
  become="su -m -s /bin/sh -c \\"exec bash \\$*\\" $name"
else
  echo 'FATAL: this image has neither setpriv nor su, so that jobs would run as the user who knows the token of the runner. Use an image with one of them, or executor image.' >&2
  exit 1
fi
cat > ${folder}/bash << END
#!/bin/sh
PATH=\\\${PATH#${folder}:} HOME=$home USER=\${name:-job} LOGNAME=\${name:-job}
export PATH HOME USER LOGNAME
exec $become
END
chmod 755 ${folder}/bash
PATH=${folder}:$PATH
export PATH
exec gitlab-runner "$@"
`;

/** Readable by all, changed by root alone. */
export const jobUserFiles: readonly ContainerFile[] = [
  { path: startProgram, content: startText, mode: 0o755 },
];

/** Ways of the runner to run a job within its own process, and with that as its own user; jobs could ask for them. */
export const closedWays = { FF_CONCRETE: false, FF_SCRIPT_TO_STEP_MIGRATION: false } as const;

/** The sandbox's own runner changes the user by itself. */
export function startsAsRoot(image: string): boolean {
  return !/^autogit-sandbox:[0-9a-f]{16}$/.test(image);
}
