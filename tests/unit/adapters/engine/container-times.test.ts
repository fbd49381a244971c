// When containers were started, and how often the engine did so by itself. The engine is a server of the test.
import { expect, it } from 'vitest';
import { createTellTimes } from '../../../../main/adapters/engine/container-times.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { serverWith } from '../../../fixtures/answering-server.ts';

const tellTimes = createTellTimes({ variables: {}, home: '/nowhere', uid: null }, silentLog);

it('tells what the engine has of each, and nothing of one that is gone', async () => {
  const described = new Map([
    ['runs', { RestartCount: 3, State: { StartedAt: '2026-11-22T10:00:00.5Z' } }],
    ['made', { State: { StartedAt: '0001-01-01T00:00:00Z' } }],
  ]);
  const address = await serverWith((request, response) => {
    const id = /\/containers\/([^/]+)\/json/.exec(request.url ?? '')?.[1] ?? '';
    const found = described.get(id);
    response.writeHead(found === undefined ? 404 : 200);
    response.end(JSON.stringify(found ?? { message: 'No such container' }));
  });
  const told = await tellTimes(address.replace('http:', 'tcp:'), ['runs', 'gone', 'made']);
  expect(Object.fromEntries(told)).toEqual({
    runs: { restarts: 3, startedAt: Date.UTC(2026, 10, 22, 10, 0, 0, 500) },
    made: { restarts: 0, startedAt: null },
  });
});

it('tells nothing where no engine answers', async () => {
  expect(await tellTimes('unix:///nowhere/docker.sock', ['one'])).toEqual(new Map());
});
