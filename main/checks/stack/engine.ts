// The engine that is to run the stack.
import { isOlder } from '../../model/engine.ts';
import type { StackCheck } from './check.ts';

/** With 25 came health checks that look often only at the start. https://docs.docker.com/engine/release-notes/25.0/ */
const recommended = '25.0';

export const checkStackEngine: StackCheck = ({ facts: { engine }, machine, stack }) => {
  const subject = machine.host.name;
  if (stack === null) return [];
  if (engine === null)
    return [
      {
        ...{ key: 'stack.engine-missing', severity: 'error', subject },
        message: `The stack needs a container engine, and none answers${machine.reasons['engine'] === undefined ? '' : `: ${machine.reasons['engine']}`}.`,
        next: 'Install Docker or Podman, or start it; autogit engine list shows what was tried.',
        evidence: ['Container engine: none answers'],
      },
    ];
  const name = `${engine.kind === 'docker' ? 'Docker' : 'Podman'} ${engine.version}`;
  if (engine.socket === null)
    return [
      {
        ...{ key: 'stack.engine-elsewhere', severity: 'error', subject },
        message: `${name} is not on this machine, or has no socket here: the stack's files and data lie here, and its containers could not see them.`,
        next: 'Run AutoGit on the machine of the engine, or use the engine of this one: autogit engine list',
        evidence: [`${name}: no socket on this machine`],
      },
    ];
  if (engine.kind !== 'docker' || !isOlder(engine.version, recommended)) return [];
  return [
    {
      ...{ key: 'stack.engine-old', severity: 'info', subject },
      message: `${name} works; from Docker ${recommended} on, services are seen to be healthy sooner after their start.`,
      next: 'Update it when that suits you: https://docs.docker.com/engine/install/',
      evidence: [`${name}, API ${engine.apiVersion}`],
    },
  ];
};
