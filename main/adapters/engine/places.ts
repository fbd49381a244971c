// Where engines may be, in the order in which they are tried, and how each of these addresses is spoken to.
import { join } from 'node:path';
import type { EnginePlace, EngineSourceKind } from '../../model/engine.ts';
import { identityOf, machineOf } from './address.ts';
import { dockerFolder, listConnections, listContexts } from './contexts.ts';
import type { DockerContext, Surroundings } from './contexts.ts';
import type { TlsFiles } from './tls.ts';

/** How an address is spoken to. */
export interface Endpoint {
  readonly host: string;
  /** The address for messages: with the context that it is from. */
  readonly shown: string;
  /** `null`: without TLS, unless the address itself asks for it. */
  readonly tls: TlsFiles | null;
}

interface Candidate {
  readonly kind: EngineSourceKind;
  readonly name: string | null;
  readonly host: string | null;
}

/** Files of one user that are gone at logout. Without the variable (sudo, cron, ssh) they are at the usual place. */
function runtimeFolder({ variables, uid }: Surroundings): string | null {
  return variables['XDG_RUNTIME_DIR'] || (uid === null ? null : `/run/user/${String(uid)}`);
}

function usualSockets(surroundings: Surroundings): readonly Candidate[] {
  const runtime = runtimeFolder(surroundings);
  const own = (kind: EngineSourceKind, path: string): Candidate => ({
    kind,
    name: null,
    host: runtime === null ? null : `unix://${join(runtime, path)}`,
  });
  const at = (kind: EngineSourceKind, path: string): Candidate => ({
    kind,
    name: null,
    host: `unix://${path}`,
  });
  return [
    own('rootless-docker', 'docker.sock'),
    own('rootless-podman', 'podman/podman.sock'),
    at('docker-desktop', join(surroundings.home, '.docker/run/docker.sock')),
    at('docker-desktop', join(surroundings.home, '.docker/desktop/docker.sock')),
    at('docker', '/var/run/docker.sock'),
    at('podman', '/run/podman/podman.sock'),
  ];
}

async function listCandidates(
  setting: string | null,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  const contexts = await listContexts(surroundings);
  const contextsThat = (kind: EngineSourceKind, isCurrent: boolean): readonly Candidate[] =>
    contexts
      .filter((context) => context.isCurrent === isCurrent)
      .map(({ name, host }) => ({ kind, name, host }));
  const connections = await listConnections(surroundings);
  return [
    { kind: 'setting', name: null, host: setting },
    { kind: 'DOCKER_HOST', name: null, host: surroundings.variables['DOCKER_HOST'] || null },
    ...contextsThat('context', true),
    ...usualSockets(surroundings),
    ...contextsThat('other-context', false),
    ...connections.map(({ name, host }) => ({ kind: 'podman-connection' as const, name, host })),
  ];
}

/** Every address at which an engine may be, best first; addresses of the same engine are one. Never rejects. */
export async function listPlaces(
  setting: string | null,
  surroundings: Surroundings,
): Promise<readonly EnginePlace[]> {
  const places = new Map<string, EnginePlace>();
  for (const { kind, name, host } of await listCandidates(setting, surroundings)) {
    if (host === null) continue;
    const identity = await identityOf(host);
    const known = places.get(identity) ?? { host, identity, machine: machineOf(host), sources: [] };
    places.set(identity, { ...known, sources: [...known.sources, { kind, name }] });
  }
  return [...places.values()];
}

/** Certificates that the environment names, as `docker` reads it. */
function variableTls(surroundings: Surroundings): TlsFiles | null {
  const { DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: folder } = surroundings.variables;
  if (verify === undefined || verify === '') return null;
  return { folder: folder || dockerFolder(surroundings), needsCa: true };
}

async function contextAt(host: string, contexts: readonly DockerContext[]): Promise<DockerContext | null> {
  const identity = await identityOf(host);
  const identities = await Promise.all(contexts.map((context) => identityOf(context.host)));
  const found = contexts.filter((_, index) => identities[index] === identity);
  return found.find(({ isCurrent }) => isCurrent) ?? found[0] ?? null;
}

/** How the engine at an address is spoken to: as DOCKER_HOST would be, or as the context that has this address. */
export async function endpointOf(host: string, surroundings: Surroundings): Promise<Endpoint> {
  const context = await contextAt(host, await listContexts(surroundings));
  const shown = context === null ? host : `${host} (docker context "${context.name}")`;
  const named = surroundings.variables['DOCKER_HOST'] === host;
  const fromVariables = variableTls(surroundings);
  const tls = named ? (fromVariables ?? context?.tls) : (context?.tls ?? fromVariables);
  return { host, shown, tls: tls ?? null };
}
