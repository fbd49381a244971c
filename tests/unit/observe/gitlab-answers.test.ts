// The queue as read through the real client from servers that answer wrongly.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectGitlab } from '../../../main/adapters/gitlab/connect-gitlab.ts';
import { watchGitlab } from '../../../main/observe/watch-gitlab.ts';
import type { GitlabWatch } from '../../../main/observe/watch-gitlab.ts';
import type { Store } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore, recordedLog } from '../../fakes/fake-context.ts';

type Answer = (response: ServerResponse, after: unknown) => void;

const job = (id: number): object => ({
  ...{ id: `gid://gitlab/Ci::Build/${id}`, name: 'build', status: 'PENDING', tags: [], refName: 'main' },
  ...{ startedAt: null, finishedAt: null, queuedDuration: null, failureMessage: null },
  project: { id: 'gid://gitlab/Project/7', fullPath: 'group/project' },
});
const page = (ids: readonly number[], next: string | null): string =>
  JSON.stringify({
    data: { jobs: { nodes: ids.map(job), pageInfo: { hasNextPage: next !== null, endCursor: next } } },
  });
const say =
  (status: number, body: string, type = 'application/json'): Answer =>
  (response) =>
    void response.writeHead(status, { 'Content-Type': type }).end(body);
const good = say(200, page([1], null));
/** Answers both who asks and which version this is. */
const administrator = JSON.stringify({ is_admin: true, version: '19.4.0', revision: 'abc' });

let server: Server;
let answer: Answer;
let clock: FakeClock;
let store: Store;
let watch: GitlabWatch;

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  const path = request.url ?? '';
  if (!path.includes('graphql')) {
    say(200, path.includes('runners') ? '[]' : administrator)(response, null);
    return;
  }
  const { variables }: { variables: { after: unknown } } = JSON.parse(body) as {
    variables: { after: unknown };
  };
  answer(response, variables.after);
}

beforeEach(async () => {
  answer = good;
  server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  clock = new FakeClock();
  store = memoryStore(clock);
  watch = watchGitlab({
    ...{ gitlab: connectGitlab({ url, runnerUrl: url }, 'glpat-x'), store, clock, log: recordedLog() },
    ...{
      entryPrefix: 'AutoGit',
      isActive: () => false,
      asksProtection: () => false,
      onChange: () => undefined,
    },
  });
  await vi.waitFor(() => expect(watch.entries().state).toBe('fresh'));
});
afterEach(async () => {
  await watch.stop();
  server.closeAllConnections();
  server.close();
  store.close();
});

/** The next reading, whatever comes of it. */
async function readAgain(state: 'fresh' | 'stale'): Promise<ReturnType<GitlabWatch['queue']>> {
  clock.advance(1).catch(() => undefined);
  watch.refresh();
  await vi.waitFor(() => expect(watch.queue().state).toBe(state), { timeout: 5_000 });
  return watch.queue();
}

describe('a GitLab that answers', () => {
  it.each<[string, string, Answer]>([
    ['502', 'gitlab.unavailable', say(502, '<html>Bad gateway</html>', 'text/html')],
    ['429', 'gitlab.unavailable', say(429, 'Retry later')],
    ['401', 'gitlab.unauthorized', say(401, '{"message":"401 Unauthorized"}')],
    ['403', 'gitlab.forbidden', say(403, '{"message":"403 Forbidden"}')],
    ['404', 'gitlab.unexpected', say(404, '{"error":"404 Not Found"}')],
    ['a page for people', 'gitlab.unexpected', say(200, '<!doctype html><h1>Sign in</h1>', 'text/html')],
    ['nothing', 'gitlab.unexpected', say(200, '')],
    ['half a document', 'gitlab.unexpected', say(200, page([1, 2], null).slice(0, 80))],
    ['another document', 'gitlab.unexpected', say(200, '{"data":{"jobs":null}}')],
    ['an error of GraphQL', 'gitlab.unexpected', say(200, '{"errors":[{"message":"Timeout"}]}')],
    ['with a broken connection', 'gitlab.unreachable', (response) => void response.destroy()],
    [
      'and breaks off',
      'gitlab.unreachable',
      (response) => {
        response.writeHead(200, { 'Content-Length': '9999' });
        response.write(page([1], null).slice(0, 50), () => response.destroy());
      },
    ],
  ])('%s: the last queue is an old one, with the key %s', async (_, key, wrong) => {
    answer = wrong;
    expect(await readAgain('stale')).toMatchObject({
      ...{ state: 'stale', error: { key } },
      value: { jobs: [{ id: 1, status: 'pending' }] },
    });
    expect(store.job(1)?.status).toBe('pending');
    answer = good;
    expect(await readAgain('fresh')).toMatchObject({ value: { jobs: [{ id: 1 }] } });
  });

  it('the first page only: a part of the queue is never taken for the whole', async () => {
    answer = (response, after) =>
      (after === null ? say(200, page([2, 3], 'next')) : say(502, ''))(response, after);
    expect(await readAgain('stale')).toMatchObject({ value: { jobs: [{ id: 1 }] } });
    expect([store.job(1)?.status, store.job(2)]).toEqual(['pending', null]);
    answer = (response, after) =>
      say(200, after === null ? page([2, 3], 'next') : page([4], null))(response, after);
    expect(await readAgain('fresh')).toMatchObject({ value: { jobs: [{ id: 2 }, { id: 3 }, { id: 4 }] } });
  });
});
