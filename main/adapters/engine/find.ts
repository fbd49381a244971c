// Which container engines this machine offers, in the order in which they are tried.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type AutoGitError, toAutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createTransport } from './transport.ts';

export type EngineSource =
  'setting' | 'DOCKER_HOST' | 'docker-context' | 'rootless-docker' | 'rootless-podman' | 'docker' | 'podman';

/** An address where an engine may be. `error` says why it cannot be used; `null`: it answers. */
export interface FoundEngine {
  readonly host: string;
  readonly source: EngineSource;
  readonly error: AutoGitError | null;
}

/** Where to look. */
export interface EngineSurroundings {
  /** The address in the settings; `null`: none. */
  readonly setting: string | null;
  /** Environment variables: `DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_CONFIG`, `XDG_RUNTIME_DIR`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly log: Log;
}

type Candidate = readonly [source: EngineSource, host: string | null];

/** Milliseconds: an engine that works answers a ping at once, even on a busy machine. */
const pingDeadline = 5_000;

const dockerConfig = z.object({ currentContext: z.string().optional() });
const contextMeta = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Docker's own files: missing on most machines, and a broken one is for `docker` to complain about.
    return null;
  }
}

/**
 * Address of docker's current context; `null` for the default one, which is the standard socket.
 * Contexts are stored under the SHA-256 of their name: https://docs.docker.com/engine/manage-resources/contexts/
 */
async function readContext({ variables, home }: EngineSurroundings): Promise<string | null> {
  const folder = variables['DOCKER_CONFIG'] || join(home, '.docker');
  const name =
    variables['DOCKER_CONTEXT'] ||
    (await readJson(join(folder, 'config.json'), dockerConfig))?.currentContext;
  if (name === undefined || name === '' || name === 'default') return null;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'), contextMeta);
  return meta?.Endpoints.docker.Host ?? null;
}

async function listCandidates(surroundings: EngineSurroundings): Promise<readonly Candidate[]> {
  const { setting, variables } = surroundings;
  const runtime = variables['XDG_RUNTIME_DIR'] || null;
  return [
    ['setting', setting],
    ['DOCKER_HOST', variables['DOCKER_HOST'] || null],
    ['docker-context', await readContext(surroundings)],
    ['rootless-docker', runtime && `unix://${join(runtime, 'docker.sock')}`],
    ['rootless-podman', runtime && `unix://${join(runtime, 'podman/podman.sock')}`],
    ['docker', 'unix:///var/run/docker.sock'],
    ['podman', 'unix:///run/podman/podman.sock'],
  ];
}

async function ping(host: string, log: Log): Promise<AutoGitError | null> {
  try {
    const transport = createTransport(host, log.topic('engine'));
    const request = { purpose: 'answer a ping', method: 'GET', path: '/_ping' } as const;
    await transport.ask(request, { deadline: pingDeadline });
    return null;
  } catch (error) {
    return toAutoGitError(error);
  }
}

/** Every address at which an engine may be, best first, each with what became of a ping. Never rejects. */
export async function findEngines(surroundings: EngineSurroundings): Promise<readonly FoundEngine[]> {
  const seen = new Set<string>();
  const candidates = (await listCandidates(surroundings)).flatMap(([source, host]) => {
    if (host === null || seen.has(host)) return [];
    seen.add(host);
    return [{ source, host }];
  });
  return Promise.all(
    candidates.map(async (candidate) => ({
      ...candidate,
      error: await ping(candidate.host, surroundings.log),
    })),
  );
}
