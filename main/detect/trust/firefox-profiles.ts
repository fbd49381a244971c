// Firefox's list of its profiles.

export interface FirefoxProfile {
  readonly name: string;
  readonly path: string;
  /** To the folder of the list. */
  readonly isRelative: boolean;
}

/** `profiles.ini`: sections `[Profile0]` with Name, Path, IsRelative. http://kb.mozillazine.org/Profiles.ini_file. Never throws. */
export function parseProfiles(text: string): readonly FirefoxProfile[] {
  return text
    .split(/^(?=\[)/m)
    .filter((section) => /^\[Profile\d+\]/.test(section))
    .flatMap((section) => {
      const valueOf = (key: string): string | null =>
        new RegExp(`^${key}=(.*)$`, 'm').exec(section)?.[1]?.trim() ?? null;
      const path = valueOf('Path');
      if (path === null || path === '') return [];
      return [{ name: valueOf('Name') ?? path, path, isRelative: valueOf('IsRelative') !== '0' }];
    });
}
