// Sizes and names of images in words.
import { bytesWords } from '../../state/words.ts';

/** `26 MB`, `1.6 GB`, `0 B`. */
export function imageSize(bytes: number): string {
  return bytesWords(bytes);
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
