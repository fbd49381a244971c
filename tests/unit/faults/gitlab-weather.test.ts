// A GitLab in bad weather, through the real HTTP adapter and the real sandbox server; minutes pass on a fake clock.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectGitlab } from '../../../main/adapters/gitlab/connect-gitlab.ts';
import { entryTerms } from '../../../main/model/pool.ts';
import { watchGitlab } from '../../../main/observe/watch-gitlab.ts';
import type { GitlabWatch } from '../../../main/observe/watch-gitlab.ts';
import type { Gitlab, Store } from '../../../main/ports.ts';
import { startSandbox } from '../../../main/sandbox/server.ts';
import type { Sandbox } from '../../../main/sandbox/server.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore, recordedLog } from '../../fakes/fake-context.ts';
import { somePool } from '../../fakes/world.ts';
import { openWeather } from '../../fixtures/weather.ts';
import type { Weather, WeatherRelay } from '../../fixtures/weather.ts';

const token = 'glpat-weather-root';
const second = 1_000;
const minute = 60 * second;
const megabyte = 1_048_576;

let folder: string;
let sandbox: Sandbox;
let relay: WeatherRelay;
let clock: FakeClock;
let store: Store;
let gitlab: Gitlab;
let watch: GitlabWatch | null;
let projectId: number;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-weather-'));
  sandbox = await startSandbox({ stateDir: folder, host: '127.0.0.1', port: 0, rootToken: token });
  relay = await openWeather(sandbox.url);
  const own = connectGitlab({ url: sandbox.url, runnerUrl: sandbox.url }, token);
  projectId = (await own.createProject('weather')).id;
  const content = 'one:\n  script: [echo one]\ntwo:\n  script: [echo two]\n';
  const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content }];
  await fetch(`${sandbox.url}/api/v4/projects/${projectId}/repository/commits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'private-token': token },
    body: JSON.stringify({ branch: 'main', commit_message: 'Start', actions }),
  });
});
afterAll(async () => {
  await relay.close();
  await sandbox.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  relay.set({ kind: 'clear' });
  await relay.comeBack();
  clock = new FakeClock();
  store = memoryStore(clock);
  watch = null;
  const monotonic = (): number => clock.monotonic();
  gitlab = connectGitlab({ url: relay.url, runnerUrl: relay.url }, token, { monotonic, timeoutMs: 500 });
});
afterEach(async () => {
  await watch?.stop();
  store.close();
});

async function begin(): Promise<GitlabWatch> {
  const made = watchGitlab({
    ...{ gitlab, store, clock, log: recordedLog(), entryPrefix: 'AutoGit', onChange: () => undefined },
    ...{ isActive: () => true, asksProtection: () => true },
  });
  watch = made;
  await vi.waitFor(() => expect(made.entries().state).toBe('fresh'), { timeout: 5_000 });
  return made;
}

/** Lets so much time pass, with real answers in between. */
async function pass(ms: number, step = second): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    await clock.advance(step);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

async function untilFresh(made: GitlabWatch): Promise<void> {
  made.refresh();
  await vi.waitFor(
    async () => {
      await clock.advance(200);
      expect(made.queue().state).toBe('fresh');
    },
    { timeout: 5_000, interval: 5 },
  );
}

const html = { 'content-type': 'text/html' };
const storms: readonly (readonly [string, string, Weather])[] = [
  ['502 with a page', 'gitlab.unavailable', { kind: 'status', status: 502 }],
  ['503', 'gitlab.unavailable', { kind: 'status', status: 503 }],
  ['401', 'gitlab.unauthorized', { kind: 'status', status: 401, body: '{"message":"401 Unauthorized"}' }],
  ['403', 'gitlab.forbidden', { kind: 'status', status: 403, body: '{"message":"403 Forbidden"}' }],
  ['HTML instead of JSON', 'gitlab.unexpected', { kind: 'status', status: 200, headers: html }],
  ['truncated JSON', 'gitlab.unexpected', { kind: 'truncated' }],
  ['cut connections', 'gitlab.unreachable', { kind: 'cut' }],
];

describe('a GitLab that for minutes has', () => {
  it.each(storms)(
    '%s: the old queue says why (%s), nobody is lost, and it is fresh again',
    async (_, key, storm) => {
      const made = await begin();
      const before = made.queue();
      relay.set(storm);
      await pass(30 * second);
      await vi.waitFor(() => expect(made.queue()).toMatchObject({ state: 'stale', error: { key } }));
      expect(made.queue()).toMatchObject({ value: 'value' in before ? { jobs: before.value.jobs } : {} });
      const askedBefore = relay.asked.length;
      await pass(3 * minute);
      // Every 10 s the queue, and nothing else.
      expect(relay.asked.length - askedBefore).toBeLessThanOrEqual(20);
      expect(relay.asked.length - askedBefore).toBeGreaterThanOrEqual(10);
      expect(store.openJobs()).toHaveLength(2);
      relay.set({ kind: 'clear' });
      await untilFresh(made);
      expect(store.openJobs()).toHaveLength(2);
    },
  );

  it('nobody listening: the same', async () => {
    const made = await begin();
    await relay.refuse();
    await pass(2 * minute);
    await vi.waitFor(() =>
      expect(made.queue()).toMatchObject({ state: 'stale', error: { key: 'gitlab.unreachable' } }),
    );
    await relay.comeBack();
    await untilFresh(made);
  });

  it('a name that nobody knows: unreachable, with the reason', async () => {
    const lost = connectGitlab({ url: 'http://gitlab.invalid', runnerUrl: 'http://gitlab.invalid' }, token);
    await expect(lost.queue()).rejects.toMatchObject({
      key: 'gitlab.unreachable',
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string,
    });
  });
});

describe('a GitLab that wants to be left alone', () => {
  const limited: Weather = {
    kind: 'status',
    status: 429,
    headers: { 'Retry-After': '120' },
    body: 'Retry later',
  };

  it('429 with Retry-After: one request, none for so long whoever asks, and then at once the next', async () => {
    const made = await begin();
    relay.set(limited);
    await pass(5 * second);
    const asked = relay.asked.length;
    await pass(100 * second);
    await expect(gitlab.listEntries('x')).rejects.toMatchObject({
      key: 'gitlab.unavailable',
      fields: { status: 429 },
    });
    expect(relay.asked.length).toBe(asked);
    expect(made.queue()).toMatchObject({ state: 'stale', error: { key: 'gitlab.unavailable' } });
    relay.set({ kind: 'clear' });
    await pass(20 * second);
    expect(made.queue().state).toBe('fresh');
  });

  it('a date and an absurd time: no longer than an hour', async () => {
    const at = new Date(Date.now() + 7 * 24 * 60 * minute).toUTCString();
    relay.set({ ...limited, headers: { 'Retry-After': at } });
    await expect(gitlab.queue()).rejects.toMatchObject({ key: 'gitlab.unavailable' });
    relay.set({ kind: 'clear' });
    await clock.advance(59 * minute);
    await expect(gitlab.queue()).rejects.toMatchObject({ key: 'gitlab.unavailable' });
    await clock.advance(2 * minute);
    await expect(gitlab.queue()).resolves.toMatchObject({ jobs: [{}, {}] });
  });

  it('429 without a word, and 502, are not asked again within the same call', async () => {
    for (const status of [429, 502]) {
      relay.set({ kind: 'status', status });
      const before = relay.asked.length;
      await expect(gitlab.listEntries('x')).rejects.toMatchObject({ key: 'gitlab.unavailable' });
      await expect(gitlab.createEntry({ ...entryTerms(somePool()), description: 'x' })).rejects.toMatchObject(
        {
          key: 'gitlab.unavailable',
        },
      );
      expect(relay.asked.length - before).toBe(2);
    }
  });
});

describe('an answer that does not end', () => {
  it.each(['queue', 'listEntries'] as const)(
    '500 MB to %s: little of it is read, and less is kept',
    async (method) => {
      const before = relay.sent();
      relay.set({ kind: 'huge', status: 200, bytes: 500 * megabyte });
      const rss = process.memoryUsage.rss();
      const patient = connectGitlab({ url: relay.url, runnerUrl: relay.url }, token);
      const call = method === 'queue' ? patient.queue() : patient.listEntries('x');
      await expect(call).rejects.toMatchObject({
        key: 'gitlab.unexpected',
        message: expect.stringContaining('larger than 16 MB') as string,
      });
      expect(relay.sent() - before).toBeLessThan(40 * megabyte);
      expect(process.memoryUsage.rss() - rss).toBeLessThan(200 * megabyte);
    },
  );

  it('a byte now and then: over within the time for an answer, as one that says nothing', async () => {
    for (const weather of [{ kind: 'slow', everyMs: 20 }, { kind: 'hangs' }] as const) {
      relay.set(weather);
      const begun = performance.now();
      await expect(gitlab.queue()).rejects.toMatchObject({
        key: 'gitlab.unreachable',
        message: expect.stringContaining('no answer in time') as string,
      });
      expect(performance.now() - begun).toBeLessThan(5 * second);
    }
  });
});

describe('a GitLab that hangs', () => {
  it('for single projects alone keeps nobody from reading the queue', async () => {
    const made = await begin();
    relay.set({ kind: 'hangs' }, (call) => call.includes('/projects/'));
    const queueReads = (): number => relay.asked.filter(({ call }) => call.endsWith('/graphql')).length;
    const before = queueReads();
    await pass(20 * second, 200);
    expect(queueReads() - before).toBeGreaterThanOrEqual(5);
    expect(made.queue().state).toBe('fresh');
  });

  it('altogether does not hold up the end of the core', async () => {
    // With the patience of everyday: 15 s.
    gitlab = connectGitlab({ url: relay.url, runnerUrl: relay.url }, token);
    const made = await begin();
    relay.set({ kind: 'hangs' });
    made.refresh();
    const begun = performance.now();
    await made.stop();
    expect(performance.now() - begun).toBeLessThan(10 * second);
  });
});
