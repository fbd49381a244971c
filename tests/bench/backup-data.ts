// Data as a small lab has them, staged once: repositories that do not compress and files that do.
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const repositories = 50;
const packsEach = 8;
const packBytes = 400_000;
const files = 5_000;

/** Lines of words and numbers, about `bytes` long: gzip makes a third of them, as of source code. */
function text(seed: number, bytes: number): string {
  const words = [
    'const',
    'value',
    'return',
    'await',
    'project',
    'runner',
    'import',
    'export',
    'name',
    'type',
  ];
  const lines: string[] = [];
  let length = 0;
  for (let state = seed * 7_919 + 1; length < bytes;) {
    const line = Array.from({ length: 9 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 3 === 0 ? state.toString(36) : words[state % words.length];
    }).join(' ');
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n');
}

/** Makes them below `folder`; how many bytes they are. */
export async function makeStaged(folder: string): Promise<number> {
  let bytes = 0;
  for (let number = 0; number < repositories; number += 1) {
    const packs = path.join(folder, 'sandbox/repositories', `${number}.git`, 'objects/pack');
    await mkdir(packs, { recursive: true });
    for (let pack = 0; pack < packsEach; pack += 1)
      await writeFile(path.join(packs, `pack-${pack}.pack`), randomBytes(packBytes));
    bytes += packsEach * packBytes;
  }
  for (let number = 0; number < files; number += 1) {
    const below = path.join(folder, 'sandbox/artifacts', String(number % 100));
    if (number < 100) await mkdir(below, { recursive: true });
    const content = text(number, 20_000);
    await writeFile(path.join(below, `${number}.txt`), content);
    bytes += content.length;
  }
  return bytes;
}

/** Changes a hundredth of them, otherwise in each round. */
export async function changeHundredth(folder: string, round: number): Promise<void> {
  for (let number = round % 100; number < files; number += 100) {
    const file = path.join(folder, 'sandbox/artifacts', String(number % 100), `${number}.txt`);
    await appendFile(file, text(round * files + number, 20_000));
  }
  const packs = path.join(folder, 'sandbox/repositories', `${round % repositories}.git`, 'objects/pack');
  for (const name of ['a', 'b', 'c', 'd'])
    await writeFile(path.join(packs, `pack-${round}${name}.pack`), randomBytes(packBytes));
}
