import { writeFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readZipEntry } from '../../../../main/sandbox/api/zip-entry.ts';
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

async function addArchive(job: Job, archive: Buffer): Promise<void> {
  const artifact = server.ctx.store.artifacts.insert({
    ...{ jobId: job.id, projectId, fileType: 'archive', fileFormat: 'zip', filename: 'artifacts.zip' },
    ...{ size: archive.length, sha256: '', createdAt: new Date().toISOString() },
  });
  await writeFile(server.ctx.store.files.artifactPath(artifact.id), archive);
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

  it('are found in every archive, and never in other bytes', () => {
    const file = fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.uint8Array());
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ([path]) => path, minLength: 1 }), (files) => {
        const archive = zip(files.map(([path, bytes]) => [path, Buffer.from(bytes)]));
        for (const [path, bytes] of files) expect(readZipEntry(archive, path)).toEqual(Buffer.from(bytes));
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readZipEntry(Buffer.from(bytes), 'a') === null));
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
