// A core that is killed 50 times at random moments: nothing is lost, doubled or left over. `npm run chaos` does more.
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bundleCli } from '../chaos/bundle-cli.ts';
import { runChaos } from '../chaos/run-chaos.ts';
import { engineHost } from './lab.ts';
import { listOwnEngines } from './own-engines.ts';

const kills = 50;
const own = listOwnEngines().find(({ kind }) => kind === 'rootless Docker')?.host ?? null;
const host = own ?? engineHost;
const seed = Number(process.env['AUTOGIT_TEST_SEED'] ?? randomInt(1, 1e6));

describe.skipIf(host === null)('a core that is killed again and again', { timeout: 300_000 }, () => {
  it(`loses, doubles and leaves nothing (seed ${seed})`, async () => {
    const { signal } = new AbortController();
    const program = await bundleCli();
    const report = await runChaos({
      program,
      host: host ?? '',
      kills,
      seed,
      jobs: 50,
      say: () => undefined,
      signal,
    });
    expect(report.details).toEqual([]);
    expect(Object.values(report.faults)).toEqual(Object.values(report.faults).map(() => 0));
    expect(Object.values(report.kills).reduce((sum, count) => sum + count, 0)).toBe(kills);
  });
});
