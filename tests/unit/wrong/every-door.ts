// The same fault seen through every door: command line (words, --json, exit code), HTTP, unix socket, desktop.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { CliWorld } from '../../../main/cli/access.ts';
import { runCli } from '../../../main/cli/run.ts';
import type { CallName, Input } from '../../../main/contract/contract.ts';
import { errorSchema } from '../../../main/contract/error.ts';
import type { issueSchema } from '../../../main/contract/snapshot.ts';
import { toAutoGitError } from '../../../main/errors.ts';
import * as main from '../../../main/index.ts';
import type { Core } from '../../../main/index.ts';
import { connectCore } from '../../../main/serve/client.ts';
import { pathOf } from '../../../main/serve/routes.ts';
import { startServe } from '../../../main/serve/serve.ts';
import { send } from '../../fakes/open-doors.ts';
import { temporaryFolder } from '../adapters/host/temporary.ts';

export type Env = Readonly<Record<string, string>>;

/** An environment with a home that is not there yet, and no engine. */
export function freshEnv(more: Env = {}): Env & { readonly AUTOGIT_HOME: string } {
  const folder = temporaryFolder();
  const nothing = `unix://${path.join(folder, 'no-engine.sock')}`;
  return { HOME: folder, DOCKER_HOST: nothing, AUTOGIT_HOME: path.join(folder, 'home'), ...more };
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line over the real core, without a process of its own. */
export async function cli(
  env: Env,
  words: string | readonly string[],
  terminal?: { readonly columns: number },
): Promise<Said> {
  const texts = { out: '', err: '' };
  const output = (name: 'out' | 'err'): CliWorld['out'] => ({
    write: (text) => void (texts[name] += text),
    isTTY: terminal !== undefined,
    columns: terminal?.columns ?? 80,
    rows: 24,
  });
  const world: CliWorld = {
    env,
    out: output('out'),
    err: output('err'),
    openLive: () => Promise.reject(new Error('nothing is drawn here')),
    loadCore: () => Promise.resolve(main),
    interrupt: new AbortController().signal,
    orphaned: new AbortController().signal,
    now: Date.now,
    readText: (file) => readFile(file, 'utf8'),
    ask: () => Promise.resolve(null),
    prompt: () => Promise.resolve(null),
  };
  const code = await runCli(typeof words === 'string' ? words.split(' ').filter(Boolean) : words, world);
  return { code, ...texts };
}

export type ErrorShape = z.infer<typeof errorSchema>;

const reportSchema = z.object({ error: errorSchema.omit({ retry: true }) });

export interface Refused extends Omit<ErrorShape, 'retry'> {
  /** Exit code of the command line. */
  readonly code: number;
}

const coreOptions = { home: 'default', act: true, terminalLogLevel: 'error' } as const;

/** What a start of the core is refused with; all doors that start one must agree. */
export async function refusedEverywhere(env: Env): Promise<Refused> {
  const desktop = await main.createCore({ ...coreOptions, env }).then(
    async (core) => {
      await core.stop();
      return null;
    },
    (error: unknown) => toAutoGitError(error),
  );
  const text = await cli(env, 'queue refresh');
  const json = await cli(env, 'queue refresh --json');
  const serve = await cli(env, 'serve --json');
  const { error } = reportSchema.parse(JSON.parse(json.out));
  expect(desktop?.key, 'what the desktop shows').toBe(error.key);
  expect(reportSchema.parse(JSON.parse(serve.out)).error.key, 'serve').toBe(error.key);
  expect([text.code, serve.code]).toEqual([json.code, json.code]);
  expect([json.err, text.out]).toEqual(['', '']);
  for (const part of [error.key, ...words(error.message), ...words(error.next)])
    expect(text.err).toContain(part);
  return { ...error, code: json.code };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}

export interface Running {
  readonly core: Core;
  readonly env: Env;
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly socket: string;
}

/** A core of a home that runs, with all its doors open. */
export async function runningCore(env: Env): Promise<Running> {
  const core = await main.createCore({ ...coreOptions, env });
  const doors = await startServe({ core, paths: core.paths, log: core.log });
  await core.announce(doors);
  onTestFinished(async () => {
    await core.withdraw();
    await doors.close();
    await core.stop();
  });
  await core.start();
  return { core, env, address: doors.address, socket: doors.socket };
}

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorSchema }),
]);

export async function overHttp({ core, address }: Running, name: CallName, input: unknown) {
  const token = (await readFile(core.paths.httpToken, 'utf8')).trim();
  const { port, host } = new URL(address);
  const headers = { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await send(
    { host: '127.0.0.1', port: Number(port) },
    { method: 'POST', path: pathOf(name), headers, body: JSON.stringify(input) },
  );
  return { status: answer.status, said: answerSchema.parse(answer.json) };
}

export type Issue = z.infer<typeof issueSchema>;

/** The issues of a running core, in which all doors must agree. */
export async function issuesEverywhere(running: Running): Promise<readonly Issue[]> {
  const { core, env, socket } = running;
  const issues = await core.through('desktop').call('issue.list', {});
  const { status, said } = await overHttp(running, 'issue.list', {});
  expect(status).toBe(200);
  expect(said).toEqual({ ok: true, value: issues });
  expect(await connectCore(socket).call('issue.list', {})).toEqual(issues);
  const json = await cli(env, 'issue list --json');
  expect([json.code, JSON.parse(json.out)]).toEqual([0, issues]);
  const text = await cli(env, 'issue list');
  for (const { key, message, next } of issues)
    for (const part of [key, ...words(message), ...words(next)]) expect(text.out).toContain(part);
  return issues;
}

export interface RefusedRequest extends Refused {
  /** Of the answer over HTTP. */
  readonly status: number;
}

/** What a running core refuses a command with; `typed` is the same on the command line. */
export async function requestRefused<N extends CallName>(
  running: Running,
  name: N,
  input: Input<N>,
  typed: string,
): Promise<RefusedRequest> {
  const { core, env, socket } = running;
  const { status, said } = await overHttp(running, name, input);
  if (said.ok) throw new Error(`${name} was not refused`);
  const { key } = said.error;
  await expect(core.through('desktop').call(name, input)).rejects.toMatchObject({ key });
  await expect(connectCore(socket).call(name, input)).rejects.toMatchObject({ key });
  const json = await cli(env, `${typed} --json`);
  const { error } = reportSchema.parse(JSON.parse(json.out));
  expect(error.key).toBe(key);
  const text = await cli(env, typed);
  expect([text.code, text.out]).toEqual([json.code, '']);
  for (const part of [key, ...words(error.message)]) expect(text.err).toContain(part);
  return { ...error, code: json.code, status };
}
