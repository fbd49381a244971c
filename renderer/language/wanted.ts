// Which translation a reader gets.

/**
 * The first language of `tags` that there is, as it is named in `there` (`de` for `de-AT`); `null`: English, also where none of
 * them is there.
 */
export function wantedLanguage(tags: readonly string[], there: readonly string[]): string | null {
  for (const tag of tags) {
    const { language } = new Intl.Locale(tag);
    if (language === 'en') return null;
    if (there.includes(language)) return language;
  }
  return null;
}
