// Where settings stand in the text of their file.
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { SettingsPath } from './allowed.ts';

/** The line of a setting, from 1; `null` for one that is not in the text, and for a text that cannot be read. */
export function settingLines(text: string): (path: SettingsPath) => number | null {
  const counter = new LineCounter();
  const document = readDocument(text, counter);
  return (path) => {
    let node: unknown = document;
    let at: number | null = null;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
        at = isNode(pair?.key) && pair.key.range ? pair.key.range[0] : null;
        node = pair?.value;
      } else if (isSeq(node) && typeof step === 'number') {
        node = node.items[step];
        at = isNode(node) && node.range ? node.range[0] : null;
      } else return null;
      if (at === null) return null;
    }
    return at === null ? null : counter.linePos(at).line;
  };
}

function readDocument(text: string, lineCounter: LineCounter): unknown {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true }).contents;
  } catch {
    // Deep nesting ends in a RangeError.
    return null;
  }
}
