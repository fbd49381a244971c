// The whole stack out of answers, templates and the machine: files, networks, secrets, ports. The same in, the same out.
import { bindPorts } from './adapt.ts';
import { checkTemplates } from './check-templates.ts';
import { baseScope, fullScope, hasScope, networkNames, networkOf, ownScope } from './context.ts';
import type { Subnets } from './context.ts';
import { gatherFolders, gatherImages, gatherPorts, gatherSecrets } from './gather.ts';
import type { Chosen } from './gather.ts';
import { judgeServices } from './judge-services.ts';
import { mergeParts } from './merge.ts';
import { describe, harmlessOf } from './describe.ts';
import { renderReadme } from './readme.ts';
import { renderTemplate } from './render-files.ts';
import type { RenderedTemplate } from './render-files.ts';
import { checkTemplateAnswers, selectTemplates } from './select.ts';
import { settle } from './settle.ts';
import type { Settled } from './settle.ts';
import { chooseSubnets } from './subnets.ts';
import type { FormerSubnets } from './subnets.ts';
import { needsTrial } from '../model/stack/acme.ts';
import type { Issue } from '../model/issue.ts';
import type { StackAnswers } from '../model/stack/answers.ts';
import type {
  AnswerProblem,
  RenderedFile,
  RenderedStack,
  Rendering,
  StackFacts,
} from '../model/stack/stack.ts';
import type { TemplateSource } from '../model/stack/template.ts';

/** What a stack is rendered from. */
export interface RenderInput {
  readonly answers: StackAnswers;
  readonly templates: readonly TemplateSource[];
  readonly facts: StackFacts;
}

interface Prepared {
  readonly settled: Settled;
  readonly subnets: Subnets;
  readonly chosen: readonly Chosen[];
}

type Refused = { readonly ok: false; readonly problems: readonly AnswerProblem[] };

/** Renders the stack, or says everything that is wrong with the answers and with the templates they choose. Never throws. */
export function renderStack({ answers, templates, facts }: RenderInput): Rendering {
  const wrong = checkTemplates(templates);
  const settling = settle(answers, facts);
  if (!settling.ok || wrong.length > 0)
    return { ok: false, problems: [...wrong, ...(settling.ok ? [] : settling.problems)] };
  const prepared = prepare(settling.settled, templates, facts);
  return 'ok' in prepared ? prepared : assemble(prepared, facts);
}

/** Chooses templates and networks, and makes what each template may read. */
function prepare(
  settled: Settled,
  templates: readonly TemplateSource[],
  facts: StackFacts,
): Prepared | Refused {
  const { answers } = settled;
  const base = baseScope(settled, facts);
  const sure = templates.filter(
    ({ manifest: { id, kind } }) =>
      kind === 'core' || (kind === 'option' && Object.hasOwn(answers.templates, id)),
  );
  const selection = selectTemplates(templates, answers.templates, {
    ...base,
    has: hasScope(templates, sure),
  });
  const problems = [
    ...selection.problems,
    ...selection.chosen.flatMap((template) =>
      checkTemplateAnswers(template, answers.templates[template.manifest.id] ?? {}),
    ),
  ];
  const subnets = chooseSubnets(networkNames, facts.subnets, formerSubnets(answers.lab, facts));
  if (subnets === null) problems.push(noSubnet);
  if (problems.length > 0 || subnets === null) return { ok: false, problems };
  const full = fullScope(base, {
    ...{ settled, all: templates, chosen: selection.chosen, answers: answers.templates, subnets },
  });
  const chosen = selection.chosen.map((template) => ({
    template,
    scope: ownScope(full, template, answers.templates),
  }));
  return { settled, subnets, chosen };
}

const noSubnet: AnswerProblem = {
  field: 'networks',
  key: 'stack.no-subnet',
  message: 'Every private network range is in use by this machine or what it reaches.',
  next: 'Remove networks that nobody uses: docker network prune, and VPN routes that take whole ranges.',
};

/** What the networks of this stack have already, by the short name. */
function formerSubnets(lab: string, { kept = {}, standing = [] }: StackFacts): FormerSubnets {
  return {
    kept: Object.fromEntries(networkNames.map((name) => [name, kept[networkOf(lab, name)] ?? ''])),
    standing: networkNames.filter((name) => standing.includes(networkOf(lab, name))),
  };
}

function assemble({ settled, subnets, chosen }: Prepared, facts: StackFacts): Rendering {
  const { answers } = settled;
  const { data, bind } = answers;
  const made = chosen.map(({ template, scope }) => renderTemplate(template, scope));
  const files = made.flatMap((one) => one.files);
  const services = made.flatMap(({ part }) => part.services).map((part) => bindPorts(part, bind));
  const secrets = gatherSecrets(chosen, answers.tls);
  const folders = gatherFolders(chosen, data);
  const ports = gatherPorts(chosen, services, facts.engine?.lowestPort ?? null);
  const volumes = volumesOf(made, chosen);
  const judged = judgeServices(
    services,
    {
      ...{ data, chosen, files, folders: folders.items, secrets: secrets.items, volumes },
      granted: answers.grants,
    },
    facts,
  );
  const merged = mergeParts(services, {
    ...{ lab: answers.lab, subnets, files, volumes: volumes.map(({ name }) => name) },
    engine: facts.engine?.kind ?? 'docker',
    checksHealth: facts.engine?.checksHealth !== false,
    labels: facts.engine?.selinux === true ? { below: data } : null,
  });
  const images = gatherImages(chosen, merged.services, facts.engine?.architecture ?? null);
  const problems = [
    ...made.flatMap((one) => one.problems),
    ...[secrets, folders, ports, images, judged].flatMap((one) => one.problems),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const stack = {
    ...describe(settled, chosen, subnets),
    ...{ services: merged.services, secrets: secrets.items, images: images.items, ports: ports.items },
    ...{ folders: folders.items, grants: judged.grants },
    harmless: harmlessOf(merged.services, chosen),
    ...(needsTrial(answers.tls, settled.domain, facts.acmeProven ?? []) ? { isTrial: true as const } : {}),
  };
  const whole = [
    ...files,
    ownFile('compose.yaml', merged.compose),
    ownFile('README.md', renderReadme(stack)),
  ];
  return {
    ok: true,
    stack: { ...stack, files: whole.toSorted((a, b) => (a.path < b.path ? -1 : 1)) },
    warnings: [...settled.warnings, ...unusedGrants(answers, judged.grants)],
  };
}

/** Template of the files that belong to the stack as a whole. */
const wholeStack = 'stack';

function ownFile(path: string, content: string): RenderedFile {
  return { path, content, mode: 0o644, template: wholeStack };
}

function volumesOf(
  made: readonly RenderedTemplate[],
  chosen: readonly Chosen[],
): readonly { readonly name: string; readonly template: string }[] {
  return made.flatMap(({ part }, index) =>
    part.volumes.map((name) => ({ name, template: chosen[index]?.template.manifest.id ?? '' })),
  );
}

function unusedGrants({ grants }: StackAnswers, wanted: RenderedStack['grants']): readonly Issue[] {
  return grants
    .filter((grant) => !wanted.some((other) => other.grant === grant))
    .map((grant) => ({
      ...{ key: 'template.grant-unused', severity: 'warning', subject: grant },
      message: `Nothing asks for what ${JSON.stringify(grant)} grants.`,
      next: 'Take it out of the answers: a template that wants it later would have it unasked.',
    }));
}
