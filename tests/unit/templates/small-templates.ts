// Small templates for tests of the renderer: one of ours, and one of a person's own.
import { templateSchema } from '../../../main/model/stack/template.ts';
import type { Template, TemplateSource } from '../../../main/model/stack/template.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import type { AnswerProblem, RenderedStack, Rendering, StackFacts } from '../../../main/model/stack/stack.ts';
import { someAnswers, someFacts } from '../../fakes/stack-templates.ts';

export const digest = `sha256:${'a'.repeat(64)}`;

type Manifest = Partial<Record<keyof Template, unknown>>;

/** A manifest with the least there is, and what a test changes of it. */
export function manifest(id: string, change: Manifest = {}): Template {
  return templateSchema.parse({
    ...{ id, title: id, description: id, kind: 'core', upgrade: {}, memory: { leastMiB: 10, usualMiB: 20 } },
    images: [{ name: id, reference: `example/${id}:1@${digest}`, bytes: 1_000, architectures: ['amd64'] }],
    ...change,
  });
}

/** A template of ours with one service, whose fields `service` gives as lines of YAML. */
export function small(
  id: string,
  service: string,
  change: Manifest = {},
  files: Readonly<Record<string, string>> = {},
): TemplateSource {
  const lines = service.split('\n').filter((line) => line.trim() !== '');
  const compose = [
    `services:`,
    `  ${id}:`,
    `    image: {{ images.${id} | json }}`,
    ...lines.map((line) => `    ${line}`),
  ];
  return {
    manifest: manifest(id, change),
    origin: 'bundled',
    files: { 'compose.yaml': `${compose.join('\n')}\n`, ...files },
  };
}

/** The same as a person's own, which has to be chosen. */
export function own(
  id: string,
  service: string,
  change: Manifest = {},
  files: Readonly<Record<string, string>> = {},
): TemplateSource {
  return { ...small(id, service, { kind: 'option', ...change }, files), origin: 'own' };
}

export interface Case {
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly facts?: Partial<StackFacts>;
  readonly templates: readonly TemplateSource[];
}

export function render({ answers = {}, facts = {}, templates }: Case): Rendering {
  return renderStack({ answers: someAnswers(answers), templates, facts: someFacts(facts) });
}

/** The stack; fails the test with what is wrong where there is none. */
export function rendered(input: Case): RenderedStack {
  const rendering = render(input);
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems, null, 2));
  return rendering.stack;
}

/** The problems; none where it rendered. */
export function problems(input: Case): readonly AnswerProblem[] {
  const rendering = render(input);
  return rendering.ok ? [] : rendering.problems;
}

export function fileOf(stack: RenderedStack, path: string): string {
  const file = stack.files.find((one) => one.path === path);
  if (file === undefined) throw new Error(`${path} is not rendered`);
  return file.content;
}
