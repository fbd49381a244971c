// Certificates that Traefik asks for by itself: how far AutoGit may trust that it works, and what has been tried of it.
import type { Tls } from './answers.ts';
import type { ServedCertificate } from './surroundings.ts';

export type AcmeTls = Extract<Tls, { readonly mode: 'acme-dns' | 'acme-http' }>;

/** https://letsencrypt.org/docs/acme-protocol-updates/ */
export const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';
/** Its place for trying out, whose certificates nobody trusts. https://letsencrypt.org/docs/staging-environment/ */
export const letsEncryptStaging = 'https://acme-staging-v02.api.letsencrypt.org/directory';

/** `null`: certificates come from elsewhere. */
export function acmeOf(tls: Tls): AcmeTls | null {
  return tls.mode === 'acme-dns' || tls.mode === 'acme-http' ? tls : null;
}

/** The way on which certificates come: what was tried once on it need not be tried again. */
export function acmeWay(tls: AcmeTls, domain: string): string {
  return [tls.mode, tls.mode === 'acme-dns' ? tls.provider : 'port-80', domain].join(' ');
}

/**
 * Whether the staging authority is to be asked first: the real one counts what fails, and locks out for an hour or a week.
 * An authority of a person's own counts nothing. `proven`: the ways that have worked.
 */
export function needsTrial(tls: Tls, domain: string, proven: readonly string[]): boolean {
  const acme = acmeOf(tls);
  return acme !== null && acme.server === null && !acme.staging && !proven.includes(acmeWay(acme, domain));
}

/** Whom Traefik asks, and the file in which it keeps what it gets: one for each, since it never asks again for what it has. */
export function authorityOf(
  { server, staging }: Pick<AcmeTls, 'server' | 'staging'>,
  isTrial: boolean,
): { readonly url: string; readonly storage: string } {
  if (server !== null) return { url: server, storage: `acme-${wordOf(server)}.json` };
  return staging || isTrial
    ? { url: letsEncryptStaging, storage: 'acme-staging.json' }
    : { url: letsEncrypt, storage: 'acme.json' };
}

function wordOf(url: string): string {
  return url
    .replace(/^https:\/\//, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 100);
}

/** One time that the real authority was asked. */
export interface AcmeTry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** By which it is counted: the names of the certificate, in order. */
  readonly names: string;
  readonly isDone: boolean;
}

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** Certificates for the same names within seven days, and failures within an hour. https://letsencrypt.org/docs/rate-limits/ */
const most = { done: 5, failed: 5 } as const;

export interface AcmeLimit {
  readonly kind: 'same-names' | 'failures';
  readonly names: string;
  readonly count: number;
  readonly most: number;
  /** When one more is free, milliseconds since 1970. */
  readonly until: number;
}

/** How near Let's Encrypt's limits are; the nearest first. Without a limit in sight: `[]`. */
export function limitsNear(tries: readonly AcmeTry[], now: number): readonly AcmeLimit[] {
  const names = [...new Set(tries.map((one) => one.names))];
  return names
    .flatMap((one) => {
      const own = tries.filter((tried) => tried.names === one);
      const done = own.filter(({ isDone, at }) => isDone && at > now - weekMs && at <= now);
      const failed = own.filter(({ isDone, at }) => !isDone && at > now - hourMs && at <= now);
      return [
        limitOf('same-names', one, done, most.done, weekMs),
        limitOf('failures', one, failed, most.failed, hourMs),
      ];
    })
    .filter(({ count, most: top }) => count >= top - 1)
    .toSorted((a, b) => b.count - b.most - (a.count - a.most));
}

/** Whether asking once more would only lengthen the wait. */
export function isReached({ count, most: top }: AcmeLimit): boolean {
  return count >= top;
}

function limitOf(
  kind: AcmeLimit['kind'],
  names: string,
  counted: readonly AcmeTry[],
  top: number,
  spanMs: number,
): AcmeLimit {
  const oldest = Math.min(...counted.map(({ at }) => at));
  return { kind, names, count: counted.length, most: top, until: oldest + spanMs };
}

/** What is kept of tries: those that may still count. */
export function withTry(tries: readonly AcmeTry[], one: AcmeTry): readonly AcmeTry[] {
  return [...tries.filter(({ at }) => at > one.at - weekMs), one].slice(-200);
}

/** In sentences. */
export function limitWords(limit: AcmeLimit): { readonly message: string; readonly next: string } {
  const { kind, names, count, most: top, until } = limit;
  const when = `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  switch (kind) {
    case 'same-names':
      return {
        message: `Let's Encrypt has given ${count} of the ${top} certificates that it gives for ${names} within seven days.`,
        next: isReached(limit)
          ? `The next one can be had from ${when}. Do not remove what Traefik keeps (the folder traefik of the data): it never asks for what it has.`
          : `Do not remove what Traefik keeps (the folder traefik of the data): it never asks for what it has. One more is free from ${when}.`,
      };
    case 'failures':
      return {
        message: `Let's Encrypt could not convince itself of ${names} ${count} times within an hour, and stops asking at ${top}.`,
        next: isReached(limit)
          ? `Wait until ${when}; meanwhile see what is wrong: autogit certificate check`
          : `See what is wrong before the next try: autogit certificate check`,
      };
  }
}

/** Traefik's own certificate, which it shows where it has none. https://github.com/traefik/traefik/blob/v3.7.9/pkg/tls/generate/generate.go */
export function isDefaultCertificate({ subject }: Pick<ServedCertificate, 'subject'>): boolean {
  return subject.includes('TRAEFIK DEFAULT CERT');
}
