// The home around the stack: which GitLab it serves, its pools and their proofs, and where hooks ring.
import { hookSecret } from '../../apply/gateway.ts';
import type { PoolProof, StackGitlab, StackHome } from '../../apply/stack/context.ts';
import type { PoolView, Snapshot } from '../../contract/snapshot.ts';
import { gatewayAlias, gatewayPorts } from '../../model/grant.ts';
import type { GitlabSettings, Settings } from '../../model/settings.ts';
import { cannotProve } from '../../plan/plan-proofs.ts';
import type { Clock, Secrets, Store } from '../../ports.ts';
import type { Coordinator } from '../coordinator.ts';
import type { SettingsAccess } from '../settings-access.ts';

export interface StackHomeParts {
  readonly settings: Pick<SettingsAccess, 'current' | 'edit'>;
  readonly store: Pick<Store, 'wishProof'>;
  readonly secrets: Pick<Secrets, 'sign'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly coordinator: Pick<Coordinator, 'reconsider' | 'refresh'>;
  readonly snapshot: () => Snapshot;
}

function serverOf({ url, ca, network, connect }: StackGitlab): GitlabSettings {
  return { kind: 'server', url, runnerUrl: null, ca, stack: { network, connect } };
}

function isSame(one: GitlabSettings, other: GitlabSettings): boolean {
  const parts = ({ kind, ...rest }: GitlabSettings): readonly unknown[] =>
    kind === 'server' && 'url' in rest
      ? [kind, rest.url, rest.runnerUrl, rest.ca, rest.stack?.network, rest.stack?.connect]
      : [kind];
  return JSON.stringify(parts(one)) === JSON.stringify(parts(other));
}

/** How a pool stands; one that cannot be proven is nobody's hindrance. */
function proofOf(
  pool: Settings['pools'][number],
  view: PoolView | undefined,
  proofs: Settings['proofs'],
): PoolProof {
  const { name } = pool;
  const cannot = cannotProve(pool);
  const skipped =
    proofs === 'off' ? { message: 'Proofs are switched off in the settings.', next: null } : cannot;
  if (skipped !== null) return { pool: name, state: 'skipped', sentence: skipped.message, fix: skipped.next };
  const proof = view?.proof;
  if (proof === undefined)
    return { pool: name, state: 'waiting', sentence: 'It has not been proven yet.', fix: null };
  const { state, sentence, fix } = proof;
  return { pool: name, state: state === 'unproven' ? 'waiting' : state, sentence, fix };
}

/** Every change goes through the settings file, as a person's would. */
export function createStackHome({
  settings,
  store,
  secrets,
  clock,
  coordinator,
  snapshot,
}: StackHomeParts): StackHome {
  const serve = async (gitlab: GitlabSettings): Promise<void> => {
    if (isSame(settings.current().gitlab, gitlab)) return;
    await settings.edit((present) => ({ ...present, gitlab }), { dryRun: false });
    coordinator.reconsider();
  };
  return {
    otherGitlab: () => {
      const { gitlab } = settings.current();
      switch (gitlab.kind) {
        case 'none':
          return null;
        case 'sandbox':
          return 'the sandbox';
        case 'server':
          return gitlab.stack === null ? `the GitLab at ${gitlab.url}` : null;
      }
    },
    useGitlab: (gitlab) => serve(serverOf(gitlab)),
    leaveGitlab: async () => {
      const { gitlab } = settings.current();
      if (gitlab.kind === 'server' && gitlab.stack !== null) await serve({ kind: 'none' });
    },
    hook: () => ({
      url: `http://${gatewayAlias}:${gatewayPorts.bell}/hook`,
      token: hookSecret(secrets),
    }),
    proofs: () => {
      const { pools, proofs } = settings.current();
      const views = snapshot().pools;
      return pools.map((pool) =>
        proofOf(
          pool,
          views.find(({ name }) => name === pool.name),
          proofs,
        ),
      );
    },
    prove: (pool) => {
      store.wishProof(pool, clock.now());
      coordinator.refresh();
    },
  };
}
