// Addresses that other programs keep: docker's contexts and podman's system connections.
import { readFile, readdir } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { TlsFiles } from './tls.ts';

/** Where to look. */
export interface Surroundings {
  /** Environment variables: `DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_CONFIG`, `XDG_RUNTIME_DIR` and the like. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** The user's number; `null` where users have none. */
  readonly uid: number | null;
}

export interface DockerContext {
  readonly name: string;
  readonly host: string;
  readonly isCurrent: boolean;
  readonly tls: TlsFiles | null;
}

export interface PodmanConnection {
  readonly name: string;
  readonly host: string;
}

const dockerConfig = z.object({ currentContext: z.string().optional() });
const contextMeta = z.object({
  Name: z.string(),
  Endpoints: z.object({
    docker: z.object({ Host: z.string().min(1), SkipTLSVerify: z.boolean().nullish() }),
  }),
});
const connectionsFile = z.object({
  Connection: z.object({
    Connections: z.record(z.string(), z.object({ URI: z.string().min(1) })).nullish(),
  }),
});

/** Files of other programs: missing on most machines, and a broken one is for its own program to complain about. */
async function readOrNull(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse((await readOrNull(path)) ?? ''));
  } catch {
    return null;
  }
}

/** Docker's own folder. */
export function dockerFolder({ variables, home }: Surroundings): string {
  return variables['DOCKER_CONFIG'] || join(home, '.docker');
}

/**
 * Docker's contexts but the one called `default`, which is DOCKER_HOST or the standard socket. Metadata and TLS files
 * are kept under the SHA-256 of a context's name: https://docs.docker.com/engine/manage-resources/contexts/
 */
export async function listContexts(surroundings: Surroundings): Promise<readonly DockerContext[]> {
  const folder = dockerFolder(surroundings);
  const current =
    surroundings.variables['DOCKER_CONTEXT'] ||
    (await readJson(join(folder, 'config.json'), dockerConfig))?.currentContext;
  const ids = await readdir(join(folder, 'contexts', 'meta')).catch(() => []);
  const found = await Promise.all(
    ids.map(async (id): Promise<readonly DockerContext[]> => {
      const meta = await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'), contextMeta);
      if (meta === null || id !== createHash('sha256').update(meta.Name).digest('hex')) return [];
      const { Host: host, SkipTLSVerify: skips } = meta.Endpoints.docker;
      const tls = await tlsOf(join(folder, 'contexts', 'tls', id, 'docker'), skips === true);
      return [{ name: meta.Name, host, isCurrent: meta.Name === current, tls }];
    }),
  );
  return found.flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A context without any material speaks plain HTTP, unless it says that nothing is to be verified: that is TLS, and AutoGit
 * verifies it all the same.
 */
async function tlsOf(folder: string, skips: boolean): Promise<TlsFiles | null> {
  const files = await readdir(folder).catch(() => []);
  return files.length === 0 && !skips ? null : { folder, needsCa: false };
}

/**
 * Podman's system connections: a JSON file since Podman 5, before it a part of containers.conf.
 * https://docs.podman.io/en/latest/markdown/podman-system-connection.1.html
 */
export async function listConnections({
  variables,
  home,
}: Surroundings): Promise<readonly PodmanConnection[]> {
  const folder = join(variables['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers');
  const file = variables['PODMAN_CONNECTIONS_CONF'] || join(folder, 'podman-connections.json');
  const json = await readJson(file, connectionsFile);
  const texts = await Promise.all([
    readOrNull(join(folder, 'containers.conf')),
    readOrNull('/etc/containers/containers.conf'),
  ]);
  const fromJson = Object.entries(json?.Connection.Connections ?? {}).map(([name, { URI }]) => ({
    name,
    host: URI,
  }));
  const known = [...fromJson, ...texts.flatMap((text) => parseDestinations(text ?? ''))];
  return known.filter(({ name }, index) => known.findIndex((other) => other.name === name) === index);
}

/** The tables `[engine.service_destinations.<name>]` of a containers.conf and the `uri` of each. */
export function parseDestinations(text: string): readonly PodmanConnection[] {
  const found: PodmanConnection[] = [];
  let name: string | null = null;
  for (const line of text.split('\n')) {
    const table = /^\s*\[(.*)\]\s*(?:#.*)?$/.exec(line)?.[1];
    if (table !== undefined)
      name = /^engine\.service_destinations\.(?:"([^"]+)"|([\w-]+))$/.exec(table)?.slice(1).join('') ?? null;
    const uri = /^\s*uri\s*=\s*"([^"]+)"/.exec(line)?.[1];
    if (uri !== undefined && name !== null) found.push({ name, host: uri });
  }
  return found;
}
