// Loads the catalogue of the reader's language. Imported first: whatever comes after it may ask for its words at once.
import { lookKey, parseLook } from './state/look.ts';
import { speak } from './state/strings.ts';
import type { Catalogue } from './state/strings.ts';

const catalogues = import.meta.glob<Catalogue>(['./locales/*.json', '!./locales/en.json'], {
  import: 'default',
});

/** Kept in this browser or, without that, its own; `null`: English. */
function languageWanted(): string | null {
  const { locale } = parseLook(window.localStorage.getItem(lookKey));
  const wanted = locale === '' ? window.navigator.languages : [locale];
  for (const tag of wanted) {
    const { language } = new Intl.Locale(tag);
    if (language === 'en') return null;
    if (catalogues[`./locales/${language}.json`] !== undefined) return language;
  }
  return null;
}

const language = languageWanted();
const load = language === null ? undefined : catalogues[`./locales/${language}.json`];
if (language !== null && load !== undefined) {
  speak(language, await load());
  document.documentElement.lang = language;
}
