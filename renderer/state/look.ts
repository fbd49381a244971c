// How this browser or desktop shows the page: theme, size of text, motion, language of dates and numbers. Kept here, not in the home.
import { z } from 'zod';

export const themes = ['system', 'light', 'dark'] as const;
/** Per cent. */
export const textSizes = ['90', '100', '110', '125', '150', '175', '200'] as const;
export const motions = ['system', 'reduced'] as const;

const lookSchema = z.object({
  theme: z.enum(themes).catch('system'),
  text: z.enum(textSizes).catch('100'),
  motion: z.enum(motions).catch('system'),
  /** A language tag such as `de-AT`; empty: the browser's own. */
  locale: z
    .string()
    .refine((tag) => tag === '' || isLocale(tag))
    .catch(''),
});

export type Look = z.infer<typeof lookSchema>;

export const usualLook: Look = lookSchema.parse({});

/** Also read by public/look.js. */
export const lookKey = 'autogit.look';

/** False for a tag that no format can be made for. */
export function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

/** What was kept; anything that is none is the usual. */
export function parseLook(text: string | null): Look {
  try {
    const kept: unknown = JSON.parse(text ?? '{}');
    return lookSchema.catch(usualLook).parse(kept);
  } catch {
    return usualLook;
  }
}

/** The part of a storage that is used; it may refuse. */
export type LookStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** The part of a root element that shows a look. */
export interface LookRoot {
  readonly dataset: Record<string, string | undefined>;
  lang: string;
}

/** Shows a look. `isDark`: whether the system is. */
export function applyLook(look: Look, root: LookRoot, isDark: boolean): void {
  const { dataset } = root;
  dataset['theme'] = look.theme === 'system' ? (isDark ? 'dark' : 'light') : look.theme;
  if (look.text === usualLook.text) delete dataset['text'];
  else dataset['text'] = look.text;
  if (look.motion === 'reduced') dataset['motion'] = 'reduced';
  else delete dataset['motion'];
}

export interface Looks {
  get(): Look;
  subscribe(listener: () => void): () => void;
  /** Shown at once, and kept where the storage allows it. */
  change(part: Partial<Look>): void;
}

interface Around {
  readonly storage: LookStorage;
  show(look: Look): void;
  /** Calls back when another window of the same browser has changed it. */
  onElsewhere(listener: () => void): void;
}

/** The look of this browser, over what surrounds the page. */
export function createLooks({ storage, show, onElsewhere }: Around): Looks {
  const listeners = new Set<() => void>();
  let look = parseLook(readKept(storage));
  const set = (next: Look): void => {
    look = next;
    show(look);
    for (const listener of listeners) listener();
  };
  onElsewhere(() => set(parseLook(readKept(storage))));
  show(look);
  return {
    get: () => look,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change: (part) => {
      set({ ...look, ...part });
      try {
        storage.setItem(lookKey, JSON.stringify(look));
      } catch {
        // It holds until the page is left.
      }
    },
  };
}

function readKept(storage: LookStorage): string | null {
  try {
    return storage.getItem(lookKey);
  } catch {
    return null;
  }
}
