// Sizes of images and files in words, from a few kB to many GB.

const units = ['B', 'kB', 'MB', 'GB'] as const;

/** `26 MB`, `1.6 GB`, `0 B`. */
export function imageSize(bytes: number): string {
  let [amount, unit] = [Math.max(0, bytes), 0];
  while (amount >= 999.5 && unit < units.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  const digits = unit === units.length - 1 && amount < 99.95 ? 1 : 0;
  return `${amount.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** An image without its digest: `gitlab/gitlab-ce:19.3.0-ce.0`. */
export function imageName(reference: string): string {
  return reference.replace(/@sha256:[0-9a-f]+$/, '');
}

/** The version that an image's tag names; `null`: it has none. */
export function imageVersion(reference: string): string | null {
  const name = imageName(reference);
  const [, tag = null] = /:([^/:]+)$/.exec(name) ?? [];
  return tag;
}
