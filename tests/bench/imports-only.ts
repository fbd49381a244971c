// What the command line and the core import, and nothing done with it: the least memory that a core can have.
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '../../main/cli/run.ts';
import { createCore } from '../../main/index.ts';

/** Bundlers leave out what nobody uses. */
const used = [runCli, createCore].map(({ name }) => name);
await sleep(60_000, used);
