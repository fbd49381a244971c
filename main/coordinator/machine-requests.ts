// What the requests about this machine do: detect it, and look for what is wrong.
import { checkHardware, hardwareChecks } from '../checks/hardware/index.ts';
import type { Finding } from '../checks/hardware/check.ts';
import type { Outcome, Output, ParsedInput } from '../contract/contract.ts';
import { doctorAreas } from '../contract/requests/doctor.ts';
import type { DoctorArea } from '../contract/requests/doctor.ts';
import { detectMachine } from '../detect/machine/detect-machine.ts';
import type { AskedEngine } from '../detect/machine/detect-machine.ts';
import { problemOf } from '../errors.ts';
import { isEligible, isNamed, tooOld } from '../model/engine.ts';
import type { EngineInfo, EnginePlace } from '../model/engine.ts';
import type { Severity } from '../model/issue.ts';
import { machineSchema } from '../model/machine.ts';
import type { Machine } from '../model/machine.ts';
import { examineBackups } from './backups/examine-backups.ts';
import type { Examined } from './backups/examine-backups.ts';
import type { RequestContext } from './requests.ts';
import { applyFixes, planFixes } from './stack/doctor-fix.ts';
import type { PlannedFix } from './stack/doctor-fix.ts';
import { examineStack } from './stack/doctor-stack.ts';
import type { StackLookContext } from './stack/look-parts.ts';
import { findLeftRoots } from './stack/trust-requests.ts';
import type { StoresContext } from './stack/trust-stores.ts';

type Context = StackLookContext & StoresContext & Pick<RequestContext, 'live' | 'backups'>;

type Answer =
  | { readonly place: EnginePlace; readonly info: EngineInfo }
  | { readonly place: EnginePlace; readonly info: null; readonly key: string; readonly why: string };

async function ask({ engines }: Context, place: EnginePlace): Promise<Answer> {
  try {
    return { place, info: await engines.ask(place.host) };
  } catch (error) {
    const { key, message } = problemOf(error);
    return { place, info: null, key, why: message };
  }
}

/** The engine in use, or the one that a core with these settings would take; each is asked once. */
async function askEngine(context: Context): Promise<AskedEngine> {
  const { engines, settings, coordinator } = context;
  const present = coordinator.node();
  const places = await engines.places(settings.current().engine.host);
  const named = places.find(isNamed);
  const eligible = named === undefined ? places.filter(isEligible) : [named];
  const asked = present === null ? eligible : [present.place];
  const answers = await Promise.all(asked.map((place) => ask(context, place)));
  const working = answers.filter((answer) => answer.info !== null);
  const best = working.find(({ info }) => tooOld(info) === null) ?? working[0];
  if (best !== undefined) return { info: best.info, node: present?.id ?? best.place.machine };
  const failed = answers.filter((answer) => answer.info === null);
  const likely = failed.find(({ key }) => key !== 'engine.unreachable') ?? failed[0];
  return { info: null, why: likely?.why ?? 'no place is known where a container engine could be' };
}

async function detect(context: Context): Promise<Machine> {
  const { probe, clock } = context;
  return detectMachine({ probe, clock, askEngine: () => askEngine(context) });
}

/** `machine.detect`. Never rejects: what cannot be found out is unknown, with its reason. Cards are looked for anew besides. */
export async function showMachine(context: Context): Promise<Output<'machine.detect'>> {
  void context.coordinator.node()?.gpus.renew(0);
  return machineSchema.parse(await detect(context));
}

/** What is seen of cards while the core runs, which one look cannot know: heat, errors, programs of others. */
function seenOfCards({ live }: Context): readonly Finding[] {
  return live
    .current()
    .issues.filter(({ key }) => key.startsWith('gpu.'))
    .map((issue) => ({ ...issue, evidence: [] }));
}

async function examineHardware(context: Context): Promise<Examined> {
  const machine = await detect(context);
  const { pools } = context.settings.current();
  const unknown = Object.entries(machine.reasons).map(([path, why]) => `${path}: ${why}`);
  const findings = [...checkHardware({ machine, pools }), ...seenOfCards(context)];
  return { findings, checks: hardwareChecks.length, unknown };
}

interface Told extends Finding {
  readonly area: DoctorArea;
}

interface Examination {
  readonly told: readonly Told[];
  readonly checks: number;
  readonly unknown: readonly string[];
}

