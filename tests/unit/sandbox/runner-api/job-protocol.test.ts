import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxTraceBytes } from '../../../../main/sandbox/runner-api/trace.ts';
import { jobSpec, openFixture } from '../fixture.ts';
import type { Fixture, TakenJob } from '../fixture.ts';

let fixture: Fixture;
let job: TakenJob;
beforeEach(async () => {
  fixture = openFixture();
  fixture.push([jobSpec('a')]);
  job = await mustTake();
});
afterEach(() => {
  fixture.close();
});

async function mustTake(features?: Readonly<Record<string, boolean>>): Promise<TakenJob> {
  const taken = await fixture.take(features);
  if (taken === null) throw new Error('No job was given');
  return taken;
}

function put(body: Readonly<Record<string, unknown>>, of: TakenJob = job): Promise<Response> {
  return fixture.request('PUT', `/jobs/${of.id}`, { token: of.token, ...body });
}

function patch(text: string, range: string, token = job.token): Promise<Response> {
  const headers = { 'JOB-TOKEN': token, 'Content-Range': range, 'Content-Type': 'text/plain' };
  return fixture.request('PATCH', `/jobs/${job.id}/trace?debug_trace=false`, text, headers);
}

const checksumOf = (text: string): string => `crc32:${crc32(text).toString(16).padStart(8, '0')}`;
const trace = (): string => fixture.store.files.readTrace(job.id).toString();

describe('PATCH /jobs/:id/trace', () => {
  it('appends a piece and says where it ends, what the job is, and when to send the next', async () => {
    const answer = await patch('hello', '0-4');
    expect(answer.status).toBe(202);
    expect(answer.headers.get('range')).toBe('0-5');
    expect(answer.headers.get('job-status')).toBe('running');
    expect(answer.headers.get('x-gitlab-trace-update-interval')).toBe('3');
    expect((await patch(' you', '5-8')).headers.get('range')).toBe('0-9');
    expect(trace()).toBe('hello you');
  });

  it.each([
    ['a gap', '7-9'],
    ['a piece that was sent before', '0-2'],
  ])('answers 416 with the end for %s, and changes nothing', async (_what, range) => {
    await patch('hello', '0-4');
    const answer = await patch('abc', range);
    expect(answer.status).toBe(416);
    expect(answer.headers.get('range')).toBe('0-5');
    expect(trace()).toBe('hello');
  });

  it('fails a job whose log grows beyond the limit', async () => {
    const answer = await patch('x', `${maxTraceBytes}-${maxTraceBytes}`);
    expect(answer.status).toBe(403);
    expect(fixture.job('a')).toMatchObject({ status: 'failed', failureReason: 'trace_size_exceeded' });
  });

  it('refuses a wrong token, a missing range, and a job that is over', async () => {
    expect((await patch('x', '0-0', 'wrong')).status).toBe(403);
    const without = await fixture.request('PATCH', `/jobs/${job.id}/trace`, 'x', { 'JOB-TOKEN': job.token });
    expect(without.status).toBe(400);
    fixture.ctx.ci.cancelJob(job.id, 1);
    const over = await patch('x', '0-0');
    expect(over.status).toBe(403);
    expect(over.headers.get('job-status')).toBe('canceled');
  });
});

