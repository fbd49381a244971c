// What became of a wish to trust a root, or to trust it no longer, in words.
import type { JudgedPlace } from './judge.ts';

export interface PlaceResult {
  /** As it is afterwards. */
  readonly place: JudgedPlace;
  /** `blocked`: AutoGit may not; `nothing`: it was so already. */
  readonly outcome: 'done' | 'nothing' | 'blocked' | 'failed';
  readonly why: string | null;
}

export interface SummaryOf {
  readonly verb: 'trust' | 'untrust';
  readonly dryRun: boolean;
  readonly lab: string;
  /** AutoGit runs as root. */
  readonly isRoot: boolean;
  readonly platform: string;
}

export interface TrustSummary {
  readonly actions: readonly { readonly kind: string; readonly target: string; readonly reason: string }[];
  readonly message: string;
  readonly next: string | null;
  /** Nothing could be done, and something was to be. */
  readonly error: { readonly key: 'trust.failed'; readonly message: string; readonly next: string } | null;
}

function labels(results: readonly PlaceResult[]): string {
  return results.map(({ place }) => place.label).join('; ');
}

function failures(results: readonly PlaceResult[]): string {
  return results.map(({ place, why }) => `${place.label}: ${why ?? 'it failed'}`).join(' ');
}

/** Browsers read their roots at their start. */
const restart = 'Browsers that run take it up when they are started again.';

function sentences(
  results: readonly PlaceResult[],
  { verb, dryRun, lab, isRoot, platform }: SummaryOf,
): string {
  const by = Map.groupBy(results, ({ outcome }) => outcome);
  const [done, same] = [by.get('done') ?? [], by.get('nothing') ?? []];
  const isForeign = ({ place }: PlaceResult): boolean => verb === 'untrust' && place.state === 'trusted';
  const [nothing, foreign] = [same.filter((one) => !isForeign(one)), same.filter(isForeign)];
  const [blocked, failed] = [by.get('blocked') ?? [], by.get('failed') ?? []];
  const verbs = {
    trust: [
      `The root of the lab "${lab}" is trusted now: `,
      `The root of the lab "${lab}" would be trusted: `,
    ],
    untrust: ["AutoGit's roots are taken out: ", "AutoGit's roots would be taken out: "],
  } as const;
  const touched = [...done, ...same].some(({ place }) => place.kind === 'nss' || place.kind === 'firefox');
  const already = verb === 'trust' ? 'It was trusted already: ' : "Nothing of AutoGit's was there: ";
  return [
    done.length === 0 ? '' : `${verbs[verb][dryRun ? 1 : 0]}${labels(done)}.`,
    nothing.length === 0 ? '' : `${already}${labels(nothing)}.`,
    foreign.length === 0 ? '' : `Still trusted, and not because of AutoGit: ${labels(foreign)}.`,
    blocked.length === 0 ? '' : `AutoGit may not, you can: ${labels(blocked)}.`,
    failed.length === 0 ? '' : `Failed: ${failures(failed)}`,
    done.some(({ place }) => place.kind === 'nss' || place.kind === 'firefox') && !dryRun ? restart : '',
    isRoot && platform === 'linux' && touched
      ? "AutoGit runs as root: of browsers, only root's own were looked at. Other users ask their own AutoGit, or follow: autogit certificate root"
      : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Says what was done at which place, and what failed and why. */
export function summarize(results: readonly PlaceResult[], of: SummaryOf): TrustSummary {
  const message = sentences(results, of);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const isLost =
    failed.length > 0 && !results.some(({ outcome }) => outcome === 'done' || outcome === 'nothing');
  const pasted = results.filter(({ place, outcome }) => outcome === 'blocked' && place.commands.length > 0);
  return {
    actions: results
      .filter(({ outcome }) => outcome === 'done')
      .map(({ place }) => ({ kind: of.verb, target: place.id, reason: place.label })),
    message,
    next: pasted.length === 0 ? null : 'Paste the lines that are shown for the rest.',
    error: isLost
      ? { key: 'trust.failed', message, next: 'Mend what it says, or follow: autogit certificate root' }
      : null,
  };
}
