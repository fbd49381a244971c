// Draws the tray's icons with a real Chromium: `node tests/e2e/draw-tray.ts` writes resources/tray/*.png.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  cellOf,
  grounds,
  sheetHeight,
  sheetIcons,
  sheetSizes,
  sheetWidth,
} from '../../electron/tray-sheet.ts';
import type { TrayIcon } from '../../electron/tray-view.ts';
import { launchBrowser } from './browser.ts';
import { root } from './needs.ts';

/** The same on every icon, of 16 by 16: two commits on a branch, and one that leaves it. */
const shape = `
  <circle cx="3.6" cy="3" r="2.2"/><circle cx="3.6" cy="13" r="2.2"/><circle cx="12.2" cy="3" r="2.2"/>
  <path d="M3.6 4v8M12.2 4.4v.9c0 2.6-2 3.4-4.2 3.6-2.2.2-4.4.6-4.4 2.2" fill="none" stroke="currentColor" stroke-width="1.7"/>`;

/** Digits of 4 by 7, as lines: a font at 9 pixels is a matter of luck. */
const digits: Readonly<Record<string, string>> = {
  1: 'M.6 1.5 2.4 0V7',
  2: 'M0 1.7C0-.5 4-.5 4 1.8 4 3.5 0 5 0 7H4.2',
  3: 'M0 .9C.7-.4 4-.4 4 1.8 4 3 3 3.4 1.6 3.4 3 3.4 4.1 3.8 4.1 5.2 4.1 7.6.6 7.5 0 6.1',
  4: 'M3.2 7V0L0 4.9H4.4',
  5: 'M3.8 0H.6L.3 3.2C1.2 2.5 4.1 2.4 4.1 4.8 4.1 7.5.6 7.4 0 6.2',
  6: 'M3.5.3C1.5-.3 0 1.6 0 4.6 0 7.8 4 7.8 4 4.8 4 2.4 1 2.2 0 4.4',
  7: 'M0 0H4L1.4 7',
  8: 'M2 3.3C-.4 3.3-.2 0 2 0S4.4 3.3 2 3.3C-.7 3.3-.7 7 2 7S4.7 3.3 2 3.3',
  9: 'M.5 6.7C2.5 7.3 4 5.4 4 2.4 4-.8 0-.8 0 2.2 0 4.6 3 4.8 4 2.6',
};

function line(d: string, at: string, width = 1.8): string {
  return `<path transform="${at}" d="${d}" fill="none" stroke="currentColor" stroke-width="${width}" stroke-linejoin="round"/>`;
}

/** Each badge, and the room that the shape leaves for it. */
function badgeOf(icon: TrayIcon): { readonly room: string; readonly badge: string } {
  const [, number] = /^working-(\d)$/.exec(icon) ?? [];
  if (number !== undefined) {
    return {
      room: '<rect x="8.2" y="6" width="7.8" height="10"/>',
      badge: line(digits[number] ?? '', 'translate(10.4 8)'),
    };
  }
  switch (icon) {
    case 'working-more':
      return {
        room: '<rect x="6.4" y="6" width="9.6" height="10"/>',
        badge:
          line(digits[9] ?? '', 'translate(8 8)', 1.7) +
          line('M0 3.5H3.6M1.8 1.7V5.3', 'translate(12.2 8)', 1.4),
      };
    case 'attention':
      return {
        room: '<rect x="8.9" y="5.8" width="5.4" height="10.2"/>',
        badge: '<path class="attention" d="M10.6 6.8h2.4v5.4h-2.4zM10.6 13.4h2.4v2.4h-2.4z"/>',
      };
    case 'stopped':
      return {
        room: '<rect x="7.4" y="6.4" width="8.6" height="9.6"/>',
        badge: '<path d="M9 8h2.2v7.4H9zM12.8 8H15v7.4h-2.2z"/>',
      };
    case 'no-engine':
      return {
        room: '<rect x="7.4" y="6.4" width="8.6" height="9.6"/>',
        badge: line('M0 0 5.6 5.6M5.6 0 0 5.6', 'translate(9.2 9)', 1.9),
      };
    case 'waiting':
      return {
        room: '<rect x="6" y="9.6" width="10" height="5"/>',
        badge: '<path d="M7 11h2v2H7zM10 11h2v2h-2zM13 11h2v2h-2z"/>',
      };
    case 'starting':
      return {
        room: '<circle cx="11.6" cy="11.6" r="4.9"/>',
        badge: line('M3.1 0A3.1 3.1 0 1 1 0-3.1', 'translate(11.7 11.7)', 1.8),
      };
    default:
      return { room: '', badge: '' };
  }
}

function drawIcon(icon: TrayIcon, size: (typeof sheetSizes)[number]): string {
  const { room, badge } = badgeOf(icon);
  const { x, y, width, height } = cellOf(icon, size);
  const mask = `room-${icon}-${size}`;
  return `<svg x="${x}" y="${y}" width="${width}" height="${height}" viewBox="0 0 16 16" fill="currentColor">
    <mask id="${mask}"><rect width="16" height="16" fill="white"/><g fill="black">${room}</g></mask>
    <g mask="url(#${mask})">${shape}</g>${badge}</svg>`;
}

const sheet = sheetIcons.flatMap((icon) => sheetSizes.map((size) => drawIcon(icon, size))).join('');
const target = path.join(root, 'resources', 'tray');
const browser = await launchBrowser();
try {
  await mkdir(target, { recursive: true });
  const page = await browser.newPage({ viewport: { width: sheetWidth, height: sheetHeight } });
  for (const { file, shape: color, attention } of Object.values(grounds)) {
    await page.setContent(`<style>
      body { margin: 0 } svg { display: block; color: ${color} } .attention { color: ${attention}; fill: ${attention} }
    </style><svg width="${sheetWidth}" height="${sheetHeight}">${sheet}</svg>`);
    const picture = await page.screenshot({ omitBackground: true, animations: 'disabled' });
    await writeFile(path.join(target, file), picture);
    process.stdout.write(`${file}: ${picture.length} bytes\n`);
  }
} finally {
  await browser.close();
}
