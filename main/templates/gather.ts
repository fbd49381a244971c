// What a stack consists of besides its files: ports, names, secrets, images, folders, each with its template's words.
import { acmeVariables } from './acme-providers.ts';
import type { ServicePart } from './compose-part.ts';
import type { Scope } from './liquid.ts';
import { evaluate, holds } from './liquid.ts';
import { portsOf } from './mounts.ts';
import { isSafeRelative } from './paths.ts';
import { templateProblem } from './problem.ts';
import { badExpression } from './select.ts';
import type { Tls } from '../model/stack/answers.ts';
import type { AnswerProblem, NeededSecret, RenderedImage, RenderedPort } from '../model/stack/stack.ts';
import type { Question, TemplateSource } from '../model/stack/template.ts';

/** A chosen template with the scope its texts and expressions read. */
export interface Chosen {
  readonly template: TemplateSource;
  readonly scope: Scope;
}

export interface Gathered<Item> {
  readonly items: readonly Item[];
  readonly problems: readonly AnswerProblem[];
}

/** Secrets that AutoGit itself keeps: no template may declare one of these names. */
export const keptSecrets = ['ca-key', 'tls-key', 'ca-root', 'set-email', 'token-until'] as const;

/** Those of a manifest's entries whose `when` holds, made by `make`. */
function eachThat<Entry extends { readonly when?: string | undefined }, Item>(
  { template, scope }: Chosen,
  place: string,
  entries: readonly Entry[],
  make: (entry: Entry) => Item,
): Gathered<Item> {
  const items: Item[] = [];
  const problems: AnswerProblem[] = [];
  for (const entry of entries) {
    try {
      if (holds(entry.when, scope)) items.push(make(entry));
    } catch (error) {
      problems.push(badExpression(template.manifest.id, place, error));
    }
  }
  return { items, problems };
}

function together<Item>(parts: readonly Gathered<Item>[]): Gathered<Item> {
  return { items: parts.flatMap(({ items }) => items), problems: parts.flatMap(({ problems }) => problems) };
}

/** `smtpPassword` as part of a secret's name. */
function hyphened(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Name of the secret that a question of type `secret` asks for. */
export function questionSecret(template: string, question: Question): string {
  return `${template}-${hyphened(question.id)}`;
}

function secretsOfTemplate(chosen: Chosen): Gathered<NeededSecret> {
  const { id, secrets, questions } = chosen.template.manifest;
  const declared = eachThat(chosen, 'secrets', secrets, ({ name, kind, of, label }): NeededSecret => ({
    ...{ name, kind, of: of ?? null, label, template: id },
  }));
  const answers = chosen.scope['answers'];
  const isAsked = (question: Question): boolean =>
    question.type === 'secret' &&
    typeof answers === 'object' &&
    answers !== null &&
    Object.entries(answers).some(([name, value]) => name === question.id && value === true);
  const asked = questions.filter(isAsked).map((question): NeededSecret => ({
    ...{ name: questionSecret(id, question), kind: 'asked', of: null, label: question.label, template: id },
  }));
  return { items: [...declared.items, ...asked], problems: declared.problems };
}

/** All secrets of the stack, those for Let's Encrypt included. */
export function gatherSecrets(chosen: readonly Chosen[], tls: Tls): Gathered<NeededSecret> {
  const acme = tls.mode === 'acme-dns' ? acmeVariables(tls.provider) : [];
  const ours = acme.map(({ secret, label }): NeededSecret => ({
    ...{ name: secret, kind: 'asked', of: null, label, template: 'traefik' },
  }));
  const { items, problems } = together([{ items: ours, problems: [] }, ...chosen.map(secretsOfTemplate)]);
  const wrong = items.flatMap((secret, index): readonly AnswerProblem[] => {
    const { name, of, template } = secret;
    const origin = chosen.find((one) => one.template.manifest.id === template)?.template.origin;
    const earlier = items.slice(0, index).some((other) => other.name === name);
    const isKept = keptSecrets.some((kept) => kept === name);
    const isForeign = origin === 'own' && name !== template && !name.startsWith(`${template}-`);
    if (earlier || isKept || isForeign)
      return [
        templateProblem(template, `secrets.${name}`, {
          key: 'template.secret-name',
          message: `The name of the secret ${name} belongs to another part of the stack.`,
          next: `Begin its name with ${template}-.`,
        }),
      ];
    if (of === null || items.some((other) => other.name === of)) return [];
    return [
      templateProblem(template, `secrets.${name}`, {
        key: 'template.secret',
        message: `The secret ${name} is made of ${of}, which this stack does not have.`,
        next: 'Name it under secrets in template.json.',
      }),
    ];
  });
  return { items, problems: [...problems, ...wrong] };
}

/** Folders below the data folder, as absolute paths. */
export function gatherFolders(
  chosen: readonly Chosen[],
  data: string,
): Gathered<{ readonly path: string; readonly holds: string }> {
  const found = together(
    chosen.map((one) =>
      eachThat(one, 'folders', one.template.manifest.folders, ({ path, holds: what }) => ({
        path,
        what,
        one,
      })),
    ),
  );
  const wrong = found.items.filter(({ path, one: { template } }) => {
    const isIts = template.origin === 'bundled' || path.split('/')[0] === template.manifest.id;
    return !isSafeRelative(path) || !isIts;
  });
  return {
    items: found.items.map(({ path, what }) => ({ path: `${data}/${path}`, holds: what })),
    problems: [
      ...found.problems,
      ...wrong.map(({ path, one: { template } }) =>
        templateProblem(template.manifest.id, 'folders', {
          key: 'template.folder',
          message: `The template ${template.manifest.id} would use the folder ${path}, which is not below its own.`,
          next: `Use folders below ${template.manifest.id}/.`,
        }),
      ),
    ],
  };
}

interface DeclaredPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly service: string;
  readonly what: string;
  readonly template: string;
}

