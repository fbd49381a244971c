// The archive that the page puts together is read by a program that is not ours.
import { expect, it } from 'vitest';
import { fromBuffer } from 'yauzl';
import type { Entry } from 'yauzl';
import { zipOf } from '../../../renderer/state/zip.ts';

async function unzip(bytes: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    fromBuffer(Buffer.from(bytes), { lazyEntries: true, strictFileNames: true }, (error, zip) => {
      if (error !== null) {
        reject(error);
        return;
      }
      zip.on('error', reject);
      zip.on('end', resolve);
      zip.on('entry', (entry: Entry) => {
        zip.openReadStream(entry, (wrong, stream) => {
          if (wrong !== null) {
            reject(wrong);
            return;
          }
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            found.set(entry.fileName, Buffer.concat(parts).toString());
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
  return found;
}

it('a zip of the page has every file as it was, checksums included', async () => {
  const files = [
    { path: 'a/README.txt', text: 'Grüße, 日本 🎉\n' },
    { path: 'a/empty.json', text: '' },
    { path: 'a/große.log', text: 'x'.repeat(200_000) },
  ];
  expect([...(await unzip(zipOf(files, Date.UTC(2026, 0, 2))))]).toEqual(
    files.map(({ path, text }) => [path, text]),
  );
});
