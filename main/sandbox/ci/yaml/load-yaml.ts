// Reads the text of a CI file into plain values: anchors, aliases, merge keys and `!reference` tags, with limits.
import type { CST, Document, ErrorCode, Node, Pair, ParsedNode } from 'yaml';
import { Composer, isAlias, isMap as isYamlMap, isScalar, isSeq, Lexer, LineCounter, Parser } from 'yaml';
import { parsePlainScalar } from './plain-scalar.ts';
import type { YamlNode, YamlScalar } from './yaml-value.ts';
import {
  checkSize,
  CiFileError,
  isNodeList,
  isNodeMap,
  maxYamlDepth,
  maxTextLength,
  tooBig,
} from './yaml-value.ts';

/** A CI file: its configuration, and its `spec:` header when it has one. */
export interface LoadedFile {
  readonly root: ReadonlyMap<string, YamlNode>;
  readonly header: ReadonlyMap<string, YamlNode> | null;
  /** Keys of the root that are not strings in YAML, e.g. `10:`. */
  readonly otherKeys: ReadonlySet<string>;
}

/** @throws CiFileError with GitLab's message when the text is no CI file. */
export function loadYaml(text: string): LoadedFile {
  if (text.trim() === '') throw new CiFileError('Local file `.gitlab-ci.yml` is empty!');
  if (text.length > maxTextLength) throw new CiFileError(tooBig);
  const documents = withoutStacks(() => parseDocuments(text)).map((document) => convertDocument(document));
  const [first, second] = documents;
  const header = first !== undefined && isNodeMap(first.node) && first.node.has('spec') ? first.node : null;
  const content = header !== null && second !== undefined ? second : first;
  if (content === undefined || !isNodeMap(content.node)) {
    throw new CiFileError('`.gitlab-ci.yml`: Invalid configuration format');
  }
  checkSize(content.node);
  return { root: content.node, header, otherKeys: content.otherKeys };
}

/** The library makes an error for every part of a text that is wrong; with their stacks these cost ten times the parsing. */
function withoutStacks<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** As the library's `parseAllDocuments`, up to the first error. */
function parseDocuments(text: string): readonly Document.Parsed[] {
  const lines = new LineCounter();
  const composer = new Composer({ schema: 'failsafe', version: '1.1', uniqueKeys: false });
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(parseTokens(text, lines))) {
    const [error] = document.errors;
    if (error !== undefined) throw syntaxError(error.code, error.message, lines.linePos(error.pos[0]));
    documents.push(document);
  }
  return documents;
}

/** @throws CiFileError at the first place that is wrong or nested too deeply, so that the rest costs nothing. */
function* parseTokens(text: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  const checkNesting = nestingCheck();
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    checkNesting(lexeme);
    yield* checked(parser.next(lexeme), lines);
  }
  yield* checked(parser.end(), lines);
}

function* checked(tokens: Iterable<CST.Token>, lines: LineCounter): Generator<CST.Token, void> {
  for (const token of tokens) {
    if (token.type === 'error') {
      throw syntaxError('UNEXPECTED_TOKEN', token.message, lines.linePos(token.offset));
    }
    yield token;
  }
}

/** Counts open brackets, and block indicators that open one another on one line. */
function nestingCheck(): (lexeme: string) => void {
  let brackets = 0;
  let indicators = 0;
  return (lexeme) => {
    if (lexeme === '[' || lexeme === '{') brackets += 1;
    else if (lexeme === ']' || lexeme === '}') brackets -= 1;
    else if (lexeme === '-' || lexeme === '?') indicators += 1;
    else if (lexeme.startsWith('\n')) indicators = 0;
    if (brackets > maxYamlDepth || indicators > maxYamlDepth) throw new CiFileError(tooBig);
  };
}

interface Position {
  readonly line: number;
  readonly col: number;
}

/** The library's error in the words of libyaml, as far as the two tell the same things apart. */
function syntaxError(code: ErrorCode, message: string, { line, col }: Position): CiFileError {
  if (code === 'RESOURCE_EXHAUSTION') return new CiFileError(tooBig);
  const where = `at line ${String(line)} column ${String(col)}`;
  return new CiFileError(`\`.gitlab-ci.yml\`: (<unknown>): ${problem(code, message)} ${where}`);
}

function problem(code: ErrorCode, message: string): string {
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return 'mapping values are not allowed in this context';
    case 'TAB_AS_INDENT':
    case 'BAD_SCALAR_START':
      return 'found character that cannot start any token while scanning for the next token';
    case 'MISSING_CHAR':
    case 'MULTILINE_IMPLICIT_KEY':
      return "could not find expected ':' while scanning a simple key";
    case 'BAD_INDENT':
    case 'UNEXPECTED_TOKEN':
      return 'did not find expected key while parsing a block mapping';
    default:
      return message.split('\n', 1).join('').toLowerCase();
  }
}

