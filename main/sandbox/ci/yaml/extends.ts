// `extends`: jobs that inherit from others, up to eleven levels, by deep merge.
// GitLab: lib/gitlab/ci/config/extendable/entry.rb
import type { YamlNode } from './yaml-value.ts';
import { CiFileError, isNodeList, isNodeMap, isReference, tooBig } from './yaml-value.ts';

type NodeMap = ReadonlyMap<string, YamlNode>;

const maxNestingLevels = 10;
/** Keys copied while merging; beyond it the file is refused as too big. */
const maxMergedKeys = 2_000_000;

interface Extension {
  readonly root: NodeMap;
  /** Finished entries; `height` counts the entries with `extends` on the longest way down. */
  readonly done: Map<string, { readonly value: YamlNode; readonly height: number }>;
  mergedKeys: number;
}

/** The file with every `extends` carried out. @throws CiFileError */
export function resolveExtends(root: NodeMap): NodeMap {
  const extension: Extension = { root, done: new Map(), mergedKeys: 0 };
  return new Map([...root.keys()].map((key) => [key, extend(extension, key, []).value]));
}

function extend(
  extension: Extension,
  key: string,
  ancestors: readonly string[],
): { readonly value: YamlNode; readonly height: number } {
  const known = extension.done.get(key);
  const value = extension.root.get(key) ?? null;
  const bases = basesOf(value);
  if (known !== undefined) {
    if (known.height > 0 && ancestors.length + known.height - 1 > maxNestingLevels) throw nestingTooDeep(key);
    return known;
  }
  if (!isNodeMap(value) || bases === null) return remember(extension, key, value, 0);
  checkBases(extension.root, key, bases);
  if (ancestors.length > maxNestingLevels) throw nestingTooDeep(key);
  if (ancestors.includes(key)) throw new CiFileError(`${key}: circular dependency detected in \`extends\``);
  const parents = bases.map((base) => extend(extension, base, [...ancestors, key]));
  const merged = [...parents.map((parent) => parent.value), value].reduce((target, source) =>
    deepMerge(extension, target, source),
  );
  return remember(extension, key, merged, 1 + Math.max(0, ...parents.map((parent) => parent.height)));
}

const nestingTooDeep = (key: string): CiFileError =>
  new CiFileError(`${key}: nesting too deep in \`extends\``);

function remember(
  extension: Extension,
  key: string,
  value: YamlNode,
  height: number,
): { value: YamlNode; height: number } {
  extension.done.set(key, { value, height });
  return { value, height };
}

function basesOf(value: YamlNode): readonly string[] | null {
  const bases = isNodeMap(value) ? value.get('extends') : undefined;
  if (bases === undefined) return null;
  if (bases === null) return [];
  return (isNodeList(bases) ? bases : [bases]).map((base) =>
    isReference(base) ? '!reference' : typeof base === 'object' && base !== null ? '' : String(base),
  );
}

function checkBases(root: NodeMap, key: string, bases: readonly string[]): void {
  const unknown = bases.filter((base) => !root.has(base));
  if (unknown.length > 0)
    throw new CiFileError(`${key}: unknown keys in \`extends\` (${unknown.join(', ')})`);
  const invalid = bases.filter((base) => !isNodeMap(root.get(base) ?? null));
  if (invalid.length > 0)
    throw new CiFileError(`${key}: invalid base hashes in \`extends\` (${invalid.join(', ')})`);
}

/** Mappings are merged key by key; everything else is replaced. */
function deepMerge(extension: Extension, target: YamlNode, source: YamlNode): YamlNode {
  if (!isNodeMap(target) || !isNodeMap(source)) return source;
  extension.mergedKeys += target.size + source.size;
  if (extension.mergedKeys > maxMergedKeys) throw new CiFileError(tooBig);
  const merged = new Map(target);
  for (const [key, value] of source) {
    const before = merged.get(key);
    merged.set(key, before === undefined ? value : deepMerge(extension, before, value));
  }
  return merged;
}
