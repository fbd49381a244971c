// On every real engine of this machine: a container sees the device file that it was given, and no other container does.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { renderGpuRequest } from '../../main/model/gpu-request.ts';
import type { GpuRequest } from '../../main/model/gpu-request.ts';
import { someGpu } from '../fakes/gpus.ts';
import { countAbsentEngines } from './own-engines.ts';
import { listRealEngines, silentLog, titleOf } from './real-engines.ts';
import { provideSharedImage } from './shared-image.ts';

const patience = { timeout: 60_000, interval: 200 };
/** A device that containers do not get by themselves, in the part of a card's. Nobody opens it. */
const device = '/dev/net/tun';
const script = `test -c ${device} && echo "DEVICE yes" || echo "DEVICE no"; echo "GROUPS $(id -G)"; echo END`;

function describeDevices(title: string, host: string): void {
  describe(`device files on ${title} at ${host}`, () => {
    const engine = connectEngine({ host, log: silentLog });
    const network = `autogit-test-${randomBytes(3).toString('hex')}`;
    const made: string[] = [];
    let image = '';

    beforeAll(async () => {
      image = await provideSharedImage(engine);
      await engine.createNetwork(network, {});
    });
    afterAll(async () => {
      for (const id of made) await engine.removeContainer(id, { force: true });
      await engine.removeNetwork(network);
    });

    /** What a container prints that was made with these cards. */
    const ask = async (gpu?: GpuRequest): Promise<string> => {
      const id = await engine.createContainer({
        ...{ name: `${network}-${made.length}`, image, entrypoint: ['sh'], command: ['-c', script] },
        ...{ env: {}, labels: {}, network, aliases: [], publish: [], volumes: {}, capabilities: [] },
        ...{ cpus: null, memoryMiB: null, stopSignal: 'SIGKILL' },
        ...(gpu === undefined ? {} : { gpu }),
      });
      made.push(id);
      await engine.startContainer(id);
      await expect.poll(() => engine.containerLog(id, 20), patience).toContain('END');
      return engine.containerLog(id, 20);
    };

    it('are in the container that was given one, and in no other', async () => {
      const { kind, version, rootless } = await engine.info();
      const answer = renderGpuRequest(
        { node: 'n1', vendor: 'intel', ids: ['card'], mode: { kind: 'exclusive' } },
        [someGpu({ id: 'card', vendor: 'intel', renderNode: device })],
        {
          ...{ kind, version, rootless, runtimes: [], cdiNames: [] },
          files: [{ path: device, group: 109, mode: rootless ? 0o666 : 0o660 }],
        },
      );
      if (answer.request === null) throw new Error(answer.why);
      const given = await ask(answer.request);
      expect(given).toContain('DEVICE yes');
      const groups = /GROUPS (.*)/.exec(given)?.[1]?.split(' ') ?? [];
      expect(groups).toEqual(expect.arrayContaining([...answer.request.groups]));
      expect(await ask()).toContain('DEVICE no');
    });
  });
}

for (const host of await listRealEngines()) describeDevices(await titleOf(host), host);
countAbsentEngines();
