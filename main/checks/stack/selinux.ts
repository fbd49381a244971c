// SELinux, which keeps containers away from folders that are not labelled for them.
import { withStack } from './check.ts';

/** https://docs.docker.com/engine/storage/bind-mounts/#configure-the-selinux-label */
export const checkSelinux = withStack((stack, { around: { selinux } }) =>
  selinux !== true
    ? []
    : [
        {
          key: 'stack.selinux',
          severity: 'info',
          subject: stack.data,
          message:
            'SELinux is enforced here: containers get "permission denied" in folders that are not labelled for them.',
          next: `If services say so in their logs: sudo semanage fcontext -a -t container_file_t '${stack.data}(/.*)?' && sudo restorecon -R ${stack.data}`,
          evidence: ['/sys/fs/selinux/enforce: 1'],
        },
      ],
);
