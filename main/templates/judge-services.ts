// Judges all services of a stack together, and matches what they want beyond the rules with what a person has granted.
import type { ServicePart } from './compose-part.ts';
import { usualSocket } from './context.ts';
import type { Chosen } from './gather.ts';
import { templateProblem } from './problem.ts';
import { judgeService } from './rules.ts';
import type {
  AnswerProblem,
  NeededSecret,
  RenderedFile,
  StackFacts,
  WantedGrant,
} from '../model/stack/stack.ts';

export interface StackGround {
  readonly data: string;
  readonly chosen: readonly Chosen[];
  readonly files: readonly RenderedFile[];
  readonly folders: readonly { readonly path: string }[];
  readonly secrets: readonly NeededSecret[];
  /** Named volumes with the template that declares each. */
  readonly volumes: readonly { readonly name: string; readonly template: string }[];
  readonly granted: readonly string[];
}

export interface JudgedServices {
  readonly problems: readonly AnswerProblem[];
  readonly grants: readonly WantedGrant[];
}

/** What the services have that no template may, and what a person has to grant first. */
export function judgeServices(
  services: readonly ServicePart[],
  ground: StackGround,
  facts: StackFacts,
): JudgedServices {
  const judged = services.map((service) => {
    const { manifest, origin } = service.template;
    const { id } = manifest;
    const own = ground.secrets.filter(({ template }) => origin === 'bundled' || template === id);
    return judgeService(service, {
      data: ground.data,
      socket: facts.engine?.socket ?? usualSocket,
      folders: manifest.folders.map(({ path }) => `${ground.data}/${path}`),
      files: ground.files.map(({ path }) => path),
      secrets: own.map(({ name }) => name),
      images: manifest.images.map(({ reference }) => reference),
      volumes: ground.volumes
        .filter(({ template }) => origin === 'bundled' || template === id)
        .map(({ name }) => name),
    });
  });
  const wants = judged.flatMap((judgement) => judgement.wants);
  const grants = wants
    .filter(({ grant }, index) => wants.findIndex((other) => other.grant === grant) === index)
    .map(({ grant, why }): WantedGrant => ({ grant, why, given: ground.granted.includes(grant) }));
  return {
    problems: [
      ...judged.flatMap(({ problems }) => problems),
      ...doubled(services, ground),
      ...grants.flatMap(refusalOf),
    ],
    grants,
  };
}

function refusalOf({ grant, why, given }: WantedGrant): readonly AnswerProblem[] {
  if (given) return [];
  return [
    {
      field: 'grants',
      key: 'template.grant',
      message: `A template wants more than the rules give it: ${why}`,
      next: `If you trust it with that, add to the answers: grants: [${JSON.stringify(grant)}]`,
    },
  ];
}

interface Named {
  readonly name: string;
  readonly template: string;
}

/** Two templates that would have a service, a file or a volume of one name. */
function doubled(
  services: readonly ServicePart[],
  { files, volumes }: StackGround,
): readonly AnswerProblem[] {
  const kinds: readonly (readonly [what: string, items: readonly Named[]])[] = [
    ['service', services.map(({ name, template }) => ({ name, template: template.manifest.id }))],
    ['file', files.map(({ path, template }) => ({ name: path, template }))],
    ['volume', volumes],
  ];
  return kinds.flatMap(([what, items]) =>
    items
      .filter(({ name }, index) => items.findIndex((other) => other.name === name) !== index)
      .map(({ name, template }) =>
        templateProblem(template, `${what}s.${name}`, {
          key: 'template.twice',
          message: `The template ${template} brings the ${what} ${name}, which another template has already.`,
          next: 'Rename it.',
        }),
      ),
  );
}
