// A CI file for several processors: one job for each by its tag, and one image of all of them. Pure.
import { slowdownSentence } from '../model/emulation.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Pool } from '../model/pool.ts';
import type { ArchRow } from './arch-rows.ts';

/** Longer than GitLab's hour: what is emulated takes its time. */
const emulatedTimeout = '3h';

/** Docker's words for platforms, where they are not the processor's name alone. */
const platforms: ReadonlyMap<string, string> = new Map([['arm', 'linux/arm/v7']]);

function platformOf(architecture: string): string {
  return platforms.get(architecture) ?? `linux/${architecture}`;
}

type CiPool = Pick<Pool, 'tags' | 'arch' | 'paused'>;

/**
 * `rows`: how it stands with each processor. Those that cannot run, or that no pool has as a tag, are left out and said:
 * a job that nobody takes waits for ever.
 */
export function renderArchFile(rows: readonly ArchRow[], pools: readonly CiPool[]): string {
  const inUse = pools.filter(({ paused }) => !paused);
  const usable = rows.filter((row) => row.usable);
  const served = usable.filter((row) => inUse.some((pool) => serves(pool, row)));
  const names = namesOf(served);
  const untagged = namesOf(usable).filter((name) => !names.includes(name));
  const without = namesOf(rows).filter((name) => !namesOf(usable).includes(name));
  const slow = namesOf(served.filter((row) => row.slowdown !== null));
  const head = [
    '# One job for each processor. Its tag finds the pool that runs it: by itself where the machine can, else by emulation.',
    ...(slow.length === 0 ? [] : [`# By emulation: ${slow.join(', ')}. ${slowdownSentence}`]),
    ...(untagged.length === 0
      ? []
      : [`# No pool has these as a tag: ${untagged.join(', ')}. Add them: autogit pool ready --apply`]),
    ...(without.length === 0 ? [] : [`# Not here yet: ${without.join(', ')}. See why: autogit arch list`]),
  ];
  if (names.length === 0)
    return [...head, '# There is nothing to make jobs of before a pool serves a processor.', ''].join('\n');
  const timeout = slow.length === 0 ? [] : [`  timeout: ${emulatedTimeout}`];
  const builder = inUse.find(({ arch, tags }) => arch === null && tags.length > 0);
  return [
    ...head,
    `stages: [test${builder === undefined ? '' : ', image'}]`,
    '',
    ...testJob(names, timeout),
    ...(builder === undefined ? [] : ['', ...imageJob(names, builder, timeout)]),
    '',
  ].join('\n');
}

function namesOf(rows: readonly ArchRow[]): readonly Architecture[] {
  return [...new Set(rows.map(({ architecture }) => architecture))];
}

/** A pool that asks for no processor has the machine's own. */
function serves({ arch, tags }: CiPool, { architecture, state }: ArchRow): boolean {
  return tags.includes(architecture) && (arch === architecture || (arch === null && state === 'native'));
}

function testJob(names: readonly Architecture[], timeout: readonly string[]): readonly string[] {
  return [
    'test:',
    '  stage: test',
    '  image: debian:13',
    '  parallel:',
    '    matrix:',
    `      - ARCH: [${names.map((name) => (name === '386' ? "'386'" : name)).join(', ')}]`,
    '  tags: [$ARCH]',
    ...timeout,
    '  script:',
    '    - uname -m',
    '    # What your project does on each of them, with an image that has what it needs.',
  ];
}

/**
 * The image starts a daemon unless told otherwise, and logs in to no registry by itself:
 * https://docs.gitlab.com/ci/docker/using_buildkit, https://github.com/moby/buildkit/blob/master/docs/rootless.md
 */
function imageJob(
  names: readonly Architecture[],
  { tags }: CiPool,
  timeout: readonly string[],
): readonly string[] {
  const platform = names.map(platformOf).join(',');
  const login = JSON.stringify({ auths: { $CI_REGISTRY: { auth: '$AUTH' } } });
  return [
    '# One image for all of them. Compile for another processor rather than on it where the language can: that is not slow.',
    '# BuildKit without root needs containers without the limits of seccomp and AppArmor, which AutoGit gives to no job: give it',
    '# the tag of a runner that does, and take away the line with manual. The same with an engine in the job, by a privileged',
    '# runner with docker:dind, after docker buildx create --use:',
    `#   docker buildx build --platform ${platform} --push --tag $CI_REGISTRY_IMAGE:$CI_COMMIT_SHORT_SHA .`,
    'image:',
    '  stage: image',
    '  when: manual',
    '  image:',
    '    name: moby/buildkit:rootless',
    '    entrypoint: [""]',
    `  tags: [${tags.map((tag) => JSON.stringify(tag)).join(', ')}]`,
    ...timeout,
    '  variables:',
    '    BUILDKITD_FLAGS: --oci-worker-no-process-sandbox',
    '  before_script:',
    '    - mkdir -p ~/.docker',
    `    - AUTH=$(printf '%s:%s' "$CI_REGISTRY_USER" "$CI_REGISTRY_PASSWORD" | base64 | tr -d '\\n')`,
    '    - >-',
    `      printf '%s' "${login.replaceAll('"', '\\"')}" > ~/.docker/config.json`,
    '  script:',
    '    - >-',
    '      buildctl-daemonless.sh build --frontend dockerfile.v0 --local context=. --local dockerfile=.',
    `      --opt platform=${platform}`,
    '      --output type=image,name=$CI_REGISTRY_IMAGE:$CI_COMMIT_SHORT_SHA,push=true',
  ];
}
