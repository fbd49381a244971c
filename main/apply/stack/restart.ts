// Restarts services of a stack that stands; nothing of it changes.
import { stackError } from './context.ts';
import type { ApplyStep } from './context.ts';

/** Rejects with `stack.no-such-service` and the errors of Compose. */
export const restartServices: ApplyStep = async (context) => {
  const { run, compose, project, stack, signal } = context;
  const { services } = run.wish;
  const there = new Set((await compose.containers(project)).map(({ service }) => service));
  const unknown = services.find((service) => !there.has(service));
  if (unknown !== undefined || there.size === 0)
    throw stackError(
      'stack.no-such-service',
      unknown === undefined
        ? `Nothing of lab "${stack.lab}" is there to be restarted.`
        : `Lab "${stack.lab}" has no service ${unknown} that is there; it has ${[...there].join(', ')}.`,
      'See what there is: autogit stack status. Bring up what is missing: autogit stack up',
    );
  context.tell({ message: `Restarting ${services.length === 0 ? 'all services' : services.join(', ')}` });
  await compose.restart(project, services, signal);
};
