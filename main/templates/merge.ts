// One compose.yaml out of the templates' parts, and what each service is made of.
import { Document, isMap as isYamlMap, isScalar } from 'yaml';
import { labelled } from './adapt.ts';
import { isMap, mapTexts, pairsOf, textsOf } from './compose-part.ts';
import type { Json, JsonMap, ServicePart } from './compose-part.ts';
import { networkNames, networkOf, projectOf } from './context.ts';
import type { Subnets } from './context.ts';
import { mountsOf } from './mounts.ts';
import { composeHead } from './readme.ts';
import { filesBehind, networksOf, secretsOf } from './rules.ts';
import { canonical } from '../model/hash.ts';
import { hashOf } from '../model/stack/content-hash.ts';
import { rootFile } from '../model/stack/made-files.ts';
import type { RenderedFile, RenderedService } from '../model/stack/stack.ts';

/** Labels of the stack's containers; runners have others. */
export const stackLabels = { template: 'autogit.stack.template', hash: 'autogit.stack.hash' } as const;

export interface Merged {
  /** Text of compose.yaml. */
  readonly compose: string;
  readonly services: readonly RenderedService[];
}

export interface MergeGround {
  readonly lab: string;
  readonly subnets: Subnets;
  readonly files: readonly RenderedFile[];
  readonly volumes: readonly string[];
  /** Podman has other settings of its log. */
  readonly engine: 'docker' | 'podman';
  /** Whether the engine has anybody who runs health checks. */
  readonly checksHealth: boolean;
  /** For an engine with SELinux: the folder of data, which services may use with all below it. `null`: it has none. */
  readonly labels: { readonly below: string } | null;
}

interface MergedService {
  readonly spec: Readonly<Record<string, Json>>;
  readonly rendered: RenderedService;
  readonly networks: readonly string[];
}

/** Joins the parts; the services keep their order. */
export function mergeParts(parts: readonly ServicePart[], ground: MergeGround): Merged {
  const merged = parts.map((part) => mergeService(part, ground));
  const used = networkNames.filter((name) => merged.some(({ networks }) => networks.includes(name)));
  const secrets = [...new Set(merged.flatMap(({ rendered }) => rendered.secrets))].sort();
  const whole: JsonMap = {
    name: projectOf(ground.lab),
    services: Object.fromEntries(merged.map(({ spec, rendered }) => [rendered.name, spec])),
    networks: Object.fromEntries(used.map((name) => [name, networkDefinition(name, ground)])),
    ...(ground.volumes.length === 0
      ? {}
      : { volumes: Object.fromEntries(ground.volumes.map((name): [string, Json] => [name, {}])) }),
    ...(secrets.length === 0 || ground.labels !== null
      ? {}
      : {
          secrets: Object.fromEntries(
            secrets.map((name): [string, Json] => [name, { file: `./secrets/${name}` }]),
          ),
        }),
  };
  return { compose: composeText(whole), services: merged.map(({ rendered }) => rendered) };
}

/** Compose reads `$` as the start of a variable; strings that YAML 1.1 would take for something else are quoted. */
function composeText(whole: JsonMap): string {
  const plain = mapTexts({ ...whole }, (text) => text.replaceAll('$', '$$$$'));
  const document = new Document(plain, { schema: 'yaml-1.1', aliasDuplicateObjects: false });
  document.commentBefore = composeHead;
  for (const map of [document.contents, document.get('services')]) {
    if (!isYamlMap(map)) continue;
    for (const { key } of map.items.slice(1)) {
      if (isScalar(key)) key.spaceBefore = true;
    }
  }
  return document.toString({ lineWidth: 0 });
}

function networkDefinition(name: (typeof networkNames)[number], { lab, subnets }: MergeGround): Json {
  const range = subnets.get(name);
  return {
    name: networkOf(lab, name),
    ...(name === 'socket' ? { internal: true } : {}),
    ...(range === undefined ? {} : { ipam: { config: [{ subnet: range.subnet, gateway: range.gateway }] } }),
  };
}

/** Logs that do not fill the disk; Podman's have no number of files. https://docs.docker.com/engine/logging/drivers/json-file/ */
const logging = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } } as const;

function mergeService(part: ServicePart, ground: MergeGround): MergedService {
  const { manifest } = part.template;
  const networks = Object.fromEntries(
    Object.entries(networksOf(part) ?? {}).map(([name, settings]) => [name, withoutDoubles(settings)]),
  );
  const files = filesOf(part, ground.files);
  const secrets = [...(secretsOf(part) ?? [])].sort();
  const spec: Record<string, Json> = {
    ...(ground.labels === null ? part.spec : labelled(part.spec, ground.labels.below)),
    restart: part.spec['restart'] ?? 'unless-stopped',
    ...(part.spec['logging'] === undefined && ground.engine === 'docker'
      ? { logging: { driver: logging.driver, options: { ...logging.options } } }
      : {}),
    ...(part.spec['network_mode'] === undefined ? { networks } : {}),
    // A check that nobody runs is never passed, and Traefik leads nobody to a container that has not passed its own. The
    // image may have one, too.
    ...(ground.checksHealth ? {} : { healthcheck: { disable: true } }),
  };
  const labels = { ...pairsOf(part.spec['labels']), [stackLabels.template]: manifest.id };
  const definitions = networkNames
    .filter((name) => Object.hasOwn(networks, name))
    .map((name) => networkDefinition(name, ground));
  const contents = files.map(({ path, content }) => [path, content]);
  const hash = hashOf(canonical({ spec: { ...spec, labels }, definitions, contents, secrets }));
  const image = part.spec['image'];
  return {
    spec: { ...spec, labels: { ...labels, [stackLabels.hash]: hash } },
    networks: Object.keys(networks),
    rendered: {
      ...{
        name: part.name,
        template: manifest.id,
        image: typeof image === 'string' ? image : '',
        hash,
        secrets,
      },
      files: files.map(({ path }) => path),
      labels: [...Object.keys(labels), stackLabels.hash],
      hasHealthCheck: hasHealthCheck(part.spec['healthcheck']),
      ...(mountsOf(part.spec).some((mount) => mount?.kind === 'folder' && mount.source === rootFile)
        ? { readsRoot: true as const }
        : {}),
      ...(manifest.upgrade.backup ? { keepsForward: true as const } : {}),
      // They are versions of the first image: a database beside it has others.
      ...(image === manifest.images[0]?.reference && manifest.upgrade.stops.length > 0
        ? { stops: manifest.upgrade.stops }
        : {}),
    },
  };
}

function hasHealthCheck(check: Json | undefined): boolean {
  return isMap(check) && check['disable'] !== true;
}

/** The rendered files that a service reads. */
function filesOf(part: ServicePart, files: readonly RenderedFile[]): readonly RenderedFile[] {
  const paths = files.map(({ path }) => path);
  const read = new Set(
    mountsOf(part.spec).flatMap((mount) =>
      mount?.kind === 'folder' ? filesBehind(mount.source, paths) : [],
    ),
  );
  return files.filter(({ path }) => read.has(path));
}

function withoutDoubles(settings: Json): Json {
  if (!isMap(settings)) return settings;
  const aliases = textsOf(settings['aliases']) ?? [];
  return aliases.length === 0 ? settings : { ...settings, aliases: [...new Set(aliases)] };
}
