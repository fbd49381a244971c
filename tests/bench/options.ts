// The words of `npm run bench`. Pure.
import { parseArgs } from 'node:util';

export interface BenchWords {
  readonly json: boolean;
  readonly write: boolean;
  readonly help: boolean;
  readonly rounds: number;
  /** How long the desktop is watched at rest. */
  readonly minutes: number;
  /** Names of measures; none: all. */
  readonly only: readonly string[];
}

/** Benchmarks of one measure, which are taken only where they are named. */
export function isOwnBenchmark(word: string): boolean {
  return word === 'hardware' || word === 'stack' || word === 'desktop' || word === 'backup';
}

/** Says what is wrong with the words as an `Error` whose message is for a person. */
export function parseBenchWords(words: readonly string[], measures: readonly string[]): BenchWords {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '0.5' },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
      yes: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((word) => word !== 'coordinator' && !isOwnBenchmark(word));
  if (unknown !== undefined)
    throw new Error(
      `There is no benchmark "${unknown}": there are "coordinator", "hardware", "stack", "desktop" and "backup".`,
    );
  const stranger = values.only.find((name) => !measures.includes(name));
  if (stranger !== undefined)
    throw new Error(`There is no measure "${stranger}". There are: ${measures.join(', ')}.`);
  const rounds = /^\d{1,4}$/.test(values.rounds) ? Number(values.rounds) : 0;
  if (rounds < 1) throw new Error(`--rounds takes a whole number from 1 to 9999, not "${values.rounds}".`);
  const minutes = /^\d{1,3}(?:\.\d{1,2})?$/.test(values.minutes) ? Number(values.minutes) : 0;
  if (minutes <= 0) throw new Error(`--minutes takes a number above 0, not "${values.minutes}".`);
  const { json, write, help } = values;
  const only = [...values.only, ...positionals.filter(isOwnBenchmark)];
  return { json, write, help, only, rounds, minutes };
}
