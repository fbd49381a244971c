// The files of one template with all values in them, each checked in its own syntax.
import type { ComposePart } from './compose-part.ts';
import { readPart } from './compose-part.ts';
import { holds, renderText } from './liquid.ts';
import type { Scope } from './liquid.ts';
import { isSafeRelative } from './paths.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { templateProblem } from './problem.ts';
import { badExpression } from './select.ts';
import type { AnswerProblem, RenderedFile } from '../model/stack/stack.ts';
import type { TemplateSource } from '../model/stack/template.ts';

export interface RenderedTemplate {
  readonly files: readonly RenderedFile[];
  readonly part: ComposePart;
  readonly problems: readonly AnswerProblem[];
}

type FileEntry = TemplateSource['manifest']['files'][number];

/** Folders of the stack's folder that belong to no template. */
const keptFolders = new Set(['secrets', 'tls', '.previous']);

/** Renders `compose.yaml` and all files of a template. */
export function renderTemplate(template: TemplateSource, scope: Scope): RenderedTemplate {
  const { id, files: entries } = template.manifest;
  const files: RenderedFile[] = [];
  const problems: AnswerProblem[] = [];
  for (const entry of entries) {
    try {
      if (!holds(entry.when, scope)) continue;
    } catch (error) {
      problems.push(badExpression(id, `files.${entry.to}`, error));
      continue;
    }
    const made = renderFile(template, entry, scope);
    if (made.ok) files.push(made.file);
    else problems.push(made.problem);
  }
  const compose = template.files['compose.yaml'];
  let part: ComposePart = { services: [], volumes: [] };
  if (compose !== undefined) {
    try {
      const read = readPart(template, renderText(compose, scope, 'compose'));
      if (read.ok) part = read.part;
      else problems.push(read.problem);
    } catch (error) {
      problems.push(badText(id, 'compose.yaml', error));
    }
  }
  return { files, part, problems };
}

function badText(id: string, path: string, error: unknown): AnswerProblem {
  return templateProblem(id, path, {
    key: 'template.render',
    message: `${path} of the template ${id} can not be rendered: ${error instanceof Error ? error.message : 'it failed'}.`,
    next: 'Correct the template, or the answer that it names.',
  });
}

type Made =
  | { readonly ok: true; readonly file: RenderedFile }
  | { readonly ok: false; readonly problem: AnswerProblem };

function renderFile(template: TemplateSource, { from, to, format }: FileEntry, scope: Scope): Made {
  const { id } = template.manifest;
  const refuse = (problem: Omit<AnswerProblem, 'field'>): Made => ({
    ok: false,
    problem: templateProblem(id, to, problem),
  });
  const [folder = '', ...rest] = to.split('/');
  const isIts = template.origin === 'own' ? folder === id : !keptFolders.has(folder);
  if (!isSafeRelative(to) || rest.length === 0 || !isIts)
    return refuse({
      key: 'template.file-place',
      message: `The template ${id} would write ${to}, which is not below its own folder.`,
      next: `Let it write below ${id}/.`,
    });
  const text = Object.hasOwn(template.files, from) ? template.files[from] : undefined;
  if (text === undefined)
    return refuse({
      key: 'template.file-missing',
      message: `The template ${id} has no file ${from}.`,
      next: 'Add the file, or take it out of template.json.',
    });
  try {
    const content = renderText(text, scope);
    const wrong = judgeSyntax(content, format);
    if (wrong === null) return { ok: true, file: { path: to, content, mode: 0o644, template: id } };
    return refuse({
      key: 'template.syntax',
      message: `${to} of the template ${id} is not right ${format === 'corefile' ? 'for a Corefile' : `as ${format}`}: ${wrong}.`,
      next: 'Correct the template.',
    });
  } catch (error) {
    return { ok: false, problem: badText(id, from, error) };
  }
}

/** What is wrong with a rendered text in its syntax, as far as it can be seen without its program; `null`: nothing. */
function judgeSyntax(text: string, format: FileEntry['format']): string | null {
  // Only tabs and ends of lines are seen alike by everything that reads it.
  const unseen = /[^\P{Cc}\n\t]/u.exec(text);
  if (unseen !== null) return `it has a control character at ${unseen.index}`;
  switch (format) {
    case 'yaml': {
      const read = readPlainYaml(text, 1_000_000);
      return read.ok ? null : read.why;
    }
    case 'json':
      try {
        JSON.parse(text);
        return null;
      } catch (error) {
        return error instanceof Error ? error.message : 'it can not be read';
      }
    case 'ruby':
    case 'corefile':
    case 'text':
      return null;
  }
}
