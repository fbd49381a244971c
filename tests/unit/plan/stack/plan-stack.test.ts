import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stackAnswersSchema } from '../../../../main/model/stack/answers.ts';
import type { StackAnswers } from '../../../../main/model/stack/answers.ts';
import { hashOf } from '../../../../main/model/stack/content-hash.ts';
import type {
  FileChange,
  RenderedStack,
  StackContainer,
  StackPlan,
  StackPresent,
  StackWish,
} from '../../../../main/model/stack/stack.ts';
import { keptMark } from '../../../../main/model/stack/kept.ts';
import { planStack } from '../../../../main/plan/stack/plan-stack.ts';
import { runs } from '../../../fakes/arbitrary-world.ts';
import {
  appliedOf,
  noWish,
  nothingPresent,
  someAnswers,
  someContainer,
  someStack,
} from '../../../fakes/some-stack.ts';

const folder = '/home/somebody/autogit/stack/lab';
const applied = appliedOf(someStack);

function planOf(present: StackPresent, stack = someStack, wish: StackWish = noWish): StackPlan {
  return planStack({ stack, present, folder, issues: [], wish });
}

const fileOf = ({ files }: StackPlan, path: string): FileChange | undefined =>
  files.find((file) => file.path === path);
const serviceOf = ({ services }: StackPlan, name: string) => services.find(({ service }) => service === name);
const keysOf = ({ issues }: StackPlan): readonly string[] => issues.map(({ key }) => key);

/** The present with a file as a person left it; `null`: removed. */
function edited(path: string, content: string | null): StackPresent {
  const others = (applied.files ?? []).filter((file) => file.path !== path);
  return {
    ...applied,
    files: content === null ? others : [...others, { path, content, hash: hashOf(content) }],
  };
}

describe('the first up', () => {
  const plan = planOf(nothingPresent);

  it('makes every file, service, folder and secret, pulls every image, and asks for what only a person has', () => {
    expect(plan.files.map(({ change }) => change)).toEqual(['create', 'create', 'create', 'create']);
    expect(plan.services.map(({ change, awaySeconds }) => [change, awaySeconds])).toEqual([
      ['create', 0],
      ['create', 0],
    ]);
    expect(plan.pulls.map(({ bytes }) => bytes)).toEqual([1_600_000_000, 50_000_000]);
    expect(plan.newFolders).toEqual(someStack.folders);
    expect(plan.newSecrets.map(({ name }) => name)).toEqual(['gitlab-root-password']);
    expect(plan.askedSecrets.map(({ name }) => name)).toEqual(['mail-password']);
    expect(keysOf(plan)).toEqual(['stack.secret-asked']);
    expect(plan.isNothing).toBe(false);
  });

  it('shows each new file as a difference from nothing', () => {
    expect(fileOf(plan, 'gitlab/gitlab.rb')?.diff).toBe(
      "--- /dev/null\n+++ b/gitlab/gitlab.rb\n@@ -0,0 +1,1 @@\n+external_url 'x'\n",
    );
  });
});

