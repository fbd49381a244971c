// Labels of a service: what Traefik would make of them, and what nobody but AutoGit may say.
import { pairsOf } from './compose-part.ts';
import type { ServicePart } from './compose-part.ts';

const named = /^traefik\.http\.(routers|services|middlewares)\.([^.]+)\.(.+)$/;
/** Of the stack's own, those that other templates may ask for. */
const shared: readonly string[] = ['authelia@file', 'secure-headers@file'];
/** Kinds that change a request or its answer, and send it nowhere else. */
const harmlessMiddlewares =
  /^(?:headers|stripprefix|addprefix|compress|ratelimit|buffering|inflightreq)(?:\.|=|$)/;
const serverKeys: readonly string[] = ['loadbalancer.server.port', 'loadbalancer.server.scheme'];

function isOf(id: string, name: string): boolean {
  return name === id || name.startsWith(`${id}-`);
}

/** A router may stand at its own names alone, and lead to its own service alone. */
function isRouterFine(key: string, value: string, { id, names }: Manifest): boolean {
  switch (key) {
    case 'rule': {
      const host = /^Host\(`([a-z0-9-]+)\.[a-z0-9.-]+`\)$/.exec(value)?.[1];
      return names.some(({ name }) => name === host);
    }
    case 'entrypoints':
      return value === 'websecure';
    case 'service':
      return isOf(id, value);
    case 'middlewares':
      return value
        .split(',')
        .map((name) => name.trim())
        .every((name) => shared.includes(name) || isOf(id, name));
    default:
      return false;
  }
}

type Manifest = ServicePart['template']['manifest'];

function isAllowed(key: string, value: string, manifest: Manifest): boolean {
  if (!key.startsWith('traefik.') || ['traefik.enable', 'traefik.docker.network'].includes(key)) return true;
  const [, kind = '', name = '', rest = ''] = named.exec(key) ?? [];
  if (!isOf(manifest.id, name)) return false;
  if (kind === 'routers') return isRouterFine(rest, value, manifest);
  return kind === 'services' ? serverKeys.includes(rest) : harmlessMiddlewares.test(rest);
}

/** Keys of labels that the service may not have; `?` where they are written in a way that is not understood. */
export function refusedLabels({ spec, template }: ServicePart): readonly string[] {
  const labels = pairsOf(spec['labels']);
  if (labels === null) return ['?'];
  return Object.entries(labels)
    .filter(([given, value]) => {
      // Traefik does not tell capital letters from small ones.
      const key = given.toLowerCase();
      if (/^(?:autogit|com\.docker\.compose)(?:\.|$)/.test(key)) return true;
      return template.origin === 'own' && !isAllowed(key, value, template.manifest);
    })
    .map(([key]) => key);
}