describe('PUT /jobs/:id', () => {
  it('keeps a running job running and answers with its status', async () => {
    fixture.advance(30);
    const answer = await put({ state: 'running', output: {} });
    expect([answer.status, await answer.text()]).toEqual([200, '200']);
    expect(answer.headers.get('job-status')).toBe('running');
    expect(fixture.job('a').updatedAt).toBe('2026-01-02T03:04:35.000Z');
  });

  it('ends a job with success when the checksum fits', async () => {
    await patch('hello', '0-4');
    const answer = await put({
      state: 'success',
      exit_code: 0,
      output: { checksum: checksumOf('hello'), bytesize: 5 },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('job-status')).toBe('success');
    expect(fixture.job('a')).toMatchObject({ status: 'success', traceChecksum: checksumOf('hello') });
  });

  it('ends a job with failure, its reason and exit code', async () => {
    await put({ state: 'failed', failure_reason: 'script_failure', exit_code: 42 });
    expect(fixture.job('a')).toMatchObject({
      status: 'failed',
      failureReason: 'script_failure',
      exitCode: 42,
    });
  });

  it('asks for the whole log again when it differs, once for the same log', async () => {
    await patch('hellO', '0-4');
    const end = { state: 'success', output: { checksum: checksumOf('hello'), bytesize: 5 } };
    expect((await put(end)).status).toBe(412);
    expect(fixture.job('a').status).toBe('running');
    expect((await patch('hello', '0-4')).status).toBe(202);
    expect((await put(end)).status).toBe(200);
    expect(trace()).toBe('hello');
  });

  it('takes a log that stays different rather than asking for ever', async () => {
    const end = { state: 'success', output: { checksum: 'crc32:00000001', bytesize: 5 } };
    expect((await put(end)).status).toBe(412);
    expect((await put(end)).status).toBe(200);
  });

  it('says canceling to a runner that can end gracefully, then takes its end as canceled', async () => {
    fixture.push([jobSpec('b')], { ref: 'other' });
    const gentle = await mustTake({ cancel_gracefully: true });
    fixture.ctx.ci.cancelJob(gentle.id, 1);
    expect((await put({ state: 'running' }, gentle)).headers.get('job-status')).toBe('canceling');
    const end = await put({ state: 'failed', failure_reason: 'job_canceled' }, gentle);
    expect(end.headers.get('job-status')).toBe('canceled');
    expect((await put({ state: 'failed' }, gentle)).status).toBe(403);
  });

  it('refuses unknown jobs, wrong tokens and unknown states', async () => {
    expect((await put({ state: 'running' }, { id: 99, token: job.token })).status).toBe(403);
    expect((await put({ state: 'running' }, { id: job.id, token: 'wrong' })).status).toBe(403);
    expect((await put({ state: 'dancing' })).status).toBe(400);
    expect((await put({ state: 'pending' })).status).toBe(409);
  });
});

describe('two-phase accept', () => {
  it('keeps an offered job waiting, for this runner alone, until it says running', async () => {
    fixture.push([jobSpec('b')], { ref: 'other' });
    const offered = await mustTake({ two_phase_job_commit: true });
    expect(fixture.job('b')).toMatchObject({
      status: 'pending',
      runnerId: fixture.runner.id,
      startedAt: null,
    });
    expect(await fixture.take()).toBeNull();
    expect((await put({ state: 'pending' }, offered)).status).toBe(200);
    expect((await put({ state: 'success' }, offered)).status).toBe(400);
    const answer = await put({ state: 'running' }, offered);
    expect([answer.status, answer.headers.get('job-status')]).toEqual([200, 'running']);
    expect(fixture.job('b').startedAt).not.toBeNull();
  });

  it('neither counts an offered job as waiting nor offers it twice', async () => {
    fixture.push([jobSpec('b'), jobSpec('c')], { ref: 'other' });
    const offered = await mustTake({ two_phase_job_commit: true });
    expect(offered['job_info']).toMatchObject({ queue_size: 2 });
    const taker = { runner: fixture.runner, systemId: 's_2', features: [] };
    expect(fixture.ctx.ci.assignJob(offered.id, taker)).toBeNull();
    expect((await mustTake())['job_info']).toMatchObject({ name: 'c', queue_size: 1 });
  });

  it('gives the job to another runner when the first does not answer within two minutes', async () => {
    fixture.push([jobSpec('b')], { ref: 'other' });
    const offered = await mustTake({ two_phase_job_commit: true });
    fixture.advance(119);
    fixture.ctx.ci.tick();
    expect(await fixture.take()).toBeNull();
    fixture.advance(2);
    fixture.ctx.ci.tick();
    expect(fixture.job('b').runnerId).toBeNull();
    expect((await put({ state: 'running' }, offered)).status).toBe(403);
    expect((await mustTake()).id).toBe(offered.id);
  });

  it('takes back an offer of a job that was canceled meanwhile', async () => {
    fixture.push([jobSpec('b')], { ref: 'other' });
    const offered = await mustTake({ two_phase_job_commit: true });
    fixture.ctx.ci.cancelJob(offered.id, 1);
    const answer = await put({ state: 'running' }, offered);
    expect([answer.status, answer.headers.get('job-status')]).toEqual([403, 'canceled']);
  });
});

describe('a runner that comes too late', () => {
  it('does not speak for the job that another one got meanwhile', async () => {
    fixture.push([jobSpec('b')]);
    const twoPhases = { two_phase_job_commit: true };
    const late = await mustTake(twoPhases);
    fixture.advance(121);
    fixture.ctx.ci.tick();
    const next = await mustTake(twoPhases);
    expect(next.id).toBe(late.id);
    expect((await put({ state: 'running' }, late)).status).toBe(403);
    expect((await put({ state: 'running' }, next)).status).toBe(200);
    expect((await put({ state: 'success' }, late)).status).toBe(403);
    expect(fixture.store.jobs.need(next.id).status).toBe('running');
  });

  it('does not write to a job that was erased while its piece was on the way', async () => {
    let send: (piece: Uint8Array) => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (piece) => {
          controller.enqueue(piece);
          controller.close();
        };
      },
    });
    await patch('first', '0-4');
    const sending = fixture.send('PATCH', `/jobs/${job.id}/trace`, body, {
      ...{ 'JOB-TOKEN': job.token, 'Content-Range': '5-8' },
    });
    fixture.ctx.ci.finishJob(job.id, { state: 'success' });
    fixture.ctx.ci.eraseJob(job.id, 1);
    send(Buffer.from('more'));
    expect((await sending).status).toBe(403);
    expect(trace()).toBe('');
  });

  it('is refused a log beyond the limit before it has accepted the job', async () => {
    fixture.push([jobSpec('b')]);
    const offered = await mustTake({ two_phase_job_commit: true });
    const answer = await fixture.request('PATCH', `/jobs/${offered.id}/trace`, 'x', {
      ...{ 'JOB-TOKEN': offered.token, 'Content-Range': `${maxTraceBytes}-${maxTraceBytes}` },
    });
    expect(answer.status).toBe(403);
    expect(fixture.store.jobs.need(offered.id).status).toBe('pending');
  });
});
