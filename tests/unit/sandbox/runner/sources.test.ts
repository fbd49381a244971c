import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../main/sandbox/runner/job.ts';
import { parseJob } from '../../../../main/sandbox/runner/job.ts';
import { planSources, renderGitConfig } from '../../../../main/sandbox/runner/sources.ts';

const place = {
  projectDir: '/p',
  gitConfigFile: '/p.tmp/git.conf',
  cloneUrl: null,
  userAgent: 'runner',
  isShallow: false,
};
const repoUrl = 'http://gitlab-ci-token:s3cret@gitlab.test:8080/g/p.git';

function jobWith(changes: object = {}, gitInfo: object = {}): Job {
  const parsed = parseJob({
    id: 1,
    token: 't',
    allow_git_fetch: true,
    git_info: {
      repo_url: repoUrl,
      ref: 'main',
      sha: '0123456789abcdef',
      refspecs: ['+a:b'],
      depth: 20,
      ...gitInfo,
    },
    ...changes,
  });
  if (parsed.kind !== 'job') throw new Error('not a job');
  return parsed.job;
}

function plan(
  variables: Readonly<Record<string, string>>,
  job: Job = jobWith(),
  at: typeof place = place,
): readonly string[] {
  const steps = planSources(job, at, (key) => variables[key] ?? '');
  return steps
    .filter((step) => step.command !== 'none')
    .map((step) => [step.command, ...step.args].join(' '));
}

describe('planSources', () => {
  it('fetches the refspecs to the depth and checks the commit out detached', () => {
    const commands = plan({});
    expect(commands).toContainEqual(
      expect.stringContaining('fetch origin --no-recurse-submodules +a:b --depth 20 --prune --quiet'),
    );
    expect(commands).toContainEqual(expect.stringContaining('checkout -f -q 0123456789abcdef'));
    expect(commands).toContainEqual('git -C /p clean -ffdx');
    expect(commands.join('\n')).not.toContain('submodule init');
  });

  it('keeps the token out of every command', () => {
    expect(plan({ GIT_SUBMODULE_STRATEGY: 'recursive' }).join('\n')).not.toContain('s3cret');
  });

  it('starts afresh with clone, which is what it does where fetching is not allowed', () => {
    expect(plan({ GIT_STRATEGY: 'clone' })).toContain('rm -rf -- /p');
    expect(plan({}, jobWith({ allow_git_fetch: false }))).toContain('rm -rf -- /p');
    expect(plan({})).not.toContain('rm -rf -- /p');
  });

  it('needs no git with none and empty', () => {
    expect(plan({ GIT_STRATEGY: 'none' })).toEqual(['mkdir -p -- /p']);
    expect(plan({ GIT_STRATEGY: 'empty' }).at(-1)).toBe('mkdir -p -- /p');
    expect(plan({ GIT_STRATEGY: 'empty' })).toContain('rm -rf -- /p');
  });

  it('completes a shallow clone when the whole history is wanted', () => {
    const full = jobWith({}, { depth: 0 });
    expect(plan({}, full, { ...place, isShallow: true }).join('\n')).toContain('--unshallow');
    expect(plan({}, full).join('\n')).not.toMatch(/--unshallow|--depth/);
  });

  it.each([
    ['normal', 'submodule update --init'],
    ['recursive', 'submodule update --init --recursive'],
  ])('brings submodules with %s', (strategy, command) => {
    expect(plan({ GIT_SUBMODULE_STRATEGY: strategy }).join('\n')).toContain(command);
  });

  it('obeys the flags and switches of a job', () => {
    expect(plan({ GIT_CHECKOUT: 'false' }).join('\n')).not.toContain(' checkout ');
    expect(plan({ GIT_CLEAN_FLAGS: 'none' }).join('\n')).not.toContain('clean');
    expect(plan({ GIT_FETCH_EXTRA_FLAGS: '--tags' }).join('\n')).toMatch(/--depth 20 --tags$/m);
  });

  it.each(['GIT_STRATEGY', 'GIT_SUBMODULE_STRATEGY'])('refuses an unknown %s by name', (key) => {
    expect(() => plan({ [key]: 'magic' })).toThrow(`unknown ${key} "magic"`);
  });
});

describe('the address to clone from', () => {
  it('has its token in a private file, for the whole host', () => {
    expect(renderGitConfig(repoUrl, null)).toBe(
      '[url "http://gitlab-ci-token:s3cret@gitlab.test:8080/"]\n\tinsteadOf = "http://gitlab.test:8080/"\n',
    );
    expect(renderGitConfig('/srv/repo.git', null)).toBe('');
  });

  it('names the roots to trust for that host, and only where there is a certificate', () => {
    const trust = '[http "https://gitlab.test/"]\n\tsslCAInfo = "/tmp/ca"\n';
    expect(renderGitConfig('https://a:b@gitlab.test/g/p.git', null, '/tmp/ca')).toBe(
      `[url "https://a:b@gitlab.test/"]\n\tinsteadOf = "https://gitlab.test/"\n${trust}`,
    );
    expect(renderGitConfig('https://gitlab.test/g/p.git', null, '/tmp/ca')).toBe(trust);
    expect(renderGitConfig(repoUrl, null, '/tmp/ca')).not.toContain('sslCAInfo');
  });

  it('has the path of the roots written so that nothing gets out of its quotes', () => {
    const config = renderGitConfig('https://gitlab.test/g/p.git', null, '/a"\\b\n[core]');
    expect(config).toBe(`[http "https://gitlab.test/"]\n\tsslCAInfo = ${String.raw`"/a\"\\b\n[core]"`}\n`);
  });

  it('is moved to clone_url', () => {
    const moved = { ...place, cloneUrl: 'https://inside.test' };
    expect(planSources(jobWith(), moved, () => '').flatMap((step) => step.args)).toContain(
      'https://inside.test/g/p.git',
    );
    expect(renderGitConfig(repoUrl, 'https://inside.test')).toContain('@inside.test/"]');
  });
});
