// Authelia's file of people as text: read by the rules by which Authelia reads it, and changed so that all else stays.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import { withEdits } from '../../model/person.ts';
import type { Person, PersonEdit } from '../../model/person.ts';
import { peopleInvalid } from './people-errors.ts';

/** What the reading of one file needs everywhere. */
interface Reading {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** Where it is Go that reads a boolean, these are true as well. https://github.com/yaml/go-yaml#compatibility */
const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', 'y'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', 'n'].map((word) => [word, false] as const),
]);

/** What YAML does not allow as it is; Authelia would refuse the whole file. https://yaml.org/spec/1.2.2/#51-character-set */
const unprintable = /[\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{84}\u{86}-\u{9F}\p{Cs}\u{FFFE}\u{FFFF}]/u;

/** Throws `user.file-invalid` for whatever Authelia would not accept, with the line. */
export function readPeople(text: string, file: string): readonly Person[] {
  const reading = open(text, file);
  const pairs = usersOf(reading).items;
  const people = pairs.map(({ key, value }) => readPerson(nameOf(key, reading), value, reading));
  if (people.length === 0) throw peopleInvalid(file, 'it has nobody in it', null);
  const twice = people.find(({ name, email }) =>
    people.some(
      (other) =>
        other.name !== name &&
        email !== '' &&
        (other.email.toLowerCase() === email.toLowerCase() || other.name === email.toLowerCase()),
    ),
  );
  if (twice !== undefined)
    throw peopleInvalid(file, `${twice.email} stands for more than one person`, lineOf(twice.name, reading));
  return people;
}

/** The digest that stands there for somebody's password; `null`: nobody of that name. */
export function digestOf(text: string, name: string, file: string): string | null {
  const person = usersOf(open(text, file)).get(name, true);
  return isMap(person) ? textOf(person.get('password', true)) : null;
}

/** The text with these changes; comments and whatever AutoGit does not know stay. Throws `user.file-invalid`. */
export function editPeople(text: string, edits: readonly PersonEdit[], file: string): string {
  const reading = open(text, file);
  for (const edit of edits) apply(edit, reading);
  const changed = reading.document.toString({ lineWidth: 0 });
  // Nobody is let in by a file that Authelia refuses: what is about to be written is read first.
  readPeople(changed, file);
  return changed;
}

/** Whether what was wanted stands in a text, whoever has written it since. */
export function holds(text: string, edits: readonly PersonEdit[], file: string): boolean {
  const people = readPeople(text, file);
  const wanted = withEdits(people, edits);
  const isSame = JSON.stringify([...people].sort(byName)) === JSON.stringify([...wanted].sort(byName));
  return (
    isSame &&
    edits.every((edit) => {
      if (edit.kind === 'digest') return digestOf(text, edit.name, file) === edit.digest;
      return edit.kind !== 'add' || digestOf(text, edit.person.name, file) === edit.digest;
    })
  );
}

function byName(one: Person, other: Person): number {
  return one.name < other.name ? -1 : 1;
}

