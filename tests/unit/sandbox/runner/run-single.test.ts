import { describe, expect, it } from 'vitest';
import { jobJson, openBench } from './bench.ts';

describe('runSingle', () => {
  it('asks as GitLab wants to be asked, and sends the last update back', async () => {
    await using bench = await openBench();
    const running = bench.run({ maxBuilds: 0 });
    await bench.server.until(() => bench.server.seen.length > 1);
    bench.quit.abort();
    await running;
    const [first, second] = bench.server.requests('POST', '/jobs/request');
    expect(first?.headers).toMatchObject({
      'runner-token': 'glrt-runnertoken',
      'content-type': 'application/json',
    });
    expect(first?.headers['user-agent']).toMatch(/^gitlab-runner 19\.4\.0 \(.+; .+; linux\/\w+\)$/);
    expect(first?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(String(first?.body))).toMatchObject({
      token: 'glrt-runnertoken',
      system_id: 's_0123456789ab',
      info: { executor: 'shell', features: { artifacts: true, image: false, two_phase_job_commit: true } },
    });
    expect(JSON.parse(String(first?.body))).not.toHaveProperty('last_update');
    expect(JSON.parse(String(second?.body))).toMatchObject({ last_update: 'seen-1' });
  });

  it('leaves when it was idle for longer than it may wait, counted from the last job', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['sleep 0.5']));
    const started = performance.now();
    await bench.run({ waitTimeoutMs: 400, maxBuilds: 0 });
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(bench.lines.at(-1)).toMatch(/has not received a job in 0.4 seconds/);
  });

  it('leaves after its number of jobs without asking again', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['true']), jobJson(['true']), jobJson(['true']));
    await bench.run({ maxBuilds: 2 });
    expect(bench.server.jobs).toHaveLength(1);
    expect(bench.server.requests('POST', '/jobs/request')).toHaveLength(2);
  });

  it('leaves at once when told to while it waits', async () => {
    await using bench = await openBench();
    const running = bench.run({ pollMs: 60_000, waitTimeoutMs: 0, maxBuilds: 0 });
    await bench.server.until(() => bench.server.seen.length > 0);
    bench.quit.abort();
    await running;
    expect(bench.server.seen).toHaveLength(1);
  });

  it('finishes its job when told to leave while it works', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['sleep 1.2; echo "done after all"']));
    const running = bench.run({ maxBuilds: 0 });
    await bench.server.until(() => bench.server.log.includes('step_script'));
    bench.quit.abort();
    await running;
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('asks less and less often with a token that is refused, and still leaves in time', async () => {
    await using bench = await openBench();
    bench.server.override = () => ({ status: 403 });
    await bench.run({ pollMs: 40, waitTimeoutMs: 700, maxBuilds: 0 });
    expect(bench.server.seen.length).toBeGreaterThan(2);
    expect(bench.server.seen.length).toBeLessThan(8);
    expect(bench.lines.at(-1)).toMatch(/has not received a job/);
  });

  it('goes on asking a server that is in trouble or says nonsense', async () => {
    await using bench = await openBench();
    const troubles = [
      { status: 409 },
      { status: 201, headers: { 'Content-Type': 'text/html' }, body: '<html>' },
      { status: 201, headers: { 'Content-Type': 'application/json' }, body: '{' },
      { status: 500 },
    ];
    bench.server.override = ({ path }) => (path.endsWith('/request') ? (troubles.shift() ?? null) : null);
    bench.server.jobs.push(jobJson(['true']));
    await bench.run();
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });
});
