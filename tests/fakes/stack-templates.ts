// The bundled templates, and answers and a machine for rendering them.
import { readdirSync, readFileSync } from 'node:fs';
import { stackAnswersSchema } from '../../main/model/stack/answers.ts';
import type { StackAnswers } from '../../main/model/stack/answers.ts';
import type { StackFacts } from '../../main/model/stack/stack.ts';
import { templateSchema } from '../../main/model/stack/template.ts';
import type { TemplateSource } from '../../main/model/stack/template.ts';

const root = new URL('../../compose-templates/', import.meta.url);

function read(id: string): TemplateSource {
  const folder = new URL(`${id}/`, root);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.pathname.length).replace(/^\//, ''));
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(new URL(path, folder), 'utf8')]));
  const { 'template.json': manifest = '{}', ...others } = files;
  return { manifest: templateSchema.parse(JSON.parse(manifest)), origin: 'bundled', files: others };
}

/** Every template of `compose-templates/`. */
export function bundledTemplates(): readonly TemplateSource[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => read(name))
    .toSorted((a, b) => (a.manifest.id < b.manifest.id ? -1 : 1));
}

/** A machine of a homelab: 6 cores, 8 GB, rootful Docker. */
export function someFacts(change: Partial<StackFacts> = {}): StackFacts {
  return {
    ...{ memoryBytes: 8 * 2 ** 30, threads: 6, address: '192.168.1.10', address6: null },
    ...{
      timezone: 'Europe/Berlin',
      resolvers: ['192.168.1.1'],
      subnets: ['192.168.1.0/24', '172.17.0.0/16'],
    },
    engine: {
      ...{ kind: 'docker', rootless: false, version: '28.5.2', apiVersion: '1.51', architecture: 'amd64' },
      ...{ socket: '/var/run/docker.sock', lowestPort: null },
    },
    ...{ compose: { version: '2.40.3' }, uid: 1000, gid: 1000 },
    ...change,
  };
}

/** The three decisions, and what is changed of them. */
export function someAnswers(change: Readonly<Record<string, unknown>> = {}): StackAnswers {
  return stackAnswersSchema.parse({ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' }, ...change });
}
