// Certificates that Traefik could not get or renew, in words, long before the present one ends.
import { acmeOf, isDefaultCertificate } from '../../model/stack/acme.ts';
import { failureWords, isMended, latestFailure } from '../../model/stack/acme-log.ts';
import type { DoorAnswer } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';

function hostOf({ url }: DoorAnswer): string {
  return /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? url;
}

export const checkAcme = withStack((stack, { around: { doors, acmeFailures = [] } }) => {
  if (acmeOf(stack.answers.tls) === null) return [];
  const found = doors.flatMap((door): readonly Finding[] => {
    const { certificate } = door;
    const failure = latestFailure(acmeFailures, [hostOf(door)]);
    if (failure === null || certificate === null) return [];
    const isServed = !isDefaultCertificate(certificate);
    if (isServed && isMended(failure, certificate)) return [];
    const { key, message, next } = failureWords(failure, stack.answers.tls);
    const until = new Date(certificate.to).toISOString().slice(0, 10);
    return [
      {
        ...{ key, severity: isServed ? ('warning' as const) : ('error' as const) },
        subject: failure.domains[0] ?? hostOf(door),
        message: isServed ? `${message} The present one is served until ${until}.` : message,
        next,
        evidence: [
          `Traefik${failure.at === null ? '' : `, ${new Date(failure.at).toISOString()}`}: ${failure.said}`,
        ],
      },
    ];
  });
  // One certificate may be for many names.
  return found.filter(
    (one, index) =>
      found.findIndex(({ key, subject }) => key === one.key && subject === one.subject) === index,
  );
});
