// Files of containers over the engine's API: archives both ways, and programs run in them to their end.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ContainerFiles, FetchedFiles, FileFacts } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { parseAnswer } from './answers.ts';
import type { EngineOptions } from './connect.ts';
import { connectionError, silenceError } from './errors.ts';
import { packFolder } from './pack-folder.ts';
import { createTransport, idleLimit } from './transport.ts';
import type { Transport } from './transport.ts';
import { unpackArchive } from './unpack-archive.ts';

/** Of what a program prints, its end. Characters. */
const mostOutput = 64 * 1024;
/** Between looks at a program that is about to end. Milliseconds. */
const lookMs = 100;
/** How many times as long the engine may be silent while it writes what it was given. */
const settling = 5;

/** Containers of the engine at an address; connects only when it is asked. */
export function connectContainerFiles({ host, log, endpoint }: EngineOptions): ContainerFiles {
  const transport = createTransport(host, log.topic('engine'), endpoint);
  return {
    fetch: (container, from, folder, signal, onEntry) =>
      fetchFolder(transport, { container, from, folder, signal, onEntry }),
    put: async (container, folder, to, { uid, gid, facts }, signal) => {
      const owner = { uid, gid };
      await makeFolder(transport, { container, to, owner, signal });
      await putFolder(transport, { container, folder, to, owner, facts, signal });
      const own = facts?.get('');
      if (own !== undefined) await markFolder(transport, { container, to, signal }, own);
    },
    exec: (container, command, options, signal) =>
      execute(transport, { container, command, options, signal }),
  };
}

function pathOf(container: string, rest: string): string {
  return `/containers/${encodeURIComponent(container)}${rest}`;
}

/** Ends what nobody has heard of for a while. */
function watchSilence(signal: AbortSignal, limit: number) {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => over.abort(), limit);
  };
  touch();
  return {
    signal: AbortSignal.any([over.signal, signal]),
    touch,
    isOver: () => over.signal.aborted,
    end: () => clearTimeout(timer),
  };
}

interface Fetch {
  readonly container: string;
  readonly from: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onEntry: ((path: string, facts: FileFacts) => void) | undefined;
}

async function fetchFolder(
  transport: Transport,
  { container, from, folder, signal, onEntry }: Fetch,
): Promise<FetchedFiles> {
  signal.throwIfAborted();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const purpose = `give the files in ${from} of the container ${container}`;
  const silence = watchSilence(signal, idleLimit);
  try {
    const query = { path: from };
    const request = { purpose, method: 'GET', path: pathOf(container, '/archive'), query } as const;
    const answer = await transport.open(request, silence.signal);
    const base = path.posix.basename(from);
    return await unpackArchive(answer, { base, folder, container, onEntry, onBytes: silence.touch });
  } catch (error) {
    throw whyEnded(error, { signal, silence, host: transport.host, purpose });
  } finally {
    silence.end();
  }
}

interface Put {
  readonly container: string;
  readonly to: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly signal: AbortSignal;
}

/** The folder itself and those above it, where they are missing: engines leave those that are there as they are. */
async function makeFolder(transport: Transport, { container, to, owner, signal }: Put): Promise<void> {
  const purpose = `look for ${to} in the container ${container}`;
  const found = await transport.ask(
    { purpose, method: 'HEAD', path: pathOf(container, '/archive'), query: { path: to } },
    { fine: ({ status }) => status === 404, signal },
  );
  if (found.status !== 404) return;
  const tar = pack();
  tar.entry({ name: `${to.replace(/^\/+/, '')}/`, type: 'directory', mode: 0o700, ...owner });
  tar.finalize();
  const request = { purpose: `make ${to} in the container ${container}`, method: 'PUT' } as const;
  const body = { path: pathOf(container, '/archive'), query: { path: '/' }, tar: await buffer(tar) };
  await transport.ask({ ...request, ...body }, { signal });
}

/**
 * Gives the folder itself its mode and time, too. Docker and its kin pass over the root of an archive: for them it is a folder in the
 * one above. Podman heeds the root, and of the one above it sees what lies below a volume of a container that does not run.
 */
async function markFolder(
  transport: Transport,
  { container, to, signal }: Omit<Put, 'owner'>,
  facts: FileFacts,
): Promise<void> {
  const { uid, gid, mode, at: since } = facts;
  const header = { uid, gid, mode, mtime: new Date(since) };
  for (const [name, at] of [
    ['./', to],
    [`${path.posix.basename(to)}/`, path.posix.dirname(to)],
  ] as const) {
    const tar = pack();
    tar.entry({ ...header, name, type: 'directory' });
    tar.finalize();
    const request = { purpose: `mark ${to} in the container ${container}`, method: 'PUT' } as const;
    const body = { path: pathOf(container, '/archive'), query: { path: at }, tar: await buffer(tar) };
    await transport.ask({ ...request, ...body }, { signal });
  }
}

