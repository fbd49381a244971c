// Versions of Traefik that break GitLab.
import { imageName, tagOf, versionOf, withStack } from './check.ts';

/** From 3.6.4 to 3.6.6 `%2F` in a path is refused, which GitLab's API is full of. https://github.com/traefik/traefik/issues/12395 */
export const checkTraefikVersion = withStack((stack) =>
  stack.services.flatMap(({ name, image }) => {
    const version = imageName(image) === 'traefik' ? versionOf(tagOf(image)) : null;
    if (version === null) return [];
    const [major, minor, patch] = version;
    const isBroken = major === 3 && minor === 6 && patch >= 4 && patch <= 6;
    const isOld = major < 3 || (major === 3 && (minor < 6 || (minor === 6 && patch < 4)));
    if (!isBroken && !isOld) return [];
    return [
      {
        key: 'stack.traefik-version',
        severity: isBroken ? ('error' as const) : ('warning' as const),
        subject: name,
        message: isBroken
          ? `Traefik ${version.join('.')} refuses addresses with %2F (400): GitLab's API, its Web IDE and its hooks need them.`
          : `Traefik ${version.join('.')} is out of support; 3.6.7 or newer is needed for what AutoGit sets up.`,
        next: 'Use the image of the bundled template (3.7), or 3.6.7 and newer.',
        evidence: [`Service ${name}: ${image}`],
      },
    ];
  }),
);
