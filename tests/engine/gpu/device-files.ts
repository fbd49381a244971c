// Device files for the cards of the made-up machine: what is read from them is zeros, without end. Only root can make them.
import { execFile } from 'node:child_process';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { cardFolder, cards } from './two-cards.ts';

const run = promisify(execFile);

export const cardNames: readonly string[] = Object.keys(cards).sort();

/** Gives what removes them again. */
export async function makeDeviceFiles(): Promise<() => Promise<void>> {
  const madeFolder = await mkdir(cardFolder, { recursive: true });
  const remove = async (): Promise<void> => {
    for (const name of cardNames) await rm(`${cardFolder}/${name}`, { force: true });
    if (madeFolder !== undefined) await rmdir(cardFolder);
  };
  try {
    for (const name of cardNames) await run('mknod', ['--mode=0666', `${cardFolder}/${name}`, 'c', '1', '5']);
  } catch (error) {
    await remove();
    throw error;
  }
  return remove;
}
