// A program for the durability test: writes runners for ever, and tells each one once it is written.
import { writeSync } from 'node:fs';
import { openStore } from '../../../../main/adapters/store/open-store.ts';
import { sampleRunner } from './samples.ts';

const store = openStore(process.argv[2] ?? '', { now: Date.now });
for (let slot = 0; ; slot += 1) {
  const id = slot.toString(16).padStart(8, '0');
  store.insertRunner(sampleRunner({ id, slot }));
  writeSync(1, `${id}\n`);
}
