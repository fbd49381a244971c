// All that people have put into a stack, in a form that can be compared before it was lost and after it was restored.
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect } from 'vitest';
import { z } from 'zod';
import { homePaths } from '../../main/adapters/host/home.ts';
import { openSecrets } from '../../main/adapters/host/secrets.ts';
import type { StackGuest } from './stack-guest.ts';
import type { StackLab } from './stack-lab.ts';

const projects = z.array(
  z.object({
    ...{ id: z.number(), path_with_namespace: z.string(), default_branch: z.string().nullable() },
    visibility: z.string(),
  }),
);
const users = z.array(
  z.object({
    ...{ id: z.number(), username: z.string(), email: z.string(), state: z.string(), is_admin: z.boolean() },
  }),
);
const keys = z.array(z.object({ id: z.number(), title: z.string(), key: z.string() }));
const variables = z.array(z.object({ key: z.string(), value: z.string() }));

/** What AutoGit says with `--json`; a command that fails fails the test. */
export async function told<T>(
  schema: z.ZodType<T>,
  { cli }: StackLab,
  ...args: readonly string[]
): Promise<T> {
  const { code, stdout, stderr } = await cli([...args, '--json']);
  expect(code, `${args.join(' ')}: ${stderr}${stdout}`).toBe(0);
  return schema.parse(JSON.parse(stdout));
}

export async function contentsOf(
  stack: StackLab,
  guest: StackGuest,
): Promise<Readonly<Record<string, unknown>>> {
  const { lab, home, data } = stack;
  return {
    gitlab: await ofGitlab(guest, stack),
    'keys of GitLab': await filesIn(join(data, 'gitlab/config'), [
      'gitlab.rb',
      'trusted-certs',
      '.autogit-data',
    ]),
    'people of Authelia': await ofAuthelia(join(data, 'authelia')),
    'rendered stack': await filesIn(join(home, 'stack', lab), []),
    secrets: await secretsOf(home),
    settings: await readFile(join(home, 'settings.yaml'), 'utf8'),
  };
}

async function ofGitlab(guest: StackGuest, { named }: StackLab): Promise<unknown> {
  const get = async (path: string): Promise<unknown> => JSON.parse(await guest.api(path));
  const found = projects.parse(await get('/projects?per_page=100&order_by=id&sort=asc'));
  const people = users.parse(await get('/users?per_page=100'));
  const git = { GIT_SSL_CAINFO: guest.ca, GIT_TERMINAL_PROMPT: '0' };
  const token = await guest.rootToken();
  const each = found.map(async (project) => {
    const url = guest.url.replace('https://', `https://root:${token}@`);
    return {
      ...project,
      refs: await named('git', ['ls-remote', `${url}/${project.path_with_namespace}.git`], git),
      variables: variables.parse(await get(`/projects/${project.id}/variables`)),
    };
  });
  const known = people.map(async (one) => ({ ...one, keys: keys.parse(await get(`/users/${one.id}/keys`)) }));
  return { projects: await Promise.all(each), users: await Promise.all(known) };
}

/** The file of people, and every row of the database; nothing where Authelia has not been asked for. */
async function ofAuthelia(folder: string): Promise<unknown> {
  const files = await filesIn(folder, ['db.sqlite3-wal', 'db.sqlite3-shm']);
  const database = Object.keys(files).find((name) => name.endsWith('.sqlite3'));
  if (database === undefined) return files;
  const { [database]: one, ...others } = files;
  return { files: others, owner: one?.slice(0, one.indexOf(' ')), rows: rowsOf(join(folder, database)) };
}

function rowsOf(file: string): Readonly<Record<string, unknown>> {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    const tables = z
      .array(z.object({ name: z.string() }))
      .parse(database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).all());
    return Object.fromEntries(
      tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]),
    );
  } finally {
    database.close();
  }
}

/** All that AutoGit keeps; what opens the backup of what a restore has replaced is of the machine. */
async function secretsOf(home: string): Promise<unknown> {
  const secrets = await openSecrets(homePaths({ AUTOGIT_HOME: home }, { demo: false }));
  const names = secrets.names().filter((name) => name !== 'backup/safety');
  return Object.fromEntries(names.toSorted().map((name) => [name, secrets.get(name)]));
}

/** Owner, what the owner may do, and content of every file below a folder; none where there is no folder. */
async function filesIn(
  folder: string,
  without: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((name) => !without.some((one) => name === one || name.startsWith(`${one}/`)));
  const read = names.toSorted().map(async (name) => {
    const { uid, gid, mode } = await stat(join(folder, name));
    const text = await readFile(join(folder, name), 'base64');
    return [name, `${uid}:${gid}:${(mode & 0o700).toString(8)} ${text}`] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
