// The tray's sheets: all there, as large as what cuts them believes.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cellOf,
  grounds,
  sheetHeight,
  sheetIcons,
  sheetSizes,
  sheetWidth,
} from '../../../electron/tray-sheet.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', '..', 'resources', 'tray');

describe('the sheets', () => {
  it.each(Object.values(grounds))('$file is a picture of the right size', async ({ file }) => {
    const picture = await readFile(path.join(folder, file));
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([sheetWidth, sheetHeight]);
  });

  it('have a place of its own for each icon and size', () => {
    const taken = new Set<string>();
    for (const icon of sheetIcons)
      for (const size of sheetSizes) {
        const { x, y, width, height } = cellOf(icon, size);
        expect([width, height]).toEqual([size, size]);
        expect(x + width).toBeLessThanOrEqual(sheetWidth);
        expect(y + height).toBeLessThanOrEqual(sheetHeight);
        taken.add(`${x} ${y}`);
      }
    expect(taken.size).toBe(sheetIcons.length * sheetSizes.length);
  });
});
