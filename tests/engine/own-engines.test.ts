// Engines that tests start themselves leave nothing on the machine, however their test ends.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { whyNot } from '../fixtures/engines/daemons.ts';
import { openGround } from '../fixtures/engines/ground.ts';
import { patience } from './lab.ts';
import { openBench, scripts } from './port-suite.ts';
import { silentLog } from './real-engines.ts';

const run = promisify(execFile);
const reasons = await Promise.all([whyNot('rootful Podman'), whyNot('rootless Podman')]);

/** Where the machine knows a user. */
async function accountsOf(user: string): Promise<readonly string[]> {
  const files = ['passwd', 'group', 'subuid', 'subgid'].map((file) => `/etc/${file}`);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.filter((_, index) => texts[index]?.includes(user));
}

/** What the engines of a test could change here: the device, Podman's bridges and its firewall rules. */
async function lookAround(): Promise<unknown> {
  const { mode, uid, gid } = await stat('/dev/net/tun');
  const bridges = (await readdir('/sys/class/net')).filter((name) => name.startsWith('podman'));
  const rules = await Promise.all(
    ['filter', 'nat'].map((table) => run('iptables', ['--wait', '--table', table, '--list-rules'])),
  );
  const podmans = rules.flatMap(({ stdout }) =>
    stdout.split('\n').filter((line) => line.includes('NETAVARK')),
  );
  return { tun: { mode, uid, gid }, bridges: bridges.toSorted(), podmans: podmans.toSorted() };
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

const ground = new URL('../fixtures/engines/ground.ts', import.meta.url).href;
const killed = `
  const { openGround } = await import(${JSON.stringify(ground)});
  const ground = await openGround();
  await ground.open('rootless Podman');
  process.stdout.write(JSON.stringify({ folder: ground.folder, user: ground.user.name }));
  setInterval(() => undefined, 1000);`;

describe.skipIf(reasons.some((reason) => reason !== null))('engines of a test', () => {
  it('are gone with their containers, users and rules when the test ends', async () => {
    const before = await lookAround();
    const opened = await openGround();
    const engines = await Promise.all([opened.open('rootful Podman'), opened.open('rootless Podman')]);
    for (const { host } of engines) {
      const bench = await openBench(connectEngine({ host, log: silentLog }));
      await bench.run(scripts.wait, { publish: [8080] });
    }
    expect(await lookAround()).not.toEqual(before);
    expect(await accountsOf(opened.user.name)).toHaveLength(4);
    await opened.close();
    expect(await lookAround()).toEqual(before);
    expect(await accountsOf(opened.user.name)).toEqual([]);
    expect(await isThere(opened.folder)).toBe(false);
  });

  it('are gone when the test is killed', async () => {
    const before = await lookAround();
    const child = spawn(process.execPath, ['--input-type=module', '--eval', killed], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [told] = z.tuple([z.instanceof(Buffer)]).parse(await once(child.stdout, 'data'));
    const { folder, user } = z
      .object({ folder: z.string(), user: z.string() })
      .parse(JSON.parse(told.toString()));
    expect(await isThere(folder)).toBe(true);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await isThere(folder)).toBe(false), patience);
    expect(await lookAround()).toEqual(before);
    expect(await accountsOf(user)).toEqual([]);
  });
});
