// A token bucket: so many a minute, and a few at once after a rest.

export interface BucketLimits {
  readonly perMinute: number;
  /** Most that a rest saves up. */
  readonly burst: number;
}

export interface Bucket {
  /** Fractions count. */
  readonly tokens: number;
  /** Monotonic milliseconds at which that was so. */
  readonly at: number;
}

/** A bucket that is full. */
export function fullBucket({ burst }: BucketLimits, at: number): Bucket {
  return { tokens: burst, at };
}

/** The bucket after taking `count`; `null` when there are not so many. A clock that goes back gives nothing. */
export function takeTokens(
  { tokens, at: before }: Bucket,
  { perMinute, burst }: BucketLimits,
  count: number,
  at: number,
): Bucket | null {
  const gained = (Math.max(0, at - before) * perMinute) / 60_000;
  const left = Math.min(burst, tokens + gained) - count;
  return left < 0 ? null : { tokens: left, at: Math.max(at, before) };
}
