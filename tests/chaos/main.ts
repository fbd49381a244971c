// `npm run chaos`: one run on an engine of its own where that can be started, with its report.
import { randomInt } from 'node:crypto';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { removeSharedImage } from '../engine/shared-image.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { whyNot } from '../fixtures/engines/daemons.ts';
import { openGround } from '../fixtures/engines/ground.ts';
import { bundleCli } from './bundle-cli.ts';
import { listMachineEngines } from './machine-engine.ts';
import { runBackupChaos } from './backups/run-backup-chaos.ts';
import type { BackupChaosReport } from './backups/run-backup-chaos.ts';
import { parseChaosWords, usage } from './options.ts';
import type { ChaosWords } from './options.ts';
import { isClean, runChaos } from './run-chaos.ts';
import type { ChaosReport } from './run-chaos.ts';

interface EngineForChaos {
  readonly host: string;
  readonly name: string;
  close(): Promise<void>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function openEngine(): Promise<EngineForChaos> {
  const kind = 'rootless Docker';
  const why = await whyNot(kind);
  if (why === null) {
    const ground = await openGround();
    const { host } = await ground.open(kind).catch(async (error: unknown) => {
      await ground.close();
      throw error;
    });
    return { host, name: `a ${kind} of its own`, close: () => ground.close() };
  }
  const [host] = await listMachineEngines();
  if (host === undefined) throw new Error(`No container engine answers, and none can be started: ${why}.`);
  const engine = connectEngine({ host, log: silentLog });
  return { host, name: host, close: () => removeSharedImage(engine) };
}

/** `jobsLost` as `jobs lost`. */
function linesOf(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).map(([name, count]) => {
    const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return `  ${words.padEnd(42)}${count}`;
  });
}

function render({ seed, kills, jobs, faults, details, settledMs, durationMs }: ChaosReport): string {
  const total = Object.values(kills).reduce((sum, count) => sum + count, 0);
  return [
    `${total} kills with seed ${seed}, ${jobs} jobs, ${Math.round(durationMs / 1000)} s`,
    ...linesOf(kills),
    'to be zero',
    ...linesOf(faults),
    `state was the engine's after ${settledMs.median} ms (median of ${settledMs.count}), ${settledMs.max} ms at most`,
    ...details,
  ].join('\n');
}

function renderBackups(report: BackupChaosReport): string {
  const { seed, kills, restores, faults, details, settledMs, durationMs } = report;
  const total = Object.values(kills).reduce((sum, count) => sum + count, 0);
  return [
    `${total} kills with seed ${seed}, ${Math.round(durationMs / 1000)} s`,
    ...linesOf(kills),
    'restores ended',
    ...linesOf(restores),
    'to be zero',
    ...linesOf(faults),
    `all was in order after ${settledMs.median} ms (median of ${settledMs.count}), ${settledMs.max} ms at most`,
    ...details,
  ].join('\n');
}

/** Enough that a copy and a comparison take their time. */
const backedUpFiles = 1_500;

async function runBackups({ kills, json, seed: given }: ChaosWords): Promise<number> {
  const seed = given ?? randomInt(1, 2 ** 32 - 1);
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
  say(`${kills} kills of backups, prunes, drills and restores with seed ${seed}`);
  const { signal } = interrupt;
  const program = await bundleCli();
  const restic = process.env['AUTOGIT_RESTIC'] ?? 'restic';
  const report = await runBackupChaos({
    ...{ program, restic, files: backedUpFiles, kills, seed, say, signal },
  });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `${renderBackups(report)}\n`);
  if (signal.aborted) return 130;
  return Object.values(report.faults).every((count) => count === 0) ? 0 : 1;
}

async function run({ kills, jobs, json, seed: given }: ChaosWords): Promise<number> {
  const seed = given ?? randomInt(1, 2 ** 32 - 1);
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
  const engine = await openEngine();
  say(`${kills} kills with seed ${seed} on ${engine.name}`);
  try {
    const { signal } = interrupt;
    const report = await runChaos({
      program: await bundleCli(),
      host: engine.host,
      kills,
      seed,
      jobs,
      say,
      signal,
    });
    process.stdout.write(
      json ? `${JSON.stringify({ ...report, engine: engine.name }, null, 2)}\n` : `${render(report)}\n`,
    );
    if (signal.aborted) return 130;
    return isClean(report) ? 0 : 1;
  } finally {
    await engine.close();
  }
}

function readWords(): ChaosWords | null {
  try {
    return parseChaosWords(process.argv.slice(2));
  } catch (error) {
    say(`× ${error instanceof Error ? error.message : String(error)}\n  npm run chaos -- --help`);
    return null;
  }
}

const words = readWords();
if (words?.help === true) process.stdout.write(usage);
process.exitCode =
  words === null ? 2 : words.help ? 0 : await (words.of === 'backup' ? runBackups : run)(words);
