// What can go wrong with name servers and with providers of names, as errors with a key.
import { AutoGitError, messageOf } from '../../errors.ts';

/** A name server that says nothing, or will not say it. `why` completes "It …". */
export function noAnswer(server: string | null, name: string, why: string, cause: unknown): AutoGitError {
  const who = server === null ? 'This machine' : `The name server ${server}`;
  return new AutoGitError({
    key: 'names.no-answer',
    message: `${who} gave no answer for ${name}: ${why}.`,
    next:
      server === null
        ? "Look at this machine's name servers (/etc/resolv.conf, `resolvectl status`)."
        : 'Check its address, that it runs, and that no firewall keeps port 53 from this machine.',
    fields: { name, server: server ?? '' },
    retry: true,
    cause,
  });
}

/** The provider understood and says no. `said`: its own words. */
export function providerRefused(provider: string, status: number, said: string): AutoGitError {
  return new AutoGitError({
    key: 'names.provider-refused',
    message: `${provider} refuses this (${status}): ${said.slice(0, 300)}.`,
    next:
      provider === 'Cloudflare'
        ? 'The token needs the permissions Zone:Zone:Read and Zone:DNS:Edit for this zone.'
        : 'The key needs route53:ListHostedZonesByName, route53:ListResourceRecordSets and route53:ChangeResourceRecordSets.',
    fields: { provider, status },
  });
}

/** Credentials that are not there at all. */
export function credentialMissing(provider: string, name: string): AutoGitError {
  return new AutoGitError({
    key: 'names.provider-refused',
    message: `AutoGit has no ${name} for ${provider}.`,
    next: 'Give it with: autogit stack set-secret, which reads it from standard input.',
    fields: { provider, name },
  });
}

/** Nobody answers, or somebody who is not the provider; it may go by itself. */
export function providerUnreachable(provider: string, why: string, cause?: unknown): AutoGitError {
  return new AutoGitError({
    key: 'names.provider-unreachable',
    message: `${provider} cannot be asked now: ${why}.`,
    next: 'Check that this machine reaches the Internet, then try again.',
    fields: { provider },
    retry: true,
    cause,
  });
}

export function noSuchZone(provider: string, zone: string): AutoGitError {
  return new AutoGitError({
    key: 'names.no-such-zone',
    message: `${provider} has no zone ${zone} that these credentials may see.`,
    next: 'Check the name of the zone (the domain as it was registered), and that the credentials are for its account.',
    fields: { provider, zone },
  });
}

/** A record that somebody else has made. `present`: what it says now. */
export function recordDiffers(provider: string, name: string, type: string, present: string): AutoGitError {
  return new AutoGitError({
    key: 'names.record-differs',
    message: `${provider} has another record for ${name} (${type}): ${present.slice(0, 200)}. AutoGit did not make it, and leaves it as it is.`,
    next: 'If the name may lead to this lab, delete the record at the provider, or ask AutoGit to replace it; otherwise choose another domain.',
    fields: { provider, name, type },
  });
}

/** A record that is more than addresses: AutoGit replaces it for nobody. */
export function recordStays(provider: string, name: string, type: string, present: string): AutoGitError {
  return new AutoGitError({
    key: 'names.record-differs',
    message: `${provider} has another record for ${name} (${type}): ${present.slice(0, 200)}. AutoGit cannot tell what else hangs on it, and never replaces one like that.`,
    next: `If the name may lead to this lab, delete this ${type} record at ${provider} yourself, then publish again; otherwise choose another domain.`,
    fields: { provider, name, type },
  });
}

/** The innermost reason of a failed connection. */
export function connectionReason(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : messageOf(inner);
}
