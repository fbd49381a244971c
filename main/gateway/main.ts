// The gateway: the only way from runners to the engine. A program of its own, in a container that outlives the core.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { gatewayPorts } from '../model/grant.ts';
import { createBell } from './bell.ts';
import { linkEngine } from './engine-link.ts';
import type { Note } from './guarded.ts';
import { createRelay } from './relay.ts';
import { createIdentification, signWith } from './speaker.ts';
import { sweep } from './sweep.ts';

const settings = z
  .object({
    AUTOGIT_GATEWAY_INSTANCE: z.string(),
    AUTOGIT_GATEWAY_NETWORK: z.string(),
    AUTOGIT_GATEWAY_ENGINE: z.enum(['docker', 'podman']),
    AUTOGIT_GATEWAY_ROOTLESS: z.enum(['true', 'false']),
    AUTOGIT_GATEWAY_DISK: z.enum(['true', 'false']).default('false'),
    AUTOGIT_GATEWAY_SOCKET: z.string(),
    AUTOGIT_GATEWAY_SECRETS: z.string(),
  })
  .parse(process.env);
const secretsSchema = z.object({ key: z.string().min(32), hook: z.string().min(16) });

const note: Note = (event, details) =>
  void process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);

const secrets = secretsSchema.parse(JSON.parse(await readFile(settings.AUTOGIT_GATEWAY_SECRETS, 'utf8')));
const engine = linkEngine(settings.AUTOGIT_GATEWAY_SOCKET);
const sign = signWith(secrets.key);
const instance = settings.AUTOGIT_GATEWAY_INSTANCE;

/** Milliseconds from a runner's last word to the looks at what it has left: its container ends a little later. */
const settleMs: readonly number[] = [500, 1_000, 3_000];
/** And without any. */
const restMs = 30_000;
let wake = new AbortController();

async function cleanUp(): Promise<void> {
  try {
    const removed = await sweep({ engine, instance, sign });
    if (removed > 0) note('removed', { objects: removed });
  } catch (error) {
    note('failed', { error: String(error) });
  }
}

async function cleanUpForever(): Promise<never> {
  await cleanUp();
  for (;;) {
    await sleep(restMs, undefined, { signal: wake.signal }).catch(() => undefined);
    wake = new AbortController();
    for (const pause of settleMs) {
      await sleep(pause);
      await cleanUp();
    }
  }
}

const relay = createRelay({
  ...{ engine, instance, sign, note },
  kind: {
    kind: settings.AUTOGIT_GATEWAY_ENGINE,
    rootless: settings.AUTOGIT_GATEWAY_ROOTLESS === 'true',
    disk: settings.AUTOGIT_GATEWAY_DISK === 'true',
  },
  identify: createIdentification({ engine, network: settings.AUTOGIT_GATEWAY_NETWORK, sign }),
  onLeave: () => wake.abort(),
});
const bell = createBell(secrets.hook, note);
await Promise.all([
  once(relay.listen(gatewayPorts.engine), 'listening'),
  once(bell.listen(gatewayPorts.bell), 'listening'),
]);
// It keeps nothing that could be half done, and its end would fail every job that runs.
process.on('uncaughtException', (error) => note('failed', { error: String(error) }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    relay.close();
    void cleanUp().then(() => process.exit(0));
  });
}
note('ready', { ...gatewayPorts });
await cleanUpForever();
