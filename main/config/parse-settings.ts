// Reads settings.yaml: every problem at once, each with its line, its field and what would be allowed.
import { type Document, isMap, isNode, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../errors.ts';
import { defaultSettings, settingsSchema, type Settings } from '../model/settings.ts';
import { describeAllowed, knownFields, renderPath, type SettingsPath, valueAt } from './allowed.ts';
import { homeMountProblems } from './home-mounts.ts';
import { upgradeSettings } from './upgrade.ts';

export interface SettingsProblem {
  /** `pools[0].max`; empty when it is not about one field. */
  readonly path: string;
  /** From 1; `null` when the problem has no place. */
  readonly line: number | null;
  /** A whole sentence, with line and field. */
  readonly message: string;
}

export interface ParsedSettings {
  /** The defaults when there is any problem: half-understood settings would do what nobody asked for. */
  readonly settings: Settings;
  readonly problems: readonly SettingsProblem[];
}

/** Far above any real file, and small enough to be parsed at once. Characters. */
const longestFile = 1_000_000;

/**
 * Raises `settings.from-future`; everything else that is wrong is told in `problems`. `home`: the folder of AutoGit's
 * home, which no job may have; `null`: it does not matter here.
 */
export function parseSettings(text: string, home: string | null = null): ParsedSettings {
  if (text.length > longestFile) return refused([problem([], null, 'the file is larger than 1 MB')]);
  const lines = new LineCounter();
  const { document, problems } = readDocument(text, lines);
  if (document === null) return refused(problems);
  upgradeSettings(document);
  const parsed = validate(document, lines);
  const forbidden = home === null ? [] : homeMountProblems(parsed.settings, home);
  return forbidden.length === 0 ? parsed : refused(forbidden);
}

function refused(problems: readonly SettingsProblem[]): ParsedSettings {
  return { settings: defaultSettings, problems };
}

/** The YAML document, or why there is none. An empty file is an empty map. */
function readDocument(
  text: string,
  lines: LineCounter,
): { readonly document: Document | null; readonly problems: readonly SettingsProblem[] } {
  try {
    const document: Document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
    });
    const wrong = [...document.errors, ...document.warnings].map((error) => yamlProblem(error, lines));
    if (wrong.length > 0) return { document: null, problems: wrong };
    document.contents ??= document.createNode({});
    if (isMap(document.contents)) return { document, problems: [] };
    return { document: null, problems: [problem([], 1, 'the file must consist of fields like `pools:`')] };
  } catch (error) {
    // The parser descends: deep nesting ends in a RangeError.
    return { document: null, problems: [problem([], null, `the file cannot be read: ${messageOf(error)}`)] };
  }
}

function yamlProblem(error: YAMLError, lines: LineCounter): SettingsProblem {
  const { line } = lines.linePos(error.pos[0]);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return problem([], line, 'a tab is used for indentation; YAML allows only spaces');
    case 'DUPLICATE_KEY':
      return problem([], line, 'this field is there twice in its group');
    default:
      return problem([], line, lowerFirst(error.message));
  }
}

function validate(document: Document, lines: LineCounter): ParsedSettings {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return refused([problem([], null, `its aliases cannot be resolved: ${messageOf(error)}`)]);
  }
  const result = settingsSchema.safeParse(value);
  if (result.success) return { settings: result.data, problems: [] };
  const problems = result.error.issues.flatMap((issue) => issueProblems(issue, value, document, lines));
  const byMessage = new Map(problems.map((found) => [found.message, found]));
  return refused([...byMessage.values()].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)));
}

function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  document: Document,
  lines: LineCounter,
): readonly SettingsProblem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(path, value).join(', ');
    return issue.keys.map((key) => {
      const at = [...path, key];
      return problem(
        at,
        lineOf(document, at, lines),
        `${renderPath(at)} is not a setting; known here: ${known}`,
      );
    });
  }
  const where = path.length === 0 ? 'the file' : renderPath(path);
  const line = lineOf(document, path, lines);
  return [problem(path, line, `${where} ${shown(path, value)}; ${expectation(issue, path, value)}`)];
}

function shown(path: SettingsPath, settings: unknown): string {
  const found = path.reduce(valueAt, settings);
  if (found === undefined) return 'is missing';
  if (typeof found === 'object' && found !== null)
    return Array.isArray(found) ? 'is a list' : 'is a group of fields';
  const text = JSON.stringify(found);
  return `is ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

/** The schema's range, and the validator's own words where it is more than a range. */
function expectation(issue: z.core.$ZodIssue, path: SettingsPath, value: unknown): string {
  const allowed = describeAllowed(path, value);
  const own = issue.code === 'custom' || (issue.code === 'invalid_format' && issue.format === 'regex');
  const words = [...(allowed === null ? [] : [allowed]), ...(own || allowed === null ? [issue.message] : [])];
  return `allowed is ${words.join(', ')}`;
}

/** The line of a field's value, or of the nearest group around it that is there. */
function lineOf(document: Document, path: SettingsPath, lines: LineCounter): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}

function problem(path: SettingsPath, line: number | null, text: string): SettingsProblem {
  const readable = visible(text);
  const message = line === null ? readable : `line ${String(line)}: ${readable}`;
  return { path: renderPath(path), line, message };
}

/** Characters in one message: a name may be as long as the file. */
const longestMessage = 1_000;

/** What a file says must not turn round or hide the sentence about it. */
function visible(text: string): string {
  const cut = text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
  return cut.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
