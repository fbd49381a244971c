// What a verified list of updates means for this program: nothing new, something to offer, or a list that must not count.
import { assertNever } from '../model/assert.ts';
import { byNewest, isNewer } from '../model/updates.ts';
import type {
  InstallKind,
  SeenManifest,
  UpdateFile,
  UpdateManifest,
  UpdateRelease,
} from '../model/updates.ts';
import type { Problem } from '../model/world.ts';

export interface UpdateFacts {
  /** Whose signature was found good. */
  readonly manifest: UpdateManifest;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
  /** The highest that was taken before, of whatever channel; `null`: none. */
  readonly seen: SeenManifest | null;
  readonly channel: string;
  /** The version that runs. */
  readonly present: string;
  readonly kind: InstallKind;
  readonly arch: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * `expired`: whoever gives it out withholds newer ones. `rollback`: an older one than was seen. `forked`: another one of
 * the same number. `channel`: a list for somebody else.
 */
export type UpdateRefusal = 'expired' | 'rollback' | 'forked' | 'channel';

export type UpdateVerdict =
  | { readonly kind: 'refused'; readonly reason: UpdateRefusal }
  | { readonly kind: 'current' }
  /** There is a newer one, and no way to it from the version that runs. */
  | { readonly kind: 'blocked'; readonly version: string; readonly from: string }
  | {
      readonly kind: 'available';
      readonly release: UpdateRelease;
      /** `null`: it has no package of this kind and processor. */
      readonly file: UpdateFile | null;
      /** Everything that is newer than the version that runs, up to this one; the newest first. */
      readonly between: readonly UpdateRelease[];
    };

function refusalOf({ manifest, digest, seen, channel, now }: UpdateFacts): UpdateRefusal | null {
  if (manifest.channel !== channel) return 'channel';
  if (seen !== null && seen.channel === manifest.channel) {
    if (manifest.sequence < seen.sequence) return 'rollback';
    if (manifest.sequence === seen.sequence && digest !== seen.digest) return 'forked';
  }
  // Not "at or before": a date that cannot be read compares as false and must not let anything through.
  return Date.parse(manifest.expires) > now ? null : 'expired';
}

/** Never throws. What it offers is always newer than what runs. */
export function judgeUpdate(facts: UpdateFacts): UpdateVerdict {
  const { manifest, present, kind, arch } = facts;
  const reason = refusalOf(facts);
  if (reason !== null) return { kind: 'refused', reason };
  const newer = manifest.releases.filter(({ version }) => isNewer(version, present)).toSorted(byNewest);
  const [newest] = newer;
  if (newest === undefined) return { kind: 'current' };
  const open = newer.filter(({ from }) => from === null || !isNewer(from, present));
  const fileOf = ({ files }: UpdateRelease): UpdateFile | null =>
    kind === 'source' ? null : (files.find((file) => file.kind === kind && file.arch === arch) ?? null);
  const release = open.find((one) => fileOf(one) !== null) ?? open[0];
  if (release === undefined)
    return { kind: 'blocked', version: newest.version, from: newest.from ?? newest.version };
  const between = newer.filter(({ version }) => !isNewer(version, release.version));
  return { kind: 'available', release, file: fileOf(release), between };
}

/** A refusal as a person reads it. */
export function refusalProblem(
  reason: UpdateRefusal,
  { manifest, seen }: Pick<UpdateFacts, 'manifest' | 'seen'>,
): Problem {
  const next =
    'Nothing was taken from it. Ask whoever runs that place; until it is mended, get newer versions the way you got this one.';
  switch (reason) {
    case 'expired':
      return {
        key: 'update.expired',
        message: `The list of updates was good until ${manifest.expires.slice(0, 10)} and has not been renewed: newer versions may be withheld. A clock that is ahead looks the same.`,
        next: `Look at this machine's clock. ${next}`,
      };
    case 'rollback':
      return {
        key: 'update.rollback',
        message: `The list of updates is number ${manifest.sequence}, and number ${seen?.sequence ?? 0} was there before: somebody offers an old one.`,
        next,
      };
    case 'forked':
      return {
        key: 'update.forked',
        message: `There are two different lists of updates with the number ${manifest.sequence}.`,
        next,
      };
    case 'channel':
      return {
        key: 'update.channel',
        message: `The list of updates is for ${manifest.channel}, which is not what the settings ask for.`,
        next: 'Set the address of the other list, or ask for its releases: autogit settings set updates.channel beta',
      };
    default:
      return assertNever(reason);
  }
}
