// Containers and a volume that only look like ours: nothing that AutoGit does may touch them.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Engine, LabelledContainer } from '../../main/ports.ts';

export interface Decoys {
  /** Ids of the containers. */
  readonly containers: ReadonlySet<string>;
  /** Names of everything. */
  readonly names: ReadonlySet<string>;
  /** What each of them is, where it was touched. */
  touched(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

interface Decoy {
  readonly what: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const hex = (): string => randomBytes(4).toString('hex');

function decoysOf(real: LabelledContainer): readonly Decoy[] {
  const { 'autogit.sig': signature = '', ...unsigned } = real.labels;
  const labelsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'of another home': { ...real.labels, 'autogit.instance': randomUUID() },
    'without a signature': unsigned,
    'with a wrong signature': { ...unsigned, 'autogit.sig': signature.replaceAll(/./g, '0') },
    'with the labels of a real runner': real.labels,
    'with nothing but the name': {},
    'marked as ours alone': { 'autogit.managed': 'true' },
  };
  return Object.entries(labelsOf).map(([what, labels]) => ({
    ...{ what, labels },
    name: `autogit-runner-lab-${hex()}`,
  }));
}

async function start(engine: Engine, { name, labels }: Decoy, image: string): Promise<string> {
  const { kind } = await engine.info();
  const network = kind === 'podman' ? 'podman' : 'bridge';
  const id = await engine.createContainer({
    ...{ name, image, labels, entrypoint: ['/bin/sh', '-c'], command: ['while :; do sleep 60; done'] },
    ...{ env: {}, network, aliases: [], publish: [], volumes: {}, cpus: null, memoryMiB: null },
    ...{ stopSignal: 'SIGKILL', capabilities: [] },
  });
  await engine.startContainer(id);
  return id;
}

/** Starts them beside a real runner, from its image and with labels near its own. */
export async function startDecoys(engine: Engine, real: LabelledContainer): Promise<Decoys> {
  const decoys = decoysOf(real);
  const ids = new Map<string, string>();
  const volume = `autogit-sandbox-${hex()}`;
  const labels = { ...real.labels, 'autogit.role': 'volume' };
  const remove = async (): Promise<void> => {
    for (const id of ids.values()) await engine.removeContainer(id, { force: true });
    await engine.removeVolume(volume);
  };
  try {
    await engine.createVolume(volume, labels);
    for (const decoy of decoys) ids.set(decoy.what, await start(engine, decoy, real.image));
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    containers: new Set(ids.values()),
    names: new Set([...decoys.map(({ name }) => name), volume]),
    touched: async () => {
      const states = await Promise.all(
        [...ids].map(async ([what, id]) => ({ what, state: (await engine.inspectContainer(id))?.state })),
      );
      const volumes = await engine.listVolumes({ 'autogit.role': 'volume' });
      return [
        ...states.filter(({ state }) => state !== 'running').map(({ what }) => what),
        ...(volumes.some(({ name }) => name === volume) ? [] : ['the volume']),
      ];
    },
    remove,
  };
}
