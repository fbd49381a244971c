// The words of `npm run chaos`. Pure.
import { parseArgs } from 'node:util';

export interface ChaosWords {
  /** `null`: runners and their jobs. */
  readonly of: 'backup' | null;
  readonly kills: number;
  /** `null`: a new one. */
  readonly seed: number | null;
  readonly jobs: number;
  readonly json: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run chaos -- [backup] [--kills N] [--seed S] [--jobs N] [--json]

Kills a core with SIGKILL at random moments while it has jobs, serves it again each time, and counts what was lost,
doubled or left over. Everything has to be zero; otherwise it ends with 1.

  --kills N  how often (default 50)
  --seed S   the moments of an earlier run
  --jobs N   jobs at a time, 1 to 100 (default 50)
  --json     one JSON document on standard output

It starts an engine of its own, a rootless Docker, where it can (as root, with what the engine tests use);
otherwise it runs on the engine of DOCKER_HOST or the machine's.

With \`backup\` it kills backups, prunes, drills and restores instead, with the restic of PATH or AUTOGIT_RESTIC and
no engine: no lock and no folder may be left, every backup that is listed restores byte by byte, and a restore is done
or has put everything back.
`;

/** Says what is wrong with the words as an `Error` whose message is for a person. */
export function parseChaosWords(words: readonly string[]): ChaosWords {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '50' },
      seed: { type: 'string' },
      jobs: { type: 'string', default: '50' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      yes: { type: 'boolean', default: false },
    },
  });
  const [of, more] = positionals;
  if ((of !== undefined && of !== 'backup') || more !== undefined)
    throw new Error(`"${more ?? of ?? ''}" is not understood.`);
  return {
    of: of ?? null,
    kills: wholeNumber('--kills', values.kills, 1, 100_000),
    seed: values.seed === undefined ? null : wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    jobs: wholeNumber('--jobs', values.jobs, 1, 100),
    json: values.json,
    help: values.help,
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${name} takes a whole number from ${least} to ${most}, not "${text}".`);
}
