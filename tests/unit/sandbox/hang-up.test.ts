// Clients that go away in the middle of an answer, as a git does whose job is killed: the sandbox goes on for the others.
import { get } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { rootToken, startProgram } from './program.ts';

const clients = 200;

it('a client may hang up at any byte of an answer from git', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-hang-up-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = await startProgram(folder);
  onTestFinished(() => program.kill());
  const project = await fetch(`${program.url}/api/v4/projects`, {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': rootToken, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'demo' }),
  });
  const { path_with_namespace: path } = z
    .object({ path_with_namespace: z.string() })
    .parse(await project.json());
  const refs = `${program.url}/${path}.git/info/refs?service=git-upload-pack`;

  /** Milliseconds after which the client goes. */
  const hangUp = (after: number): Promise<void> =>
    new Promise((resolve) => {
      const request = get(refs, { auth: `root:${rootToken}` }, (answer) => answer.resume());
      const timer = setTimeout(() => request.destroy(), after);
      request.on('error', () => undefined);
      request.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  for (let done = 0; done < clients; done += 10)
    await Promise.all(Array.from({ length: 10 }, (_, at) => hangUp(done / 4 + at)));

  const answer = await fetch(refs, { headers: { authorization: `Basic ${btoa(`root:${rootToken}`)}` } });
  expect(await answer.text()).toContain('service=git-upload-pack');
  expect(program.lines.filter(({ key }) => key === 'sandbox.failed')).toEqual([]);
});
