// Pages that Traefik answers itself, because it knows nobody for them or does not reach them.
import type { DoorAnswer } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { isUp, withStack } from './check.ts';

/** Traefik's own words, which nobody else has without anything around them. */
const nobody = /^404 page not found\s*$/;

type Words = Pick<Finding, 'key' | 'severity' | 'message' | 'next'>;

function wordsFor({ url, status, body }: DoorAnswer): Words | null {
  if (status === null)
    return {
      ...{ key: 'stack.no-answer', severity: 'error' },
      message: `Nothing answers at ${url}, though the stack is up.`,
      next: 'See how Traefik does: autogit stack status, autogit stack logs traefik',
    };
  if (status === 404 && nobody.test(body))
    return {
      ...{ key: 'stack.not-routed', severity: 'warning' },
      message: `Traefik knows nobody for ${url} (404). It leaves out containers that are starting or unhealthy, so that this is normal for some minutes after a start.`,
      next: 'See whether the service is healthy: autogit stack status. If it is, autogit stack logs traefik says what Traefik does not like.',
    };
  if (status === 502 || status === 503 || status === 504)
    return {
      ...{ key: 'stack.not-reached', severity: 'warning' },
      message: `Traefik does not reach the service behind ${url} (${status}): it is not ready yet, or listens on another port or network.`,
      next: 'See how it does: autogit stack status, autogit stack logs. To start it anew: autogit stack restart',
    };
  return null;
}

export const checkRouting = withStack((_, subject) =>
  isUp(subject)
    ? subject.around.doors.flatMap((door) => {
        const words = wordsFor(door);
        const { url, status } = door;
        return words === null
          ? []
          : [{ ...words, subject: url, evidence: [`${url}: ${status ?? 'no answer'}`] }];
      })
    : [],
);
