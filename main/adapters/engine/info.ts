// What the engine is: Docker or Podman, its version, whether it runs as root, and the machine it runs on.
import { z } from 'zod';
import type { EngineInfo } from '../../model/world.ts';
import { parseAnswer } from './answers.ts';
import type { Transport } from './transport.ts';

const version = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Arch: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

const dockerInfo = z.object({
  Driver: z.string(),
  CgroupVersion: z.string().nullish(),
  NCPU: z.number(),
  MemTotal: z.number(),
  SecurityOptions: z.array(z.string()).nullish(),
});

/** Podman's compatible `/info` hides that it is rootless, so its own is asked. */
const libpodInfo = z.object({
  host: z.object({
    arch: z.string(),
    cgroupVersion: z.string(),
    cpus: z.number(),
    memTotal: z.number(),
    security: z.object({ rootless: z.boolean() }),
  }),
  store: z.object({ graphDriverName: z.string() }),
});

export interface InfoSource {
  info(): Promise<EngineInfo>;
  /** The last answer of `info`, asked for when there is none: what never changes is taken from here. */
  known(): Promise<EngineInfo>;
}

const purpose = 'say what it is';

function cgroupVersion(word: string | null | undefined): '1' | '2' | null {
  const digit = /^v?([12])$/.exec(word ?? '')?.[1];
  return digit === '1' || digit === '2' ? digit : null;
}

async function askPodman(transport: Transport): Promise<Omit<EngineInfo, 'kind' | 'version' | 'apiVersion'>> {
  const answer = await transport.ask({ purpose, method: 'GET', path: '/v4.0.0/libpod/info' });
  const { host, store } = parseAnswer(libpodInfo, answer, purpose);
  return {
    rootless: host.security.rootless,
    architecture: host.arch,
    storageDriver: store.graphDriverName,
    cgroupVersion: cgroupVersion(host.cgroupVersion),
    cpus: host.cpus,
    memoryBytes: host.memTotal,
    host: transport.host,
  };
}

async function askDocker(
  transport: Transport,
  architecture: string,
): Promise<Omit<EngineInfo, 'kind' | 'version' | 'apiVersion'>> {
  const info = parseAnswer(
    dockerInfo,
    await transport.ask({ purpose, method: 'GET', path: '/info' }),
    purpose,
  );
  return {
    rootless: info.SecurityOptions?.some((option) => option.startsWith('name=rootless')) ?? false,
    architecture,
    storageDriver: info.Driver,
    cgroupVersion: cgroupVersion(info.CgroupVersion),
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    host: transport.host,
  };
}

async function askInFull(transport: Transport): Promise<EngineInfo> {
  const answer = await transport.ask({ purpose, method: 'GET', path: '/version' });
  const { Version, ApiVersion, Arch, Components } = parseAnswer(version, answer, purpose);
  const kind = Components?.some((part) => part.Name === 'Podman Engine') === true ? 'podman' : 'docker';
  const rest = await (kind === 'podman' ? askPodman(transport) : askDocker(transport, Arch));
  return { kind, version: Version, apiVersion: ApiVersion, ...rest };
}

/**
 * Asks the engine about itself. Architectures are Go's words: `amd64`, `arm64`. The whole answer takes Podman 0.7 s
 * and Docker 0.1 s, so after the first one a ping shows that the same engine is still there.
 */
export function createInfoSource(transport: Transport): InfoSource {
  let last: { readonly server: string; readonly info: EngineInfo } | null = null;
  const info = async (): Promise<EngineInfo> => {
    const before = last;
    last = null;
    const ping = await transport.ask({ purpose, method: 'GET', path: '/_ping' });
    const server = ping.headers.server?.toString() ?? null;
    const fresh = before?.server === server ? before.info : await askInFull(transport);
    last = server === null ? null : { server, info: fresh };
    return fresh;
  };
  return { info, known: async () => last?.info ?? info() };
}
