// Engines that refuse the old words of a Traefik: every address then answers 404.
import { imageName, tagOf, versionOf, withStack } from './check.ts';

function isBefore(
  version: readonly [number, number, number],
  other: readonly [number, number, number],
): boolean {
  const at = other.findIndex((number, index) => version[index] !== number);
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
}

/**
 * Docker 29.0 to 29.2 takes API 1.44 and newer only; Traefik before 3.6.1 (and 2.11.31) speaks 1.24.
 * https://github.com/traefik/traefik/issues/12253
 */
export const checkEngineApi = withStack((stack, { facts: { engine } }) => {
  if (engine === null || engine.kind !== 'docker') return [];
  const [major, minor] = versionOf(engine.version) ?? [0, 0];
  if (major !== 29 || minor > 2) return [];
  return stack.services.flatMap(({ name, image }) => {
    const version = imageName(image) === 'traefik' ? versionOf(tagOf(image)) : null;
    if (version === null) return [];
    if (!isBefore(version, version[0] === 2 ? [2, 11, 31] : [3, 6, 1])) return [];
    return [
      {
        key: 'stack.engine-api',
        severity: 'error' as const,
        subject: name,
        message: `Traefik ${version.join('.')} speaks a version of the engine's language that Docker ${engine.version} refuses: it sees no container, and every address answers 404.`,
        next: 'Use the image of the bundled template, or update Docker to 29.3 or newer.',
        evidence: [`Traefik: ${image}`, `Docker ${engine.version}, API ${engine.apiVersion}`],
      },
    ];
  });
});
