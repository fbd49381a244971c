// Requests about backups that the command line does in more than one question and answer: runs are shown as they go on,
// a restore is agreed to first, and what is secret is asked for.
import type { CoreDoor, Input, Output, RequestName } from '../../contract/contract.ts';
import type { FieldLabel } from '../../contract/fields.ts';
import { AutoGitError } from '../../errors.ts';
import { parseInput } from '../../serve/read-input.ts';
import { noHostKey, targetSecrets } from '../../model/backup/target.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { interruptCode } from '../access.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { reachCore } from '../reach.ts';
import { renderRestorePlan } from '../render/backups.ts';
import { renderAnswer } from '../render/renderers.ts';
import type { View } from '../render/text.ts';
import { confirm } from '../request.ts';
import type { Asked } from '../request.ts';
import { readSecret } from '../stack/run-deed.ts';
import { whyUnreadable } from '../unreadable.ts';
import { viewOf } from '../view.ts';
import { followBackup } from './follow-backup.ts';
import {
  addTargetForm,
  findForm,
  placeFieldNames,
  planRestoreForm,
  restoreForm,
  testTargetForm,
} from './forms.ts';

type Run = (asked: Asked, world: CliWorld, view: View) => Promise<number>;
type DeedName = 'backup.create' | 'backup.verify' | 'backup.drill' | 'backup.prune';

function isGood(value: object): boolean {
  return !('good' in value) || value.good === true;
}

async function atCore<T>(
  world: CliWorld,
  act: boolean,
  work: (door: CoreDoor, isOwn: boolean) => Promise<T>,
): Promise<T> {
  const reached = await reachCore(world, { act, observe: true, needsHome: !act });
  try {
    return await work(reached.door, reached.isOwn);
  } finally {
    await reached.close();
  }
}

function showAs(asked: Asked, world: CliWorld, view: View) {
  return <N extends RequestName>(name: N, value: Output<N> & object): number => {
    world.out.write(
      asked.flags.json ? `${JSON.stringify(value, null, 2)}\n` : renderAnswer(name, value, view),
    );
    return isGood(value) ? 0 : 1;
  };
}

/** Begins it without waiting, so that what it does can be shown; Ctrl-C leaves it to a core that goes on. */
function runDeed(name: DeedName): Run {
  return async (asked, world, view) => {
    const parsed = parseInput<DeedName>(name, asked.given, labelIn(asked.command));
    if (!parsed.dryRun) await confirm(asked, world);
    const show = showAs(asked, world, view);
    return atCore(world, true, async (door, isOwn) => {
      const input: Input<DeedName> = { ...parsed, wait: false };
      const begun = await door.call<DeedName>(name, input);
      if (begun.run === null || !(parsed.wait || isOwn)) return show(name, begun);
      const last = await followBackup(begun.run, door, world, asked.flags.json);
      if (last === null) return interruptCode(world.interrupt);
      return show(name, { ...begun, message: last.message, next: null });
    });
  };
}

/** The place out of its fields, or as JSON under `whole`. */
function placeOf(given: Readonly<Record<string, unknown>>, whole: 'target' | 'place'): unknown {
  const fields = Object.entries(given).filter(
    ([name, value]) => placeFieldNames.includes(name) && value !== undefined,
  );
  return given[whole] ?? Object.fromEntries(fields);
}

/** Fields of a place that were typed one by one are named as they were typed. */
function labelOf({ command, given }: Asked, whole: 'target' | 'place'): FieldLabel {
  const label = labelIn(command);
  return given[whole] === undefined ? (field) => label(field.replace(`${whole}.`, '')) : label;
}

function isKind(kind: unknown): kind is BackupTarget['kind'] {
  return typeof kind === 'string' && Object.hasOwn(targetSecrets, kind);
}

/** A private key has lines, and no terminal takes these at one question: its file is asked for. */
async function typedSecret(name: string, world: CliWorld): Promise<string | null> {
  if (name !== 'ssh-key') return world.prompt(`${name} (not shown): `, { hidden: true });
  const file = (await world.prompt('file with the private key for SSH: '))?.trim() ?? null;
  if (file === null) return null;
  try {
    return await world.readText(file.replace(/^~(?=\/)/, world.env['HOME'] ?? '~'), 65_536);
  } catch (error) {
    throw new AutoGitError({
      key: 'usage.invalid-value',
      message: `${file} cannot be read: ${whyUnreadable(error)}.`,
      next: 'Name the file with the private key that opens this place, such as ~/.ssh/id_ed25519.',
    });
  }
}

/** What the place asks for: at a terminal one by one, from a pipe as one JSON object. */
async function secretsOf(place: unknown, world: CliWorld): Promise<Record<string, string> | undefined> {
  const kind = typeof place === 'object' && place !== null && 'kind' in place ? place.kind : undefined;
  const needed = isKind(kind) ? targetSecrets[kind] : [];
  if (needed.length === 0) return undefined;
  const found: Record<string, string> = {};
  for (const name of needed) {
    const typed = await typedSecret(name, world);
    if (typed === null) return readSecrets(world);
    found[name] = typed;
  }
  return found;
}

async function readSecrets(world: CliWorld): Promise<Record<string, string> | undefined> {
  const text = (await world.readText('-', 65_536)).trim();
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(entries.map(([name, one]) => [name, String(one)]));
  } catch {
    throw new AutoGitError({
      key: 'usage.invalid-value',
      message: 'Standard input is no JSON object of secrets.',
      next: 'Give it as {"access-key-id":"…","secret-access-key":"…"}, or type them at a terminal.',
    });
  }
}

