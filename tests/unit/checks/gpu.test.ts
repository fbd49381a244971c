// What is said of a graphics card that is in trouble, and that nothing is said of one that is well or not known.
import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkGpu } from '../../../main/checks/gpu/index.ts';
import type { GpuSubject } from '../../../main/checks/gpu/check.ts';
import { recogniseApp } from '../../../main/model/gpu-apps.ts';
import { unreadGpu } from '../../../main/model/gpu-metrics.ts';
import type { GpuMetrics, GpuProcess } from '../../../main/model/gpu-metrics.ts';
import type { Issue } from '../../../main/model/issue.ts';

const now = 1_800_000_000_000;
const unread = unreadGpu({ id: '0000:03:00.0', vendor: 'amd', model: 'RX 7900 XTX' }, now, 'not told');

function issuesOf(change: Partial<GpuMetrics>, subject: Partial<GpuSubject> = {}): readonly Issue[] {
  const rest = { unit: unread.id, reservedFor: null, isWanted: true, renderFile: null, now };
  return checkGpu({ ...rest, ...subject, metrics: { ...unread, ...change } });
}
const keysOf = (...given: Parameters<typeof issuesOf>): readonly string[] =>
  issuesOf(...given).map(({ key }) => key);

const program = (change: Partial<GpuProcess> = {}): GpuProcess => ({
  ...{ pid: 7, name: 'ollama', memoryMiB: 5_120, container: null, runner: null, job: null },
  ...{ app: 'ollama', title: 'Ollama' },
  ...change,
});

describe('the folder of checks', () => {
  it('has no check that is not asked', async () => {
    const folder = new URL('../../../main/checks/gpu/', import.meta.url);
    const index = await readFile(new URL('index.ts', folder), 'utf8');
    const files = (await readdir(folder)).filter((name) => !['check.ts', 'index.ts'].includes(name));
    for (const file of files) {
      const [, name = 'nothing'] =
        /export const (check\w+): GpuCheck/.exec(await readFile(new URL(file, folder), 'utf8')) ?? [];
      expect(index.split('gpuChecks:')[1], file).toContain(`  ${name},`);
    }
    expect(files.length).toBeGreaterThan(8);
  });
});

describe('a card', () => {
  it('of which nothing is known, and one that is well, have no issues', () => {
    expect(keysOf({})).toEqual([]);
    const well = {
      edgeCelsius: 60,
      throttle: ['power-cap' as const],
      eccUncorrected: 0,
      xids: [],
      fanRpm: 900,
    };
    expect(keysOf({ ...well, persistence: true, processes: [] })).toEqual([]);
  });

  it('that is lost or hangs says so as an error of its own', () => {
    const problem = { key: 'gpu.lost', message: 'It is gone.', next: 'Look.' };
    expect(issuesOf({ problem })).toMatchObject([
      { key: 'gpu.lost', severity: 'error', subject: '0000:03:00.0' },
    ]);
    expect(issuesOf({ problem: { ...problem, key: 'gpu.tool-hangs' } })).toMatchObject([
      { severity: 'warning' },
    ]);
  });

  it.each([
    [{ edgeCelsius: 96 }, 'gpu.hot'],
    [{ junctionCelsius: 110 }, 'gpu.hot'],
    [{ memoryCelsius: 106 }, 'gpu.hot'],
    [{ throttle: ['heat'] }, 'gpu.throttled'],
    [{ throttle: ['power-cap', 'power-brake'] }, 'gpu.throttled'],
    [{ eccUncorrected: 1 }, 'gpu.memory-errors'],
    [{ persistence: false }, 'gpu.persistence-off'],
    [{ fanRpm: 0, edgeCelsius: 85 }, 'gpu.fan-stuck'],
    [{ fanPercent: 0, edgeCelsius: 85 }, 'gpu.fan-stuck'],
    [{ fanRpm: 0, fanPercent: 60, edgeCelsius: 50 }, 'gpu.fan-stuck'],
  ] satisfies readonly (readonly [Partial<GpuMetrics>, string])[])('with %j is told: %s', (change, key) => {
    expect(keysOf(change)).toEqual([key]);
  });

  it('may let its fans stand still while it is cool, and tells nothing of fans that nobody knows', () => {
    expect(keysOf({ fanRpm: 0, fanPercent: 0, edgeCelsius: 55 })).toEqual([]);
    expect(keysOf({ edgeCelsius: 90 })).toEqual([]);
  });
});

describe('errors in the log', () => {
  it('are told unless a program is at fault, and for a day', () => {
    const xid = (code: number, at: number | null = now - 1_000) => ({ code, at, text: 'words' });
    expect(keysOf({ xids: [xid(79)] })).toEqual(['gpu.xid']);
    expect(issuesOf({ xids: [xid(79), xid(13)] })[0]?.message).toContain('79: it has fallen off the bus');
    expect(keysOf({ xids: [xid(13), xid(31), xid(43)] })).toEqual([]);
    expect(keysOf({ xids: [xid(79, now - 90_000_000)] })).toEqual([]);
    expect(keysOf({ xids: [xid(79, null)] })).toEqual(['gpu.xid']);
  });
});

