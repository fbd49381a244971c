// `!reference [job, keyword]`: replaced by what stands there. GitLab: lib/gitlab/ci/config/yaml/tags/reference.rb
import type { YamlMap, YamlNode, YamlReference, YamlScalar, YamlValue } from './yaml-value.ts';
import { checkSize, CiFileError, isNodeList, isNodeMap, isReference, tooBig } from './yaml-value.ts';

interface Resolution {
  readonly root: ReadonlyMap<string, YamlNode>;
  /** References being resolved, to notice circles. */
  readonly open: Set<YamlReference>;
  /** What each list, mapping and reference became: many places may share one. */
  readonly done: Map<YamlNode, YamlValue>;
}

const maxChain = 100;

/** The file without tags. @throws CiFileError */
export function resolveReferences(root: ReadonlyMap<string, YamlNode>): YamlMap {
  const resolution: Resolution = { root, open: new Set(), done: new Map() };
  const resolved = new Map([...root].map(([key, node]) => [key, resolve(resolution, node)] as const));
  // What is shared by many places is written out at each of them from here on.
  checkSize(resolved);
  return resolved;
}

function resolve(resolution: Resolution, node: YamlNode): YamlValue {
  if (node === null || typeof node !== 'object') return node;
  const known = resolution.done.get(node);
  if (known !== undefined) return known;
  const value = resolveCollection(resolution, node);
  resolution.done.set(node, value);
  return value;
}

function resolveCollection(resolution: Resolution, node: Exclude<YamlNode, YamlScalar>): YamlValue {
  if (isReference(node)) return resolveReference(resolution, node);
  if (isNodeList(node)) return node.map((item) => resolve(resolution, item));
  return new Map([...node].map(([key, item]) => [key, resolve(resolution, item)] as const));
}

function resolveReference(resolution: Resolution, reference: YamlReference): YamlValue {
  const path = reference.reference.filter((key) => typeof key === 'string');
  if (path.length === 0 || path.length !== reference.reference.length) {
    throw new CiFileError(`!reference ${inspect(reference)} is not valid`);
  }
  if (resolution.open.has(reference)) {
    throw new CiFileError(`!reference ${inspect(reference)} is part of a circular chain`);
  }
  if (resolution.open.size > maxChain) throw new CiFileError(tooBig);
  resolution.open.add(reference);
  const value = resolve(resolution, nodeAt(resolution.root, path));
  resolution.open.delete(reference);
  if (value === null || value === false)
    throw new CiFileError(`!reference ${inspect(reference)} could not be found`);
  return value;
}

function nodeAt(root: YamlNode, path: readonly string[]): YamlNode {
  return path.reduce<YamlNode>((node, key) => (isNodeMap(node) ? (node.get(key) ?? null) : null), root);
}

/** As Ruby prints an array. */
function inspect(reference: YamlReference): string {
  const items = reference.reference.map((item) =>
    item === null ? 'nil' : typeof item === 'object' ? '…' : JSON.stringify(item),
  );
  return `[${items.join(', ')}]`;
}
