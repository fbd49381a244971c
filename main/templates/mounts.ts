// Mounts and published ports of a service, read from both of Compose's ways to write them.
import { isMap } from './compose-part.ts';
import type { Json, JsonMap } from './compose-part.ts';

/** `folder`: below the stack's folder; `host`: an absolute path of the machine; `volume`: named; `none`: nothing of the machine. */
export interface Mount {
  readonly kind: 'folder' | 'host' | 'volume' | 'none';
  /** Without `./` for `folder`. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

const shortOptions = new Set(['ro', 'rw', 'z', 'Z']);
const longKeys = new Set(['type', 'source', 'target', 'read_only', 'bind', 'volume', 'tmpfs']);
const bindKeys = new Set(['create_host_path', 'selinux']);

/** One item of `volumes`; `null`: it is not written in a way that is understood here. */
export function readMount(item: Json): Mount | null {
  if (typeof item === 'string') {
    const parts = item.split(':');
    const [first = '', second, options] = parts;
    if (parts.length === 1) return { kind: 'none', source: '', target: first, isReadOnly: false };
    if (second === undefined || parts.length > 3) return null;
    if (options !== undefined && !options.split(',').every((option) => shortOptions.has(option))) return null;
    return mountOf(first, second, options?.split(',').includes('ro') === true);
  }
  if (!isMap(item) || !Object.keys(item).every((key) => longKeys.has(key))) return null;
  const { type, source = '', target, bind, volume } = item;
  const isReadOnly = item['read_only'] === true;
  if (typeof target !== 'string' || typeof source !== 'string') return null;
  if (type === 'tmpfs') return { kind: 'none', source: '', target, isReadOnly };
  if (type === 'volume') {
    const isPlain =
      volume === undefined || (isMap(volume) && Object.keys(volume).every((key) => key === 'nocopy'));
    const mount =
      source === ''
        ? { kind: 'none' as const, source, target, isReadOnly }
        : mountOf(source, target, isReadOnly);
    return isPlain && (mount?.kind === 'volume' || mount?.kind === 'none') ? mount : null;
  }
  if (type !== 'bind') return null;
  if (bind !== undefined && !(isMap(bind) && Object.keys(bind).every((key) => bindKeys.has(key))))
    return null;
  const mount = mountOf(source, target, isReadOnly);
  return mount?.kind === 'volume' ? null : mount;
}

function mountOf(source: string, target: string, isReadOnly: boolean): Mount | null {
  if (source.startsWith('/')) return { kind: 'host', source, target, isReadOnly };
  if (source.startsWith('./'))
    return { kind: 'folder', source: source.slice(2).replace(/\/$/, ''), target, isReadOnly };
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(source) ? { kind: 'volume', source, target, isReadOnly } : null;
}

/** All mounts of a service; `null` stands for each that is not understood. */
export function mountsOf(spec: JsonMap): readonly (Mount | null)[] {
  const { volumes = null } = spec;
  if (volumes === null) return [];
  return Array.isArray(volumes) ? volumes.map(readMount) : [null];
}

/** A port of the machine that leads into a service. */
export interface PublishedPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
}

/** One item of `ports`; `null`: a range, a port by chance, or not understood. */
export function readPort(item: Json): PublishedPort | null {
  if (typeof item === 'string') {
    const [, six, four, published, protocol] =
      /^(?:(?:\[([0-9a-f:.]+)\]|([0-9.]+)):)?(\d{1,5}):\d{1,5}(?:\/(tcp|udp))?$/i.exec(item) ?? [];
    return portOf(published, protocol, six ?? four);
  }
  return isMap(item) ? portOf(item['published'], item['protocol'], item['host_ip']) : null;
}

function portOf(
  published: Json | undefined,
  protocol: Json | undefined,
  address: Json | undefined,
): PublishedPort | null {
  const port = typeof published === 'string' && /^\d{1,5}$/.test(published) ? Number(published) : published;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  if (address !== undefined && typeof address !== 'string') return null;
  return { port, protocol: protocol === 'udp' ? 'udp' : 'tcp', address: address ?? '0.0.0.0' };
}

/** All published ports of a service; `null` stands for each that is not understood. */
export function portsOf(spec: JsonMap): readonly (PublishedPort | null)[] {
  const { ports = null } = spec;
  if (ports === null) return [];
  return Array.isArray(ports) ? ports.map(readPort) : [null];
}
