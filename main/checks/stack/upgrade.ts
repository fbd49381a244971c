// Whether the data that is there can go on with the versions that a start would bring.
import type { RenderedService, RenderedStack, StackPresent } from '../../model/stack/stack.ts';
import { compareVersions as compare, minorOf as minor, stopsBetween } from '../../model/stack/versions.ts';
import type { Finding } from '../hardware/check.ts';
import { tagOf, versionOf, withStack } from './check.ts';

/** An image, and the version in its tag; `null`: its tag begins with none. */
interface Versioned {
  readonly reference: string;
  readonly version: readonly number[] | null;
}

function versioned(reference: string): Versioned {
  return { reference, version: versionOf(tagOf(reference)) };
}

function nameOf({ reference, version }: Versioned): string {
  return version === null ? reference.replace(/@.*$/, '') : version.join('.');
}

/**
 * The newest image that has written a service's data, as far as anybody knows: of the stack that stood, and of its
 * container, which engines may name by a digest alone. `null`: none.
 */
function lastOn(service: string, { containers, former, dataImages = {} }: StackPresent): Versioned | null {
  const noted = Object.hasOwn(dataImages, service) ? versioned(dataImages[service] ?? '') : null;
  const seen = [...(containers ?? []), ...(former?.containers ?? [])]
    .filter((container) => container.service === service)
    .map(({ image }) => versioned(image));
  const known = [...seen, ...(noted === null ? [] : [noted])].filter(({ version }) => version !== null);
  return known.toSorted((a, b) => compare(b.version ?? [], a.version ?? []))[0] ?? noted;
}

function judge(service: RenderedService, from: Versioned, { data }: RenderedStack): readonly Finding[] {
  const { name, image, keepsForward = false, stops = [] } = service;
  const to = versioned(image);
  const evidence = [`Data of ${name}: written by ${nameOf(from)}`, `${name}: would be ${nameOf(to)}`];
  const finding = { subject: name, evidence } as const;
  if (from.version !== null && to.version !== null) {
    if (compare(from.version, to.version) === 0) return [];
    if (keepsForward && compare(minor(to.version), minor(from.version)) < 0)
      return [
        {
          ...{ ...finding, key: 'stack.downgrade', severity: 'error' },
          message: `The data of ${name} was written by ${nameOf(from)}, and ${nameOf(to)} is older: it cannot read what a newer one has migrated.`,
          next: `Use the release of AutoGit, or the template of your own, that has ${nameOf(from)} or newer. The only way back is a copy from before: autogit stack down, put ${data} and AutoGit's home back, autogit stack up.`,
        },
      ];
    const skipped = stopsBetween(stops, from.version, to.version);
    if (skipped.length > 0) return [{ ...finding, ...skippedWords(name, skipped, from, to) }];
  } else if (from.reference === image) return [];
  if (!keepsForward) return [];
  return [
    {
      ...{ ...finding, key: 'stack.backup-first', severity: 'warning' },
      message: `${name} goes from ${nameOf(from)} to ${nameOf(to)} and migrates its data: from then on there is no way back without a copy.`,
      next: `Copy the data first: autogit stack down, then copy ${data} and AutoGit's home as root, then autogit stack up.`,
    },
  ];
}

function skippedWords(
  name: string,
  skipped: readonly string[],
  from: Versioned,
  to: Versioned,
): Pick<Finding, 'key' | 'severity' | 'message' | 'next'> {
  const way = skipped.map((stop) => `${stop} (its newest patch)`).join(', then ');
  return {
    ...{ key: 'stack.upgrade-skips-stop', severity: 'error' },
    message: `${name} cannot go from ${nameOf(from)} to ${nameOf(to)} at once: it has to stop at ${skipped.join(', ')}, or its data does not migrate.`,
    next: `Bring up ${way} first, each with the release of AutoGit, or the template of your own, that has it, and let its background migrations end before the next.`,
  };
}

export const checkUpgrade = withStack((stack, { present }) => {
  // Other data, other versions: where it was moved, nobody knows what has written it.
  if (present === null || (present.answers !== null && present.answers.data !== stack.data)) return [];
  return stack.services.flatMap((service) => {
    const from = lastOn(service.name, present);
    return from === null ? [] : judge(service, from, stack);
  });
});
