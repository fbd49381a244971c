// The official runner's docker executor: the same jobs, each in containers of its own.
import { afterAll, expect, it } from 'vitest';
import { executorSuite, systemId } from './executor-suite.ts';
import { describeWithPeer, findDockerExecutor } from './peers.ts';
import type { DockerExecutor } from './peers.ts';

const peer = await findDockerExecutor();

/** Everything that our runner makes carries it. */
const madeByRunner = { 'com.gitlab.gitlab-runner.runner.system_id': systemId };

describeWithPeer('the official runner with the docker executor', peer, (docker) => {
  // Registered first, so that it runs last: the runner keeps its volumes for the jobs to come.
  afterAll(() => removeVolumes(docker()));

  const { lab } = executorSuite(() => ({
    binary: docker().binary,
    runner: {
      executor: 'docker',
      shell: 'sh',
      builds_dir: '/builds',
      cache_dir: '/cache',
      docker: dockerSettings(docker()),
    },
    exitWords: (code) => `exit code ${code}`,
  }));

  it('runs the job in its image, beside its services, and leaves no container', async () => {
    const pipeline = await lab().pushPipeline('services', servicesFile(docker().jobImage));
    expect((await lab().finish(pipeline.id)).status).toBe('success');
    const log = await lab().log(lab().job(pipeline.id, 'beside'));
    expect(log).toContain('Using docker image');
    expect(log).toContain('service said: hello from the service');
    const job = { 'com.gitlab.gitlab-runner.job.id': String(lab().job(pipeline.id, 'beside').id) };
    await expect.poll(() => docker().engine.listContainers({ ...madeByRunner, ...job })).toEqual([]);
  });
});

/** On the host's own network, where the sandbox of this process is reached; nothing is pulled. */
function dockerSettings({
  engine,
  helperImage,
  jobImage,
}: DockerExecutor): Record<string, string | boolean | number> {
  return {
    host: engine.host,
    image: jobImage,
    helper_image: helperImage,
    network_mode: 'host',
    pull_policy: 'never',
    disable_cache: true,
    wait_for_services_timeout: -1,
  };
}

async function removeVolumes({ engine }: DockerExecutor): Promise<void> {
  for (const { name } of await engine.listVolumes(madeByRunner)) await engine.removeVolume(name);
}

const servicesFile = (image: string): string => `
beside:
  image: ${image}
  services:
    - name: ${image}
      alias: db
      entrypoint: [sh, -c]
      command: ["while true; do echo hello from the service | nc -l -p 18987; done"]
  script:
    - for try in $(seq 50); do said=$(nc 127.0.0.1 18987 < /dev/null) && break; sleep 0.2; done
    - 'echo "service said: $said"'
`;
