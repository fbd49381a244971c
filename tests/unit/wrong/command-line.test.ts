// What people mistype, through the command line and over HTTP: refused in the same words, and nothing is touched.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorSchema } from '../../../main/contract/error.ts';
import { openDoors, send } from '../../fakes/open-doors.ts';
import type { OpenDoors, Received } from '../../fakes/open-doors.ts';
import { cli, freshEnv } from './every-door.ts';

let doors: OpenDoors;
beforeAll(async () => {
  doors = await openDoors();
});
afterAll(() => doors.close());

const answer = z.object({ ok: z.literal(false), error: errorSchema });

async function http(path: string, method = 'GET', body?: string): Promise<Received> {
  const headers = { host: `127.0.0.1:${doors.port}`, authorization: `Bearer ${doors.token}` };
  return send(
    { host: '127.0.0.1', port: doors.port },
    { method, path, headers, ...(body === undefined ? {} : { body }) },
  );
}

const mistyped: readonly (readonly [words: string, key: string, said: string])[] = [
  ['blah', 'usage.unknown-command', 'There is no command `autogit blah`.'],
  ['stat', 'usage.unknown-command', 'Did you mean `autogit status`?'],
  ['job lits', 'usage.unknown-command', 'Did you mean `autogit job list`?'],
  ['job', 'usage.missing-command', 'One of: list, show, explain, log, cancel, retry.'],
  ['demo --jobs -1', 'usage.invalid-value', '--jobs must be a whole number from 1 to 200, not -1.'],
  ['demo --jobs 1e9', 'usage.invalid-value', '--jobs must be a whole number from 1 to 200, not 1000000000.'],
  ['demo --jobs x', 'usage.invalid-value', '--jobs must be a whole number from 1 to 200, not "x".'],
  ['demo --jobs 1.5', 'usage.invalid-value', '--jobs must be a whole number from 1 to 200, not 1.5.'],
  ['demo --jobs=', 'usage.missing-value', '--jobs needs a value.'],
  ['demo --jobs 0x10', 'usage.invalid-value', 'not "0x10".'],
  ['demo --jbos 3', 'usage.unknown-option', 'Did you mean `--jobs`?'],
  ['job list --status wating', 'usage.invalid-value', 'Did you mean waiting?'],
  ['job list --status 7', 'usage.invalid-value', 'one of waiting, later,'],
  ['job log 99999999999999999999', 'usage.invalid-value', '<id> must be a whole number'],
];

describe('autogit', () => {
  it.each(mistyped)('%s is %s', async (words, key, said) => {
    const env = freshEnv();
    const text = await cli(env, words);
    expect([text.code, text.out]).toEqual([2, '']);
    expect(text.err).toContain(key);
    expect(text.err).toContain(said);
    const json = await cli(env, `${words} --json`);
    expect([json.code, json.err]).toEqual([2, '']);
    expect(JSON.parse(json.out)).toMatchObject({ error: { key } });
    expect(existsSync(env.AUTOGIT_HOME)).toBe(false);
  });

  it('says nothing twice, and nothing in the words of a programmer', async () => {
    for (const [words] of mistyped) {
      const { err } = await cli(freshEnv(), words);
      expect(err, words).not.toMatch(/Invalid (?:input|option)|expected (?:string|number|one of)|received/);
    }
  });
});

describe('the same over HTTP', () => {
  it.each([
    ['/api/v1/job/list?status=wating', 400, 'usage.invalid-value', 'Did you mean waiting?'],
    ['/api/v1/job/list?limit=-1', 400, 'usage.invalid-value', 'from 1 to 10000, not -1'],
    ['/api/v1/job/list?limit=1e9', 400, 'usage.invalid-value', 'not 1000000000'],
    ['/api/v1/job/list?limit=x', 400, 'usage.invalid-value', 'not "x"'],
    ['/api/v1/job/list?limit=', 400, 'usage.invalid-value', 'not ""'],
    ['/api/v1/job/list?stauts=waiting', 400, 'usage.unknown-option', 'Did you mean status?'],
    ['/api/v1/job/lits', 404, 'http.path-unknown', '/api/v1/job/list'],
  ])('%s is %i', async (path, status, key, words) => {
    const received = await http(path);
    const { error } = answer.parse(received.json);
    expect([received.status, error.key]).toEqual([status, key]);
    expect(`${error.message} ${error.next}`).toContain(words);
  });

  it('with a body that is no object is refused', async () => {
    for (const body of ['[]', '7', '"x"', 'null']) {
      const received = await http('/api/v1/sandbox/seed', 'POST', body);
      expect([received.status, answer.parse(received.json).error.key], body).toEqual([
        400,
        'usage.invalid-value',
      ]);
    }
    expect((await http('/api/v1/sandbox/seed', 'POST', '{')).status).toBe(400);
  });
});
