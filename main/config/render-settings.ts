// Writes settings into the text of a file: what did not change stays as the person wrote it, comments included.
import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Settings } from '../model/settings.ts';
import { valueAt } from './allowed.ts';
import { defaultSettingsText } from './default-text.ts';
import { parseSettings } from './parse-settings.ts';
import { upgradeSettings } from './upgrade.ts';

/**
 * The text of a settings file that means `settings`. `existing` is the file's present text; one that is missing
 * or broken is replaced by the explained defaults. Raises `settings.from-future`.
 */
export function renderSettings(existing: string | null, settings: Settings): string {
  const usable = existing !== null && parseSettings(existing).problems.length === 0;
  const text = usable ? existing : defaultSettingsText;
  const before = parseSettings(text).settings;
  if (isDeepStrictEqual(before, settings)) return text;
  const document: Document = parseDocument(text);
  upgradeSettings(document);
  resolveAliases(document);
  const root = isMap(document.contents) ? document.contents : document.createNode({});
  document.contents = root;
  changeGroup(document, root, before, settings);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Otherwise a change in one place would change the others that refer to it. */
function resolveAliases(document: Document): void {
  visit(document, { Alias: (_key, alias) => document.createNode(alias.toJS(document)) });
  visit(document, {
    Node: (_key, node) => {
      if ('anchor' in node) delete node.anchor;
    },
  });
}

/** A field that is not in the file and keeps its default stays out of it. */
function changeGroup(document: Document, group: YAMLMap, before: unknown, after: object): void {
  const fields = Object.entries(after);
  for (const name of fieldsOf(group)) if (!fields.some(([field]) => field === name)) group.delete(name);
  for (const [name, value] of fields as readonly [string, unknown][]) {
    const old = valueAt(before, name);
    if (isDeepStrictEqual(old, value)) continue;
    const node: unknown = group.get(name, true);
    if (isMap(node) && isGroup(value)) changeGroup(document, node, old, value);
    else if (isSeq(node) && isNamedList(value)) changeNamedList(document, node, old, value);
    else if (isScalar(node) && !(typeof value === 'object' && value !== null)) node.value = value;
    else group.set(name, newNode(document, value, node));
  }
}

/** Items are followed by their names: moving a pool moves its comments with it. */
function changeNamedList(
  document: Document,
  list: YAMLSeq,
  before: unknown,
  after: readonly { readonly name: string }[],
): void {
  const old = Array.isArray(before) ? before : [];
  list.items = after.map((item) => {
    const node = list.items.find((candidate) => isMap(candidate) && candidate.get('name') === item.name);
    if (!isMap(node)) return newNode(document, item, null);
    changeGroup(
      document,
      node,
      old.find((candidate) => valueAt(candidate, 'name') === item.name),
      item,
    );
    return node;
  });
}

/** In the style and with the comments of the node that it replaces; lists of words stand on one line. */
function newNode(document: Document, value: unknown, replaced: unknown): Node {
  const node = document.createNode(value);
  visit(node, {
    Seq: (_key, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  if (isCollection(node) && isCollection(replaced)) {
    node.flow = replaced.flow ?? node.flow ?? false;
    node.comment = replaced.comment ?? null;
    node.commentBefore = replaced.commentBefore ?? null;
  }
  return node;
}

function fieldsOf(group: YAMLMap): readonly string[] {
  return group.items.flatMap(({ key }) =>
    isScalar(key) && typeof key.value === 'string' ? [key.value] : [],
  );
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamedList(value: unknown): value is readonly { readonly name: string }[] {
  return Array.isArray(value) && value.every((item) => typeof valueAt(item, 'name') === 'string');
}
