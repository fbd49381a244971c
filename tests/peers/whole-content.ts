// What people have put into a GitLab: made with 50 projects and 5,000 files, and read back in a form that can be compared.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { SandboxClient } from '../engine/sandbox-client.ts';

const run = promisify(execFile);
const projectCount = 50;
const filesEach = 100;

const page = z.array(z.looseObject({ id: z.int() }));
const named = z.object({ id: z.int(), path_with_namespace: z.string() });
type Project = z.infer<typeof named>;

/** Fields that change by themselves while nothing is changed. */
const moving = new Set([
  'last_activity_at',
  'contacted_at',
  'online',
  'status',
  'job_execution_status',
  'updated_at',
  'last_used_at',
]);

/** `host`: where the sandbox is published, another port after each start. */
function settled(value: unknown, host: string): unknown {
  if (typeof value === 'string') return value.replaceAll(host, 'gitlab');
  if (Array.isArray(value)) return value.map((item) => settled(item, host));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !moving.has(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, settled(field, host)]));
}

/** A few at a time, so that neither side waits for the other. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const left = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return results;
}

/** Every project that there is, by all pages. */
export async function projectsOf(sandbox: SandboxClient): Promise<readonly Project[]> {
  const found = await Promise.all(
    [1, 2].map((number) => sandbox.api('GET', `/projects?per_page=100&page=${number}&order_by=id&sort=asc`)),
  );
  return z.array(named).parse(found.flat());
}

/** With its LFS objects and its git, as the one who has the token. */
async function ask(sandbox: SandboxClient, where: string, body?: Uint8Array): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`root:${sandbox.token}`).toString('base64')}`;
  const answer = await fetch(`${sandbox.url}/${where}`, {
    headers: { authorization },
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { method: 'PUT', body: Buffer.from(body) }),
  });
  if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Every ref and what it names, as git is told when it fetches. */
export async function refsOf(
  sandbox: SandboxClient,
  project: string,
): Promise<Readonly<Record<string, string>>> {
  const answer = await ask(sandbox, `${project}.git/info/refs?service=git-upload-pack`);
  const lines = (await answer.text()).matchAll(/([0-9a-f]{40}) (refs\/[^\n\0]+)/g);
  return Object.fromEntries([...lines].map(([, commit = '', ref = '']) => [ref, commit]));
}

/** Objects by the project's path: what was put there, by digest. */
export type LargeObjects = Readonly<Record<string, readonly string[]>>;

/** The digest of every object's content as it is now. */
async function digestsOf(
  sandbox: SandboxClient,
  project: string,
  oids: readonly string[],
): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const oid of oids) {
    const answer = await ask(sandbox, `${project}.git/gitlab-lfs/objects/${oid}`);
    digests.push(
      createHash('sha256')
        .update(new Uint8Array(await answer.arrayBuffer()))
        .digest('hex'),
    );
  }
  return digests;
}

/** All that people have put into it; projects that go on by themselves are left out. */
export async function contentOf(
  sandbox: SandboxClient,
  { without, large }: { readonly without: readonly string[]; readonly large: LargeObjects },
): Promise<unknown> {
  const { host: at } = new URL(sandbox.url);
  const get = async (where: string): Promise<unknown> => settled(await sandbox.api('GET', where), at);
  const idsOf = async (where: string): Promise<readonly number[]> =>
    page.parse(await sandbox.api('GET', where)).map(({ id }) => id);
  const users = await idsOf('/users?per_page=100');
  const groups = await idsOf('/groups');
  const projects = (await projectsOf(sandbox)).filter(
    ({ path_with_namespace: name }) => !without.some((left) => name.endsWith(`/${left}`)),
  );
  const parts = ['', '/variables', '/hooks', '/members', '/protected_branches', '/protected_tags'];
  return {
    users: await get('/users?per_page=100'),
    keys: await inLanes(users, (id) => get(`/users/${id}/keys`)),
    groups: await inLanes(groups, (id) => Promise.all([`/groups/${id}`, `/groups/${id}/members`].map(get))),
    runners: await inLanes(await idsOf('/runners/all'), (id) => get(`/runners/${id}`)),
    settings: await get('/application/settings'),
    projects: await inLanes(projects, async ({ id, path_with_namespace: name }) => ({
      ...{ name, found: await Promise.all(parts.map((part) => get(`/projects/${id}${part}`))) },
      refs: await refsOf(sandbox, name),
      large: await digestsOf(sandbox, name, large[name] ?? []),
    })),
  };
}

/** Gets all that each project has, as a person's clone does: git rejects what names an object that is not there. */
export async function fetchAll(sandbox: SandboxClient, folder: string): Promise<void> {
  const repository = join(folder, 'fetched.git');
  await run('git', ['init', '--quiet', '--bare', repository]);
  await inLanes(await projectsOf(sandbox), async ({ id, path_with_namespace: name }) => {
    const options = ['--quiet', '--no-auto-gc', '--no-write-fetch-head'];
    const args = ['-C', repository, 'fetch', ...options, remoteOf(sandbox, name), `+refs/*:refs/${id}/*`];
    await run('git', args);
  });
}

const remoteOf = (sandbox: SandboxClient, project: string): string =>
  `${sandbox.url.replace('://', `://root:${sandbox.token}@`)}/${project}.git`;

const idSchema = z.object({ id: z.int() });

async function addPeople(sandbox: SandboxClient): Promise<readonly number[]> {
  return await inLanes([0, 1, 2, 3, 4], async (number) => {
    const name = `person-${number}`;
    const { id } = idSchema.parse(
      await sandbox.api('POST', '/users', {
        ...{ username: name, name, email: `${name}@example.net`, skip_confirmation: true },
        password: randomBytes(12).toString('hex'),
      }),
    );
    const key = `ssh-ed25519 ${Buffer.concat([
      Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
      randomBytes(32),
    ]).toString('base64')} ${name}`;
    await sandbox.api('POST', `/users/${id}/keys`, { title: 'laptop', key });
    return id;
  });
}

const numbers = Array.from({ length: projectCount }, (_, number) => number);

interface LargeFile {
  readonly name: string;
  readonly oid: string;
  readonly content: Buffer;
}

function largeFile(name: string, bytes: number): LargeFile {
  const content = randomBytes(bytes);
  return { name, oid: createHash('sha256').update(content).digest('hex'), content };
}

/** Every third project has two files in Git LFS: one of its own, and one that all of these have. */
function largeFiles(): ReadonlyMap<number, readonly LargeFile[]> {
  const shared = largeFile('shared.bin', 2_000_000);
  const some = numbers.filter((number) => number % 3 === 0);
  return new Map(some.map((number) => [number, [largeFile('own.bin', 50_000 + number * 1_000), shared]]));
}

