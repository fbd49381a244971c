// The old Compose in Python: a stack touched with it breaks on newer engines.
import type { StackCheck } from './check.ts';

/** https://github.com/docker/compose/issues/11742 */
export const checkComposeV1: StackCheck = ({ around: { oldCompose }, machine: { host } }) =>
  oldCompose === null
    ? []
    : [
        {
          key: 'compose.v1',
          severity: 'info',
          subject: host.name,
          message: `docker-compose ${oldCompose}, which ended in 2023, is installed. AutoGit does not use it; who runs it in the stack's folder gets KeyError: 'ContainerConfig', or containers made anew.`,
          next: 'Write `docker compose` with a space, and remove the old one: sudo apt-get remove docker-compose, or pip uninstall docker-compose.',
          evidence: [`docker-compose: ${oldCompose}`],
        },
      ];
