// Versions of a stack's images: read from their tags, compared, and the stops on the way from one to another.

/** Tag of an image without its digest: `v3.7.9` of `traefik:v3.7.9@sha256:…`. */
export function tagOf(reference: string): string {
  return /:([^:/@]+)(?:@|$)/.exec(reference)?.[1] ?? '';
}

/** Name of an image without host and tag: `library/traefik` and `docker.io/traefik` are `traefik`. */
export function imageName(reference: string): string {
  const name = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  return name.replace(/^(?:docker\.io\/|localhost\/)?(?:library\/)?/, '');
}

/** `v3.7.9` as [3, 7, 9]; `null` for a tag that begins with no version. */
export function versionOf(text: string): readonly [number, number, number] | null {
  const [, major, minor, patch] = /^(?:[a-z]+-)?v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return major === undefined ? null : [Number(major), Number(minor), Number(patch ?? 0)];
}

/** Below 0: `one` is older; by as many numbers as `one` has. */
export function compareVersions(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

/** Major and minor alone, as stops are named. */
export function minorOf(version: readonly number[]): readonly number[] {
  return version.slice(0, 2);
}

/** Those of `stops` that lie between two versions. */
export function stopsBetween(
  stops: readonly string[],
  from: readonly number[],
  to: readonly number[],
): readonly string[] {
  return stops.filter((stop) => {
    const at = stop.split('.').map(Number);
    return compareVersions(at, minorOf(from)) > 0 && compareVersions(at, minorOf(to)) < 0;
  });
}
