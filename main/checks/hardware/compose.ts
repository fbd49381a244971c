// Compose, which brings up stacks; runners and the sandbox do without it.
import { isOlder } from '../../model/engine.ts';
import type { HardwareCheck } from './check.ts';

const floor = '2.24';

export const checkCompose: HardwareCheck = ({ machine: { host, engine } }) => {
  const compose = engine?.isHere === true ? engine.compose : null;
  if (compose === null || compose.found === null) return [];
  const isOld = compose.version !== null && isOlder(compose.version, floor);
  if (compose.found && !isOld) return [];
  return [
    {
      key: compose.found ? 'host.compose-old' : 'host.compose-missing',
      severity: 'info',
      subject: host.name,
      message: compose.found
        ? `Compose ${compose.version ?? ''} is too old to bring up stacks. Runners and the sandbox do not need it.`
        : 'Compose is not installed: it brings up stacks. Runners and the sandbox do not need it.',
      next: `Install the plugin in version ${floor} or newer: https://docs.docker.com/compose/install/linux/`,
      evidence: [
        `Compose: ${compose.found ? (compose.version ?? 'of a version that is not known') : 'not found'}`,
      ],
    },
  ];
};
