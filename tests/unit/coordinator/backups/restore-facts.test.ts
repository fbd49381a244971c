import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ResticPlace } from '../../../../main/backup-ports.ts';
import { backedUpStack, isUnread } from '../../../../main/coordinator/backups/backed-up-stack.ts';
import { gatherFacts, gatherImageFacts } from '../../../../main/coordinator/backups/restore-facts.ts';
import type { FactsOptions } from '../../../../main/coordinator/backups/restore-facts.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import type { BackupManifest } from '../../../../main/model/backup/manifest.ts';
import { defaultBackupSettings } from '../../../../main/model/backup/settings.ts';
import { recordOf, tagsOf } from '../../../../main/plan/backups/tags.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeGitlab, gitlabFailure } from '../../../fakes/fake-gitlab.ts';
import { FakeRestic } from '../../../fakes/fake-restic.ts';
import { FakeStackFolder } from '../../../fakes/fake-stack-folder.ts';
import { FakeStackJournal } from '../../../fakes/fake-stack-journal.ts';
import { fakeTemplates } from '../../../fakes/fake-stack-templates.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { someAnswers } from '../../../fakes/some-stack.ts';
import { bundledTemplates } from '../../../fakes/stack-templates.ts';

const never = new AbortController().signal;
const stack = { data: '/srv/lab', images: { gitlab: 'gitlab/gitlab-ce:18.5.1-ce.0' } };
const templates = bundledTemplates();

let gitlab: FakeGitlab;
let journal: FakeStackJournal;
let folder: FakeStackFolder;
let clock: FakeClock;
let kind: ReturnType<FactsOptions['ground']['gitlabKind']>;

function options(change: Partial<FactsOptions> = {}): FactsOptions {
  return {
    ground: {
      ...{ gitlabKind: () => kind, wanted: () => defaultBackupSettings, clock, log: silentLog },
      store: { instance: 'lab' },
    },
    ...{ version: '1.0.0', journal, templates: fakeTemplates(templates), gitlab: () => gitlab },
    put: { compose: { version: () => Promise.resolve('2.40.3') }, folder },
    snapshot: () => createFakeWorld().snapshot(),
    ...change,
  };
}

beforeEach(() => {
  gitlab = new FakeGitlab();
  journal = new FakeStackJournal();
  folder = new FakeStackFolder();
  clock = new FakeClock();
  kind = 'stack';
});

describe('what is here', () => {
  it('is counted by the GitLab that answers; what it does not count is not known', async () => {
    gitlab.totals = { projects: 52, users: 12, hooks: null };
    const facts = await gatherFacts(options(), null);
    expect(facts).toMatchObject({ hasAnswered: true, gitlabVersion: '19.4.0', isEmpty: false });
    expect(facts.counts).toMatchObject({ projects: 52, users: 12, groups: 0, targets: 0 });
    expect(facts.counts).not.toHaveProperty('hooks');
  });

  it('is not known of a GitLab that refuses, is not connected, or takes too long', async () => {
    journal.setStanding({
      ...{ answers: someAnswers, isUp: true, isKept: false, services: {} },
      images: { gitlab: 'gitlab/gitlab-ce:19.3.4-ce.0@sha256:00' },
    });
    const unknown = { hasAnswered: false, gitlabVersion: '19.3.4' };
    gitlab.fail(gitlabFailure('gitlab.unreachable'));
    const refused = await gatherFacts(options(), null);
    expect(refused).toMatchObject(unknown);
    expect(refused.counts).not.toHaveProperty('projects');
    const unconnected = (): never => {
      throw new AutoGitError({ key: 'gitlab.not-connected', message: '', next: '' });
    };
    expect(await gatherFacts(options({ gitlab: unconnected }), null)).toMatchObject(unknown);
    gitlab.fail(null);
    const letGo = gitlab.hang();
    const slow = gatherFacts(options(), null);
    await clock.advance(15_000);
    expect(await slow).toMatchObject(unknown);
    letGo();
  });

  it('is asked only of a GitLab that is part of the lab', async () => {
    kind = 'elsewhere';
    expect(await gatherFacts(options(), null)).toMatchObject({ hasAnswered: false, gitlabVersion: '' });
    kind = 'none';
    expect(await gatherFacts(options(), null)).toMatchObject({ isEmpty: true });
    expect(gitlab.calls).toEqual([]);
  });

  it('has data where the one of the backup goes, unless the stack that is up has it', async () => {
    kind = 'none';
    const at = '/srv/lab/gitlab/data';
    expect(await gatherFacts(options(), stack)).toMatchObject({ unusedData: null });
    folder.looks.set(at, { exists: true, empty: false });
    expect(await gatherFacts(options(), stack)).toMatchObject({ unusedData: at });
    expect(await gatherFacts(options(), null)).toMatchObject({ unusedData: null });
    journal.setStanding({ answers: someAnswers, isUp: true, isKept: false, services: {} });
    expect(await gatherFacts(options(), stack)).toMatchObject({ unusedData: null });
  });

  it('knows what its templates would install, and what for', async () => {
    const manifest = templates.find(({ manifest: { id } }) => id === 'gitlab')?.manifest;
    const { installs, madeFor } = await gatherFacts(options(), null);
    expect(manifest?.images[0]?.reference).toContain(`:${installs?.version ?? ''}-ce.0@`);
    expect(installs).toMatchObject({ isEnterprise: false, stops: manifest?.upgrade.stops });
    expect(madeFor).toHaveProperty(['gitlab/gitlab-ce'], ['amd64', 'arm64']);
    const broken = { read: () => Promise.reject(new Error('unreadable')) };
    expect(await gatherFacts(options({ templates: broken }), null)).toMatchObject({ installs: null });
    expect(await gatherImageFacts(options({ templates: broken }))).toMatchObject({ madeFor: {} });
  });
});

