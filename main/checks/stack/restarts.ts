// Containers that start, end and start again, while everything looks as if it ran.
import { mostRestarts } from '../../model/stack/restarts.ts';
import { withStack } from './check.ts';

export const checkRestarts = withStack((_, { around: { restartsInHour }, present }) =>
  (present?.containers ?? []).flatMap(({ name, service, exitCode, restarts }) => {
    const often = restartsInHour[name] ?? 0;
    if (often <= mostRestarts) return [];
    return [
      {
        key: 'stack.restart-storm',
        severity: 'error' as const,
        subject: service,
        message: `The container ${name} was started again ${often} times within an hour: it ends again and again, and the engine starts it.`,
        next: `Its log says why: autogit stack logs ${service}`,
        evidence: [
          `Restarts within the hour: ${often}`,
          `Restarts since it was made: ${restarts ?? 'not known'}`,
          ...(exitCode === null ? [] : [`Ended with ${exitCode}`]),
        ],
      },
    ];
  }),
);
