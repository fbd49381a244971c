import { describe, expect, it } from 'vitest';
import type { BackupProofs, ResticNode, ResticPlace } from '../../../../main/backup-ports.ts';
import { drillBackup, sampleOf } from '../../../../main/coordinator/backups/drill.ts';
import type { DrillTools } from '../../../../main/coordinator/backups/drill.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import type { BackupRecord } from '../../../../main/model/backup/backup.ts';
import type { BackupManifest, BackupPart } from '../../../../main/model/backup/manifest.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const record: BackupRecord = {
  ...{ id: 'one', target: 'nas', snapshot: 'a', at: 1, machine: 'm', instance: 'lab', manifestSha256: 'b' },
  ...{
    autogit: '0.1.0',
    gitlab: 'sandbox',
    gitlabVersion: '',
    parts: ['home', 'sandbox'],
    bytes: 1,
    addedBytes: null,
  },
  ...{ files: 1, counts: {}, provenAt: null, provenMs: null, damage: null },
};
const place: ResticPlace = {
  ...{ target: { name: 'nas', kind: 'folder', path: '/nas' }, password: 'words', secrets: {} },
  limits: { uploadKiB: 0, downloadKiB: 0, nice: 0 },
};

function manifestOf(parts: readonly BackupPart[]): BackupManifest {
  return {
    ...{
      version: 1,
      id: '2f6d1c1e-0000-4000-8000-000000000001',
      at: 1,
      autogit: '0',
      instance: 'lab',
      machine: 'm',
    },
    parts: parts.map((part) => ({ part, version: '', bytes: 0, files: 0, counts: {}, awaySeconds: 0 })),
    ...{ gitlab: 'sandbox', stack: null, filesSha256: '0'.repeat(64), files: 0, bytes: 0 },
  };
}

interface Given {
  readonly parts?: readonly BackupPart[];
  readonly nodes?: readonly ResticNode[];
  readonly damaged?: readonly string[];
  readonly proofs?: Partial<BackupProofs>;
  readonly loadDump?: DrillTools['loadDump'];
  readonly restore?: () => Promise<never>;
}

const soundNodes: readonly ResticNode[] = ['manifest.json', 'files.jsonl', 'home/state.db'].map((path) => ({
  path,
  type: 'file',
  bytes: 1,
}));

/** What a drill finds, and what it has done. */
async function drill({
  parts = ['home', 'sandbox'],
  nodes = soundNodes,
  damaged = [],
  proofs = {},
  loadDump,
  restore,
}: Given) {
  const done: string[] = [];
  const clock = new FakeClock();
  const tools: DrillTools = {
    clock,
    restic: {
      list: async function* () {
        yield* nodes;
      },
      restore: async () => {
        done.push('restore');
        await restore?.();
        clock.set(clock.now() + 5_000);
        return { failed: [] };
      },
    },
    files: {
      fresh: (name) => Promise.resolve(`/home/backups/${name}`),
      judge: () => Promise.resolve({ manifest: manifestOf(parts), damaged }),
      remove: async (name) => void done.push(`remove ${name}`),
    },
    proofs: {
      repository: () => Promise.resolve([]),
      database: () => Promise.resolve([]),
      homeSecrets: () => Promise.resolve([]),
      gitlabSecrets: () => Promise.resolve([]),
      homeSecret: () => Promise.resolve(null),
      repositories: () =>
        Promise.resolve([
          { path: '/home/backups/scratch/drill/sandbox/repositories/1.git', kind: 'bare', project: 'a/b' },
        ]),
      takeRepository: () => Promise.resolve(),
      dump: () => Promise.resolve({ findings: [], how: 'read' }),
      ...proofs,
    },
    ...(loadDump === undefined ? {} : { loadDump }),
  };
  const result = drillBackup(record, place, {
    tell: () => undefined,
    signal: new AbortController().signal,
    tools,
  });
  return { result: await result.catch((error: unknown) => error), done };
}

