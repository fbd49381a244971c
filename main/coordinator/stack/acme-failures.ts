// What Traefik has said of certificates that it does not get, for whoever shows or renews them.
import { acmeFailures, failureWords, isMended, latestFailure } from '../../model/stack/acme-log.ts';
import type { AcmeFailure } from '../../model/stack/acme-log.ts';
import { acmeOf, isDefaultCertificate } from '../../model/stack/acme.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { ServedCertificate } from '../../model/stack/surroundings.ts';
import type { StackLookParts } from './look-parts.ts';

export const traefik = 'traefik';

/** Newest last; `[]` where nobody could ask, and where no certificate comes by ACME. Never rejects. */
export async function failuresOf(
  { lab, tls }: Pick<StackAnswers, 'lab' | 'tls'>,
  { logOf }: Pick<StackLookParts, 'logOf'>,
): Promise<readonly AcmeFailure[]> {
  if (acmeOf(tls) === null) return [];
  try {
    return acmeFailures((await logOf?.(lab, traefik)) ?? '');
  } catch {
    return [];
  }
}

/** The certificate that Traefik makes for want of any has no names: it stands for all of them. */
function namesOf(certificate: ServedCertificate, all: readonly string[]): readonly string[] {
  return isDefaultCertificate(certificate) ? all : certificate.names;
}

/** The last failure about this certificate that nothing has mended since; `null`: none. `all`: names of the stack. */
export function failureOf(
  certificate: ServedCertificate,
  failures: readonly AcmeFailure[],
  { tls, all }: { readonly tls: StackAnswers['tls']; readonly all: readonly string[] },
): { readonly at: number | null; readonly message: string; readonly next: string } | null {
  const failure = latestFailure(failures, namesOf(certificate, all));
  if (failure === null) return null;
  if (!isDefaultCertificate(certificate) && isMended(failure, certificate)) return null;
  const { message, next } = failureWords(failure, tls);
  return { at: failure.at, message, next };
}
