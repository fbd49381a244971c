// The part of compose.yaml that one template brings: read, and its `$` understood as Compose would.
import { z } from 'zod';
import { readPlainYaml } from './plain-yaml.ts';
import { templateProblem } from './problem.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';
import type { TemplateSource } from '../model/stack/template.ts';

const json = z.json();
/** Plain data of a compose file. */
export type Json = z.infer<typeof json>;
export type JsonMap = Readonly<Record<string, Json>>;

const partSchema = z.strictObject({
  services: z.record(z.string(), z.record(z.string(), json)).nullable().default({}),
  volumes: z
    .record(z.string(), z.union([z.null(), z.strictObject({})]))
    .nullable()
    .default({}),
});

/** A service as its template wrote it. */
export interface ServicePart {
  readonly name: string;
  readonly template: TemplateSource;
  readonly spec: JsonMap;
}

export interface ComposePart {
  readonly services: readonly ServicePart[];
  readonly volumes: readonly string[];
}

export type ReadPart =
  { readonly ok: true; readonly part: ComposePart } | { readonly ok: false; readonly problem: AnswerProblem };

export function isMap(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of texts, also where one text stands alone; `null`: it is something else. */
export function textsOf(value: Json | undefined): readonly string[] | null {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
}

/** `a=b` lists and maps of labels and the like, as a map of texts; `null`: it is neither. */
export function pairsOf(value: Json | undefined): Readonly<Record<string, string>> | null {
  if (value === undefined || value === null) return {};
  if (isMap(value)) {
    const pairs = Object.entries(value).map(([key, item]) => [key, plainText(item)] as const);
    return pairs.every(([, item]) => item !== null)
      ? Object.fromEntries(pairs.map(([key, item]) => [key, item ?? '']))
      : null;
  }
  const lines = textsOf(value);
  if (lines === null) return null;
  return Object.fromEntries(
    lines.map((line) => {
      const split = line.indexOf('=');
      return split < 0 ? [line, ''] : [line.slice(0, split), line.slice(split + 1)];
    }),
  );
}

function plainText(value: Json): string | null {
  if (value === null) return '';
  return typeof value === 'object' ? null : String(value);
}

/** Every text of the data, changed; names of fields stay. */
export function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
  return value;
}

/** `$$` is how Compose writes `$`; a single one would take something from the environment. */
function undollar(text: string): string {
  if (text.replaceAll('$$', '').includes('$'))
    throw new Error(`the $ in ${JSON.stringify(text)} is not doubled`);
  return text.replaceAll('$$', '$');
}

/** Reads what a template's rendered `compose.yaml` says. */
export function readPart(template: TemplateSource, text: string): ReadPart {
  const bad = (why: string): ReadPart => ({
    ok: false,
    problem: templateProblem(template.manifest.id, 'compose.yaml', {
      key: 'template.compose',
      message: `compose.yaml of the template ${template.manifest.id} can not be used: ${why}.`,
      next: 'Correct it; docs/templates.md says what it may contain.',
    }),
  });
  const read = readPlainYaml(text, 200_000);
  if (!read.ok) return bad(read.why);
  const parsed = partSchema.safeParse(read.value ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  try {
    const services = Object.entries(parsed.data.services ?? {}).map(([name, spec]): ServicePart => {
      const plain = mapTexts(spec, undollar);
      return { name, template, spec: isMap(plain) ? plain : {} };
    });
    return { ok: true, part: { services, volumes: Object.keys(parsed.data.volumes ?? {}) } };
  } catch (error) {
    return bad(error instanceof Error ? error.message : 'it can not be read');
  }
}
