// Starts the tier's own engines once for all of its files (vitest's globalSetup), and removes them afterwards, and from the
// machine's own engines the image that the files have shared.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { listMachineEngines } from '../chaos/machine-engine.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { type EngineKind, engineKinds, whyNot } from '../fixtures/engines/daemons.ts';
import { type Ground, openGround } from '../fixtures/engines/ground.ts';
import type { OwnEngineOffer } from './own-engines.ts';
import { removeSharedImage } from './shared-image.ts';

function absent(kind: EngineKind, why: string): OwnEngineOffer {
  process.stdout.write(`${kind} is not tested: ${why}\n`);
  return { kind, host: null, user: null, why };
}

/** Where everything is installed an engine has to come up in CI; elsewhere one that does not is left out. */
async function offer(kind: EngineKind, ground: Ground): Promise<OwnEngineOffer> {
  try {
    const { host, user } = await ground.open(kind);
    return { kind, host, user, why: '' };
  } catch (error) {
    if (process.env['CI']) throw error;
    return absent(kind, error instanceof Error ? error.message : String(error));
  }
}

/** What it gives ends them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const reasons = await Promise.all(engineKinds.map(whyNot));
  const ground = reasons.includes(null) ? await openGround() : null;
  const imageCache = await mkdtemp(join(tmpdir(), 'autogit-image-'));
  const close = async (): Promise<void> => {
    await ground?.close();
    for (const host of await listMachineEngines())
      await removeSharedImage(connectEngine({ host, log: silentLog }));
    await rm(imageCache, { recursive: true, force: true });
  };
  const offers = await Promise.allSettled(
    engineKinds.map(async (kind, index) => {
      const why = reasons[index] ?? null;
      return ground === null || why !== null ? absent(kind, why ?? '') : offer(kind, ground);
    }),
  );
  const failed = offers.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  project.provide(
    'ownEngines',
    offers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
  );
  project.provide('imageCache', imageCache);
  return close;
}
