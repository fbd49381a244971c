// The home around the stack: which GitLab it serves, its pools and their proofs, and where hooks ring.
import { hookSecret } from '../../apply/gateway.ts';
import type { PoolProof, StackGitlab, StackHome } from '../../apply/stack/context.ts';
import type { PoolView } from '../../contract/snapshot.ts';
import { gatewayAlias, gatewayPorts } from '../../model/grant.ts';
import type { NoProof } from '../../model/proof.ts';
import type { GitlabSettings, Settings } from '../../model/settings.ts';
import { cannotProve } from '../../plan/plan-proofs.ts';
import { whyProofStuck } from '../../plan/proof-stuck.ts';
import type { Clock, Secrets, Store } from '../../ports.ts';
import type { Coordinator } from '../coordinator.ts';
import { clockTimeAt } from '../job-requests.ts';
import type { SettingsAccess } from '../settings-access.ts';

type SeenPool = Pick<PoolView, 'name' | 'proof'>;

export interface StackHomeParts {
  readonly settings: Pick<SettingsAccess, 'current' | 'edit'>;
  readonly store: Pick<Store, 'wishProof' | 'forgetGitlab'>;
  readonly secrets: Pick<Secrets, 'sign'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly coordinator: Pick<Coordinator, 'reconsider' | 'refresh' | 'look'>;
  readonly snapshot: () => { readonly pools: readonly SeenPool[] };
}

/** `present`: what a person has said about jobs stays. */
function serverOf({ url, ca, network, connect }: StackGitlab, present: GitlabSettings): GitlabSettings {
  const trustInJobs = present.kind === 'server' ? present.trustInJobs : true;
  return { kind: 'server', url, runnerUrl: null, ca, trustInJobs, stack: { network, connect } };
}

function isSame(one: GitlabSettings, other: GitlabSettings): boolean {
  const parts = ({ kind, ...rest }: GitlabSettings): readonly unknown[] =>
    kind === 'server' && 'url' in rest
      ? [kind, rest.url, rest.runnerUrl, rest.ca, rest.stack?.network, rest.stack?.connect]
      : [kind];
  return JSON.stringify(parts(one)) === JSON.stringify(parts(other));
}

/** How a pool stands; one that cannot be proven is nobody's hindrance. `stuckBy`: what its open proof cannot pass. */
function proofOf(
  pool: Settings['pools'][number],
  view: SeenPool | undefined,
  proofs: Settings['proofs'],
  stuckBy: (pool: string) => NoProof | null,
): PoolProof {
  const { name } = pool;
  const proof = view?.proof;
  const skipped =
    proofs === 'off'
      ? { message: 'Proofs are switched off in the settings.', next: null }
      : cannotProve(pool);
  if (skipped !== null) return { pool: name, state: 'skipped', sentence: skipped.message, fix: skipped.next };
  if (proof?.state === 'proven')
    return { pool: name, state: 'proven', sentence: proof.sentence, fix: proof.fix };
  const stuck = stuckBy(name);
  if (stuck !== null) return { pool: name, state: 'stuck', sentence: stuck.message, fix: stuck.next };
  if (proof === undefined)
    return { pool: name, state: 'waiting', sentence: 'It has not been proven yet.', fix: null };
  const { state, sentence, fix } = proof;
  // Its proof has ended and could not tell: it comes again, much later.
  if (state === 'unproven')
    return { pool: name, state: proof.at === null ? 'waiting' : 'failed', sentence, fix };
  return { pool: name, state, sentence, fix };
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
    useGitlab: (gitlab) => serve(serverOf(gitlab, settings.current().gitlab)),
    leaveGitlab: async () => {
      const { gitlab } = settings.current();
      if (gitlab.kind === 'server' && gitlab.stack !== null) await serve({ kind: 'none' });
    },
    forgetGitlab: () => {
      store.forgetGitlab();
      coordinator.reconsider();
    },
    hook: () => ({
      url: `http://${gatewayAlias}:${gatewayPorts.bell}/hook`,
      token: hookSecret(secrets),
    }),
    proofs: () => {
      const { pools, proofs } = settings.current();
      const views = snapshot().pools;
      const { desired, observed, now } = coordinator.look();
      const world = { desired, observed, now, clockTime: clockTimeAt(now) };
      const stuckBy = (name: string): NoProof | null => {
        const pool = desired.pools.find((one) => one.name === name);
        return pool === undefined ? null : whyProofStuck(pool, world);
      };
      return pools.map((pool) =>
        proofOf(...([pool, views.find(({ name }) => name === pool.name), proofs, stuckBy] as const)),
      );
    },
    prove: (pool) => {
      store.wishProof(pool, clock.now());
      coordinator.refresh();
    },
  };
}
