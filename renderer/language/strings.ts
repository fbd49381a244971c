// The page's words: English as it stands in the code, another language out of a catalogue of renderer/language/locales/.
import i18next from 'i18next';
import { numeral } from './locale.ts';

/** The names of what a text leaves open: `{{name}}`. */
type Holes<Text extends string> = Text extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | Holes<Rest>
  : never;

/** Only what stands in the code can be collected and translated. */
type Literal<Text extends string> = string extends Text ? never : Text;

type Values<Text extends string> = [Holes<Text>] extends [never]
  ? []
  : [values: Readonly<Record<Holes<Text>, string | number>>];

/** Texts by their English; `ENGLISH_one`, `ENGLISH_few` and the like where the text depends on a number. */
export type Catalogue = Readonly<Record<string, string>>;

const words = i18next.createInstance();
void words.init({
  ...{ lng: 'en', initAsync: false, resources: { en: { translation: {} } } },
  // A text is its own key, whatever signs it has.
  ...{ keySeparator: false, nsSeparator: false, contextSeparator: '\u0004' },
  interpolation: { escapeValue: false },
});

/** No text is made of other texts: a `$t(` is two signs and a bracket. */
const plain = { nest: false };

/** Every text that is asked for from now on is in this language where its catalogue has it. */
export function speak(language: string, catalogue: Catalogue): void {
  words.addResourceBundle(language, 'translation', catalogue, true, true);
  void words.changeLanguage(language);
}

/** A text in the reader's language, with `values` where it says `{{name}}`. */
export function t<const Text extends string>(text: Literal<Text>, ...[values]: Values<Text>): string {
  return words.t(text, { ...plain, replace: values ?? {} });
}

/** The text that fits the number, which is `{{n}}` in it: `count(2, '{{n}} job', '{{n}} jobs')`. */
export function count<const One extends string, const Many extends string>(
  number: number,
  one: Literal<One>,
  many: Literal<Many>,
): string {
  const forms = { count: number, defaultValue_one: one, defaultValue_other: many };
  return words.t(many, { ...plain, ...forms, replace: { n: numeral(number) } });
}
