// Loads the translation for this reader. Imported first: whatever comes after it may ask for its words at once.
import { speak } from './language/strings.ts';
import type { Catalogue } from './language/strings.ts';
import { wantedLanguage } from './language/wanted.ts';
import { lookKey, parseLook } from './state/look.ts';

const files = import.meta.glob<Catalogue>(['./language/locales/*.json', '!./language/locales/en.json'], {
  import: 'default',
});
const translations = new Map(
  Object.entries(files).map(([file, load]) => [file.replace(/^.*\/|\.json$/g, ''), load]),
);

const { locale } = parseLook(window.localStorage.getItem(lookKey));
const tags = locale === '' ? window.navigator.languages : [locale];
const language = wantedLanguage(tags, [...translations.keys()]);
const load = language === null ? undefined : translations.get(language);
if (language !== null && load !== undefined) {
  speak(language, await load());
  document.documentElement.lang = language;
}