describe('files', () => {
  it('that AutoGit wrote are written anew without a question', () => {
    const old = 'external_url "old"\n';
    const present = {
      ...edited('gitlab/gitlab.rb', old),
      written: { ...applied.written, 'gitlab/gitlab.rb': hashOf(old) },
    };
    expect(fileOf(planOf(present), 'gitlab/gitlab.rb')).toMatchObject({ change: 'update', byHand: false });
  });

  it('that a person has removed are made again: nothing is overwritten', () => {
    const plan = planOf(edited('gitlab/gitlab.rb', null));
    expect(fileOf(plan, 'gitlab/gitlab.rb')).toMatchObject({ change: 'create', byHand: false });
    expect(serviceOf(plan, 'gitlab')).toMatchObject({ change: 'restart' });
  });

  it('that belong to a service once they are there are made once and never judged', () => {
    const stack: RenderedStack = {
      ...someStack,
      files: [{ path: 'authelia/users.yml', content: 'a\n', mode: 0o600, template: 'authelia', once: true }],
    };
    expect(fileOf(planOf(nothingPresent, stack), 'authelia/users.yml')?.change).toBe('create');
    const present = edited('authelia/users.yml', 'somebody was added\n');
    expect(fileOf(planOf(present, stack), 'authelia/users.yml')).toMatchObject({
      change: 'same',
      byHand: false,
    });
  });

  it('that a person has changed wait for an answer', () => {
    const plan = planOf(edited('gitlab/gitlab.rb', "external_url 'mine'\n"));
    expect(fileOf(plan, 'gitlab/gitlab.rb')).toMatchObject({ change: 'update', byHand: true });
    expect(plan.issues).toMatchObject([
      { key: 'stack.file-changed', severity: 'error', subject: 'gitlab/gitlab.rb' },
    ]);
  });

  it("that are not AutoGit's at all wait for an answer, too", () => {
    const present = { ...edited('compose.yaml', 'services: {}\n'), written: {} };
    expect(fileOf(planOf(present), 'compose.yaml')).toMatchObject({ change: 'update', byHand: true });
  });

  it('are replaced or kept as the answer says', () => {
    const present = edited('gitlab/gitlab.rb', "external_url 'mine'\n");
    const replaced = planOf(present, someStack, { ...noWish, files: { 'gitlab/gitlab.rb': 'replace' } });
    expect(fileOf(replaced, 'gitlab/gitlab.rb')).toMatchObject({ change: 'update', byHand: true });
    expect(serviceOf(replaced, 'gitlab')).toMatchObject({ change: 'restart', awaySeconds: 180 });
    const kept = planOf(present, someStack, { ...noWish, files: { 'gitlab/gitlab.rb': 'keep' } });
    expect(fileOf(kept, 'gitlab/gitlab.rb')).toEqual({
      path: 'gitlab/gitlab.rb',
      change: 'same',
      byHand: true,
      diff: '',
    });
    expect([...keysOf(replaced), ...keysOf(kept)]).toEqual([]);
    expect(kept.isNothing).toBe(true);
  });

  it('that a person keeps are asked about again only when they or ours change', () => {
    const mine = "external_url 'mine'\n";
    const ours = someStack.files.find(({ path }) => path === 'gitlab/gitlab.rb')?.content ?? '';
    const mark = keptMark(hashOf(mine), hashOf(ours));
    const present = {
      ...edited('gitlab/gitlab.rb', mine),
      written: { ...applied.written, 'gitlab/gitlab.rb': mark },
    };
    expect(planOf(present).isNothing).toBe(true);
    const other = { ...edited('gitlab/gitlab.rb', `${mine}# more\n`), written: present.written };
    expect(keysOf(planOf(other))).toEqual(['stack.file-changed']);
    const newer = {
      ...someStack,
      files: someStack.files.map((file) => ({ ...file, content: `${file.content}# 2\n` })),
    };
    expect(keysOf(planOf(present, newer))).toEqual(['stack.file-changed']);
  });

  it("that nothing needs any more are removed, but only AutoGit's own", () => {
    const extra = { path: 'authelia/configuration.yml', content: 'a\n', hash: hashOf('a\n') };
    const notes = { path: 'notes.txt', content: 'mine\n', hash: hashOf('mine\n') };
    const made = { path: 'tls/certificate.pem', content: 'PEM\n', hash: hashOf('PEM\n') };
    const changed = { path: 'coredns/Corefile', content: 'mine\n', hash: hashOf('mine\n') };
    const present = {
      ...applied,
      files: [...(applied.files ?? []), extra, notes, made, changed],
      written: {
        ...applied.written,
        [extra.path]: extra.hash,
        [made.path]: made.hash,
        [changed.path]: 'other',
      },
    };
    const changes = planOf(present).files.filter(({ change }) => change !== 'same');
    expect(changes).toMatchObject([{ path: extra.path, change: 'remove', byHand: false }]);
  });

  it('are shown as replaced when too much of them differs for a short difference', () => {
    const old = Array.from({ length: 4_000 }, (_, at) => `old ${at}`).join('\n');
    const next = Array.from({ length: 4_000 }, (_, at) => `new ${at}`).join('\n');
    const stack = {
      ...someStack,
      files: [{ path: 'x', content: next, mode: 0o644, template: 'stack' } as const],
    };
    const diff = fileOf(planOf({ ...edited('x', old), written: { x: hashOf(old) } }, stack), 'x')?.diff ?? '';
    expect(diff).toContain('\n-old 3999\n+new 0\n');
  });
});

