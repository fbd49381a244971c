// Just enough XML for nvidia-smi: elements, attributes and text; no entities of its own, nothing external.

/** An element that was closed. `text` is its own, without that of its children. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

export interface XmlDocument {
  /** The outermost element, `null` where there is none. Inside, only elements that were closed. */
  readonly root: XmlElement | null;
  /** False for a text that was cut or is not well formed: then what is missing is unknown. */
  readonly complete: boolean;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const token =
  /<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>[]*>|<\/([\w.-]+)\s*>|<([\w.-]+)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gsy;
const attribute = /([\w.-]+)="([^"]*)"/g;
const deepest = 64;

/** Never throws. What follows a mistake is not read. */
export function parseXml(text: string): XmlDocument {
  const top: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [top];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, closed, opened, attributes = '', single, words] = match;
    const current = open.at(-1) ?? top;
    if (words !== undefined) current.text += words;
    if (closed !== undefined && !close(open, closed)) break;
    if (opened !== undefined) {
      open.push({ name: opened, attributes: readAttributes(attributes), children: [], text: '' });
      if (single === '/') close(open, opened);
    }
    end = match.index + whole.length;
    if (open.length > deepest) break;
  }
  const complete = end === text.length && open.length === 1 && top.children.length === 1;
  // A root that was cut still holds what was closed inside.
  const root = top.children[0] ?? (open[1] === undefined ? null : seal(open[1]));
  return { root, complete: complete && top.text.trim() === '' };
}

/** False for the end of another element than the innermost. */
function close(open: Open[], name: string): boolean {
  const element = open.at(-1);
  const parent = open.at(-2);
  if (element?.name !== name || parent === undefined) return false;
  open.pop();
  parent.children.push(seal(element));
  return true;
}

function seal({ name, attributes, children, text }: Open): XmlElement {
  return { name, attributes, children, text: decode(text).trim() };
}

function readAttributes(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(attribute)].map(([, name = '', value = '']) => [name, decode(value)]),
  );
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replaceAll(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
}

/** The first element at a path of names below this one. */
export function childAt(element: XmlElement, ...path: readonly string[]): XmlElement | null {
  return path.reduce<XmlElement | null>(
    (at, name) => at?.children.find((child) => child.name === name) ?? null,
    element,
  );
}

/** The text at a path of names; empty where there is none. */
export function textAt(element: XmlElement, ...path: readonly string[]): string {
  return childAt(element, ...path)?.text ?? '';
}
