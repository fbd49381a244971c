// The sandbox's image on a real engine: what its programs need is in it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import { listRealEngines, silentLog } from './real-engines.ts';

const mark = randomBytes(4).toString('hex');
const labels = { 'autogit.test': mark };

/** Every line is a check of its own; the word before `=` names it. */
const script = String.raw`
echo "git=$(git --version)"
echo "node=$(node --version)"
echo "job=$(id job)"
echo "tmp=$(stat -c %a /tmp)"
echo "utf8=$(printf 'ü' | wc -m)"
echo "runner=$(gitlab-runner --version | head -n 1)"
echo "sandbox=$(node --check /opt/autogit/sandbox.mjs && echo parses)"
echo "pipe=$(printf 'b\na\n' | sort | sed s/a/x/ | tr '\n' ' ' | awk '{print $1 $2}')"
echo "tar=$(cd /etc && tar -cz passwd | tar -tz)"
git init --quiet --bare /tmp/p.git 2>&1
git clone --quiet /tmp/p.git /tmp/clone 2>&1 | grep -v 'empty repository'
export GIT_PROJECT_ROOT=/tmp GIT_HTTP_EXPORT_ALL=1 REQUEST_METHOD=GET
echo "backend=$(PATH_INFO=/p.git/info/refs QUERY_STRING=service=git-upload-pack git http-backend | grep -a -o 'service=.*')"
node -e 'require("http").createServer((q, s) => s.end("'"$(git hash-object /etc/passwd)"'\trefs/heads/main\n")).listen(8080)' &
for try in 1 2 3 4 5 6 7 8 9 10; do said=$(git ls-remote http://itself:8080/ 2>&1) && break; sleep 0.3; done
echo "http=$(echo "$said" | cut -f 2)"
kill %1
`;

const hosts = await listRealEngines();

describe.each(hosts)('the sandbox image on %s', (host) => {
  const engine = connectEngine({ host, log: silentLog });
  const name = `autogit-test-rootfs-${mark}`;
  const reference = `${name}:1`;
  let cacheFolder: string;

  beforeAll(async () => {
    cacheFolder = await mkdtemp(path.join(tmpdir(), 'autogit-image-'));
    const image = createSandboxImage({ cacheFolder, searchPath: process.env['PATH'] ?? '' });
    await engine.importImage(reference, await image.rootfs(), { env: { LANG: 'C.UTF-8' }, labels });
    await engine.createNetwork(name, labels);
  });
  afterAll(async () => {
    await engine.removeContainer(name, { force: true });
    await engine.removeNetwork(name);
    await engine.removeImage(reference);
    await rm(cacheFolder, { recursive: true, force: true });
  });

  it('runs git, node, a shell, the tools of CI scripts and our own programs', async () => {
    const id = await engine.createContainer({
      name,
      image: reference,
      entrypoint: ['/bin/bash'],
      command: ['-c', script],
      env: {},
      labels,
      network: name,
      aliases: ['itself'],
      publish: [],
      volumes: {},
      cpus: null,
      memoryMiB: null,
      stopSignal: 'SIGTERM',
      capabilities: [],
    });
    await engine.startContainer(id);
    await expect
      .poll(async () => (await engine.inspectContainer(id))?.state, { timeout: 60_000 })
      .toBe('exited');
    const lines = (await engine.containerLog(id, 100)).trim().split('\n');
    const said = Object.fromEntries(
      lines.map((line): [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    expect(said).toEqual({
      git: expect.stringMatching(/^git version \d/) as unknown,
      node: process.version,
      job: 'uid=1000(job) gid=1000(job) groups=1000(job)',
      tmp: '1777',
      utf8: '1',
      runner: expect.stringMatching(/^Version: /) as unknown,
      sandbox: 'parses',
      pipe: 'xb',
      tar: 'passwd',
      backend: 'service=git-upload-pack',
      http: 'refs/heads/main',
    });
  });
});

describe.skipIf(hosts.length > 0)('no container engine answers on this machine', () => {
  it.skip('the sandbox image needs one', () => undefined);
});
