// The CI file for several processors: whole jobs that some pool takes, and none that would wait for ever.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderArchFile } from '../../../main/plan/arch-ci.ts';
import type { ArchRow } from '../../../main/plan/arch-rows.ts';
import { somePool } from '../../fakes/world.ts';

const jobsSchema = z.looseObject({
  stages: z.array(z.string()),
  test: z.looseObject({ parallel: z.object({ matrix: z.array(z.unknown()) }) }),
  image: z.looseObject({ script: z.array(z.string()), before_script: z.array(z.string()) }).optional(),
});
const jobsOf = (file: string): z.output<typeof jobsSchema> => jobsSchema.parse(parse(file));

const row = (change: Partial<ArchRow>): ArchRow => ({
  ...{ node: 'n', architecture: 'amd64', state: 'native', usable: true, handler: null, probe: null },
  ...{ reason: null, fix: null, slowdown: null, pools: [], ...change },
});
const rows = [
  row({}),
  row({ architecture: '386' }),
  row({ architecture: 'arm64', state: 'qemu', slowdown: 'Emulated: slow.' }),
  row({ architecture: 's390x', state: 'missing', usable: false }),
];
const own = somePool({ name: 'own', tags: ['docker', 'amd64'] });
const arm = somePool({ name: 'arm', tags: ['arm64'], executor: 'image', arch: 'arm64' });

describe('the CI file', () => {
  it('has a job for each processor that a pool has as a tag, and says which have none', () => {
    const file = renderArchFile(rows, [own, arm]);
    expect(jobsOf(file)).toMatchObject({
      stages: ['test', 'image'],
      test: { parallel: { matrix: [{ ARCH: ['amd64', 'arm64'] }] }, tags: ['$ARCH'], timeout: '3h' },
    });
    expect(file).toContain('# No pool has these as a tag: 386.');
    expect(file).toContain('# Not here yet: s390x.');
    expect(file).not.toContain('make');
    const { test } = jobsOf(renderArchFile(rows, [own, { ...arm, paused: true }]));
    expect(test.parallel.matrix).toEqual([{ ARCH: ['amd64'] }]);
    // Its jobs are of another processor than its tag says.
    expect(renderArchFile(rows, [{ ...own, tags: ['arm64'] }])).toContain('There is nothing');
  });

  it('keeps 386 a word', () => {
    const i386 = somePool({ name: '386', tags: ['386'], executor: 'image', arch: '386' });
    expect(jobsOf(renderArchFile(rows, [i386])).test.parallel.matrix).toEqual([{ ARCH: ['386'] }]);
  });

  it('builds one image of all of them as GitLab does it without root, and says how buildx does', () => {
    const file = renderArchFile(rows, [own, arm]);
    const { image } = jobsOf(file);
    expect(image).toMatchObject({
      ...{ when: 'manual', tags: ['docker', 'amd64'] },
      image: { name: 'moby/buildkit:rootless', entrypoint: [''] },
      variables: { BUILDKITD_FLAGS: '--oci-worker-no-process-sandbox' },
    });
    expect(image?.script).toEqual([expect.stringContaining('--opt platform=linux/amd64,linux/arm64 ')]);
    expect(image?.before_script).toEqual([
      'mkdir -p ~/.docker',
      `AUTH=$(printf '%s:%s' "$CI_REGISTRY_USER" "$CI_REGISTRY_PASSWORD" | base64 | tr -d '\\n')`,
      String.raw`printf '%s' "{\"auths\":{\"$CI_REGISTRY\":{\"auth\":\"$AUTH\"}}}" > ~/.docker/config.json`,
    ]);
    expect(file).toContain('docker buildx build --platform linux/amd64,linux/arm64 --push');
  });

  it('has no job at all where none would run, and none for an image where no pool has the machine’s own processor', () => {
    const none = renderArchFile(rows, []);
    expect(parse(none)).toBeNull();
    expect(none).toContain('# There is nothing to make jobs of');
    expect(parse(renderArchFile([], [own]))).toBeNull();
    expect(Object.keys(jobsOf(renderArchFile(rows, [arm])))).toEqual(['stages', 'test']);
  });
});