describe('services', () => {
  const withContainer = (container: StackContainer): StackPresent => ({
    ...applied,
    containers: [container, someContainer('traefik')],
  });

  it('whose files change are made anew, and the files are named', () => {
    const stack: RenderedStack = {
      ...someStack,
      files: someStack.files.map((file) =>
        file.path === 'traefik/traefik.yaml' ? { ...file, content: 'ping: {}\napi: {}\n' } : file,
      ),
      services: someStack.services.map((service) =>
        service.name === 'traefik' ? { ...service, hash: 'other' } : service,
      ),
    };
    const plan = planOf(applied, stack);
    expect(plan.services).toEqual([
      { service: 'gitlab', change: 'none', why: '', awaySeconds: 0 },
      { service: 'traefik', change: 'recreate', why: 'traefik/traefik.yaml changes', awaySeconds: 5 },
    ]);
  });

  it('with another image are made anew, and both images are named', () => {
    const stack = {
      ...someStack,
      services: someStack.services.map((one) => ({ ...one, image: 'new:2', hash: 'other' })),
    };
    expect(serviceOf(planOf(applied, stack), 'gitlab')?.why).toMatch(
      /^its image is another: example\/gitlab.* becomes new:2$/,
    );
  });

  it.each([
    [
      someContainer('gitlab', { state: 'exited', exitCode: 137 }),
      'start',
      'its container has ended with exit code 137',
    ],
    [someContainer('gitlab', { state: 'created' }), 'start', 'its container was never started'],
    [someContainer('gitlab', { state: 'removing' }), 'create', 'its container is gone'],
    [someContainer('gitlab', { state: 'restarting' }), 'none', ''],
  ] as const)('whose container is %j: %s', (container, change, why) => {
    expect(serviceOf(planOf(withContainer(container)), 'gitlab')).toMatchObject({ change, why });
  });

  it('that are not asked for any more, and those of a former name, are removed', () => {
    const old = someContainer('gitlab', { name: 'autogit-old-gitlab-1' });
    const plan = planOf({
      ...applied,
      answers: { ...someAnswers, lab: 'old' },
      containers: [...(applied.containers ?? []), someContainer('authelia')],
      former: { project: 'autogit-old', containers: [old] },
    });
    expect(plan.services.filter(({ change }) => change === 'remove').map(({ service }) => service)).toEqual([
      'authelia',
      'autogit-old/gitlab',
    ]);
    expect(keysOf(plan)).toEqual(['stack.renamed']);
  });
});

describe('an engine that does not answer', () => {
  it('makes a plan that changes no service, pulls nothing, and says so', () => {
    const plan = planOf({ ...applied, containers: null, images: null });
    expect(plan.services.map(({ change }) => change)).toEqual(['none', 'none']);
    expect(plan.pulls).toEqual([]);
    expect(plan.issues).toMatchObject([{ key: 'stack.engine-silent', severity: 'error' }]);
    expect(plan.isNothing).toBe(false);
  });
});

describe('what else would be changed', () => {
  it('names a grant that was not given, and data that would not be found any more', () => {
    const grant = { grant: 'monitoring: host root mount', why: 'It reads the host.', given: false };
    const stack = {
      ...someStack,
      data: '/mnt/new',
      grants: [grant],
      folders: [{ path: '/mnt/new/gitlab', holds: 'x' }],
    };
    expect(keysOf(planOf(applied, stack))).toEqual(['stack.grant-needed', 'stack.data-moved']);
  });

  const other: StackAnswers = stackAnswersSchema.parse({
    lab: 'other',
    data: '/mnt/other',
    tls: { mode: 'acme-http', email: 'a@example.org', staging: true },
    domain: 'example.org',
    ...{ address: '10.0.0.2', address6: 'fd00::2', bind: '10.0.0.2' },
    preset: 'team',
    sso: 'off',
    oidc: { provider: 'okta', issuer: 'https://example.okta.com', clientId: 'gitlab' },
    directory: { kind: 'ldap', address: 'ldaps://ldap.example.net', baseDn: 'dc=net', user: 'cn=reader' },
    dns: { mode: 'own' },
    ports: { http: 8080, https: 8443, ssh: 22, dns: 5353 },
    ssh: 'traefik',
    admin: { username: 'eva', email: 'eva@example.org' },
    policy: { signUp: true, passwordLength: 20, sessionDays: 1, defaultBranch: 'trunk' },
    templates: { registry: {} },
    grants: ['monitoring: host root mount'],
  });
  // Everything was answered before, so that every other answer is a change.
  const before: StackAnswers = {
    ...someAnswers,
    ...{ address: '192.168.1.10', address6: 'fd00::1', bind: '192.168.1.10', preset: 'minimal' },
    admin: { username: 'admin', email: 'admin@lab.home.arpa' },
  };
  const fields = Object.keys(stackAnswersSchema.shape).filter((field): field is keyof StackAnswers =>
    Object.hasOwn(other, field),
  );

  it.each(fields)('shows another answer to %s, though no file has it', (field) => {
    const answers: StackAnswers = { ...before, [field]: other[field] };
    const present = { ...applied, answers: before };
    const plan = planOf(present, { ...someStack, answers });
    expect(plan.answers?.every(({ path }) => path === field || path.startsWith(`${field}.`))).toBe(true);
    expect(plan.answers).not.toEqual([]);
    expect(plan.isNothing).toBe(false);
    expect(plan.hash).not.toBe(planOf(present, { ...someStack, answers: before }).hash);
  });
});