interface Conversion {
  /** `null` while the anchored node is being converted: an alias inside it refers to itself. */
  readonly anchors: Map<string, YamlNode | undefined>;
  /** Keys copied by `<<`. */
  mergedKeys: number;
}

const maxMergedKeys = 2_000_000;

function convertDocument(document: Document.Parsed): {
  node: YamlNode;
  otherKeys: ReadonlySet<string>;
} {
  const node = convert({ anchors: new Map(), mergedKeys: 0 }, document.contents, 0);
  return { node, otherKeys: otherKeysOf(document.contents) };
}

function otherKeysOf(contents: ParsedNode | null): ReadonlySet<string> {
  if (!isYamlMap(contents)) return new Set();
  const keys = contents.items.flatMap(({ key }) =>
    isScalar(key) && key.type === 'PLAIN' && key.tag === undefined && typeof parseKey(key) !== 'string'
      ? [String(parseKey(key))]
      : [],
  );
  return new Set(keys);
}

const parseKey = (key: { readonly value: unknown }): YamlScalar => parsePlainScalar(textOf(key.value));

/** With the failsafe schema every scalar is a string. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function convert(conversion: Conversion, node: unknown, depth: number): YamlNode {
  if (depth > maxYamlDepth) throw new CiFileError(tooBig);
  if (isAlias(node)) return aliased(conversion, node.source);
  const anchor = anchorOf(node);
  if (anchor !== undefined) conversion.anchors.set(anchor, undefined);
  const value = convertContent(conversion, node, depth);
  if (anchor !== undefined) conversion.anchors.set(anchor, value);
  return value;
}

const anchorOf = (node: unknown): string | undefined =>
  isScalar(node) || isSeq(node) || isYamlMap(node) ? node.anchor : undefined;

function aliased(conversion: Conversion, name: string): YamlNode {
  if (!conversion.anchors.has(name)) {
    throw new CiFileError(`\`.gitlab-ci.yml\`: An alias referenced an unknown anchor: ${name}`);
  }
  const value = conversion.anchors.get(name);
  if (value === undefined) throw new CiFileError(tooBig);
  return value;
}

function convertContent(conversion: Conversion, node: unknown, depth: number): YamlNode {
  if (!isScalar(node) && !isSeq(node) && !isYamlMap(node)) return null;
  const tag = explicitTag(node);
  if (isScalar(node)) return convertScalar(node.value, node.type, tag);
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(conversion, item, depth + 1));
    return tag === '!reference' ? { reference: items } : items;
  }
  return convertMap(conversion, node.items, depth);
}

function explicitTag(node: Node): string | undefined {
  const tag = node.tag;
  if (tag?.startsWith('!ruby/') === true || tag?.startsWith('tag:ruby') === true) {
    throw new CiFileError(`\`.gitlab-ci.yml\`: Tried to load unspecified class: ${tag.replace(/^.*:/, '')}`);
  }
  return tag;
}

function convertScalar(value: unknown, type: string | null | undefined, tag: string | undefined): YamlNode {
  const text = textOf(value);
  const isString = type !== 'PLAIN' || tag === '!' || tag === 'tag:yaml.org,2002:str';
  return isString && value !== null ? text : parsePlainScalar(text);
}

/** `<<` overwrites what stands before it and is overwritten by what follows, as in Psych. */
function convertMap(conversion: Conversion, items: readonly Pair[], depth: number): YamlNode {
  const map = new Map<string, YamlNode>();
  for (const { key, value } of items) {
    const converted = convert(conversion, key, depth + 1);
    const node = convert(conversion, value, depth + 1);
    const isMerge = isScalar(key) && key.type === 'PLAIN' && key.value === '<<';
    const sources = isMerge ? mergeSources(node) : null;
    if (sources === null) map.set(keyText(converted), node);
    else for (const source of sources) mergeInto(conversion, map, source);
  }
  return map;
}

function mergeInto(
  conversion: Conversion,
  map: Map<string, YamlNode>,
  source: ReadonlyMap<string, YamlNode>,
): void {
  conversion.mergedKeys += source.size;
  if (conversion.mergedKeys > maxMergedKeys) throw new CiFileError(tooBig);
  for (const [name, item] of source) map.set(name, item);
}

/** The first source of a list wins, so they are merged from the last one on; `null`: nothing that can be merged. */
function mergeSources(node: YamlNode): readonly ReadonlyMap<string, YamlNode>[] | null {
  if (isNodeMap(node)) return [node];
  if (!isNodeList(node)) return null;
  const maps = node.filter((item) => isNodeMap(item));
  return maps.length === node.length ? maps.reverse() : null;
}

function keyText(key: YamlNode): string {
  if (key === null) return '';
  if (typeof key === 'object') throw new CiFileError('`.gitlab-ci.yml`: Invalid configuration format');
  return String(key);
}
