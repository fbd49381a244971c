// NVIDIA's cards in detail: the report of nvidia-smi, and the kernel's files of its driver.
import type { GpuMakerDetail } from '../model/gpu-detail.ts';
import { tegraUnit } from '../model/gpu.ts';
import type { Issue } from '../model/issue.ts';
import type { Probe } from '../probe-port.ts';
import type { DetectedGpu, HostGpus } from './host-gpus.ts';
import type { MakerFacts } from './maker-facts.ts';
import { parseNvidiaXml } from './nvidia-slices.ts';
import type { NvidiaXmlCard } from './nvidia-slices.ts';
import { parseNvidiaModule, parseNvidiaVersion } from './nvidia-version.ts';
import type { NvidiaModule } from './nvidia-version.ts';
import { askTool } from './tool-answer.ts';
import { Unknowns } from './unknowns.ts';

interface Report {
  readonly cards: readonly NvidiaXmlCard[];
  readonly module: NvidiaModule;
  readonly why: string;
  readonly issues: readonly Issue[];
}

/** Asks once for all cards. Never rejects. */
export async function detectNvidiaFacts(
  probe: Probe,
  { gpus, wsl }: Pick<HostGpus, 'gpus' | 'wsl'>,
): Promise<MakerFacts> {
  const own = gpus.filter(({ vendor }) => vendor === 'nvidia');
  if (own.length === 0) return { of: () => null, issues: [] };
  const report = await readReport(probe, own, wsl);
  return { of: (gpu) => (gpu.vendor === 'nvidia' ? factsOf(gpu, report) : null), issues: report.issues };
}

async function readReport(probe: Probe, gpus: readonly DetectedGpu[], wsl: boolean): Promise<Report> {
  const module = parseNvidiaModule(await probe.readFile('/proc/driver/nvidia/version'));
  // Without a driver that answers, or a card that it knows, there is nothing to ask.
  const asked = gpus.find(({ id, trouble }) => id !== tegraUnit && trouble === null);
  if (asked === undefined) {
    const why = gpus.find(({ trouble }) => trouble !== null)?.trouble?.why;
    return { cards: [], module, why: why ?? 'a Jetson has no nvidia-smi that knows its GPU', issues: [] };
  }
  const args = ['-q', '-x'];
  const beside = wsl ? await askTool(probe, '/usr/lib/wsl/lib/nvidia-smi', args) : null;
  const answer = beside?.text == null ? await askTool(probe, 'nvidia-smi', args) : beside;
  if (answer.text === null) return { cards: [], module, why: answer.why, issues: [] };
  const { found, issues } = parseNvidiaXml(answer.text);
  const cards = await withCuda(probe, found);
  return { cards, module, why: answer.why, issues };
}

/** Newer drivers give it another name with each release; `--version` has it under all of them. */
async function withCuda(probe: Probe, cards: readonly NvidiaXmlCard[]): Promise<readonly NvidiaXmlCard[]> {
  if (cards.every(({ more }) => more.cuda !== null)) return cards;
  const { cuda } = parseNvidiaVersion((await askTool(probe, 'nvidia-smi', ['--version'])).text);
  return cards.map((card) => ({ ...card, more: { ...card.more, cuda: card.more.cuda ?? cuda } }));
}

/** Of a unit of several cards, what all of them say alike. */
function cardOf({ id, parent, form }: DetectedGpu, cards: readonly NvidiaXmlCard[]): NvidiaXmlCard | null {
  if (form === 'unit') return cards[0] ?? null;
  return cards.find(({ uuid }) => uuid === (parent ?? id)) ?? null;
}

function factsOf(gpu: DetectedGpu, { cards, module, why }: Report): ReturnType<MakerFacts['of']> {
  const card = cardOf(gpu, cards);
  const more = card?.more ?? null;
  const unknown = new Unknowns();
  const maker: GpuMakerDetail = {
    vendor: 'nvidia',
    cuda: unknown.of('maker.cuda', more?.cuda ?? null, why),
    computeCapability: unknown.of('maker.computeCapability', gpu.target, 'older drivers do not tell'),
    architecture: unknown.of(
      'maker.architecture',
      more?.architecture ?? null,
      card === null ? why : 'older drivers do not tell',
    ),
    mig: unknown.of('maker.mig', migOf(card), why),
    // With a report, what is missing in it does not exist for this card.
    persistence: card === null ? unknown.of('maker.persistence', null, why) : card.persistence,
    ecc: more === null ? unknown.of('maker.ecc', null, why) : more.ecc,
    driverModel: more?.driverModel ?? null,
    display: unknown.of('maker.display', more?.display ?? null, why),
    module: module.flavour,
    recovery: more?.recovery ?? null,
  };
  return {
    maker,
    firmware: unknown.of('firmware', more?.firmware ?? null, why),
    lanes: more?.lanes ?? null,
    memoryMiB: null,
    usedMiB: gpu.form === 'unit' || gpu.form === 'slice' ? null : (card?.usedMiB ?? null),
    driverVersion: null,
    model: null,
    unknown: unknown.all(),
  };
}

function migOf(card: NvidiaXmlCard | null): 'on' | 'off' | 'none' | null {
  if (card?.mig === true) return 'on';
  if (card?.mig === false) return 'off';
  return card?.more.canDivide === false ? 'none' : null;
}
