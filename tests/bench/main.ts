// `npm run bench`: takes the measures one after the other in one run, and reports them side by side.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { bundleCli } from '../chaos/bundle-cli.ts';
import { listMachineEngines } from '../chaos/machine-engine.ts';
import { removeSharedImage } from '../engine/shared-image.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { makeDocument, renderSections, replaceSections } from './document.ts';
import type { BenchDocument, Measured } from './document.ts';
import { verdictOf } from './frame.ts';
import type { Measure } from './frame.ts';
import { describeMachine } from './machine.ts';
import { measures } from './measures/index.ts';
import { isOwnBenchmark, parseBenchWords } from './options.ts';
import type { BenchWords } from './options.ts';

const page = path.join(import.meta.dirname, '../../docs/performance.md');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const usage = `Usage: npm run bench -- [coordinator | hardware | stack | desktop | backup] [--rounds N] [--only NAME]... [--json] [--write]

Measures the coordinator, the watch of the hardware, the stack, the desktop, or backups, and holds it against its budgets. Ends with 1 when a ratio misses its budget; times and sizes
are reported and fail nothing.

${measures.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join('\n')}

  --rounds N   how often each is taken (default 5)
  --minutes N  how long the desktop is watched at rest (default 0.5)
  --only NAME  this measure alone; may be given several times
  --json       one JSON document on standard output
  --write      puts the tables of these measures into docs/performance.md
`;

/** Rejects when somebody wants the run to end: what was made is then cleaned up. */
const interrupted = new Promise<never>((_resolve, reject) => {
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => reject(new Error(`ended by ${name}`)));
});
interrupted.catch(() => undefined);

async function take(measure: Measure, { rounds, minutes }: BenchWords, program: string, host: string | null) {
  const cleaning: (() => Promise<void>)[] = [];
  say(`${measure.name}: ${measure.about}`);
  try {
    const run = measure.run({
      ...{ rounds, minutes, program, say: (line) => say(`  ${line}`) },
      get host() {
        if (host === null) throw new Error('no container engine was asked for');
        return host;
      },
      afterwards: (clean) => void cleaning.push(clean),
    });
    const outcome = await Promise.race([run, interrupted]);
    for (const budget of outcome.budgets)
      say(`  ${verdictOf(budget).padEnd(9)} ${budget.what}: ${budget.measured.toFixed(2)}`);
    return { name: measure.name, outcome };
  } finally {
    for (const clean of cleaning.toReversed()) await clean();
  }
}

async function findEngine(chosen: readonly Measure[]): Promise<string | null> {
  if (!chosen.some(({ needsEngine }) => needsEngine)) return null;
  const [host] = await listMachineEngines();
  if (host === undefined) throw new Error('no container engine answers on this machine');
  return host;
}

async function run(words: BenchWords): Promise<number> {
  const chosen = measures.filter(({ name }) =>
    words.only.length === 0 ? !isOwnBenchmark(name) : words.only.includes(name),
  );
  const host = await findEngine(chosen);
  const machine = await describeMachine(host);
  const program = await bundleCli({ imports: path.join(import.meta.dirname, 'imports-only.ts') });
  const measured: Measured[] = [];
  try {
    for (const measure of chosen) measured.push(await take(measure, words, program, host));
  } finally {
    if (host !== null) await removeSharedImage(connectEngine({ host, log: silentLog }));
  }
  const document = makeDocument(measured, {
    date: new Date().toISOString().slice(0, 10),
    machine,
    rounds: words.rounds,
  });
  await report(document, words);
  return document.ok ? 0 : 1;
}

async function report(document: BenchDocument, { json, write }: BenchWords): Promise<void> {
  const sections = renderSections(document);
  process.stdout.write(`${json ? JSON.stringify(document, null, 2) : [...sections.values()].join('\n\n')}\n`);
  if (!write) return;
  const order = measures.map(({ name }) => name);
  await writeFile(page, replaceSections(await readFile(page, 'utf8'), sections, order));
}

function readWords(): BenchWords | null {
  try {
    const names = measures.map(({ name }) => name);
    return parseBenchWords(process.argv.slice(2), names);
  } catch (error) {
    say(`× ${error instanceof Error ? error.message : String(error)}\n  npm run bench -- --help`);
    return null;
  }
}

const words = readWords();
if (words?.help === true) process.stdout.write(usage);
process.exitCode = words === null ? 2 : words.help ? 0 : await run(words);
