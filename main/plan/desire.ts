// What is wished for: settings and open requests, as the one value that plans are made from.
import type { Pool } from '../model/pool.ts';
import { ownTag } from '../model/proof.ts';
import type { ProofMode } from '../model/proof.ts';
import type { Settings } from '../model/settings.ts';
import type { RequestKind } from '../model/request.ts';
import type { Desired, Mode } from '../model/world.ts';

/** The official runner, where no sandbox brings its own. https://hub.docker.com/r/gitlab/gitlab-runner */
export const officialRunnerImage = 'gitlab/gitlab-runner:alpine-v19.4.0';

export interface Wishes {
  readonly settings: Settings;
  readonly requests: readonly RequestKind[];
  readonly instance: string;
  /** `autogit-sandbox:<content hash>`. */
  readonly sandboxImage: string;
  /** Whether the file of `gitlab.ca` has a root that is not public. Missing: nobody knows, and mostly it has. */
  readonly ownRoots?: boolean;
}

function modeOf(requests: readonly RequestKind[]): Mode {
  if (requests.includes('teardown')) return 'teardown';
  return requests.includes('drain') || requests.includes('reset-sandbox') ? 'drain' : 'serve';
}

/** The named volume that holds the data of a home's sandbox. */
export function sandboxVolume(instance: string): string {
  return `autogit-sandbox-${instance.slice(0, 8)}`;
}

function sandboxWish({ settings, requests, instance, sandboxImage }: Wishes): Desired['sandbox'] {
  const volume = sandboxVolume(instance);
  if (requests.includes('reset-sandbox')) return { state: 'absent', image: sandboxImage, volume };
  if (settings.gitlab.kind !== 'sandbox') return null;
  return { state: settings.gitlab.state, image: sandboxImage, volume };
}

/** A sandbox proves nothing about a real GitLab: there a proof is made only when somebody asks. */
function proofMode({ proofs, gitlab }: Settings): ProofMode {
  if (proofs !== 'auto') return proofs;
  if (gitlab.kind === 'none') return 'off';
  return gitlab.kind === 'server' ? 'on' : 'asked';
}

/** By the pools in the settings, so that the same ones stay the same objects: much is remembered by those. */
const tagged = new WeakMap<readonly Pool[], readonly Pool[]>();

/** Each pool with the tag by which its proof finds it. */
function withOwnTags(pools: readonly Pool[]): readonly Pool[] {
  const known = tagged.get(pools);
  if (known !== undefined) return known;
  const own = pools.map((pool) => ({ ...pool, tags: [...new Set([...pool.tags, ownTag(pool.name)])] }));
  tagged.set(pools, own);
  return own;
}

/** Pure: the same wishes give the same desire. */
export function desire(wishes: Wishes): Desired {
  const { settings, requests, instance, sandboxImage } = wishes;
  const ownRunner = settings.gitlab.kind === 'sandbox' && settings.gitlab.runner === 'sandbox';
  const proofs = proofMode(settings);
  return {
    instance,
    mode: modeOf(requests),
    pools: proofs === 'off' ? settings.pools : withOwnTags(settings.pools),
    proofs,
    reservedGpus: settings.gpus.reserved.map(({ id, for: by }) => ({ id, by })),
    exclusiveGpus: settings.gpus.exclusive,
    emulation: settings.emulation,
    sandbox: sandboxWish(wishes),
    runnerImage: ownRunner ? sandboxImage : officialRunnerImage,
    gatewayImage: settings.pools.some(({ executor }) => executor === 'image') ? sandboxImage : null,
    network: `autogit-${instance.slice(0, 6)}`,
    ...stackNetworkOf(settings),
    ...trustOf(wishes),
  };
}

/** As jobs are told: of public roots they are told nothing. */
function trustOf({ settings: { gitlab }, ownRoots = true }: Wishes): Pick<Desired, 'trustInJobs'> {
  const isWanted = gitlab.kind === 'server' && gitlab.ca !== null && gitlab.trustInJobs;
  return isWanted && ownRoots ? { trustInJobs: true } : {};
}

function stackNetworkOf({ gitlab }: Settings): Pick<Desired, 'stackNetwork'> {
  return gitlab.kind === 'server' && gitlab.stack !== null ? { stackNetwork: gitlab.stack.network } : {};
}
