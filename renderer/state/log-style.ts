// Colours and weights of a terminal's text, and what becomes of them on a page that is light or dark.

export const inkNames = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
/** One of the terminal's own eight, for which the page has colours of its own. */
export type Ink = (typeof inkNames)[number];
/** Any other: `#rrggbb`. */
export type Colour = Ink | `#${string}`;

export interface Style {
  readonly ink: Colour | null;
  /** Behind the text. */
  readonly ground: Colour | null;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly struck: boolean;
  /** Ink and ground change places. */
  readonly reversed: boolean;
}

export const plain: Style = {
  ...{ ink: null, ground: null, bold: false, faint: false, italic: false },
  ...{ underline: false, struck: false, reversed: false },
};

type Rgb = readonly [number, number, number];

function hexOf(rgb: Rgb): `#${string}` {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

const cube = [0, 95, 135, 175, 215, 255] as const;

/** One of 256: the terminal's own twice, a cube of 6 by 6 by 6, 24 greys. */
function indexed(index: number): Colour | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return inkNames[index % 8] ?? null;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hexOf([grey, grey, grey]);
  }
  const place = index - 16;
  const level = (step: number): number => cube[step] ?? 0;
  return hexOf([level(Math.floor(place / 36)), level(Math.floor(place / 6) % 6), level(place % 6)]);
}

interface Extended {
  readonly colour: Colour | null;
  /** How many codes it took. */
  readonly used: number;
}

/** What follows 38 and 48: `5;n` or `2;r;g;b`. */
function extended(codes: readonly number[], at: number): Extended {
  if (codes[at] === 5) return { colour: indexed(codes[at + 1] ?? -1), used: 2 };
  if (codes[at] !== 2) return { colour: null, used: 1 };
  const [red = 0, green = 0, blue = 0] = codes.slice(at + 1, at + 4).map((part) => Math.min(255, part));
  return { colour: hexOf([red, green, blue]), used: 4 };
}

const changes: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { reversed: true },
  9: { struck: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  27: { reversed: false },
  29: { struck: false },
  39: { ink: null },
  49: { ground: null },
};

function simple(code: number): Partial<Style> {
  const ink = inkNames[code % 10] ?? null;
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ink };
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return { ground: ink };
  return changes[code] ?? {};
}

/** The style after `ESC [ parameters m`: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/, 8.3.117 */
export function styled(style: Style, parameters: string): Style {
  let now = style;
  const codes = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) now = plain;
    else if (code === 38 || code === 48) {
      const { colour, used } = extended(codes, at + 1);
      now = code === 38 ? { ...now, ink: colour } : { ...now, ground: colour };
      at += used;
    } else now = { ...now, ...simple(code) };
  }
  return now;
}

/** `--log-canvas` of both themes, on which a colour has to be read. */
export const canvases = { light: '#fbfcfc', dark: '#101416' } as const;
/** https://www.w3.org/TR/WCAG22/#contrast-minimum */
const readable = 4.5;

function rgbOf(hex: string): Rgb {
  const part = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number): number => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrast(a: string, b: string): number {
  const [one, other] = [luminance(rgbOf(a)), luminance(rgbOf(b))];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** The same hue, as far towards black or white as it takes to be read. */
function readableOn(hex: string, theme: keyof typeof canvases): string {
  const end = theme === 'light' ? 0 : 255;
  const rgb = rgbOf(hex);
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = rgb.map((part) => part + (end - part) * share);
    const found = hexOf([mixed[0] ?? end, mixed[1] ?? end, mixed[2] ?? end]);
    if (contrast(found, canvases[theme]) >= readable) return found;
  }
  return hexOf([end, end, end]);
}

const known = new Map<string, string>();
/** A log may have sixteen million colours; so many are remembered. */
const mostKnown = 4_096;

/** A colour of CSS that can be read in light and in dark. */
export function cssColour(colour: Colour): string {
  if (!colour.startsWith('#')) return `var(--ink-${colour})`;
  const found = known.get(colour);
  if (found !== undefined) return found;
  if (known.size >= mostKnown) known.clear();
  const made = `light-dark(${readableOn(colour, 'light')}, ${readableOn(colour, 'dark')})`;
  known.set(colour, made);
  return made;
}

export interface Paint {
  /** `null`: the colour of all text. */
  readonly front: Colour | 'canvas' | null;
  readonly back: Colour | 'text' | null;
}

/** Text on a ground has the colour of the page, which every ground that is an ink can be read with. */
export function paintOf({ ink, ground, reversed }: Style): Paint {
  if (reversed) return { front: 'canvas', back: ink ?? 'text' };
  return ground === null ? { front: ink, back: null } : { front: 'canvas', back: ground };
}