function declaredPorts(chosen: Chosen): Gathered<DeclaredPort> {
  const { id, ports } = chosen.template.manifest;
  return eachThat(chosen, 'ports', ports, ({ port, protocol, service, what }) => {
    const number = Number(evaluate(port, chosen.scope));
    if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new Error(`${port} is no port`);
    return { port: number, protocol, service, what, template: id };
  });
}

function same(a: { readonly port: number; readonly protocol: string }, b: typeof a): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}

function portProblem({ name, template }: ServicePart, details: Omit<AnswerProblem, 'field'>): AnswerProblem {
  return templateProblem(template.manifest.id, `services.${name}.ports`, details);
}

/** Ports that services publish, which have to be those that their manifests name, each only once. */
export function gatherPorts(
  chosen: readonly Chosen[],
  services: readonly ServicePart[],
  lowestPort: number | null,
): Gathered<RenderedPort> {
  const declared = together(chosen.map(declaredPorts));
  const published = together(services.map((service) => portsOfService(service, declared.items)));
  const clashes = published.items.flatMap(({ port, service }, index) => {
    const isTwice = published.items.slice(0, index).some((other) => same(other.port, port));
    return [
      ...(isTwice ? [portProblem(service, twice(port.port, service.name))] : []),
      ...(port.port < (lowestPort ?? 1)
        ? [portProblem(service, tooLow(port.port, service.name, lowestPort))]
        : []),
    ];
  });
  const unanswered = declared.items.filter(
    (entry) => !published.items.some(({ port }) => port.service === entry.service && same(port, entry)),
  );
  return {
    items: published.items.map(({ port }) => port),
    problems: [
      ...[...declared.problems, ...published.problems, ...clashes],
      ...unanswered.map(({ template, service, port }) =>
        templateProblem(template, `services.${service}.ports`, {
          key: 'template.port',
          message: `template.json of ${template} names port ${port}, but ${service} does not publish it.`,
          next: 'Publish it in compose.yaml, or take it out.',
        }),
      ),
    ],
  };
}

function portsOfService(
  service: ServicePart,
  declared: readonly DeclaredPort[],
): Gathered<{ readonly port: RenderedPort; readonly service: ServicePart }> {
  const { name } = service;
  const found = portsOf(service.spec).map((published) => ({
    published,
    entry: declared.find((one) => published !== null && one.service === name && same(one, published)),
  }));
  return {
    items: found.flatMap(({ published, entry }) =>
      published === null || entry === undefined
        ? []
        : [{ port: { ...published, service: name, what: entry.what }, service }],
    ),
    problems: found
      .filter(({ entry }) => entry === undefined)
      .map(({ published }) =>
        portProblem(service, {
          key: 'template.port',
          message: `The service ${name} publishes ${published === null ? 'a port that can not be known before' : `port ${published.port}`}, which its template.json does not name.`,
          next: 'Name it under ports, with what it is for.',
        }),
      ),
  };
}

function twice(port: number, service: string): Omit<AnswerProblem, 'field'> {
  return {
    key: 'stack.port-twice',
    message: `Port ${port} is used twice, the second time by ${service}.`,
    next: 'Give each its own port.',
  };
}

function tooLow(port: number, service: string, lowest: number | null): Omit<AnswerProblem, 'field'> {
  return {
    key: 'stack.port-low',
    message: `The engine runs without root and may not use ports below ${lowest ?? 1}; ${service} asks for ${port}.`,
    next: `Choose one from ${lowest ?? 1} on.`,
  };
}

/** Images in use, and whether they exist for the engine's architecture. */
export function gatherImages(
  chosen: readonly Chosen[],
  services: readonly { readonly name: string; readonly image: string }[],
  architecture: string | null,
): Gathered<RenderedImage> {
  const references = [...new Set(services.map(({ image }) => image))];
  const images = chosen.flatMap(({ template: { manifest } }) =>
    manifest.images.map((image) => ({ image, id: manifest.id })),
  );
  const used = references.flatMap(
    (reference) => images.find(({ image }) => image.reference === reference) ?? [],
  );
  return {
    items: used.map(({ image: { reference, bytes } }) => ({
      ...{ reference, bytes },
      services: services.filter(({ image }) => image === reference).map(({ name }) => name),
    })),
    problems: used
      .filter(({ image }) => architecture !== null && !image.architectures.includes(architecture))
      .map(({ image, id }) =>
        templateProblem(id, `images.${image.name}`, {
          key: 'stack.architecture',
          message: `The image ${image.reference.split('@')[0] ?? ''} is not made for ${architecture ?? ''}, the architecture of this engine.`,
          next: `Leave the template ${id} out, or run the stack on a machine with ${image.architectures.join(' or ')}.`,
        }),
      ),
  };
}
