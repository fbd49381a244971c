// The tray's icons, cut out of one sheet per ground: resources/tray/*.png, drawn by tests/e2e/draw-tray.ts.
import path from 'node:path';
import { nativeImage, nativeTheme } from 'electron';
import type { NativeImage } from 'electron';
import type { TrayIcon } from './tray-view.ts';
import { cellOf, grounds, sheetSizes } from './tray-sheet.ts';
import type { Ground } from './tray-sheet.ts';

export interface TrayIcons {
  /** The icon for the ground that the desktop has now. */
  image(icon: TrayIcon): NativeImage;
}

/** What the tray's icons stand on now. */
function groundNow(): Ground {
  if (process.platform === 'darwin') return 'template';
  const isDark =
    process.platform === 'win32'
      ? nativeTheme.shouldUseDarkColorsForSystemIntegratedUI
      : nativeTheme.shouldUseDarkColors;
  if (nativeTheme.shouldUseHighContrastColors) return isDark ? 'contrast-dark' : 'contrast-light';
  return isDark ? 'dark' : 'light';
}

/** Panels of Linux take one picture and scale it themselves: down looks better than up. */
const linuxSize = 48;

/** The icons in `folder`. Sheets are read when their ground is first needed. */
export function trayIcons(folder: string): TrayIcons {
  const sheets = new Map<Ground, NativeImage>();
  const sheetOf = (ground: Ground): NativeImage => {
    const sheet = sheets.get(ground) ?? nativeImage.createFromPath(path.join(folder, grounds[ground].file));
    sheets.set(ground, sheet);
    return sheet;
  };
  return {
    image: (icon) => {
      const ground = groundNow();
      const sheet = sheetOf(ground);
      if (process.platform === 'linux') return sheet.crop(cellOf(icon, linuxSize));
      const image = nativeImage.createEmpty();
      for (const size of sheetSizes) {
        const buffer = sheet.crop(cellOf(icon, size)).toPNG();
        image.addRepresentation({ scaleFactor: size / 16, buffer });
      }
      image.setTemplateImage(ground === 'template');
      return image;
    },
  };
}
