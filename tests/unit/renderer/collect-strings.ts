// Collects every text of the page for translators: `node tests/unit/renderer/collect-strings.ts` writes renderer/language/locales/en.json.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export const englishFile = path.join(root, 'renderer/language/locales/en.json');

/** The literal that an argument is; texts in parts would be no literal. */
function literal(node: ts.Expression | undefined, where: string): string {
  if (node !== undefined && ts.isStringLiteralLike(node)) return node.text;
  throw new TypeError(`${where}: a text has to stand there as it is`);
}

/** The texts of one file by their keys: what `t` and `count` of renderer/language/strings.ts are given. */
export function textsIn(name: string, source: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const where = `${name}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
      const [first, second, third] = node.arguments;
      if (node.expression.text === 't') {
        const text = literal(first, where);
        texts.set(text, text);
      } else if (node.expression.text === 'count') {
        const many = literal(third, where);
        texts.set(`${many}_one`, literal(second, where)).set(`${many}_other`, many);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

/** All texts of the page, by their keys in order. */
export function collectStrings(): Readonly<Record<string, string>> {
  const files = globSync('renderer/**/*.{ts,tsx}', { cwd: root });
  const texts = files
    .filter((file) => file !== 'renderer/language/strings.ts')
    .flatMap((file) => [...textsIn(file, readFileSync(path.join(root, file), 'utf8'))]);
  return Object.fromEntries(texts.toSorted(([one], [other]) => (one < other ? -1 : Number(one > other))));
}

const signsOf = (text: string): string =>
  [...new Set(text.match(/\{\{\w+\}\}|<\/?\w+\/?>/g))].toSorted().join(' ');

/** What is wrong with a translation, a line for each text: one that the page has not, or other holes and elements than in English. */
export function faultsIn(
  catalogue: Readonly<Record<string, string>>,
  english: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(catalogue).flatMap(([key, text]) => {
    // A language has forms for numbers that English has not.
    const meant = english[key] ?? english[key.replace(/_(?:zero|two|few|many)$/, '_other')];
    if (meant === undefined) return [`${key}: the page has no such text`];
    return signsOf(text) === signsOf(meant) ? [] : [`${key}: has to have ${signsOf(meant)}`];
  });
}

/** As it stands in `englishFile`. */
export function renderStrings(texts: Readonly<Record<string, string>>): string {
  return `${JSON.stringify(texts, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(englishFile, renderStrings(collectStrings()));