/** With those of one more check. */
function withFindings(examined: Examined, more: readonly Finding[]): Examined {
  return { ...examined, findings: [...examined.findings, ...more], checks: examined.checks + 1 };
}

/** Two areas are looked at together; each is examined once, whatever is asked for. */
async function examine(areas: readonly DoctorArea[], context: Context): Promise<Examination> {
  const wantsStack = areas.includes('stack') || areas.includes('names');
  const [hardware, stack, leftRoots, backups] = await Promise.all([
    areas.includes('hardware') ? examineHardware(context) : null,
    wantsStack ? examineStack(context, context.restartLooks?.() ?? []) : null,
    areas.includes('stack') ? findLeftRoots(context) : [],
    areas.includes('backups') ? examineBackups(context.backups) : null,
  ]);
  const byArea: Readonly<Record<DoctorArea, Examined | undefined>> = {
    hardware: hardware ?? undefined,
    stack: stack === null ? undefined : withFindings(stack.stack, leftRoots),
    names: stack?.names,
    backups: backups ?? undefined,
  };
  const examined = areas.flatMap((area) => {
    const found = byArea[area];
    return found === undefined ? [] : [{ area, ...found }];
  });
  const all = examined.flatMap(({ area, findings }) =>
    findings.map((finding): Told => ({ ...finding, area })),
  );
  return {
    // What an engine without root lacks is said of the machine and of the stack.
    told: all.filter(
      ({ key, subject }, index) =>
        all.findIndex((one) => one.key === key && one.subject === subject) === index,
    ),
    checks: examined.reduce((sum, { checks }) => sum + checks, 0),
    unknown: examined.flatMap(({ unknown }) => unknown),
  };
}

const urgency: readonly Severity[] = ['error', 'warning', 'info'];

function areasOf(area: DoctorArea | undefined): readonly DoctorArea[] {
  return area === undefined ? doctorAreas : [area];
}

/** `doctor.run`. */
export async function runDoctor(
  { area }: ParsedInput<'doctor.run'>,
  context: Context,
): Promise<Output<'doctor.run'>> {
  const areas = areasOf(area);
  const { told, checks, unknown } = await examine(areas, context);
  const findings = told.toSorted((a, b) => urgency.indexOf(a.severity) - urgency.indexOf(b.severity));
  return {
    healthy: told.every(({ severity }) => severity === 'info'),
    areas: [...areas],
    checks,
    findings: findings.map(({ fix, evidence, ...finding }) => ({
      ...finding,
      evidence: [...evidence],
      ...(fix === undefined ? {} : { fix }),
    })),
    unknown: [...unknown],
  };
}

function actionOf({ fix }: PlannedFix): Outcome['actions'][number] {
  return { kind: fix.deed, target: fix.target, reason: fix.summary };
}

function sentenceOf(done: number, left: number): string {
  if (done + left === 0) return 'Nothing was found that AutoGit could mend.';
  const mended = `${done} ${done === 1 ? 'thing was' : 'things were'} mended`;
  return left === 0 ? `${mended}.` : `${mended}, ${left} could not be.`;
}

/** `doctor.fix`. Looks anew, so that nothing is mended that has mended itself. */
export async function fixFindings(
  { area, only, dryRun }: ParsedInput<'doctor.fix'>,
  context: Context,
): Promise<Output<'doctor.fix'>> {
  const { told } = await examine(areasOf(area), context);
  const wanted = told.filter(
    ({ key, subject }) => only === undefined || only.includes(key) || only.includes(`${key} ${subject}`),
  );
  const planned = planFixes(wanted);
  const actions = planned.map(actionOf);
  if (dryRun) {
    const fixes = planned.flatMap(({ fix: { summary }, findings }) =>
      findings.map((finding) => ({ ...finding, summary, done: false, problem: null })),
    );
    const message = planned.length === 0 ? sentenceOf(0, 0) : 'This would be done:';
    return { dryRun, actions, message, next: null, fixes };
  }
  const fixes = await applyFixes(planned, context);
  const done = fixes.filter((fix) => fix.done).length;
  const next = fixes.length === 0 ? null : 'Look again: autogit doctor';
  return { dryRun, actions, message: sentenceOf(done, fixes.length - done), next, fixes: [...fixes] };
}
