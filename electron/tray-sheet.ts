// Where each icon lies on a sheet: a column per icon, a row per size. What draws the sheets and what cuts them agree here.
import type { TrayIcon } from './tray-view.ts';

/** Pixels: a tray's 16 on screens of 100 to 400 percent. */
export const sheetSizes = [16, 20, 24, 32, 48, 64] as const;
export type SheetSize = (typeof sheetSizes)[number];

export const sheetIcons: readonly TrayIcon[] = [
  'starting',
  'idle',
  'waiting',
  ...Array.from({ length: 9 }, (_, index) => `working-${index + 1}` as const),
  'working-more',
  'attention',
  'stopped',
  'no-engine',
];

/** What icons stand on: the colour of the shape, and of what needs attention. */
export const grounds = {
  light: { file: 'on-light.png', shape: '#202124', attention: '#b3261e' },
  dark: { file: 'on-dark.png', shape: '#f5f5f5', attention: '#ffb4a9' },
  'contrast-light': { file: 'contrast-on-light.png', shape: '#000000', attention: '#000000' },
  'contrast-dark': { file: 'contrast-on-dark.png', shape: '#ffffff', attention: '#ffffff' },
  /** A Mac takes its shape and colours it itself. */
  template: { file: 'template.png', shape: '#000000', attention: '#000000' },
} as const;
export type Ground = keyof typeof grounds;

export const sheetWidth = sheetIcons.length * Math.max(...sheetSizes);
export const sheetHeight = sheetSizes.reduce((sum, size) => sum + size, 0);

export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of the sheet that are `icon` at `size`. */
export function cellOf(icon: TrayIcon, size: SheetSize): Cell {
  const above = sheetSizes.slice(0, sheetSizes.indexOf(size)).reduce((sum, one) => sum + one, 0);
  const column = Math.max(0, sheetIcons.indexOf(icon));
  return { x: column * Math.max(...sheetSizes), y: above, width: size, height: size };
}
