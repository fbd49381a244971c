// Loads the catalogue of the reader's language. Imported first: whatever comes after it may ask for its words at once.
import { lookKey, parseLook } from './state/look.ts';
import { speak } from './language/strings.ts';
import type { Catalogue } from './language/strings.ts';

const catalogues = import.meta.glob<Catalogue>(['./language/locales/*.json', '!./language/locales/en.json'], {
  import: 'default',
});

/** Kept in this browser or, without that, its own; `null`: English. */
function languageWanted(): string | null {
  const { locale } = parseLook(window.localStorage.getItem(lookKey));
  const wanted = locale === '' ? window.navigator.languages : [locale];
  for (const tag of wanted) {
    const { language } = new Intl.Locale(tag);
    if (language === 'en') return null;
    if (catalogues[`./language/locales/${language}.json`] !== undefined) return language;
  }
  return null;
}

const language = languageWanted();
const load = language === null ? undefined : catalogues[`./language/locales/${language}.json`];
if (language !== null && load !== undefined) {
  speak(language, await load());
  document.documentElement.lang = language;
}
