// Every colour of text can be read on every ground it stands on, in light and in dark.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

type Colours = Readonly<Record<string, string>>;

const text = await readFile(new URL('../../../renderer/ui/tokens.css', import.meta.url), 'utf8');

function coloursIn(css: string): Colours {
  return Object.fromEntries(
    [...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  );
}

const [lightText = '', darkText = ''] = text.split(`:root[data-theme='dark']`);
const themes = { light: coloursIn(lightText), dark: coloursIn(darkText) } as const;

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const states = ['running', 'waiting', 'success', 'failed', 'idle', 'unknown', 'emulated'];
const inks = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const pairs: readonly (readonly [string, string])[] = [
  ...['canvas', 'surface', 'sunken', 'hover', 'selected', 'failed-tint', 'waiting-tint', 'log-canvas'].map(
    (ground) => ['text', ground] as const,
  ),
  ...['canvas', 'surface', 'sunken', 'hover', 'selected', 'log-canvas', 'failed-tint', 'waiting-tint'].map(
    (ground) => ['text-quiet', ground] as const,
  ),
  ...['canvas', 'surface', 'selected', 'waiting-tint'].map((ground) => ['accent', ground] as const),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ...states.flatMap((state) => [
    [state, `${state}-tint`] as const,
    [state, 'surface'] as const,
    [state, 'canvas'] as const,
    [state, 'selected'] as const,
    [state, 'hover'] as const,
  ]),
  ['unknown', 'unknown-hatch'],
  ...[1, 2, 3, 4].map((line) => [`chart-${line}`, 'surface'] as const),
  ...inks.map((ink) => [`ink-${ink}`, 'log-canvas'] as const),
];

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  it.each(pairs)('%s can be read on %s', (ink, ground) => {
    const { [ink]: front, [ground]: back } = themes[theme];
    if (front === undefined || back === undefined) throw new Error('there is no such colour');
    expect(contrast(front, back)).toBeGreaterThanOrEqual(4.5);
  });
});
