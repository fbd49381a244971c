// What a CI file holds once its YAML is read. Mappings are `Map`s: order is kept, and no key is special.

export type YamlScalar = null | boolean | number | string;

/** A `!reference [job, keyword, …]` that is not resolved yet. */
export interface YamlReference {
  readonly reference: readonly YamlNode[];
}

/** YAML with unresolved `!reference` tags. */
export type YamlNode = YamlScalar | YamlReference | readonly YamlNode[] | ReadonlyMap<string, YamlNode>;

/** YAML without tags. */
export type YamlValue = YamlScalar | readonly YamlValue[] | ReadonlyMap<string, YamlValue>;

export type YamlMap = ReadonlyMap<string, YamlValue>;

/** The file cannot be read or resolved; the message is the one that GitLab shows. */
export class CiFileError extends Error {}

/** A quarter of what GitLab reads (`max_yaml_size_bytes`): hostile texts of this size take a second to parse. */
export const maxTextLength = 512 * 1024;
/** As GitLab (`max_yaml_depth`). */
export const maxYamlDepth = 100;
/** Of the values, where everything shared is written out. */
const maxSize = 8 * 1024 * 1024;

export const tooBig = '`.gitlab-ci.yml`: The parsed YAML is too big';

export function isNodeMap(node: YamlNode): node is ReadonlyMap<string, YamlNode> {
  return node instanceof Map;
}

export function isNodeList(node: YamlNode): node is readonly YamlNode[] {
  return Array.isArray(node);
}

export function isReference(node: YamlNode): node is YamlReference {
  return typeof node === 'object' && node !== null && 'reference' in node;
}

export function isMap(value: YamlValue | undefined): value is YamlMap {
  return value instanceof Map;
}

export function isList(value: YamlValue | undefined): value is readonly YamlValue[] {
  return Array.isArray(value);
}

/** Throws `CiFileError` when the value is larger or deeper than GitLab accepts, counting shared parts every time. */
export function checkSize(root: YamlNode): void {
  let size = 0;
  const visit = (node: YamlNode, depth: number): void => {
    size += typeof node === 'string' ? node.length + 8 : 8;
    if (size > maxSize || depth > maxYamlDepth) throw new CiFileError(tooBig);
    if (isNodeMap(node)) {
      for (const [key, item] of node) {
        size += key.length;
        visit(item, depth + 1);
      }
    } else if (isNodeList(node)) for (const item of node) visit(item, depth + 1);
    else if (isReference(node)) visit(node.reference, depth + 1);
  };
  visit(root, 0);
}
