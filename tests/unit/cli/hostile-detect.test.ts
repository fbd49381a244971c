// `autogit detect --json` as a process, on a machine whose nvidia-smi misbehaves: it answers in time, right for the rest.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineSchema } from '../../../main/model/machine.ts';
import type { Machine } from '../../../main/model/machine.ts';
import { address, amdCard, eight, head, noPrograms, row, uuid } from '../../fakes/hostile/eight-cards.ts';

const preload = new URL('../../fakes/hostile/preload.ts', import.meta.url).href;
const program = path.resolve('main/cli/main.ts');
/** Of nvidia-smi, and some more for a machine that is busy. */
const detectedWithinMs = 20_000;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-hostile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** `cards`: what nvidia-smi does where it is asked for cards; `said` is a file beside it. */
async function detect(name: string, cards: string, said = ''): Promise<Machine> {
  const tools = await mkdtemp(path.join(folder, `${name}-`));
  const text = path.join(tools, 'said');
  await writeFile(text, said);
  const tool = path.join(tools, 'nvidia-smi');
  const script = `case "$1" in --query-gpu*) ${cards.replace('SAID', text)};; *) echo '${noPrograms}';; esac`;
  await writeFile(tool, `#!/bin/sh\n${script}\n`);
  await chmod(tool, 0o755);
  const env = {
    ...process.env,
    PATH: `${tools}:${process.env['PATH'] ?? ''}`,
    AUTOGIT_HOME: path.join(tools, 'home'),
    DOCKER_HOST: `unix://${tools}/none.sock`,
    NODE_OPTIONS: `--import ${preload}`,
  };
  const args = ['--disable-warning=ExperimentalWarning', program, 'detect', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 120_000 });
  return machineSchema.parse(JSON.parse(stdout));
}

const ids = ({ gpus }: Machine): readonly string[] => gpus.map(({ id }) => id);
const memoryOf = ({ gpus }: Machine, id: string) => gpus.find((gpu) => gpu.id === id)?.memoryMiB;

const patient = { timeout: 180_000 };

describe.concurrent('autogit detect --json', () => {
  it.each([
    ['hangs', "trap '' TERM; sleep 600 & wait", 'gpu.tool-hangs'],
    ['floods', 'head -c 1000000000 /dev/zero', 'gpu.tool-failed'],
    ['ends-with-255', 'exit 255', 'gpu.output-unclear'],
  ])('with a nvidia-smi that %s has all cards by their place, and why', patient, async (name, cards, key) => {
    const machine = await detect(name, cards);
    expect(ids(machine)).toEqual([...eight.map(address), amdCard]);
    expect(machine.issues.map((issue) => issue.key)).toContain(key);
    expect(memoryOf(machine, amdCard)).toBe(24_560);
    expect(machine.tookMs).toBeLessThan(detectedWithinMs);
  });

  it('with one of eight cards lost is right for the other seven', patient, async () => {
    const rows = eight.filter((index) => index !== 5).map((index) => row(index, 7));
    const machine = await detect('loses', 'cat SAID', [head, ...rows, ''].join('\n'));
    const expected = eight.map((index) => (index === 5 ? address(5) : uuid(index)));
    expect(ids(machine)).toEqual([...expected, amdCard]);
    expect(memoryOf(machine, uuid(0))).toBe(81_559);
    expect(machine.issues.map(({ key }) => key)).toContain('gpu.lost');
  });
});
