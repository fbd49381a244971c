// Roots that are files in a folder.
import type { FoundRoot } from '../../model/trust.ts';
import type { Probe } from '../../probe-port.ts';
import { fingerprintsOf } from './fingerprints.ts';

/** One for each certificate of each file; nothing of a folder that is not there. Never rejects. */
export async function readFolder(
  folder: string,
  probe: Pick<Probe, 'list' | 'readFile'>,
): Promise<readonly FoundRoot[]> {
  const names = ((await probe.list(folder)) ?? []).filter((name) => /\.(?:crt|pem)$/.test(name)).toSorted();
  const found: FoundRoot[] = [];
  for (const name of names) {
    const text = await probe.readFile(`${folder}/${name}`);
    for (const fingerprint of fingerprintsOf(text ?? '')) found.push({ name, fingerprint });
  }
  return found;
}
