// The Compose plugin, which brings the stack up.
import { isOlder } from '../../model/engine.ts';
import type { StackCheck } from './check.ts';

/** What AutoGit works with, and what it is tried with most. */
const floor = '2.24';
const recommended = '2.29';
const where = 'https://docs.docker.com/compose/install/linux/';

export const checkStackCompose: StackCheck = ({ facts: { compose }, machine: { host }, stack, around }) => {
  if (stack === null) return [];
  const subject = host.name;
  if (compose === null)
    return [
      {
        ...{ key: 'compose.missing', severity: 'error', subject },
        message: `Compose, which brings the stack up, is not installed${around.oldCompose === null ? '' : `: the old docker-compose ${around.oldCompose} cannot do it`}.`,
        next: `Install the plugin (package docker-compose-plugin, or docker-compose-v2 on Ubuntu): ${where}`,
        evidence: ['Compose: not found'],
      },
    ];
  if (!isOlder(compose.version, recommended)) return [];
  const isTooOld = isOlder(compose.version, floor);
  return [
    {
      ...{ key: 'compose.old', severity: isTooOld ? 'error' : 'info', subject },
      message: isTooOld
        ? `Compose ${compose.version} is too old to bring the stack up.`
        : `Compose ${compose.version} works; ${recommended} or newer is recommended.`,
      next: `Install version ${recommended} or newer: ${where}`,
      evidence: [`Compose: ${compose.version}`],
    },
  ];
};
