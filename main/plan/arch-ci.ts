// A CI file for several processors: one job for each by its tag, and one image of all by buildx. Pure.
import { slowdownSentence } from '../model/emulation.ts';
import type { ArchRow } from './arch-rows.ts';

/** Longer than GitLab's hour: what is emulated takes its time. */
const emulatedTimeout = '3h';

/** Docker's words for platforms, where they are not the processor's name alone. */
const platforms: ReadonlyMap<string, string> = new Map([['arm', 'linux/arm/v7']]);

function platformOf(architecture: string): string {
  return platforms.get(architecture) ?? `linux/${architecture}`;
}

/** `rows`: how it stands with each processor. Those that cannot run are left out, and said. */
export function renderArchFile(rows: readonly ArchRow[]): string {
  const usable = rows.filter((row) => row.usable);
  const names = [...new Set(usable.map(({ architecture }) => architecture))];
  const slow = [...new Set(usable.filter((row) => row.slowdown !== null).map((row) => row.architecture))];
  const without = [...new Set(rows.map(({ architecture }) => architecture))].filter(
    (name) => !names.includes(name),
  );
  return [
    '# One job for each processor. Its tag finds the pool that runs it: by itself where the machine can, else by emulation.',
    ...(slow.length === 0 ? [] : [`# By emulation: ${slow.join(', ')}. ${slowdownSentence}`]),
    ...(without.length === 0 ? [] : [`# Not here yet: ${without.join(', ')}. See why: autogit arch list`]),
    'stages: [test, image]',
    '',
    'test:',
    '  stage: test',
    '  image: debian:13',
    '  parallel:',
    '    matrix:',
    `      - ARCH: [${names.map((name) => (name === '386' ? "'386'" : name)).join(', ')}]`,
    '  tags: [$ARCH]',
    ...(slow.length === 0 ? [] : [`  timeout: ${emulatedTimeout}`]),
    '  script:',
    '    - uname -m',
    '    - make test',
    '',
    '# One image for all of them. Compile for another processor rather than on it where the language can: that is not slow.',
    '# It needs a runner that may build images, by BuildKit without root, or an engine of its own.',
    'image:',
    '  stage: image',
    '  image: moby/buildkit:rootless',
    '  tags: [docker]',
    ...(slow.length === 0 ? [] : [`  timeout: ${emulatedTimeout}`]),
    '  script:',
    '    - >-',
    '      buildctl-daemonless.sh build --frontend dockerfile.v0 --local context=. --local dockerfile=.',
    `      --opt platform=${names.map(platformOf).join(',')}`,
    '      --output type=image,name=$CI_REGISTRY_IMAGE:$CI_COMMIT_SHORT_SHA,push=true',
    '',
  ].join('\n');
}
