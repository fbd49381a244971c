// Facts of a machine in words: what is known, and behind it what of it is not known, and why.
import { renderPairs } from './table.ts';
import type { Cell } from './table.ts';
import { gigabytes, paint } from './text.ts';
import type { Tone, View } from './text.ts';

/** One line of what is known of a machine. */
export interface Fact {
  readonly name: string;
  /** `null`: nothing of it is known. */
  readonly text: string | null;
  readonly tone?: Tone;
  /** Where its values stand in the document, by what is said of those that are not known: `its keeper`. */
  readonly of: Readonly<Record<string, string>>;
}

/** Why values are not known, by their paths. */
export type Reasons = Readonly<Record<string, string>>;

/** A fact that is one value. */
export function fact(name: string, path: string, text: string | number | null, tone?: Tone): Fact {
  const known = text === null ? null : String(text);
  return { name, text: known, of: { '': path }, ...(tone === undefined ? {} : { tone }) };
}

/** What is known already, in the words of a list; `none` is knowledge. */
export function list(values: readonly string[] | null): string | null {
  return values === null ? null : values.length === 0 ? 'none' : values.join(', ');
}

/** Bytes as GB. */
export function amount(bytes: number | null): string | null {
  return bytes === null ? null : gigabytes(bytes / 1024 ** 2);
}

export function yesNo(value: boolean | null): string | null {
  return value === null ? null : value ? 'yes' : 'no';
}

/** What is known of several things, after one another; `null` where nothing is. */
export function joined(parts: readonly (string | null)[], separator = ', '): string | null {
  const known = parts.filter((part) => part !== null && part !== '');
  return known.length === 0 ? null : known.join(separator);
}

/** `memory, processors and disk` */
export function enumerated(words: readonly string[]): string {
  const [last = '', ...before] = words.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} and ${last}`;
}

/** Words of the reasons, each once, with what is not known for that reason. */
function unknownsOf({ of }: Fact, reasons: Reasons): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [what, path] of Object.entries(of)) {
    const why = reasons[path];
    if (why !== undefined) found.set(why, [...(found.get(why) ?? []), what]);
  }
  return found;
}

function cellOf(fact: Fact, reasons: Reasons): Cell {
  const unknowns = [...unknownsOf(fact, reasons)];
  if (fact.text === null) {
    const whys = unknowns.map(([why]) => why).join('; ');
    return { text: whys === '' ? 'not known' : `not known: ${whys}`, tone: 'quiet' };
  }
  const missing = unknowns.map(([why, whats]) => `; ${enumerated(whats)}: not known (${why})`);
  return { text: fact.text + missing.join(''), ...(fact.tone === undefined ? {} : { tone: fact.tone }) };
}

/** Facts below a title. */
export function renderFacts(title: string, facts: readonly Fact[], reasons: Reasons, view: View): string {
  const pairs = facts.map((one) => [one.name, cellOf(one, reasons)] as const);
  return `${paint(title, 'quiet', view)}\n${renderPairs(pairs, view)}`;
}

/** Reasons that no fact has told. */
export function untold(facts: readonly Fact[], reasons: Reasons): Reasons {
  const told = new Set(facts.flatMap(({ of }) => Object.values(of)));
  return Object.fromEntries(Object.entries(reasons).filter(([path]) => !told.has(path)));
}
