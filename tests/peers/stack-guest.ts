// Somebody who uses the GitLab of a stack by its name: a browser, curl, git over HTTPS and SSH.
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { launchBrowser } from './stack-browser.ts';
import type { CliResult, StackLab } from './stack-lab.ts';

const project = z.object({ id: z.number() });

export interface StackGuest {
  /** `https://gitlab.<lab>.home.arpa:40123` */
  readonly url: string;
  /** Folder of the guest's own, which ends with it. */
  readonly folder: string;
  /** File with the root of the stack. */
  readonly ca: string;
  /** Answers of a person with changes; the file that has them. */
  answer(change?: Readonly<Record<string, unknown>>): Promise<string>;
  /** `stack up` with those answers. */
  up(...more: readonly string[]): Promise<CliResult>;
  /** What answers at a path; curl trusts the root. Rejects with curl's words. */
  curl(path: string, ...more: readonly string[]): Promise<string>;
  /** Of the stand-in itself: what a test does with GitLab does not depend on what AutoGit has set up. */
  rootToken(): Promise<string>;
  /** The same with that token; `body`: something is made. */
  api(path: string, body?: Readonly<Record<string, unknown>>): Promise<string>;
  makeProject(name: string): Promise<number>;
  /** Clones over HTTPS as `user:password`; the folder. */
  clone(name: string, as: string): Promise<string>;
  /** Gives GitLab a key and clones with it over SSH; the folder. */
  cloneOverSsh(name: string): Promise<string>;
  /** Opens the first page in a browser: its status, and where that has led. */
  browse(): Promise<{ readonly status: number | undefined; readonly at: URL }>;
  close(): Promise<void>;
}

export async function openGuest(stack: StackLab): Promise<StackGuest> {
  const { lab, ports, home } = stack;
  const folder = await mkdtemp(join(tmpdir(), 'autogit-stack-guest-'));
  const file = join(home, '..', 'answers.json');
  const host = `gitlab.${lab}.home.arpa`;
  const url = `https://${host}:${ports.https}`;
  const ca = join(home, 'stack', lab, 'ca.crt');
  const curl: StackGuest['curl'] = (path, ...more) =>
    stack.named('curl', ['--silent', '--show-error', '--fail', '--cacert', ca, ...more, `${url}${path}`]);
  const rootToken = (): Promise<string> => readFile(join(stack.data, 'gitlab', 'data', 'root-token'), 'utf8');
  const api: StackGuest['api'] = async (path, body) => {
    const headers = [`PRIVATE-TOKEN: ${await rootToken()}`, 'Content-Type: application/json'];
    const data = body === undefined ? [] : ['--data', JSON.stringify(body)];
    return curl(`/api/v4${path}`, ...headers.flatMap((one) => ['--header', one]), ...data);
  };
  const clone = async (remote: string, env: Readonly<Record<string, string>>): Promise<string> => {
    const target = await mkdtemp(join(folder, 'clone-'));
    await stack.named('git', ['clone', '--quiet', remote, target], { ...env, GIT_TERMINAL_PROMPT: '0' });
    await access(join(target, 'README.md'));
    return target;
  };
  return {
    ...{ url, folder, ca, curl, rootToken, api },
    answer: async (change = {}) => {
      await writeFile(file, JSON.stringify({ ...stack.answers, ...change }), { mode: 0o644 });
      return file;
    },
    up: (...more) => stack.cli(['stack', 'up', '--answers', file, '--json', ...more]),
    makeProject: async (name) =>
      project.parse(JSON.parse(await api('/projects', { name, initialize_with_readme: true }))).id,
    clone: (name, as) =>
      clone(`${url.replace('https://', `https://${as}@`)}/root/${name}.git`, { GIT_SSL_CAINFO: ca }),
    cloneOverSsh: async (name) => {
      const key = join(await mkdtemp(join(folder, 'key-')), 'key');
      await stack.named('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      await api('/user/keys', { title: 'test', key: (await readFile(`${key}.pub`, 'utf8')).trim() });
      const ssh = `ssh -i ${key} -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=${key}-hosts -o IdentitiesOnly=yes`;
      return clone(`ssh://git@${host}:${ports.ssh}/root/${name}.git`, { GIT_SSH_COMMAND: ssh });
    },
    browse: () => browse(url, join(home, '..', 'resolv.conf'), folder),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function browse(
  url: string,
  resolvers: string,
  folder: string,
): Promise<{ readonly status: number | undefined; readonly at: URL }> {
  const browser = await launchBrowser(resolvers, folder);
  try {
    const page = await browser.newPage();
    const response = await page.goto(`${url}/`);
    return { status: response?.status(), at: new URL(page.url()) };
  } finally {
    await browser.close();
  }
}

/** Holds that GitLab answers by its name, that its certificate needs the own root, and that HTTP leads to HTTPS. */
export async function expectByName(stack: StackLab, guest: StackGuest): Promise<void> {
  expect(await guest.curl('/-/health')).toContain('GitLab');
  await expect(
    stack.named('curl', ['--silent', '--show-error', `${guest.url}/-/health`]),
    'without the root nobody trusts it',
  ).rejects.toThrow(/certificate/);
  const plain = `http://gitlab.${stack.lab}.home.arpa:${stack.ports.http}/`;
  const redirect = await stack.named('curl', ['--silent', '--head', plain]);
  expect(redirect.toLowerCase()).toContain(`location: ${guest.url}/`);
}

/** Holds that a browser is shown GitLab's first page. */
export async function expectInBrowser(guest: StackGuest): Promise<void> {
  const { status, at } = await guest.browse();
  expect(status).toBe(200);
  expect(at.host).toBe(new URL(guest.url).host);
}
