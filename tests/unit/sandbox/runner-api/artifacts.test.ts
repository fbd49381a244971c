import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobSpec, openFixture } from '../fixture.ts';
import type { Fixture, TakenJob } from '../fixture.ts';

let fixture: Fixture;
let job: TakenJob;
beforeEach(async () => {
  fixture = openFixture();
  fixture.push([jobSpec('a', { stage: 'build' }), jobSpec('b')]);
  job = await mustTake();
});
afterEach(() => {
  fixture.close();
});

async function mustTake(): Promise<TakenJob> {
  const taken = await fixture.take();
  if (taken === null) throw new Error('No job was given');
  return taken;
}

function upload(
  content: Uint8Array<ArrayBuffer>,
  query = '',
  token = job.token,
  field = 'file',
): Promise<Response> {
  const form = new FormData();
  form.set(field, new File([content], 'artifacts.zip'));
  return fixture.request(
    'POST',
    `/jobs/${job.id}/artifacts?${query.includes('artifact_format') ? '' : 'artifact_format=zip&'}${query}`,
    form,
    {
      'JOB-TOKEN': token,
    },
  );
}

const download = (token: string, id = job.id): Promise<Response> =>
  fixture.request('GET', `/jobs/${id}/artifacts?direct_download=true`, undefined, { 'JOB-TOKEN': token });

const leftovers = (): string[] => readdirSync(join(fixture.store.stateDir, 'uploads'));

describe('artifacts', () => {
  it('come back byte by byte to a later job', async () => {
    const content = new Uint8Array(300_000).map((_, index) => index % 251);
    expect((await upload(content, 'artifact_type=archive&expire_in=1%20day')).status).toBe(201);
    expect(fixture.store.artifacts.all()).toMatchObject([
      {
        jobId: job.id,
        fileType: 'archive',
        filename: 'artifacts.zip',
        size: 300_000,
        expireAt: '2026-01-03T03:04:05.000Z',
      },
    ]);
    fixture.ctx.ci.finishJob(job.id, { state: 'success' });
    const later = await mustTake();
    const answer = await download(later.token);
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '300000']);
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('are refused without the job’s token, and above the limit', async () => {
    expect((await upload(new Uint8Array(10), '', 'wrong')).status).toBe(403);
    fixture.store.updateSettings({ maxArtifactsSize: 1 });
    expect((await upload(new Uint8Array(1024 * 1024 + 1))).status).toBe(413);
    expect((await upload(new Uint8Array(10), '', job.token, 'other')).status).toBe(400);
    expect(
      (await fixture.request('POST', `/jobs/${job.id}/artifacts`, {}, { 'JOB-TOKEN': job.token })).status,
    ).toBe(400);
    expect(fixture.store.artifacts.size).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('may be sent again, but not replaced', async () => {
    await upload(new Uint8Array([1]));
    expect((await upload(new Uint8Array([1]))).status).toBe(201);
    expect((await upload(new Uint8Array([2]))).status).toBe(400);
    expect(fixture.store.artifacts.size).toBe(1);
  });

  it('are given to running jobs of the same project only', async () => {
    await upload(new Uint8Array([1]));
    expect((await download('wrong')).status).toBe(401);
    fixture.ctx.ci.finishJob(job.id, { state: 'success' });
    expect((await download(job.token)).status).toBe(401);
    const later = await mustTake();
    expect((await download(later.token, later.id)).status).toBe(404);
    fixture.store.jobs.update(job.id, { projectId: 99 });
    expect((await download(later.token)).status).toBe(403);
  });

  it('expire', async () => {
    await upload(new Uint8Array([1]), 'expire_in=10%20mins');
    fixture.advance(601);
    fixture.ctx.ci.tick();
    expect(fixture.store.artifacts.size).toBe(0);
    expect(readdirSync(join(fixture.store.stateDir, 'artifacts'))).toEqual([]);
    fixture.ctx.ci.finishJob(job.id, { state: 'success' });
    expect(await fixture.take()).toBeNull();
    expect(fixture.job('b').failureReason).toBe('missing_dependency_failure');
  });

  it('hand variables of a dotenv report to later jobs', async () => {
    const form = new FormData();
    form.set('file', new File([new Uint8Array(gzipSync('VERSION=1.2\n# note\nNAME="a b"\n'))], '.env.gz'));
    const path = `/jobs/${job.id}/artifacts?artifact_format=gzip&artifact_type=dotenv`;
    expect((await fixture.request('POST', path, form, { 'JOB-TOKEN': job.token })).status).toBe(201);
    fixture.ctx.ci.finishJob(job.id, { state: 'success' });
    const later = await mustTake();
    expect(later['variables']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: 'VERSION', value: '1.2' }),
        expect.objectContaining({ key: 'NAME', value: 'a b' }),
      ]),
    );
  });
});

describe('a dotenv report', () => {
  const report = (text: string): Promise<Response> =>
    upload(new Uint8Array(gzipSync(text)), 'artifact_type=dotenv&artifact_format=gzip');

  it('that grows when it is unpacked is refused, and so is one that is no gzip', async () => {
    expect((await report(`A=${'x'.repeat(4 * 1024 * 1024)}`)).status).toBe(400);
    const odd = await upload(new Uint8Array([1, 2, 3]), 'artifact_type=dotenv&artifact_format=gzip');
    expect(odd.status).toBe(400);
    expect(fixture.store.artifacts.size).toBe(0);
    expect(leftovers()).toEqual([]);
  });
});

describe('artifacts that arrive together', () => {
  it('are kept once for each type', async () => {
    const sent = await Promise.all(
      [1, 2, 3].map((byte) => upload(new Uint8Array([byte]), 'artifact_type=archive')),
    );
    expect(sent.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
    expect(fixture.store.artifacts.size).toBe(1);
  });

  it('are refused when the job ended on the way', async () => {
    const sending = upload(new Uint8Array(10), 'artifact_type=archive');
    fixture.ctx.ci.finishJob(job.id, { state: 'success' });
    expect((await sending).status).toBe(403);
    expect(fixture.store.artifacts.size).toBe(0);
    expect(leftovers()).toEqual([]);
  });
});
