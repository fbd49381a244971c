// What NVIDIA's report (`nvidia-smi -q -x`) has of a card that the table has not.
import { parseCuda } from './nvidia-version.ts';
import { known, parseText, parseWhole } from './values.ts';
import { textAt } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** `null`: it does not say, or not clearly. */
export interface NvidiaMore {
  /** The newest CUDA that the driver serves. */
  readonly cuda: string | null;
  /** `Ada Lovelace`; drivers before 510 do not tell. */
  readonly architecture: string | null;
  readonly firmware: string | null;
  readonly ecc: boolean | null;
  /** Of Windows alone. */
  readonly driverModel: string | null;
  readonly display: boolean | null;
  /** `None`: nothing is to be done. */
  readonly recovery: string | null;
  /** Of its link, now. */
  readonly lanes: number | null;
  /** Whether the card can be divided at all; `null`: not told. */
  readonly canDivide: boolean | null;
}

const switches: Readonly<Record<string, boolean>> = { Enabled: true, Disabled: false, Yes: true, No: false };

/** `root`: the whole report, which has what is the same for all cards. */
export function readNvidiaMore(gpu: XmlElement, root: XmlElement): NvidiaMore {
  const text = (...path: readonly string[]): string => textAt(gpu, ...path);
  const mig = text('mig_mode', 'current_mig');
  // `None` says that nothing is to be done; elsewhere it says that there is no value.
  const recovery = text('gpu_recovery_action');
  return {
    cuda: parseCuda(textAt(root, 'cuda_version')) ?? parseCuda(textAt(root, 'cuda_umd_version')),
    architecture: parseText(text('product_architecture')),
    firmware: parseText(text('vbios_version')),
    ecc: switches[text('ecc_mode', 'current_ecc')] ?? null,
    driverModel: /^(?:WDDM|TCC|MCDM)$/.exec(text('driver_model', 'current_dm'))?.[0] ?? null,
    display: switches[text('display_active')] ?? null,
    recovery: recovery === 'None' ? recovery : parseText(recovery),
    lanes: lanesOf(text('pci', 'pci_gpu_link_info', 'link_widths', 'current_link_width')),
    canDivide: mig in switches ? true : mig === 'N/A' ? false : null,
  };
}

/** `16x` */
function lanesOf(text: string): number | null {
  return text.endsWith('x') ? known(parseWhole(text.slice(0, -1), '', { min: 1, max: 32 })) : null;
}
