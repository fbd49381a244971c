// Containers of backups: one that never runs, through which the engine reaches volumes and folders whoever owns what is in
// them; and one that does a single thing there.
import type { Engine } from '../../ports.ts';
import type { Mount } from '../../model/pool-container.ts';
import { nameTaken } from '../context.ts';
import type { PartGround } from './context.ts';

/** Not among the labels of runners: nobody but a backup looks for it. */
const helperLabel = 'autogit-backup';
const lookMs = 200;

export interface HelperSpec {
  readonly image: string;
  /** Volume to absolute path inside. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
  /** Missing: it never runs. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

/** Does something with a helper and removes it. One that a kill has left goes first. Rejects with the engine's errors. */
export async function withHelper<T>(
  { image, volumes = {}, mounts = [], entrypoint = ['/never-started'], command = [] }: HelperSpec,
  engine: Engine,
  { instance, log }: Pick<PartGround, 'instance' | 'log'>,
  work: (container: string) => Promise<T>,
): Promise<T> {
  const name = `autogit-backup-${instance.slice(0, 8)}`;
  await removeFormer(name, instance, engine);
  const id = await engine.createContainer({
    ...{ name, image, volumes, mounts, entrypoint, command, env: {} },
    ...{ labels: { [helperLabel]: instance }, network: 'none', aliases: [], publish: [] },
    ...{ cpus: null, memoryMiB: null, stopSignal: 'SIGKILL' },
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
  });
  try {
    return await work(id);
  } finally {
    await engine
      .removeContainer(id, { force: true })
      .catch((error: unknown) => log.warn('a helper of backups could not be removed', { error, name }));
  }
}

/** Runs a helper to its end. Rejects with the engine's errors and the signal's reason. */
export async function runHelper(
  spec: HelperSpec,
  engine: Engine,
  signal: AbortSignal,
  ground: Pick<PartGround, 'instance' | 'log' | 'clock'>,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  return await withHelper(spec, engine, ground, async (id) => {
    await engine.startContainer(id);
    for (;;) {
      signal.throwIfAborted();
      const found = await engine.inspectContainer(id);
      if (found === null || found.state === 'exited' || found.state === 'dead')
        return { exitCode: found?.exitCode ?? null, output: await engine.containerLog(id, 60) };
      await ground.clock.sleep(lookMs, signal);
    }
  });
}

async function removeFormer(name: string, instance: string, engine: Engine): Promise<void> {
  const former = await engine.inspectContainer(name);
  if (former === null) return;
  if (former.labels[helperLabel] !== instance) throw nameTaken('container', name);
  await engine.removeContainer(former.id, { force: true });
}
