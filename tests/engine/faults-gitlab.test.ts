// GitLab in bad weather, in front of the real sandbox: a running job goes on, a waiting one runs once when it is over.
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { openSecrets } from '../../main/adapters/host/secrets.ts';
import type { Decoys } from '../chaos/decoys.ts';
import { openWeather } from '../fixtures/weather.ts';
import type { Weather, WeatherRelay } from '../fixtures/weather.ts';
import { expectNothingLeft, expectRunOnce, expectSettled, openDecoys } from './judged.ts';
import { engineHost, openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import type { SandboxClient } from './sandbox-client.ts';

const pool = { name: 'lab', tags: ['autogit'], max: 2, idleTime: 60 };
const once = 'once:\n  script: [echo once]\n';

interface Storm {
  readonly name: string;
  readonly key: string;
  readonly begin: (relay: WeatherRelay) => Promise<void> | undefined;
}

const of = (name: string, key: string, weather: Weather): Storm => ({
  ...{ name, key },
  begin: (relay) => {
    relay.set(weather);
    return undefined;
  },
});

const storms: readonly Storm[] = [
  of('502 with a page', 'gitlab.unavailable', { kind: 'status', status: 502 }),
  of('401, as with a token that was revoked', 'gitlab.unauthorized', {
    kind: 'status',
    status: 401,
    body: '{}',
  }),
  of('429 with Retry-After', 'gitlab.unavailable', {
    ...{ kind: 'status', status: 429, body: 'Retry later' },
    headers: { 'Retry-After': '3' },
  }),
  of('HTML instead of JSON', 'gitlab.unexpected', { kind: 'status', status: 200 }),
  of('truncated JSON', 'gitlab.unexpected', { kind: 'truncated' }),
  of('500 MB', 'gitlab.unexpected', { kind: 'huge', status: 200, bytes: 500 * 1_048_576 }),
  { name: 'nobody listening', key: 'gitlab.unreachable', begin: (relay) => relay.refuse() },
];

describe.skipIf(engineHost === null)('GitLab with', { timeout: 120_000 }, () => {
  const cleaning: (() => Promise<void>)[] = [];
  const projects: number[] = [];
  let lab: Lab;
  let sandbox: SandboxClient;
  let relay: WeatherRelay;
  let decoys: Decoys;

  // The home serves its own sandbox as if it were any GitLab: its address is the relay's.
  beforeAll(async () => {
    lab = await openLab((clean) => cleaning.push(clean));
    await lab.writeSettings(pool);
    const first = await lab.serve();
    sandbox = await lab.sandbox();
    relay = await openWeather(sandbox.url);
    cleaning.push(() => relay.close());
    await first.stop();
    const [container] = await lab.engine.listContainers({
      'autogit.instance': lab.instance(),
      'autogit.role': 'sandbox',
    });
    await (await openSecrets(lab.paths)).set('gitlab.token', sandbox.token);
    const gitlab = { kind: 'server', url: relay.url, runnerUrl: 'http://gitlab' };
    const pools = [{ ...pool, image: container?.image }];
    await writeFile(lab.paths.settings, stringify({ gitlab, proofs: 'off', pools }));
    await lab.serve();
    const held = await sandbox.pushHeld('held', 1);
    await sandbox.untilAll(held, 'running');
    decoys = await openDecoys(lab, (clean) => cleaning.push(clean));
    projects.push(held);
  });
  afterAll(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });

  it.each(storms)(
    '$name: it is said ($key), jobs go on, and what waited runs once',
    async ({ key, begin }) => {
      const [held = 0] = projects;
      const before = (await lab.runners()).map(({ id }) => id).toSorted();
      await begin(relay);
      const waiting = await sandbox.push(`waiting-${projects.length}`, once);
      projects.push(waiting);
      await lab.until(({ issues }) => issues.some((issue) => issue.key === key));
      await sandbox.untilAll(held, 'running');
      expect((await lab.runners()).map(({ id }) => id)).toEqual(expect.arrayContaining(before));
      relay.set({ kind: 'clear' });
      await relay.comeBack();
      await lab.until(({ issues }) => issues.every((issue) => !issue.key.startsWith('gitlab.')), 30_000);
      await expectSettled(lab, decoys);
      await sandbox.untilAll(waiting, 'success');
    },
  );

  it('all of it behind: no job was lost or run twice, and nothing is left', async () => {
    const [held = 0] = projects;
    await sandbox.release(held);
    await expectRunOnce(sandbox, projects);
    await lab.json(['lab', 'drain']);
    // Its own sandbox again, which goes with the home.
    const settings = { gitlab: { kind: 'sandbox' }, pools: [pool] };
    process.kill((await lab.corePid()) ?? 0, 'SIGTERM');
    await expect.poll(() => lab.corePid(), { timeout: 20_000 }).toBeNull();
    await writeFile(lab.paths.settings, stringify(settings));
    await lab.serve();
    await expectNothingLeft(lab, sandbox, decoys);
  });
});
