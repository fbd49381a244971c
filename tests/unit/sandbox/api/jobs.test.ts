import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openZipEntry } from '../../../../main/sandbox/api/zip-entry.ts';
import type { Job } from '../../../../main/sandbox/state.ts';
import { idOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

let server: ManagementServer;
let projectId = 0;

beforeAll(async () => {
  server = await startManagementServer();
  projectId = idOf(await server.api('POST', '/projects', { name: 'jobs' }));
});
afterAll(async () => await server.close());

/** The newest job of a new pipeline. */
async function newJob(): Promise<Job> {
  const path = `/projects/${projectId}/repository/files/.gitlab-ci.yml`;
  const known = server.ctx.store.pipelines.size;
  const content = `build:\n#${known}\n`;
  const body = { branch: 'main', commit_message: 'CI', content };
  expect((await server.api(known === 0 ? 'POST' : 'PUT', path, body)).status).toBeLessThan(300);
  const job = server.ctx.store.jobs.all().at(-1);
  if (job === undefined) throw new Error('No job was made');
  return job;
}

/** A zip archive as the runner makes it; checksums are not looked at. */
function zip(files: readonly (readonly [path: string, content: Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of files) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    parts.push(local, name, data);
    directory.push(entry, name);
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

async function addArchive(
  job: Job,
  archive: Buffer,
  filename = 'artifacts.zip',
  size = archive.length,
): Promise<void> {
  const artifact = server.ctx.store.artifacts.insert({
    ...{ jobId: job.id, projectId, fileType: 'archive', fileFormat: 'zip', filename },
    ...{ size, sha256: '', createdAt: new Date().toISOString() },
  });
  await writeFile(join(server.ctx.store.stateDir, 'artifacts', String(artifact.id)), archive);
}

async function download(path: string, headers: Readonly<Record<string, string>>): Promise<[number, string]> {
  const answer = await fetch(`${server.url}/api/v4/projects/${projectId}/jobs/${path}`, { headers });
  return [answer.status, Buffer.from(await answer.arrayBuffer()).toString('latin1')];
}

describe('artifacts', () => {
  it('come whole, as single files, and by the name of their job', async () => {
    const job = await newJob();
    const archive = zip([
      ['out/a b.txt', Buffer.from('hello')],
      ['other', Buffer.from('x')],
    ]);
    await addArchive(job, archive);
    server.ctx.store.jobs.update(job.id, { status: 'success' });
    const as = { 'PRIVATE-TOKEN': server.token };
    expect(await download(`${job.id}/artifacts`, as)).toEqual([200, archive.toString('latin1')]);
    expect(await download(`${job.id}/artifacts/out/a%20b.txt`, as)).toEqual([200, 'hello']);
    expect(await download('artifacts/main/raw/out/a%20b.txt?job=build', as)).toEqual([200, 'hello']);
    expect((await download(`${job.id}/artifacts/nothing`, as))[0]).toBe(404);
    expect((await download(`${job.id}/artifacts`, {}))[0]).toBe(404);
    await server.api('DELETE', `/projects/${projectId}/jobs/${job.id}/artifacts`);
    expect((await download(`${job.id}/artifacts`, as))[0]).toBe(404);
  });

  it('are found in every archive, and never in other bytes', async () => {
    const path = join(server.folder, 'archive.zip');
    const entryOf = async (archive: Uint8Array, name: string): Promise<Buffer | null> => {
      await writeFile(path, archive);
      const stream = await openZipEntry(path, name);
      return stream === null ? null : await buffer(stream);
    };
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9 ._-]{0,9}(\/[a-z0-9]{1,5})?$/);
    const file = fc.tuple(name, fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { selector: ([each]) => each, minLength: 1 }), async (files) => {
        const archive = zip(files.map(([each, bytes]) => [each, Buffer.from(bytes)]));
        for (const [each, bytes] of files) expect(await entryOf(archive, each)).toEqual(Buffer.from(bytes));
        expect(await entryOf(archive, 'Not There')).toBeNull();
      }),
      { numRuns: 30 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => (await entryOf(bytes, 'a')) === null),
      {
        numRuns: 30,
      },
    );
  });

  it('keep their names, whatever is in them', async () => {
    const job = await newJob();
    await addArchive(job, zip([]), 'größe “日本”.zip');
    const answer = await fetch(`${server.url}/api/v4/projects/${projectId}/jobs/${job.id}/artifacts`, {
      headers: { 'PRIVATE-TOKEN': server.token },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="gr__e ____.zip"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%E2%80%9C%E6%97%A5%E6%9C%AC%E2%80%9D.zip`,
    );
  });

  it('that are lost or not whole are not there', async () => {
    const job = await newJob();
    const archive = zip([['a', Buffer.from('hello')]]);
    await addArchive(job, archive.subarray(0, 20), 'a.zip', archive.length);
    const as = { 'PRIVATE-TOKEN': server.token };
    expect((await download(`${job.id}/artifacts`, as))[0]).toBe(404);
    expect((await download(`${job.id}/artifacts/a`, as))[0]).toBe(404);
  });
});

describe('job tokens', () => {
  it('show their own job and its artifacts, and open nothing else', async () => {
    const job = await newJob();
    await addArchive(job, zip([]));
    const headers = { 'JOB-TOKEN': job.token };
    expect((await download(`${job.id}/artifacts`, headers))[0]).toBe(401);
    server.ctx.store.jobs.update(job.id, { status: 'running' });
    expect((await download(`${job.id}/artifacts`, headers))[0]).toBe(200);
    const own = await fetch(`${server.url}/api/v4/job`, { headers });
    expect(await own.json()).toMatchObject({ id: job.id, name: 'build' });
    expect((await fetch(`${server.url}/api/v4/user`, { headers })).status).toBe(401);
  });

  it('do not open another private project of the same user, nor anything for a user who was blocked', async () => {
    const job = await newJob();
    await addArchive(job, zip([]));
    const other = idOf(await server.api('POST', '/projects', { name: 'other' }));
    const files = { branch: 'main', commit_message: 'CI', content: 'build:\n' };
    await server.api('POST', `/projects/${other}/repository/files/.gitlab-ci.yml`, files);
    const theirs = server.ctx.store.jobs.by('projectId', other)[0];
    const headers = { 'JOB-TOKEN': theirs?.token ?? '' };
    server.ctx.store.jobs.update(theirs?.id ?? 0, { status: 'running' });
    expect((await fetch(`${server.url}/api/v4/job`, { headers })).status).toBe(200);
    expect((await download(`${job.id}/artifacts`, headers))[0]).toBe(404);
    server.ctx.store.users.update(server.root.id, { state: 'blocked' });
    expect((await fetch(`${server.url}/api/v4/job`, { headers })).status).toBe(403);
    server.ctx.store.users.update(server.root.id, { state: 'active' });
  });
});

describe('what a job’s state does not allow', () => {
  it('is refused in the words of GitLab', async () => {
    const job = await newJob();
    const path = `/projects/${projectId}/jobs/${job.id}`;
    expect(await server.api('POST', `${path}/play`)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Unplayable Job' },
    });
    expect((await server.api('POST', `${path}/erase`)).body).toEqual({
      message: '403 Forbidden - Job is not erasable!',
    });
    expect((await server.api('GET', `/projects/${projectId}/jobs?scope[]=odd`)).body).toEqual({
      error: 'scope does not have a valid value',
    });
  });

  it('is not shown to people without a role', async () => {
    const job = await newJob();
    const { token } = server.person('stranger');
    for (const path of ['', `/${job.id}`, `/${job.id}/trace`]) {
      expect((await server.api('GET', `/projects/${projectId}/jobs${path}`, undefined, token)).status).toBe(
        404,
      );
    }
    expect((await server.api('GET', `/projects/${projectId}/jobs`, undefined, '')).status).toBe(401);
  });
});
