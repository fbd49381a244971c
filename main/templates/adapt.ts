// What the answers and the machine put on every service, whoever wrote its template: where its ports are, labels of its files.
import { isMap, textsOf } from './compose-part.ts';
import type { Json, JsonMap, ServicePart } from './compose-part.ts';
import { readMount, readPort } from './mounts.ts';
import { isWithin } from './paths.ts';

/** The service with its ports on one address of the machine; those that have an address of their own keep it. */
export function bindPorts(part: ServicePart, address: string | null): ServicePart {
  const { ports } = part.spec;
  if (address === null || !Array.isArray(ports)) return part;
  return { ...part, spec: { ...part.spec, ports: ports.map((item) => bindPort(item, address)) } };
}

function bindPort(item: Json, address: string): Json {
  if (isMap(item)) return { ...item, host_ip: item['host_ip'] ?? address };
  // `80:80`; whatever has an address has more colons. Only there do colons of an address need brackets.
  if (typeof item !== 'string' || !/^\d+:\d+(?:\/\w+)?$/.test(item) || readPort(item) === null) return item;
  return address.includes(':') ? `[${address}]:${item}` : `${address}:${item}`;
}

/**
 * The service as an engine needs it that confines containers with SELinux: they may use the stack's own folders and
 * files, of which Compose would mount secrets without a label. Other paths of the machine keep the labels that they have.
 * https://docs.docker.com/engine/storage/bind-mounts/#configure-the-selinux-label
 */
export function labelled(spec: JsonMap, data: string): JsonMap {
  const { secrets, volumes, ...others } = spec;
  const mounts = (Array.isArray(volumes) ? volumes : []).map((item) => labelledMount(item, data));
  const files = Array.isArray(secrets) ? secrets.flatMap(secretMount) : [];
  return mounts.length + files.length === 0 ? others : { ...others, volumes: [...mounts, ...files] };
}

function labelledMount(item: Json, data: string): Json {
  const mount = readMount(item);
  const isOurs = mount?.kind === 'folder' || (mount?.kind === 'host' && isWithin(mount.source, data));
  if (!isOurs) return item;
  if (typeof item === 'string') {
    const [source, target, options] = item.split(':');
    const given = options === undefined ? [] : options.split(',');
    const all = given.some((option) => /^z$/i.test(option)) ? given : [...given, 'z'];
    return `${source}:${target}:${all.join(',')}`;
  }
  if (!isMap(item)) return item;
  // Compose tells engines of a label only in the form that makes missing paths, too.
  const bind = isMap(item['bind']) ? item['bind'] : {};
  return { ...item, bind: { selinux: 'z', ...bind, create_host_path: true } };
}

function secretMount(item: Json): readonly Json[] {
  const [name] = textsOf(isMap(item) ? item['source'] : item) ?? [];
  if (name === undefined) return [];
  const named = isMap(item) ? item['target'] : undefined;
  const target = typeof named === 'string' ? named : name;
  return [
    {
      ...{ type: 'bind', source: `./secrets/${name}`, read_only: true },
      target: target.startsWith('/') ? target : `/run/secrets/${target}`,
      bind: { selinux: 'z', create_host_path: true },
    },
  ];
}
