// Real programs in the place of the makers' tools, which hang, flood, lie and die: detection answers in time, and is right
// for what the others say.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProbe } from '../../../main/adapters/host/probe.ts';
import { detectGpus } from '../../../main/detect/detect-gpus.ts';
import { detectGpuDetails } from '../../../main/detect/gpu-details.ts';
import type { HostGpus } from '../../../main/detect/host-gpus.ts';
import type { Probe } from '../../../main/probe-port.ts';
import { fakeProbe } from '../../fakes/hardware.ts';
import {
  address,
  amdCard,
  eight,
  eightCards,
  head,
  noPrograms,
  row,
  table,
  uuid,
} from '../../fakes/hostile/eight-cards.ts';

let folder = '';
let tools = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-tools-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  tools = await mkdtemp(path.join(folder, 'path-'));
  await mkdir(path.join(tools, 'data'));
  vi.stubEnv('PATH', `${tools}:${process.env['PATH'] ?? ''}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function data(name: string, text: string): Promise<string> {
  const file = path.join(tools, 'data', name);
  await writeFile(file, text);
  return file;
}

async function tool(name: string, script: string): Promise<void> {
  const file = path.join(tools, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

/** A nvidia-smi that does `cards` where it is asked for cards, and has no programs. */
async function smi(cards: string): Promise<void> {
  await tool(
    'nvidia-smi',
    `case "$1" in --query-gpu*) ${cards};; --query-compute-apps*) echo '${noPrograms}';; *) exit 3;; esac`,
  );
}

/** Files of a made-up machine, and programs of this one. Deadlines are cut short: nobody waits ten seconds for a test. */
function probe(mostMs = 1500): Probe {
  const real = createProbe();
  return {
    ...fakeProbe(eightCards),
    run: (program, args, deadlineMs) => real.run(program, args, Math.min(deadlineMs, mostMs)),
  };
}

const ids = ({ gpus }: HostGpus): readonly string[] => gpus.map(({ id }) => id);
const keys = ({ issues }: HostGpus): readonly string[] => issues.map(({ key }) => key);
const byAddress = eight.map(address);

/** Milliseconds within which detection answers here, with deadlines of 1.5 s and a machine that is busy. */
const soonMs = 12_000;

async function detectInTime(look: Probe = probe()): Promise<HostGpus> {
  const started = performance.now();
  const host = await detectGpus(look);
  expect(performance.now() - started).toBeLessThan(soonMs);
  return host;
}

/** What holds whatever nvidia-smi does: nothing is lost from the list, nothing is handed out blindly. */
function expectRestIsRight(host: HostGpus): void {
  const card = host.gpus.find(({ id }) => id === amdCard);
  expect(card).toMatchObject({ vendor: 'amd', memoryMiB: 24_560, trouble: null });
  expect(host.gpus.filter(({ vendor }) => vendor === 'nvidia')).toHaveLength(8);
}

describe('a nvidia-smi that works', () => {
  it('has all eight cards, beside the one of AMD', async () => {
    await smi(`cat ${await data('table', table)}`);
    const host = await detectInTime();
    expect(ids(host)).toEqual([...eight.map(uuid), amdCard]);
    expect(host.issues).toEqual([]);
  });
});

describe.each<[string, string, string]>([
  ['hangs', 'sleep 600', 'gpu.tool-hangs'],
  ['hangs and heeds no signal', "trap '' TERM INT HUP; while :; do sleep 5; done", 'gpu.tool-hangs'],
  ['hangs in a program that it started', 'sleep 600 & wait', 'gpu.tool-hangs'],
  ['floods a gigabyte', 'head -c 1000000000 /dev/zero', 'gpu.tool-failed'],
  ['floods the other output', 'head -c 1000000000 /dev/zero >&2', 'gpu.tool-failed'],
  ['ends with 255', 'exit 255', 'gpu.output-unclear'],
  ['is killed', 'kill -9 $$', 'gpu.tool-failed'],
  ['prints garbage', 'head -c 5000 /dev/urandom', 'gpu.output-unclear'],
  ['prints nothing', 'true', 'gpu.output-unclear'],
])('a nvidia-smi that %s', (_, script, key) => {
  it('costs no more than its deadline, and nothing but its own cards', async () => {
    await smi(script);
    const host = await detectInTime();
    expectRestIsRight(host);
    expect(ids(host)).toEqual([...byAddress, amdCard]);
    expect(keys(host)[0]).toBe(key);
    const troubles = host.gpus.filter(({ vendor }) => vendor === 'nvidia').map(({ trouble }) => trouble);
    expect(troubles.every((trouble) => trouble !== null)).toBe(true);
  });
});

describe('a nvidia-smi', () => {
  it('that prints half and dies has no cards, because what is missing is unknown', async () => {
    await smi(`head -c 300 ${await data('table', table)}; kill -9 $$`);
    const host = await detectInTime();
    expectRestIsRight(host);
    expect(keys(host)).toEqual(['gpu.tool-failed']);
  });

  it('that prints half and ends well is right for what it said, and says that it is not all', async () => {
    const half = [head, row(0), row(1), row(2).slice(0, 40)].join('\n');
    await smi(`cat ${await data('half', half)}`);
    const host = await detectInTime();
    expectRestIsRight(host);
    expect(ids(host).slice(0, 2)).toEqual([uuid(0), uuid(1)]);
    expect(keys(host)).toContain('gpu.output-unclear');
    expect(host.gpus.filter(({ id, trouble }) => byAddress.includes(id) && trouble === null)).toEqual([]);
  });

  it('that loses one of eight cards is right for the other seven', async () => {
    const lost = eight.filter((index) => index !== 3);
    await smi(`cat ${await data('seven', [head, ...lost.map((index) => row(index, 7)), ''].join('\n'))}`);
    const host = await detectInTime();
    expectRestIsRight(host);
    expect(ids(host)).toEqual([...eight.map((index) => (index === 3 ? address(3) : uuid(index))), amdCard]);
    expect(keys(host)).toEqual(['gpu.lost']);
    expect(host.gpus.filter(({ trouble }) => trouble !== null).map(({ id }) => id)).toEqual([address(3)]);
  });

  it('that changes what it says is believed each time anew', async () => {
    const once = path.join(tools, 'data', 'once');
    const first = await data('first', table);
    const second = await data('second', [head, row(0, 1), ''].join('\n'));
    await smi(`if mkdir ${once} 2>/dev/null; then cat ${first}; else cat ${second}; fi`);
    const look = probe();
    expect(ids(await detectInTime(look))).toEqual([...eight.map(uuid), amdCard]);
    const later = await detectInTime(look);
    expect(ids(later)).toEqual([uuid(0), ...byAddress.slice(1), amdCard]);
    expect(keys(later)).toEqual(Array.from({ length: 7 }, () => 'gpu.lost'));
  });

  it('that hung is not asked again at once: the next looks cost nothing', async () => {
    const asked = path.join(tools, 'data', 'asked');
    await smi(`echo x >> ${asked}; sleep 600`);
    const look = probe(500);
    await detectInTime(look);
    for (let turn = 0; turn < 5; turn++) expectRestIsRight(await detectInTime(look));
    expect(await readFile(asked, 'utf8')).toBe('x\n');
  });

  it('is never run twice at once, whoever looks', async () => {
    const busy = path.join(tools, 'data', 'busy');
    await smi(`mkdir ${busy} || exit 255; sleep 0.05; cat ${await data('table', table)}; rmdir ${busy}`);
    const look = probe(10_000);
    const hosts = await Promise.all([1, 2, 3].map(() => detectGpus(look)));
    expect(hosts.map(keys)).toEqual([[], [], []]);
  });
});

describe('the makers’ slower tools', () => {
  it('that hang or print garbage leave what the kernel tells, with the reason for the rest', async () => {
    await smi(`cat ${await data('table', table)}`);
    await tool('amd-smi', 'sleep 600');
    await tool('rocm-smi', 'head -c 9000 /dev/urandom');
    const look = probe();
    const started = performance.now();
    const { details } = await detectGpuDetails(look, await detectGpus(look), null);
    expect(performance.now() - started).toBeLessThan(soonMs);
    expect(details).toHaveLength(9);
    const card = details.find(({ id }) => id === amdCard);
    expect(card).toMatchObject({ vendor: 'amd', memory: { totalMiB: 24_560, kind: 'own' } });
    expect(card?.unknown.find(({ what }) => what === 'maker.uuid')?.why).toContain('rocm-smi');
    const h100 = details.find(({ id }) => id === uuid(0));
    expect(h100).toMatchObject({ memory: { totalMiB: 81_559 }, driver: { version: '590.48.01' } });
    expect(h100?.unknown).toContainEqual({ what: 'maker.cuda', why: 'nvidia-smi ended with code 3' });
  });
});