async function putFolder(
  transport: Transport,
  {
    container,
    folder,
    to,
    owner,
    facts,
    signal,
  }: Put & { readonly folder: string; readonly facts: ReadonlyMap<string, FileFacts> | undefined },
): Promise<void> {
  const purpose = `write files into ${to} of the container ${container}`;
  const silence = watchSilence(signal, idleLimit * settling);
  try {
    const tar = packFolder({ folder, owner, facts, onBytes: silence.touch });
    const failed = new Promise<never>((_, reject) => void tar.once('error', reject));
    const request = {
      purpose,
      method: 'PUT',
      path: pathOf(container, '/archive'),
      query: { path: to },
    } as const;
    const answer = await Promise.race([transport.open({ ...request, tar }, silence.signal), failed]);
    await buffer(answer);
  } catch (error) {
    throw whyEnded(error, { signal, silence, host: transport.host, purpose });
  } finally {
    silence.end();
  }
}

const madeSchema = z.object({ Id: z.string() });
const endedSchema = z.object({ Running: z.boolean(), ExitCode: z.number().nullish() });

interface Execution {
  readonly container: string;
  readonly command: readonly string[];
  readonly options: Parameters<ContainerFiles['exec']>[2];
  readonly signal: AbortSignal;
}

async function execute(
  transport: Transport,
  { container, command, options, signal }: Execution,
): Promise<{ readonly code: number; readonly output: string }> {
  signal.throwIfAborted();
  const purpose = `run ${command[0] ?? ''} in the container ${container}`;
  const json = {
    ...{ AttachStdout: true, AttachStderr: true, Cmd: command },
    Env: Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(options.user !== undefined && { User: options.user }),
  };
  const made = await transport.ask(
    { purpose, method: 'POST', path: pathOf(container, '/exec'), json },
    { signal },
  );
  const { Id: id } = parseAnswer(madeSchema, made, purpose);
  const deadline = AbortSignal.timeout(options.deadlineMs);
  try {
    const start = {
      purpose,
      method: 'POST',
      path: `/exec/${id}/start`,
      json: { Detach: false, Tty: false },
    } as const;
    const answer = await transport.open(start, AbortSignal.any([deadline, signal]));
    const output = await readOutput(answer);
    // Engines end the stream also when somebody gives up, and sometimes a moment before the program's end is known.
    for (;;) {
      const look = await transport.ask({ purpose, method: 'GET', path: `/exec/${id}/json` }, { signal });
      const { Running: isRunning, ExitCode: code } = parseAnswer(endedSchema, look, purpose);
      if (!isRunning) return { code: code ?? -1, output };
      await delay(lookMs, undefined, { signal: AbortSignal.any([deadline, signal]) });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) throw execTimeout(command, container, options.deadlineMs);
    throw error instanceof AutoGitError ? error : connectionError(transport.host, error);
  }
}

/**
 * What the program printed on both streams, its end. Frames of an 8-byte header (its last 4 are the length) and text.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
async function readOutput(stream: AsyncIterable<unknown>): Promise<string> {
  let rest = Buffer.alloc(0);
  let text = Buffer.alloc(0);
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue;
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
      const end = 8 + rest.readUInt32BE(4);
      text = Buffer.concat([text, rest.subarray(8, end)]).subarray(-mostOutput);
      rest = rest.subarray(end);
    }
  }
  return text.toString('utf8');
}

function whyEnded(
  error: unknown,
  why: {
    readonly signal: AbortSignal;
    readonly silence: { isOver(): boolean };
    readonly host: string;
    readonly purpose: string;
  },
): unknown {
  if (why.signal.aborted) return why.signal.reason;
  if (why.silence.isOver()) return silenceError(why.host, why.purpose, idleLimit / 1000);
  return error instanceof AutoGitError ? error : connectionError(why.host, error);
}

function execTimeout(command: readonly string[], container: string, deadlineMs: number): AutoGitError {
  const minutes = Math.max(1, Math.round(deadlineMs / 60_000));
  return new AutoGitError({
    key: 'backup.exec-timeout',
    message: `${command[0] ?? 'A program'} in the container ${container} has not ended within ${String(minutes)} minutes.`,
    next: `Look what it does with \`docker top ${container}\`, and try again when it has ended.`,
    retry: true,
    fields: { container },
  });
}
