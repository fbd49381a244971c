// Where GitLab is, and which doorbell tells of new jobs there.
import { hookSecret } from '../apply/gateway.ts';
import { hasOwnRoots } from '../apply/job-trust.ts';
import { sandboxPort } from '../apply/sandbox.ts';
import { gatewayPorts } from '../model/grant.ts';
import type { Settings } from '../model/settings.ts';
import type { GitlabAddress, Observed } from '../model/world.ts';
import { lastValue } from '../plan/freshness.ts';
import type { Wishes } from '../plan/desire.ts';
import type { BellAddress, Secrets, Store } from '../ports.ts';

/**
 * Where GitLab is: the address in the settings, or the port that the sandbox's container has got. `ca`: what is in the
 * file that the settings name; as long as that is not known, nothing is known of the way there.
 */
export function addressOf(
  settings: Settings,
  nodes: Observed['nodes'],
  ca: string | null = null,
): GitlabAddress | null {
  const { gitlab } = settings;
  switch (gitlab.kind) {
    case 'none':
      return null;
    case 'server':
      if (gitlab.ca !== null && ca === null) return null;
      return {
        ...{ url: gitlab.url, runnerUrl: gitlab.runnerUrl ?? gitlab.url, ca },
        ...{ connect: gitlab.stack?.connect ?? null, network: gitlab.stack?.network ?? null },
        trustInJobs: ca !== null && gitlab.trustInJobs && hasOwnRoots(ca),
      };
    case 'sandbox': {
      const containers = nodes.flatMap(({ engine }) => lastValue(engine)?.containers ?? []);
      const running = containers.find(({ role, state }) => role === 'sandbox' && state === 'running');
      const port = running?.ports[sandboxPort];
      return port === undefined ? null : { url: `http://127.0.0.1:${port}`, runnerUrl: 'http://gitlab' };
    }
  }
}

/** What a home wishes besides its settings. Of another file than the one in use nobody knows what is in it. */
export function homeWishes(
  { gitlab }: Settings,
  {
    store,
    settings,
    trusted,
  }: {
    readonly store: Pick<Store, 'instance'>;
    readonly settings: () => Settings;
    readonly trusted?: (gitlab: Settings['gitlab']) => string | null;
  },
): Pick<Wishes, 'instance' | 'ownRoots'> {
  const { instance } = store;
  const inUse = settings().gitlab;
  const isInUse = gitlab.kind === 'server' && inUse.kind === 'server' && gitlab.ca === inUse.ca;
  const ca = isInUse ? (trusted?.(inUse) ?? null) : null;
  return ca === null ? { instance } : { instance, ownRoots: hasOwnRoots(ca) };
}

/** Whether two addresses lead to the same GitLab by the same way, for AutoGit, runners and jobs. */
export function isSameAddress(one: GitlabAddress, other: GitlabAddress | null): boolean {
  const way = ({ url, runnerUrl, ca, connect, network, trustInJobs }: GitlabAddress): string =>
    JSON.stringify([url, runnerUrl, ca ?? null, connect ?? null, network ?? null, trustInJobs ?? false]);
  return other !== null && way(one) === way(other);
}

interface Known {
  readonly address: GitlabAddress;
  readonly token: string;
}

/** The sandbox's own, or that of a gateway, to which GitLab's hooks may be sent; `null`: there is none. */
export function bellOf(
  gitlab: Known | null,
  nodes: Observed['nodes'],
  { settings, secrets }: { readonly settings: () => Settings; readonly secrets: Pick<Secrets, 'sign'> },
): BellAddress | null {
  if (gitlab === null) return null;
  if (settings().gitlab.kind === 'sandbox') {
    return { url: `${gitlab.address.url}/-/sandbox/bell`, headers: { 'private-token': gitlab.token } };
  }
  const port = nodes
    .flatMap(({ engine }) => lastValue(engine)?.containers ?? [])
    .find(({ role, state }) => role === 'gateway' && state === 'running')?.ports[gatewayPorts.bell];
  if (port === undefined) return null;
  return { url: `http://127.0.0.1:${port}/bell`, headers: { 'x-gitlab-token': hookSecret(secrets) } };
}