describe('the stack of a backup', () => {
  const place: ResticPlace = {
    ...{ target: { name: 'nas', kind: 'folder', path: '/nas' }, password: 'words', secrets: {} },
    limits: { uploadKiB: 0, downloadKiB: 0, nice: 0 },
  };
  const manifest: BackupManifest = {
    ...{ version: 1, id: '2f6d1c1e-0000-4000-8000-000000000001', at: 1, autogit: '1.0.0', instance: 'lab' },
    ...{ machine: 'm', gitlab: 'stack', parts: [], filesSha256: '0'.repeat(64), files: 0, bytes: 0 },
    stack: { lab: 'lab', ...stack },
  };

  async function backedUp(text: string) {
    const root = await mkdtemp(path.join(tmpdir(), 'autogit-facts-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    await writeFile(path.join(root, 'manifest.json'), text);
    const restic = new FakeRestic();
    await restic.init(place, never);
    const tags = tagsOf(manifest, 'a'.repeat(64));
    await restic.backup(place, { folder: root, host: 'm', tags, at: 1 }, () => undefined, never);
    const [snapshot] = await restic.snapshots(place, never);
    const record = snapshot === undefined ? null : recordOf(snapshot, 'nas', undefined);
    if (record === null) throw new Error('there is no backup');
    const wish = { record, place, parts: null, project: null, to: null, withoutSafety: false };
    return { wish, tools: { restic, log: silentLog } };
  }

  it('is read from its manifest before anything is fetched', async () => {
    const { wish, tools } = await backedUp(JSON.stringify(manifest));
    expect(await backedUpStack(wish, tools)).toMatchObject(stack);
    expect(await backedUpStack({ ...wish, to: '/look' }, tools)).toBeNull();
  });

  it('is not known where the manifest is of another one, is none, or nobody answers', async () => {
    const other = await backedUp(JSON.stringify({ ...manifest, id: '2f6d1c1e-0000-4000-8000-000000000002' }));
    expect(await backedUpStack(other.wish, other.tools)).toBeNull();
    const none = await backedUp('{}');
    expect(await backedUpStack(none.wish, none.tools)).toBeNull();
    const { wish, tools } = await backedUp(JSON.stringify(manifest));
    tools.restic.fail('nas', 'backup.target-unreachable');
    expect(await backedUpStack(wish, tools)).toBeNull();
    const data = { ...wish, parts: ['gitlab'] as const };
    expect(isUnread(data, null)).toBe(true);
    expect(isUnread(data, stack)).toBe(false);
    expect(isUnread({ ...wish, parts: ['home'] }, null)).toBe(false);
    expect(isUnread({ ...data, to: '/look' }, null)).toBe(false);
  });
});
