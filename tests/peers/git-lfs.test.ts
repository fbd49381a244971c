// The real git-lfs pushes a file to the sandbox and gets it back in a clone, also with the token of a running job.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, findGitLfs } from './peers.ts';
import { openLab } from './sandbox-lab.ts';
import type { SandboxLab } from './sandbox-lab.ts';
import { createWorkTree } from './work-tree.ts';
import type { WorkTree } from './work-tree.ts';

const peer = await findGitLfs();
const pointer = 'version https://git-lfs.github.com/spec/v1';

describeWithPeer('git-lfs', peer, (binary) => {
  const path = process.env['PATH'];
  const content = randomBytes(3_000_000);
  let lab: SandboxLab;

  beforeAll(async () => {
    // Git finds it by its name.
    process.env['PATH'] = `${dirname(binary())}:${path ?? ''}`;
    lab = await openLab();
    const { tree } = await lab.createProject('large');
    const folder = join(lab.folder, 'trees', 'large');
    await tree.git('lfs', 'install', '--local');
    await writeFile(join(folder, 'large.bin'), content);
    await writeFile(join(folder, 'small.bin'), 'small');
    await tree.commit({
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      '.gitlab-ci.yml': 'build:\n  script: make\n',
    });
    await tree.git('push', '--quiet', 'origin', 'main');
  });
  afterAll(async () => {
    await lab.close();
    process.env['PATH'] = path;
  });

  /** Pulls into a new work tree with these credentials. */
  async function clone(name: string, credentials: string): Promise<{ folder: string; tree: WorkTree }> {
    const folder = join(lab.folder, 'clones', name);
    await mkdir(folder, { recursive: true });
    const remote = `${lab.sandbox.url.replace('://', `://${credentials}@`)}/root/large.git`;
    const tree = await createWorkTree(folder, remote);
    await tree.git('lfs', 'install', '--local');
    await tree.git('pull', '--quiet', 'origin', 'main');
    expect(await readFile(join(folder, 'small.bin'), 'utf8')).toBe('small');
    expect(content.equals(await readFile(join(folder, 'large.bin')))).toBe(true);
    return { folder, tree };
  }

  it('pushes pointers to the repository and files to the sandbox', async () => {
    const { files } = lab.sandbox.store;
    const oid = createHash('sha256').update(content).digest('hex');
    expect(content.equals(await readFile(files.lfs.find(1, oid)?.path ?? ''))).toBe(true);
    const tree = await createWorkTree(join(lab.folder, 'bare'), '.');
    const repository = files.repositoryPath(1);
    expect(await tree.git('--git-dir', repository, 'show', 'main:large.bin')).toContain(pointer);
    expect(await tree.git('--git-dir', repository, 'show', 'main:small.bin')).toContain(pointer);
  });

  it('gets the files in a clone of a person', async () => {
    const { tree } = await clone('person', `root:${lab.token}`);
    expect(await tree.git('status', '--short')).toBe('');
  });

  it('gets the files with the token of a running job, which pushes none', async () => {
    const { store, context } = lab.sandbox;
    const [job] = store.jobs.by('projectId', 1);
    const { id } = await lab.createRunnerEntry();
    const taker = { runner: store.runners.need(id), systemId: null, features: [] };
    const token = context.ci.assignJob(job?.id ?? 0, taker)?.token ?? '';
    const { folder, tree } = await clone('job', `gitlab-ci-token:${token}`);
    await writeFile(join(folder, 'more.bin'), 'more');
    await tree.git('add', '.');
    await tree.git('commit', '--quiet', '--message=More');
    await expect(tree.git('lfs', 'push', 'origin', 'HEAD')).rejects.toMatchObject({
      stderr: expect.stringContaining('not allowed to upload') as unknown,
    });
  });
});
