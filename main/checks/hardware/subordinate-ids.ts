// Ids that the containers of an engine without root need besides its user's own.
import { rootlessEngine } from './check.ts';
import type { HardwareCheck } from './check.ts';

/** What an image expects: https://docs.docker.com/engine/security/rootless/#prerequisites */
const needed = 65_536;

export const checkSubordinateIds: HardwareCheck = ({ machine }) => {
  const { user, subordinateUids, subordinateGids, idMapPrograms } = machine.rootless;
  const lacks = [subordinateUids, subordinateGids].some((count) => count !== null && count < needed);
  if (rootlessEngine(machine) === null || (!lacks && idMapPrograms !== false)) return [];
  const name = user ?? '$USER';
  return [
    {
      key: 'host.subordinate-ids-missing',
      severity: 'warning',
      subject: name,
      message:
        'The engine without root has too few ids for the users inside of containers: images that need them cannot be unpacked.',
      next: lacks
        ? `Give it some with: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${name}, then restart the engine.`
        : 'Install newuidmap and newgidmap: they are in the package uidmap of Debian and Ubuntu, and in shadow-utils elsewhere.',
      evidence: [
        `Subordinate users: ${subordinateUids ?? 'not known'} of ${needed}`,
        `Subordinate groups: ${subordinateGids ?? 'not known'} of ${needed}`,
        `newuidmap and newgidmap: ${idMapPrograms === false ? 'missing' : 'there'}`,
      ],
    },
  ];
};
