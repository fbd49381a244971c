// Updates in words: how things stand in one sentence, and the issues that a person is told of. Pure.
import { assertNever } from '../model/assert.ts';
import type { Issue } from '../model/issue.ts';
import type { Problem } from '../model/world.ts';
import type { UpdateVerdict } from './update-judgement.ts';

export interface UpdateFactsInWords {
  readonly state:
    | 'off'
    | 'no-key'
    | 'unknown'
    | 'current'
    | 'available'
    | 'blocked'
    | 'downloading'
    | 'ready'
    | 'installed'
    | 'refused';
  readonly version: string;
  readonly verdict: UpdateVerdict | null;
  /** The version that was installed by this core; `null`: none. */
  readonly installed: string | null;
}

/** How updates stand. */
export function updateSentence({ state, version, verdict, installed }: UpdateFactsInWords): string {
  const newer = verdict?.kind === 'available' ? `AutoGit ${verdict.release.version}` : 'A newer AutoGit';
  switch (state) {
    case 'off':
      return `This is AutoGit ${version}. It asks nobody for updates: no place is set.`;
    case 'no-key':
      return `This is AutoGit ${version}. This build knows no key for updates, so it takes none.`;
    case 'unknown':
      return `This is AutoGit ${version}. Whether there is a newer one is not known yet.`;
    case 'current':
      return `AutoGit ${version} is the newest.`;
    case 'available':
      return `${newer} is there; this is ${version}.`;
    case 'blocked': {
      const [there, from] = verdict?.kind === 'blocked' ? [verdict.version, verdict.from] : ['', ''];
      return `AutoGit ${there} is there, and can be installed from ${from} on; this is ${version}.`;
    }
    case 'downloading':
      return `${newer} is being downloaded.`;
    case 'ready':
      return `${newer} is downloaded and can be installed; this is ${version}.`;
    case 'installed':
      return `AutoGit ${installed ?? ''} is installed and takes effect at the next start; this is still ${version}.`;
    case 'refused':
      return `This is AutoGit ${version}. The list of updates has run out, so newer ones may be withheld.`;
    default:
      return assertNever(state);
  }
}

/** Failures that somebody else is behind, or may be: a network that is down is none of them. */
const suspicious: ReadonlySet<string> = new Set([
  'update.signature',
  'update.rollback',
  'update.forked',
  'update.expired',
  'update.too-large',
]);

const subject = 'AutoGit';

/** Looks in a row that failed: while a new list is put there, or a cache still has an old one, one may. */
const fewestFailures = 2;

export interface LastLook {
  /** Why it failed; `null`: it did not. */
  readonly problem: Problem | null;
  /** Looks in a row that failed. */
  readonly failures: number;
}

/** `present`: the version that runs. */
export function updateIssues(
  verdict: UpdateVerdict | null,
  { problem, failures }: LastLook,
  present: string,
): readonly Issue[] {
  if (problem !== null && failures >= fewestFailures && suspicious.has(problem.key))
    return [{ ...problem, severity: 'warning', subject }];
  // Whoever lets nothing through at all withholds news, too.
  if (verdict?.kind === 'refused' && problem !== null)
    return [
      {
        key: 'update.expired',
        ...{ severity: 'warning', subject },
        message: 'The list of updates that was taken last has run out, and no newer one could be had.',
        next: 'See why: autogit update status',
      },
    ];
  if (verdict?.kind !== 'available') return [];
  const { version } = verdict.release;
  return [
    {
      key: 'update.available',
      ...{ severity: 'info', subject },
      message: `AutoGit ${version} is there; this is ${present}.`,
      next: 'See what is new: autogit update status',
    },
  ];
}
