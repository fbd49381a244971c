// How far a program steps back that is asked to.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createResticProgram } from '../../../../main/adapters/backup/restic-program.ts';

/** Where the kernel knows sessions that step back: https://man7.org/linux/man-pages/man7/sched.7.html */
const knowsSessions = await readFile('/proc/self/autogroup', 'utf8').then(
  () => true,
  () => false,
);

/** What a shell script prints that is run in place of restic. */
async function printed(script: string, nice: number, path = process.env['PATH'] ?? ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-program-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'restic');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  let text = '';
  const run = createResticProgram({ environment: { ...process.env, PATH: path, AUTOGIT_RESTIC: file } });
  const end = await run({
    ...{ args: [], environment: {}, folder: null, folders: [], nice, signal: new AbortController().signal },
    onOutput: (part) => {
      text += Buffer.from(part).toString('utf8');
    },
  });
  expect(end).toEqual({ outcome: 'ended', code: 0 });
  return text.trim();
}

it.skipIf(process.platform === 'win32')('steps back from its start', async () => {
  const before = Number(await printed('nice', 0));
  expect(Number(await printed('nice', 4))).toBe(Math.min(19, before + 4));
});

it.skipIf(process.platform !== 'linux')(
  'takes only what nobody else wants, with all that it starts, where it steps back furthest',
  async () => {
    // The policy is the 41st field: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const script = `cut -d ' ' -f 41 /proc/self/stat`;
    const [idle, normal] = ['5', '0'];
    expect(await printed(script, 19)).toBe(idle);
    expect(await printed(script, 18)).toBe(normal);
  },
);

it.skipIf(process.platform === 'win32')(
  'steps back by its priority where nothing can make it wait for all others',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'autogit-program-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'chrt'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await printed('nice', 19, `${folder}:${process.env['PATH'] ?? ''}`)).toBe('19');
  },
);

it.skipIf(!knowsSessions)('steps back with all of its session', async () => {
  const script = (nice: number): string =>
    `for i in 1 2 3 4 5 6 7 8 9 10; do grep -q 'nice ${nice}$' /proc/self/autogroup && break; sleep 0.1; done; cat /proc/self/autogroup`;
  expect(await printed(script(4), 4)).toMatch(/ nice 4$/);
  expect(await printed('cat /proc/self/autogroup', 0)).toMatch(/ nice 0$/);
});