describe('programs of others', () => {
  it('are named with what they hold, and with the reservation that keeps the card for them', () => {
    const [issue] = issuesOf({
      processes: [program({ name: 'x', title: null, memoryMiB: null, pid: 9 }), program()],
    });
    expect(issue?.message).toContain(
      'Ollama (process 7) holds 5.0 GiB, x (process 9) holds an unknown amount',
    );
    expect(issue?.next).toContain('autogit gpu reserve 0000:03:00.0 --for ollama');
    expect(issue?.severity).toBe('warning');
  });

  it('of Intel is in use only by programs that are known to be at work, and jobs may get it', () => {
    const windows = program({ pid: 9, name: 'firefox', app: null, title: null });
    expect(keysOf({ vendor: 'intel', processes: [windows] })).toEqual([]);
    const [issue] = issuesOf({ vendor: 'intel', processes: [windows, program()] });
    expect(issue?.message).toMatch(/: Ollama \(process 7\) holds 5\.0 GiB\. Jobs may get it all the same\.$/);
  });

  it('keep jobs away only from what the planner counts as work, and are told in the unit that fits', () => {
    const small = program({ pid: 9, name: 'ffmpeg', app: null, title: null, memoryMiB: 40 });
    const [note] = issuesOf({ processes: [small] });
    expect(note?.message).toMatch(/: ffmpeg \(process 9\) holds 40 MiB\. Jobs may get it all the same\.$/);
    expect(note?.severity).toBe('info');
    const many = Array.from({ length: 8 }, (_, index) => ({ ...small, pid: index }));
    const [issue] = issuesOf({ processes: many });
    expect(issue?.message).toMatch(/, and 5 more\. No job gets it meanwhile\.$/);
    expect(issue?.severity).toBe('warning');
  });

  it('count with what draws the screen, where that is so much that no job gets the card', () => {
    const desktop = (memoryMiB: number) => program({ name: 'Xorg', app: 'desktop', memoryMiB });
    expect(keysOf({ processes: [desktop(300)] })).toEqual([]);
    const [issue] = issuesOf({ processes: [desktop(301)] });
    expect(issue?.message).toMatch(/holds 301 MiB\. No job gets it meanwhile\.$/);
  });

  it('on a card that jobs get with others are told of what they get', () => {
    const [issue] = issuesOf({ processes: [program()] }, { unit: 'wsl' });
    expect(issue?.subject).toBe('0000:03:00.0');
    expect(issue?.next).toContain('autogit gpu reserve wsl --for ollama');
    expect(issue?.message).toContain('Jobs may get it all the same.');
  });

  it('are only a note where no pool wants cards, and nothing where the card is kept, or they are ours or the screen', () => {
    expect(issuesOf({ processes: [program()] }, { isWanted: false })[0]?.severity).toBe('info');
    expect(keysOf({ processes: [program()] }, { reservedFor: 'ollama' })).toEqual([]);
    expect(keysOf({ processes: [program({ runner: 'autogit-runner-gpu-00000001' })] })).toEqual([]);
    expect(keysOf({ processes: [program({ app: 'desktop', memoryMiB: 200 })] })).toEqual([]);
  });

  it.each([
    ['/usr/local/bin/ollama', [], 'Ollama'],
    ['/usr/lib/ollama/runners/llama-server', [], 'Ollama'],
    ['python3', ['python3', '/home/ann/ComfyUI/main.py'], 'ComfyUI'],
    ['wine64-preloader', ['Z:\\home\\ann\\.steam\\steamapps\\common\\Half-Life 3\\hl3.exe'], 'Half-Life 3'],
    ['/usr/bin/kwin_wayland', [], 'the desktop'],
    ['C:\\Windows\\System32\\dwm.exe', [], 'the desktop'],
    ['python3', ['python3', 'train.py'], undefined],
  ] as const)('are known by their name: %s %j', (name, words, title) => {
    expect(recogniseApp(name, words)?.title).toBe(title);
  });
});

describe('a render node', () => {
  const file = (mode: number) => ({ renderFile: { path: '/dev/dri/renderD128', group: 109, mode } });
  it('that its group may not use is told', () => {
    expect(keysOf({}, file(0o600))).toEqual(['gpu.render-node-closed']);
    expect(keysOf({}, file(0o640))).toEqual(['gpu.render-node-closed']);
    expect(keysOf({}, file(0o660))).toEqual([]);
    expect(keysOf({}, file(0o666))).toEqual([]);
  });
});
