// What the requests about this machine do: detect it, and look for what is wrong.
import { checkHardware, hardwareChecks } from '../checks/hardware/index.ts';
import type { Finding } from '../checks/hardware/check.ts';
import type { Output, ParsedInput } from '../contract/contract.ts';
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
import type { RequestContext } from './requests.ts';

type Context = Pick<RequestContext, 'engines' | 'settings' | 'coordinator' | 'probe' | 'clock' | 'live'>;

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

interface Examined {
  readonly findings: readonly Finding[];
  readonly checks: number;
  readonly unknown: readonly string[];
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

/** One examination for each area: who adds an area adds it here. */
const examinations: Readonly<Record<DoctorArea, (context: Context) => Promise<Examined>>> = {
  hardware: examineHardware,
};

const urgency: readonly Severity[] = ['error', 'warning', 'info'];

/** `doctor.run`. */
export async function runDoctor(
  { area }: ParsedInput<'doctor.run'>,
  context: Context,
): Promise<Output<'doctor.run'>> {
  const areas = area === undefined ? [...doctorAreas] : [area];
  const examined = await Promise.all(areas.map((name) => examinations[name](context)));
  const all = examined.flatMap(({ findings }, index) =>
    findings.map((finding) => ({
      ...finding,
      area: areas[index] ?? 'hardware',
      evidence: [...finding.evidence],
    })),
  );
  const told = all.filter(
    ({ key, subject }, index) => all.findIndex((one) => one.key === key && one.subject === subject) === index,
  );
  return {
    healthy: told.every(({ severity }) => severity === 'info'),
    areas,
    checks: examined.reduce((sum, { checks }) => sum + checks, 0),
    findings: told.toSorted((a, b) => urgency.indexOf(a.severity) - urgency.indexOf(b.severity)),
    unknown: examined.flatMap(({ unknown }) => unknown),
  };
}