async function passwordFor(wanted: boolean, world: CliWorld): Promise<{ readonly password?: string }> {
  return wanted ? { password: (await readSecret('the password of the repository', world)).trim() } : {};
}

const runAddTarget: Run = async (asked, world, view) => {
  const given = checkInput(addTargetForm, asked.given, labelIn(asked.command));
  const target = placeOf(given, 'target');
  const { dryRun } = given;
  const label = labelOf(asked, 'target');
  // Wrong fields are told before anything is asked.
  parseInput('backup.add-target', { target, dryRun }, label);
  const secrets = await secretsOf(target, world);
  const input = parseInput(
    'backup.add-target',
    { target, dryRun, secrets, ...(await passwordFor(given.password, world)) },
    label,
  );
  return atCore(world, true, async (door) =>
    showAs(asked, world, view)('backup.add-target', await door.call('backup.add-target', input)),
  );
};

const runTestTarget: Run = async (asked, world, view) => {
  const given = checkInput(testTargetForm, asked.given, labelIn(asked.command));
  const isKeyUnknown = given.kind === 'sftp' && given.hostKey === undefined;
  // Then the answer shows the keys that the machine has.
  const target = placeOf(isKeyUnknown ? { ...given, hostKey: noHostKey } : given, 'target');
  const label = labelOf(asked, 'target');
  parseInput('backup.test-target', { target }, label);
  const input = parseInput('backup.test-target', { target, secrets: await secretsOf(target, world) }, label);
  return atCore(world, true, async (door) =>
    showAs(asked, world, view)('backup.test-target', await door.call('backup.test-target', input)),
  );
};

const runFind: Run = async (asked, world, view) => {
  const given = checkInput(findForm, asked.given, labelIn(asked.command));
  const place = placeOf(given, 'place');
  const label = labelOf(asked, 'place');
  parseInput('backup.find', { place }, label);
  const secrets = await secretsOf(place, world);
  const input = parseInput(
    'backup.find',
    { place, secrets, ...(await passwordFor(given.password, world)) },
    label,
  );
  return atCore(world, true, async (door) =>
    showAs(asked, world, view)('backup.find', await door.call('backup.find', input)),
  );
};

const runPlanRestore: Run = async (asked, world, view) => {
  const { password, ...given } = checkInput(planRestoreForm, asked.given, labelIn(asked.command));
  const secrets = await secretsOf(given.place, world);
  const whole = { ...given, secrets, ...(await passwordFor(password, world)) };
  const input = parseInput('backup.plan-restore', whole, labelIn(asked.command));
  return atCore(world, true, async (door) =>
    showAs(asked, world, view)('backup.plan-restore', await door.call('backup.plan-restore', input)),
  );
};

/** The plan is shown and agreed to, or its hash was given. Rejects with `refused.data-loss`. */
async function agree(plan: Output<'backup.plan-restore'>, asked: Asked, world: CliWorld): Promise<void> {
  const { json, yes } = asked.flags;
  if (!json) world.err.write(`${renderRestorePlan(plan, viewOf(world.err, world))}\n`);
  const isRefused = plan.issues.some(({ severity }) => severity === 'error');
  // What stands against it the core refuses by itself, and says why.
  if (yes || isRefused) return;
  if (!json && (await world.ask('Do this?')) === true) return;
  throw new AutoGitError({
    key: 'refused.data-loss',
    message: '`autogit backup restore` replaces what is here.',
    next: 'Nothing was changed. Add --yes to do it, or --dry-run to see what it would do.',
  });
}

const runRestore: Run = async (asked, world, view) => {
  const {
    password,
    wait,
    dryRun,
    plan: agreed,
    ...given
  } = checkInput(restoreForm, asked.given, labelIn(asked.command));
  const secrets = await secretsOf(given.place, world);
  const whole = { ...given, secrets, ...(await passwordFor(password, world)) };
  const wish = parseInput('backup.plan-restore', whole, labelIn(asked.command));
  const show = showAs(asked, world, view);
  return atCore(world, true, async (door, isOwn) => {
    if (dryRun) return show('backup.restore', await door.call('backup.restore', { ...wish, dryRun }));
    const plan = await door.call('backup.plan-restore', wish);
    await agree(plan, asked, world);
    const begun = await door.call('backup.restore', { ...wish, plan: agreed ?? plan.hash, wait: false });
    if (begun.run === null || !(wait || isOwn)) return show('backup.restore', begun);
    // On its way the home is opened anew, where the run has another number.
    const last = await followBackup(null, door, world, asked.flags.json);
    if (last === null) return interruptCode(world.interrupt);
    return show('backup.restore', {
      ...begun,
      message: last.message,
      next: 'See how it stands: autogit status',
    });
  });
};

const runs: Partial<Record<RequestName, Run>> = {
  'backup.create': runDeed('backup.create'),
  'backup.verify': runDeed('backup.verify'),
  'backup.drill': runDeed('backup.drill'),
  'backup.prune': runDeed('backup.prune'),
  'backup.add-target': runAddTarget,
  'backup.test-target': runTestTarget,
  'backup.find': runFind,
  'backup.plan-restore': runPlanRestore,
  'backup.restore': runRestore,
};

/** How such a request is done; `undefined`: like any other. */
export function backupRunOf(name: RequestName): Run | undefined {
  return runs[name];
}