const pointerOf = ({ oid, content }: LargeFile): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;

const data = (content: string): string => `data ${Buffer.byteLength(content)}\n${content}\n`;
const person = (role: string): string => `${role} Ada <ada@example.net> 1767225600 +0000\n`;
const file = (path: string, content: string): string => `M 100644 inline ${path}\n${data(content)}`;

/** What `git fast-import` makes a project's branches and tag of. https://git-scm.com/docs/git-fast-import */
function historyOf(number: number, large: readonly LargeFile[]): string {
  const files = Array.from({ length: filesEach }, (_, at) =>
    file(`src/${at}.txt`, `${number} ${at} ${randomBytes(200).toString('base64')}\n`),
  );
  const pointers = large.map((one) => file(one.name, pointerOf(one)));
  if (pointers.length > 0)
    pointers.push(file('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n'));
  return [
    `commit refs/heads/${number}/main\n${person('committer')}${data('Files')}`,
    ...[...files, ...pointers],
    `commit refs/heads/${number}/topic\n${person('committer')}${data('Topic')}`,
    `from refs/heads/${number}/main\n${file('topic.txt', `topic of ${number}\n`)}`,
    `tag ${number}/v1\nfrom refs/heads/${number}/main\n${person('tagger')}${data('First')}`,
  ].join('');
}

/** One repository with the branches and tags of all projects, from which each is pushed what is its own. */
async function makeHistories(
  folder: string,
  large: ReadonlyMap<number, readonly LargeFile[]>,
): Promise<string> {
  const repository = join(folder, 'histories.git');
  const input = join(folder, 'histories');
  await writeFile(input, numbers.map((number) => historyOf(number, large.get(number) ?? [])).join(''));
  await run('git', ['init', '--quiet', '--bare', repository]);
  const script = 'git -C "$1" fast-import --quiet < "$2"';
  await run('sh', ['-c', script, 'sh', repository, input]);
  return repository;
}

/** `folder` takes what is only needed on the way. Gives which project has which LFS objects. */
export async function fill(sandbox: SandboxClient, folder: string): Promise<LargeObjects> {
  const people = await addPeople(sandbox);
  const group = idSchema.parse(await sandbox.api('POST', '/groups', { name: 'Team', path: 'team' }));
  await sandbox.api('POST', `/groups/${group.id}/members`, { user_id: people[0], access_level: 40 });
  const large = largeFiles();
  const repository = await makeHistories(folder, large);
  const objects = await inLanes(numbers, async (number) => {
    const own = number % 10 === 0 ? { namespace_id: group.id } : {};
    const { id, path_with_namespace: name } = named.parse(
      await sandbox.api('POST', '/projects', { name: `project-${number}`, ...own }),
    );
    const files = large.get(number) ?? [];
    for (const { oid, content } of files)
      await ask(sandbox, `${name}.git/gitlab-lfs/objects/${oid}/${content.length}`, content);
    const refs = ['heads/main', 'heads/topic', 'tags/v1'].map((ref) => {
      const [kind = '', short = ''] = ref.split('/');
      return `refs/${kind}/${number}/${short}:refs/${ref}`;
    });
    await run('git', ['-C', repository, 'push', '--quiet', remoteOf(sandbox, name), ...refs]);
    await sandbox.api('POST', `/projects/${id}/variables`, { key: 'TOKEN', value: `secret-${number}` });
    await sandbox.api('POST', `/projects/${id}/hooks`, { url: 'http://hooks.example/x', push_events: false });
    const member = { user_id: people[number % people.length], access_level: 30 };
    await sandbox.api('POST', `/projects/${id}/members`, member);
    await sandbox.api('POST', `/projects/${id}/protected_tags`, { name: 'v*' });
    if (number === 1) await addRunner(sandbox, id);
    return [name, files.map(({ oid }) => oid)] as const;
  });
  return Object.fromEntries(objects);
}

/** An entry that a person has made for a project. */
async function addRunner(sandbox: SandboxClient, project: number): Promise<void> {
  const entry = { runner_type: 'project_type', project_id: project, description: 'by hand', tag_list: 'own' };
  await sandbox.api('POST', '/user/runners', entry);
}