function open(text: string, file: string): Reading {
  const odd = unprintable.exec(text);
  if (odd !== null) {
    const code = (odd[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const line = text.slice(0, odd.index).split('\n').length;
    throw peopleInvalid(file, `it has the character U+${code}, which YAML does not allow`, line);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const [what = error.message] = error.message.split('\n');
    throw peopleInvalid(file, what.replace(/ at line \d+.*$/, ''), error.linePos?.[0].line ?? null);
  }
  return { file, document, lines };
}

function usersOf({ document, file }: Reading): YAMLMap {
  const users = isMap(document.contents) ? document.get('users', true) : undefined;
  if (isMap(users)) return users;
  throw peopleInvalid(file, 'it has no `users`', null);
}

function nameOf(key: unknown, reading: Reading): string {
  const name = textOf(key);
  if (name === null || name === '' || name !== name.toLowerCase())
    throw peopleInvalid(
      reading.file,
      `a name has to be written in small letters${name === null ? '' : `, and ${name} is not`}`,
      lineAt(key, reading),
    );
  return name;
}

function readPerson(name: string, value: unknown, reading: Reading): Person {
  const node = isAlias(value) ? value.resolve(reading.document) : value;
  const refuse = (what: string, at: unknown): Error =>
    peopleInvalid(reading.file, `${name}: ${what}`, lineAt(at, reading) ?? lineOf(name, reading));
  if (!isMap(node)) throw refuse('there is nothing about them', value);
  const text = (field: string): string => textOf(node.get(field, true)) ?? '';
  if (!/^(?:\{[A-Z0-9]+\})?\$/.test(text('password')))
    throw refuse('`password` has to be the digest of one', node.get('password', true) ?? value);
  if (text('displayname') === '') throw refuse('they have no `displayname`', value);
  const disabled = truths.get((text('disabled') || 'false').toLowerCase());
  if (disabled === undefined)
    throw refuse('`disabled` has to be true or false', node.get('disabled', true) ?? value);
  const list = node.get('groups', true);
  const groups = isSeq(list) ? list.items.map(textOf) : [];
  const isList = list === undefined || isSeq(list) || (isScalar(list) && list.value === null);
  if (!isList || groups.includes(null)) throw refuse('`groups` has to be a list of names', list ?? value);
  return {
    ...{ name, displayName: text('displayname'), email: text('email'), disabled },
    groups: groups.filter((group) => group !== null),
  };
}

/** A plain value as it is written; `null`: none, or no plain value. */
function textOf(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? null);
}

function lineAt(node: unknown, { lines }: Reading): number | null {
  if (!isNode(node) || node.range === null || node.range === undefined) return null;
  return lines.linePos(node.range[0]).line;
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}

function lineOf(name: string, reading: Reading): number | null {
  const pair = usersOf(reading).items.find(({ key }) => textOf(key) === name);
  return pair === undefined ? null : lineAt(pair.key, reading);
}

/** In quotes, so that no version of YAML takes it for something else than a text. */
function quoted(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function apply(edit: PersonEdit, reading: Reading): void {
  const { document, file } = reading;
  const users = usersOf(reading);
  switch (edit.kind) {
    case 'add': {
      const { name, displayName, email, groups, disabled } = edit.person;
      const fields = new Map<string, unknown>([
        ['disabled', disabled],
        ['displayname', quoted(displayName)],
        ['password', quoted(edit.digest)],
        ['email', quoted(email)],
        ['groups', groups.map(quoted)],
      ]);
      users.set(quoted(name), document.createNode(fields));
      return;
    }
    case 'remove':
      users.items = users.items.filter(({ key }) => textOf(key) !== edit.name);
      return;
    case 'disabled':
      personOf(edit.name, users, file).set('disabled', edit.disabled);
      return;
    case 'digest':
      personOf(edit.name, users, file).set('password', quoted(edit.digest));
      return;
    case 'groups':
      setGroups(personOf(edit.name, users, file), edit.groups, document);
      return;
  }
}

/** Those that stay keep their lines and their comments. */
function setGroups(person: YAMLMap, groups: readonly string[], document: Document.Parsed): void {
  const present = person.get('groups', true);
  if (!isSeq(present)) {
    person.set('groups', document.createNode(groups.map(quoted)));
    return;
  }
  const kept = present.items.filter((item) => groups.includes(textOf(item) ?? ''));
  const known = kept.map(textOf);
  present.items = [...kept, ...groups.filter((group) => !known.includes(group)).map(quoted)];
}

/** Throws `user.file-invalid` where somebody stands for two by an anchor: a change of one would change the other. */
function personOf(name: string, users: YAMLMap, file: string): YAMLMap {
  const node = users.items.find(({ key }) => textOf(key) === name)?.value;
  if (isMap(node) && node.anchor === undefined) return node;
  throw peopleInvalid(
    file,
    `${name} is written by an anchor of YAML, which AutoGit does not take apart`,
    null,
  );
}
