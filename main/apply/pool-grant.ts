// What a pool's settings give to the containers of its jobs, in the words of the gateway and of a runner's own container.
import { cachePrefix, cacheVolumeName, scopeProject } from '../model/cache.ts';
import type { WrittenGrant } from '../model/grant.ts';
import { jobCapabilities } from '../model/grant.ts';
import { label, signLabels } from '../model/labels.ts';
import type { Pool } from '../model/pool.ts';
import { parseMount } from '../model/pool-container.ts';
import type { Mount } from '../model/pool-container.ts';
import type { ContainerSpec, Secrets } from '../ports.ts';

function mountsOf({ mounts }: Pick<Pool, 'mounts'>): Mount[] {
  return mounts.flatMap((text) => parseMount(text) ?? []);
}

type PoolGrant = Omit<WrittenGrant, 'gpus' | 'groups' | 'gpuLabel' | 'reach'>;

/** Executor `image`. What is as usual is not said: a gateway of before knows no word of it. */
export function poolGrant(pool: Pool, instance: string): PoolGrant {
  const { name, cpus, memoryMiB, pids, shmMiB, diskMiB, arch, env, cache, capabilities } = pool;
  const mounts = mountsOf(pool);
  return {
    ...{ pool: name, cpus, memoryMiB, capabilities: [...jobCapabilities, ...capabilities] },
    ...{ platform: arch === null ? null : `linux/${arch}`, pull: true, devices: [...pool.devices] },
    ...(pids === usualPids ? {} : { pids }),
    ...(shmMiB === null ? {} : { shmMiB }),
    ...(diskMiB === null ? {} : { diskMiB }),
    ...(Object.keys(env).length === 0 ? {} : { env: { ...env } }),
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(cache === 'none' ? {} : { cache: cachePrefix(instance, name) }),
  };
}

/** As the settings have it where nobody says otherwise. */
const usualPids = 4096;

type PoolContainer = Pick<ContainerSpec, 'pids' | 'shmMiB' | 'diskMiB' | 'mounts' | 'devices' | 'volumes'>;

/** Executor `container`: the runner's own container is the job's. `cache`: the name of its volume. */
export function poolContainer(pool: Pool, cache: string | null): PoolContainer {
  const { pids, shmMiB, diskMiB, devices } = pool;
  return {
    ...{ pids, shmMiB, diskMiB, devices, mounts: mountsOf(pool) },
    volumes: cache === null ? {} : { [cache]: '/cache' },
  };
}

/** The volume that a runner of executor `container` has for its cache; `null`: none, it goes with the runner. */
export function ownCache({ name, cache, executor }: Pool, instance: string): string | null {
  if (executor !== 'container' || cache === 'none') return null;
  return cacheVolumeName(cachePrefix(instance, name), scopeProject, false);
}

/** Of such a volume: signed by the home, as the gateway signs those that it makes. */
export function cacheLabels(
  name: string,
  pool: string,
  { instance, secrets }: { readonly instance: string; readonly secrets: Pick<Secrets, 'sign'> },
): Readonly<Record<string, string>> {
  const own = {
    [label.managed]: 'true',
    [label.instance]: instance,
    [label.role]: 'cache',
    [label.pool]: pool,
    [label.project]: scopeProject,
  };
  return signLabels(name, own, (text) => secrets.sign(text));
}
