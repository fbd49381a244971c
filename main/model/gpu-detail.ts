// Everything that is known of one graphics card, for `autogit gpu show` and the window: typed, unknown with a reason.
import { z } from 'zod';
import { gpuIdSchema, gpuVendors } from './gpu.ts';

const word = z.string().max(200);
const mebibytes = z.int().min(0).nullable();

/** `slice`: a part of a card (MIG, partitions of AMD); `unit`: all cards of a WSL2; `unified`: it has the machine's memory. */
export const gpuForms = ['card', 'integrated', 'unified', 'slice', 'unit'] as const;
export type GpuForm = (typeof gpuForms)[number];

/** `none`: the card cannot be divided. `null`: not known. */
const division = z.enum(['on', 'off', 'none']).nullable();

const nvidiaDetail = z
  .object({
    vendor: z.literal('nvidia'),
    /** The newest CUDA that its driver serves: `13.3`. */
    cuda: word.nullable(),
    /** `8.9` */
    computeCapability: word.nullable(),
    /** `Ada Lovelace` */
    architecture: word.nullable(),
    mig: division,
    /** Whether its driver stays awake while nobody uses it. Only Linux has it. */
    persistence: z.boolean().nullable(),
    ecc: z.boolean().nullable(),
    /** Of Windows: `WDDM`, `TCC`, `MCDM`. */
    driverModel: word.nullable(),
    /** Whether a screen is driven by it. */
    display: z.boolean().nullable(),
    /** `open` and `closed` are the two flavours of the kernel's module. */
    module: z.enum(['open', 'closed']).nullable(),
    /** What its driver asks for: `Reset`, `Reboot`, `Drain P2P`; `None`: nothing. */
    recovery: word.nullable(),
  })
  .readonly();

const amdDetail = z
  .object({
    vendor: z.literal('amd'),
    /** `gfx1100`: what programs are compiled for. */
    target: word.nullable(),
    computeUnits: z.int().nullable(),
    /** The number below `/sys/class/kfd/kfd/topology/nodes`. */
    kfdNode: z.int().nullable(),
    /** `SPX`, `DPX`, `QPX`, `CPX`: in how many parts it shows. */
    computePartition: word.nullable(),
    /** `NPS1`, `NPS4`: in how many parts its memory is. */
    memoryPartition: word.nullable(),
    /** The same in every machine. */
    uniqueId: word.nullable(),
    /** AMD's own UUID. */
    uuid: word.nullable(),
  })
  .readonly();

const intelDetail = z
  .object({
    vendor: z.literal('intel'),
    /** `i915` and `xe` are its two drivers; some cards work with either. */
    driver: z.enum(['i915', 'xe']).nullable(),
    /** Changes with the slot. */
    uuid: word.nullable(),
    tiles: z.int().nullable(),
    /** Whether its memory finds and mends errors. */
    ecc: z.boolean().nullable(),
    /** The highest clock of its engines. MHz. */
    maxMhz: z.int().nullable(),
  })
  .readonly();

/** One thing that a container needs, in the order in which they are needed. */
const stepSchema = z
  .object({
    name: z.enum(['driver', 'tool', 'files', 'toolkit', 'cdi', 'engine']),
    state: z.enum(['ok', 'missing', 'unknown']),
    /** One sentence: what was found, or what is missing. */
    says: z.string(),
  })
  .readonly();
export type GpuStep = z.infer<typeof stepSchema>;

export const gpuDetailSchema = z
  .object({
    id: gpuIdSchema,
    vendor: z.enum(gpuVendors),
    model: z.string(),
    form: z.enum(gpuForms),
    /** Of a slice: the id of its card. */
    parent: gpuIdSchema.nullable(),
    /** Cards under this id: more than one only for a WSL2. */
    cards: z.int(),
    /** `shared`: the machine's own memory. */
    memory: z
      .object({ totalMiB: mebibytes, usedMiB: mebibytes, kind: z.enum(['own', 'shared']).nullable() })
      .readonly(),
    driver: z.object({ name: word.nullable(), version: word.nullable() }).readonly(),
    firmware: word.nullable(),
    bus: z
      .object({
        /** `0000:01:00.0` */
        address: word.nullable(),
        /** Maker and device: `10de:2684`. */
        device: word.nullable(),
        /** Maker and model of the board: `1043:88e5`. */
        board: word.nullable(),
        numaNode: z.int().nullable(),
        /** Of each lane now, which is low while the card rests: `16.0 GT/s`. */
        speed: word.nullable(),
        /** Lanes in use now. */
        lanes: z.int().nullable(),
      })
      .readonly(),
    /** Files that hand it to programs, with the number of the group that may open them. */
    files: z.array(z.object({ path: z.string(), group: z.int(), mode: z.int() }).readonly()).readonly(),
    maker: z.discriminatedUnion('vendor', [nvidiaDetail, amdDetail, intelDetail]),
    slices: z
      .array(z.object({ id: gpuIdSchema, model: z.string(), memoryMiB: mebibytes }).readonly())
      .readonly(),
    containers: z
      .object({
        usable: z.boolean(),
        /** How the engine is asked for it; `null`: it cannot be. */
        way: z.enum(['cdi', 'nvidia', 'files']).nullable(),
        why: z.string().nullable(),
        fix: z.string().nullable(),
        /** What the engine is asked for: CDI names, ids, or device files. */
        asks: z.array(z.string()).readonly(),
        /** Numbers of groups that a container gets beside. */
        groups: z.array(z.string()).readonly(),
        steps: z.array(stepSchema).readonly(),
      })
      .readonly(),
    /** What nobody could tell, by its path here (`maker.cuda`), and why. A value that is `null` and not named here does not exist for such a card. */
    unknown: z.array(z.object({ what: z.string(), why: z.string() }).readonly()).readonly(),
  })
  .readonly();

export type GpuDetail = z.infer<typeof gpuDetailSchema>;
export type GpuMakerDetail = GpuDetail['maker'];
export type GpuUnknown = GpuDetail['unknown'][number];