/** What is wrong, how, and what is said of it. */
const troubles: readonly (readonly [string, Given, string])[] = [
  ['a file that is not as it was', { damaged: ['home/state.db is missing'] }, 'home/state.db is missing'],
  [
    'a database',
    { proofs: { database: async () => ['row 7 is missing'] } },
    "AutoGit's database: row 7 is missing",
  ],
  ['secrets', { proofs: { homeSecrets: async () => ['no key'] } }, "AutoGit's secrets: no key"],
  [
    'a repository',
    { proofs: { repository: async () => ['missing blob'] } },
    'The repository a/b: missing blob',
  ],
  [
    "GitLab's secrets",
    { parts: ['gitlab'], proofs: { gitlabSecrets: async () => ['torn'] } },
    "GitLab's secrets: torn",
  ],
  [
    "GitLab's dump",
    { parts: ['gitlab'], proofs: { dump: async () => ({ findings: ['torn'], how: 'read' }) } },
    "GitLab's database: torn",
  ],
];

describe('a drill', () => {
  it('finds nothing in a backup that restores, and leaves nothing behind', async () => {
    const { result, done } = await drill({});
    expect(result).toMatchObject({ findings: [], notes: [] });
    expect(done).toEqual(['restore', 'remove scratch/drill']);
  });

  it.each(troubles)('finds %s', async (_, given, finding) => {
    const { result, done } = await drill(given);
    expect(result).toMatchObject({
      findings: expect.arrayContaining([expect.stringContaining(finding)]) as unknown,
    });
    expect(done.at(-1)).toBe('remove scratch/drill');
  });

  it('says what it could not try', async () => {
    const { result } = await drill({ parts: ['gitlab'] });
    expect(result).toMatchObject({ findings: [], notes: [expect.stringContaining('not loaded')] });
  });

  it('loads the dump of GitLab where it can, and finds what is against it', async () => {
    const folders: string[] = [];
    const loading =
      (why: string | null, findings: readonly string[]): NonNullable<DrillTools['loadDump']> =>
      (folder) => {
        folders.push(folder);
        return Promise.resolve({ why, findings });
      };
    const drilled = async (loadDump: NonNullable<DrillTools['loadDump']>): Promise<unknown> =>
      (await drill({ parts: ['gitlab'], loadDump })).result;
    expect(await drilled(loading(null, []))).toMatchObject({ findings: [], notes: [] });
    expect(await drilled(loading(null, ['torn']))).toMatchObject({
      ...{ findings: ["GitLab's database: torn"], notes: [] },
    });
    expect(await drilled(loading('no image', []))).toMatchObject({
      ...{ findings: [], notes: [expect.stringContaining('no image')] },
    });
    expect(new Set(folders)).toEqual(new Set(['/home/backups/scratch/drill/gitlab/backup/db']));
  });

  it('restores nothing of a snapshot with links, devices or paths that lead out', async () => {
    const hostile: readonly ResticNode[] = [
      { path: 'home/link', type: 'symlink', bytes: 0 },
      { path: 'home/device', type: 'other', bytes: 0 },
      { path: '../out', type: 'file', bytes: 0 },
      { path: '/etc/passwd', type: 'file', bytes: 0 },
      { path: 'etc/passwd', type: 'file', bytes: 0 },
    ];
    for (const node of hostile) {
      const { result, done } = await drill({ nodes: [...soundNodes, node] });
      expect(result).toMatchObject({ findings: [expect.stringContaining(JSON.stringify(node.path))] });
      expect(done).toEqual(['remove scratch/drill']);
    }
    expect((await drill({ nodes: [] })).done).not.toContain('restore');
  });

  it('does not take a place that fails for a backup that does', async () => {
    const error = new AutoGitError({
      key: 'backup.target-unreachable',
      message: 'It is off.',
      next: 'Switch it on.',
    });
    const { result, done } = await drill({ restore: () => Promise.reject(error) });
    expect(result).toBe(error);
    expect(done.at(-1)).toBe('remove scratch/drill');
  });
});

describe('the sample of repositories', () => {
  it('has five each day, and all of them in turn', () => {
    const all = Array.from({ length: 13 }, (_, index) => index);
    const seen = new Set(
      Array.from({ length: 13 }, (_, day) => sampleOf(all, day)).flatMap((sample) => [...sample]),
    );
    expect(seen.size).toBe(13);
    expect(sampleOf(all, 3)).toHaveLength(5);
    expect(sampleOf([1, 2], 3)).toEqual([1, 2]);
  });
});
