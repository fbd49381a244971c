// An exchange with GitLab: who sees the token, how much is asked for, and for how long it is waited.
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../../../main/adapters/gitlab/http.ts';
import { readQueue } from '../../../../main/adapters/gitlab/queue.ts';
import { serverWith } from '../../../fixtures/answering-server.ts';

const token = { 'private-token': 'glpat-of-an-administrator', authorization: 'Bearer it' };

describe('a redirection', () => {
  it('takes the token to nobody else, be it on the same machine', async () => {
    const seen: unknown[] = [];
    const storage = await serverWith(({ headers }, response) => {
      seen.push(headers['private-token'], headers.authorization);
      response.end('the log');
    });
    const gitlab = await serverWith((_request, response) =>
      response.writeHead(302, { location: `${storage}/log?signature=1` }).end(),
    );
    const { text } = await createHttp(gitlab).exchange(`${gitlab}/trace`, { headers: token });
    expect([text, seen]).toEqual(['the log', [undefined, undefined]]);
  });

  it('to another place of the same server takes it along', async () => {
    const gitlab = await serverWith(({ url, headers }, response) => {
      if (url === '/old') response.writeHead(301, { location: '/new' }).end();
      else response.end(headers['private-token']);
    });
    const { text } = await createHttp(gitlab).exchange(`${gitlab}/old`, { headers: token });
    expect(text).toBe(token['private-token']);
  });
});

describe('a part of a long answer', () => {
  const whole = 'abcdefghij';

  it.each(['one that knows of ranges', 'one that sends all of it', 'one that begins a little before'])(
    'is the same from %s',
    async (server) => {
      const gitlab = await serverWith(({ headers }, response) => {
        const asked = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
        const from = server.includes('before') ? asked - 2 : asked;
        if (server.includes('all of it')) response.end(whole);
        else
          response
            .writeHead(206, { 'content-range': `bytes ${from}-9/${whole.length}` })
            .end(whole.slice(from));
      });
      const { bytes, more } = await createHttp(gitlab).part(gitlab, {}, { offset: 4, length: 3 });
      expect([Buffer.from(bytes).toString(), more]).toEqual(['efg', true]);
    },
  );

  it('is empty where the answer ends before it', async () => {
    const gitlab = await serverWith((_request, response) => response.writeHead(416).end());
    const { bytes, more } = await createHttp(gitlab).part(gitlab, {}, { offset: 10, length: 3 });
    expect([bytes.length, more]).toEqual([0, false]);
  });

  it('may take long as long as it comes, and no longer', async () => {
    const gitlab = await serverWith(({ url }, response) => {
      let sent = 0;
      const timer = setInterval(() => {
        sent += 1;
        response.write('x');
        if (sent < 8) return;
        clearInterval(timer);
        if (url === '/slow') response.end();
      }, 60);
    });
    const http = createHttp(gitlab, { timeoutMs: 300 });
    const { bytes } = await http.part(`${gitlab}/slow`, {}, { offset: 0, length: 100 });
    expect(bytes.length).toBe(8);
    await expect(http.part(`${gitlab}/stuck`, {}, { offset: 0, length: 100 })).rejects.toMatchObject({
      key: 'gitlab.unreachable',
    });
  });
});

describe('a queue without end', () => {
  it('is no queue: what lies beyond a part of it would be taken for gone', async () => {
    const page = { data: { jobs: { nodes: [], pageInfo: { hasNextPage: true, endCursor: 'on' } } } };
    await expect(readQueue('http://gitlab', () => Promise.resolve(page))).rejects.toMatchObject({
      key: 'gitlab.unexpected',
    });
  });
});
