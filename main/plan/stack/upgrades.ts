// Which services are upgraded by a start: those whose data another version would migrate, so that there is no way back.
import type { RenderedService } from '../../model/stack/stack.ts';
import { imageName, tagOf, versionOf } from '../../model/stack/versions.ts';

/** Another image of the same version is the same program built anew; of a tag without a version nobody knows. */
function isOther(before: string, after: string): boolean {
  if (before === after) return false;
  const tag = tagOf(after);
  const isSameProgram = lastName(before) === lastName(after) && tagOf(before) === tag;
  return !(isSameProgram && versionOf(tag) !== null);
}

/** A mirror has it under a longer name. */
function lastName(reference: string): string {
  return imageName(reference).replace(/^.*\//, '');
}

/** `images`: of the stack that stands, by service; one that is new there has no data to lose. */
export function upgradedServices(
  services: readonly Pick<RenderedService, 'name' | 'image' | 'keepsForward'>[],
  images: Readonly<Record<string, string>>,
): readonly string[] {
  return services
    .filter(({ name, image, keepsForward }) => keepsForward === true && isOther(images[name] ?? image, image))
    .map(({ name }) => name);
}
