// The official runner's shell executor, called as AutoGit calls it in a runner container.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executorSuite, printLines, systemId } from './executor-suite.ts';
import { startOfficialRunner } from './official-runner.ts';
import type { OfficialRunner } from './official-runner.ts';
import { describeWithPeer, findGitlabRunner } from './peers.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import type { RecordingProxy } from './recording-proxy.ts';
import { openLab } from './sandbox-lab.ts';
import type { SandboxLab } from './sandbox-lab.ts';

const peer = await findGitlabRunner();

describeWithPeer('the official runner with the shell executor', peer, (binary) => {
  const { lab } = executorSuite(() => ({
    binary: binary(),
    runner: {},
    exitWords: (code) => `exit status ${code}`,
  }));

  it('takes jobs with `image` and `services`, and makes nothing of them', async () => {
    const pipeline = await lab().pushPipeline(
      'images',
      'plain:\n  image: nowhere.invalid/nothing:1\n  services: [nowhere.invalid/redis:7]\n  script: echo done\n',
    );
    expect((await lab().finish(pipeline.id)).status).toBe('success');
  });
});

describeWithPeer('a process of the official runner', peer, (binary) => {
  let lab: SandboxLab;
  let proxy: RecordingProxy;
  const open = async (longPollSeconds: number): Promise<void> => {
    lab = await openLab({ longPollSeconds });
    proxy = await startRecordingProxy(lab.sandbox.url);
  };
  const start = (token: string, idleTime: number): Promise<OfficialRunner> => {
    const folder = join(lab.folder, 'runner');
    return startOfficialRunner({ binary: binary(), folder, url: proxy.url, token, systemId, idleTime });
  };
  afterEach(async () => {
    await proxy.close();
    await lab.close();
  });

  describe('without long poll', () => {
    beforeEach(() => open(0));

    it('runs what waits, polls, and leaves with code 0 when nothing came', async () => {
      const { token } = await lab.createRunnerEntry();
      const pipeline = await lab.pushPipeline('first', 'one:\n  script: exit 1\ntwo:\n  script: echo 2\n');
      const runner = await start(token, 3);
      expect(await runner.ended).toBe(0);
      expect(lab.statuses(pipeline.id)).toEqual({ one: 'failed', two: 'success' });
      const asked = proxy.exchanges('POST', /jobs\/request$/).map(({ status }) => status);
      expect(asked.slice(0, 3)).toEqual([201, 201, 204]);
      expect(asked.slice(3).every((status) => status === 204)).toBe(true);
    });

    it('is known by the system id that it was given, until it is removed', async () => {
      const { id, token } = await lab.createRunnerEntry();
      expect(await (await start(token, 1)).ended).toBe(0);
      expect(await lab.api('GET', `/runners/${id}/managers`)).toMatchObject([
        { system_id: systemId, platform: 'linux', version: expect.stringMatching(/^19\.4\./) as unknown },
      ]);
      const removed = await fetch(`${lab.sandbox.url}/api/v4/runners/managers`, {
        method: 'DELETE',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token, system_id: systemId }),
      });
      expect(removed.status).toBe(204);
      expect(await lab.api('GET', `/runners/${id}/managers`)).toEqual([]);
    });

    it('takes only jobs whose tags it has', async () => {
      const { token } = await lab.createRunnerEntry({ tag_list: 'gpu,amd64', run_untagged: false });
      const pipeline = await lab.pushPipeline('tags', tagsFile);
      expect(await (await start(token, 1)).ended).toBe(0);
      expect(lab.statuses(pipeline.id)).toEqual({
        ...{ both: 'success', one: 'success' },
        ...{ other: 'pending', none: 'pending' },
      });
    });

    it('ends the log at its limit and goes on with the job', async () => {
      const { token } = await lab.createRunnerEntry();
      const pipeline = await lab.pushPipeline(
        'limited',
        `loud:\n  script:\n    - ${printLines(50_000)}\n    - echo silent\n`,
      );
      expect(await (await start(token, 1)).ended).toBe(0);
      expect(lab.pipeline(pipeline.id).status).toBe('success');
      expect(await lab.log(lab.job(pipeline.id, 'loud'))).toContain("Job's log exceeded limit of");
    });
  });

  describe('with long poll', () => {
    beforeEach(() => open(5));
    /** The first request is answered at once: only its answer tells the runner what to wait for. */
    const isHeld = (): boolean => {
      const [, ...later] = proxy.exchanges('POST', /jobs\/request$/);
      return later.at(-1)?.status === null;
    };

    // As from GitLab, whose Workhorse ends the held request with 204 when something changed; the next one gets the job.
    it('is told by the request that it has open that a job waits', async () => {
      const { token } = await lab.createRunnerEntry();
      const runner = await start(token, 600);
      await lab.until(isHeld);
      const held = proxy.exchanges('POST', /jobs\/request$/).length;
      const pipeline = await lab.pushPipeline('held', 'now:\n  script: echo now\n');
      expect((await lab.finish(pipeline.id)).status).toBe('success');
      await runner.stop();
      const asked = proxy.exchanges('POST', /jobs\/request$/).map(({ status }) => status);
      expect(asked.indexOf(201)).toBe(held);
    });

    it('leaves with code 0 when it was told to while its request is held', async () => {
      const { token } = await lab.createRunnerEntry();
      const runner = await start(token, 600);
      await lab.until(isHeld);
      await runner.stop();
      expect(await runner.ended).toBe(0);
    });
  });
});

const tagsFile = `
both:
  tags: [gpu, amd64]
  script: echo both
one:
  tags: [gpu]
  script: echo one
other:
  tags: [gpu, arm64]
  script: echo other
none:
  script: echo none
`;
