// Dates and numbers in the language that this browser was told, also when another is chosen while the page is open.

/** `undefined`: the browser's own. */
let chosen: string | undefined;

/** Holds for everything that is formatted from now on. Empty: the browser's own. */
export function setLocale(tag: string): void {
  chosen = tag === '' ? undefined : tag;
}

interface Format<T> {
  format(value: T): string;
}

/** Making a format takes a hundred times as long as using it. */
function kept<T>(make: (locale: string | undefined) => Format<T>): Format<T> {
  let made: { readonly locale: string | undefined; readonly format: Format<T> } | null = null;
  return {
    format: (value) => {
      if (made === null || made.locale !== chosen) made = { locale: chosen, format: make(chosen) };
      return made.format.format(value);
    },
  };
}

/** Moments, in milliseconds since 1970. */
export function dateFormat(options: Intl.DateTimeFormatOptions): Format<number> {
  return kept((locale) => new Intl.DateTimeFormat(locale, options));
}

export function numberFormat(options: Intl.NumberFormatOptions = {}): Format<number> {
  return kept((locale) => new Intl.NumberFormat(locale, options));
}

const plainNumber = numberFormat();

/** A number for people: `1,234`, `1.234`. */
export function numeral(value: number): string {
  return plainNumber.format(value);
}
