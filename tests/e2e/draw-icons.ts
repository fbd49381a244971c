// A program: draws resources/icons/ anew from resources/autogit.svg with Chromium, for when the drawing has changed. PNGs for
// Linux, and the same inside the containers that Windows and macOS read. Usage: node tests/e2e/draw-icons.ts
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from './browser.ts';
import { root } from './needs.ts';

const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

/** https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10): a head, an entry for each picture, the pictures. */
function ico(pictures: readonly { readonly size: number; readonly png: Buffer }[]): Buffer {
  const head = Buffer.from([0, 0, 1, 0, pictures.length, 0]);
  let at = head.length + 16 * pictures.length;
  const entries = pictures.map(({ size, png }) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt8(size % 256, 0);
    entry.writeUInt8(size % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(png.length, 8);
    entry.writeUInt32LE(at, 12);
    at += png.length;
    return entry;
  });
  return Buffer.concat([head, ...entries, ...pictures.map(({ png }) => png)]);
}

/** Kinds of pictures that are PNGs, by pixels: https://en.wikipedia.org/wiki/Apple_Icon_Image_format */
const appleKinds = {
  16: 'icp4',
  32: 'icp5',
  64: 'icp6',
  128: 'ic07',
  256: 'ic08',
  512: 'ic09',
  1024: 'ic10',
};

function icns(pictures: ReadonlyMap<number, Buffer>): Buffer {
  const blocks = Object.entries(appleKinds).flatMap(([size, kind]) => {
    const png = pictures.get(Number(size));
    if (png === undefined) return [];
    const head = Buffer.alloc(8);
    head.write(kind, 'latin1');
    head.writeUInt32BE(png.length + 8, 4);
    return [head, png];
  });
  const head = Buffer.alloc(8);
  head.write('icns', 'latin1');
  head.writeUInt32BE(8 + blocks.reduce((sum, block) => sum + block.length, 0), 4);
  return Buffer.concat([head, ...blocks]);
}

async function draw(): Promise<ReadonlyMap<number, Buffer>> {
  const svg = await readFile(path.join(root, 'resources', 'autogit.svg'), 'utf8');
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const browser = await launchBrowser();
  try {
    const drawn = new Map<number, Buffer>();
    for (const size of sizes) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      await page.setContent(
        `<style>* { margin: 0 } img { display: block }</style><img width=${size} height=${size} src="${source}">`,
      );
      drawn.set(size, await page.screenshot({ omitBackground: true }));
      await page.close();
    }
    return drawn;
  } finally {
    await browser.close();
  }
}

const drawn = await draw();
const folder = path.join(root, 'resources', 'icons');
await mkdir(folder, { recursive: true });
for (const [size, png] of drawn) await writeFile(path.join(folder, `${size}x${size}.png`), png);
const forWindows = [16, 24, 32, 48, 64, 128, 256].flatMap((size) => {
  const png = drawn.get(size);
  return png === undefined ? [] : [{ size, png }];
});
await writeFile(path.join(folder, 'autogit.ico'), ico(forWindows));
await writeFile(path.join(folder, 'autogit.icns'), icns(drawn));
