// YAML as plain data: no tags, no anchors, no doubled keys, of bounded size.
import { parseDocument, visit } from 'yaml';

export type PlainYaml =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** Reads YAML 1.2, JSON included, and refuses what could mean more than it says. `most`: UTF-16 units of the text. */
export function readPlainYaml(text: string, most: number): PlainYaml {
  if (text.length > most)
    return { ok: false, why: `it is longer than ${Math.round(most / 1_024)} thousand characters` };
  try {
    const document = parseDocument(text, { schema: 'core', merge: false, uniqueKeys: true });
    const [trouble] = [...document.errors, ...document.warnings];
    if (trouble !== undefined)
      return { ok: false, why: trouble.message.split('\n')[0]?.replace(/:$/, '') ?? '' };
    const extras: string[] = [];
    // Going through all of it takes as long as reading it, and most texts have none of these signs.
    if (/[!&*]/.test(text))
      visit(document, {
        Alias: () => void extras.push('it has an alias (*), which stands for another place'),
        Node: (_, node) => {
          if (node.tag) extras.push(`it has the tag ${node.tag}`);
          if ('anchor' in node && node.anchor) extras.push(`it has the anchor &${node.anchor}`);
        },
      });
    const [why] = extras;
    return why === undefined ? { ok: true, value: document.toJS({ maxAliasCount: 0 }) } : { ok: false, why };
  } catch (error) {
    // Nested so deeply that the reader gave up.
    return { ok: false, why: error instanceof Error ? error.message : 'it can not be read' };
  }
}