const names = fc.constantFrom('gitlab', 'traefik', 'constructor', '__proto__', 'x');
const paths = fc.constantFrom('compose.yaml', 'gitlab/gitlab.rb', '__proto__', 'toString', 'tls/x', 'ü \n');
const texts = fc.string({ unit: 'binary', maxLength: 30 });
const stacks: fc.Arbitrary<RenderedStack> = fc
  .record({
    files: fc.uniqueArray(
      fc.record({ path: paths, content: texts, mode: fc.constant(0o644 as const), template: names }),
      { selector: ({ path }) => path },
    ),
    services: fc.uniqueArray(
      fc.record({
        ...{ name: names, template: names, image: texts, hash: texts, files: fc.array(paths) },
        ...{ secrets: fc.array(names), hasHealthCheck: fc.boolean() },
      }),
      { selector: ({ name }) => name },
    ),
  })
  .map((parts) => ({ ...someStack, ...parts }));
const containers = fc.array(
  fc.record({
    service: names,
    state: fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'),
    exitCode: fc.option(fc.integer()),
  }),
);
const presents: fc.Arbitrary<StackPresent> = fc.record({
  answers: fc.option(fc.constant(someAnswers)),
  files: fc.option(
    fc
      .array(fc.record({ path: paths, content: texts }))
      .map((all) => all.map((file) => ({ ...file, hash: hashOf(file.content) }))),
  ),
  written: fc.dictionary(paths, texts),
  secrets: fc.array(names),
  images: fc.option(fc.array(texts)),
  containers: fc.option(
    containers.map((all) => all.map(({ service, ...change }) => someContainer(service, change))),
  ),
  started: fc.dictionary(names, texts),
  folders: fc.array(texts),
});

describe('for every stack and everything that may be there, a plan', () => {
  it('is made without throwing, the same each time', () => {
    fc.assert(
      fc.property(stacks, presents, (stack, present) => {
        const plan = planOf(present, stack);
        expect(planOf(structuredClone(present), structuredClone(stack))).toEqual(plan);
        expect(plan.hash).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: runs },
    );
  });

  it('of what was just applied is nothing', () => {
    fc.assert(
      fc.property(stacks, (stack) => {
        const plan = planOf(appliedOf(stack), stack);
        expect(plan.issues).toEqual([]);
        expect(plan.isNothing).toBe(true);
      }),
      { numRuns: runs },
    );
  });

  it('shows every difference between files, and never overwrites what a person has changed without a word', () => {
    fc.assert(
      fc.property(stacks, presents, (stack, present) => {
        const plan = planOf(present, stack);
        for (const file of stack.files) {
          const there = present.files?.find(({ path }) => path === file.path);
          const change = fileOf(plan, file.path);
          expect(change?.change === 'same').toBe(there?.content === file.content);
          expect(change?.diff === '').toBe(there?.content === file.content);
          const isOurs =
            there === undefined || there.content === file.content
              ? true
              : Object.hasOwn(present.written, file.path) && present.written[file.path] === there.hash;
          if (!isOurs)
            expect(plan.issues).toContainEqual(
              expect.objectContaining({ key: 'stack.file-changed', subject: file.path }),
            );
        }
      }),
      { numRuns: runs },
    );
  });

  it('is agreed to as it is: other contents of a file, another hash', () => {
    fc.assert(
      fc.property(stacks, texts, (stack, content) => {
        const [first, ...others] = stack.files;
        fc.pre(first !== undefined && first.content !== content);
        const changed = { ...stack, files: [{ ...first, content }, ...others] };
        expect(planOf(nothingPresent, changed).hash).not.toBe(planOf(nothingPresent, stack).hash);
      }),
      { numRuns: runs },
    );
  });
});
