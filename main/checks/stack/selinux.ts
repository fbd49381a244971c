// SELinux, which keeps containers away from files that are not labelled for them, and a stack that was rendered without labels.
import { withStack } from './check.ts';

/** What stands in compose.yaml where files are labelled. https://docs.docker.com/engine/storage/bind-mounts/#configure-the-selinux-label */
const label = 'selinux: z';

/** The engine's own word counts: Docker confines containers only where it is told to, whatever the system does. */
export const checkSelinux = withStack((stack, { facts, around, present }) => {
  const compose = present?.files?.find(({ path }) => path === 'compose.yaml')?.content;
  if (facts.engine?.selinux !== true || around.selinux === false) return [];
  if (compose === undefined || compose.includes(label)) return [];
  return [
    {
      key: 'stack.selinux',
      severity: 'warning',
      subject: stack.data,
      message:
        'The engine confines containers with SELinux, and the stack was started without labels on its files: services get "permission denied".',
      next: 'Bring the stack up again, which labels them: autogit stack up',
      evidence: [
        `Engine: ${facts.engine.kind}, with SELinux`,
        `compose.yaml: no ${label}`,
        ...(around.selinux === true ? ['/sys/fs/selinux/enforce: 1'] : []),
      ],
    },
  ];
});
