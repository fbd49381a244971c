// What a state is called and which of the few meanings of colour it has.
import type { EngineRow } from '../../main/contract/engines.ts';
import type {
  ArchitectureView,
  GitlabStatus,
  GpuView,
  EngineStatus,
  JobView,
  PoolView,
  RunnerView,
} from '../../main/contract/snapshot.ts';

/** Each means one thing everywhere; a sign and a word always stand beside the colour. */
export type Tone = 'running' | 'waiting' | 'success' | 'failed' | 'idle' | 'unknown' | 'emulated';

/** The shape that tells states apart without colour. */
export type Sign =
  | 'play'
  | 'clock'
  | 'check'
  | 'cross'
  | 'stop'
  | 'ban'
  | 'skip'
  | 'later'
  | 'question'
  | 'starting'
  | 'idle'
  | 'leaving'
  | 'done'
  | 'lost'
  | 'warning'
  | 'emulated';

export interface StateLook {
  readonly tone: Tone;
  readonly sign: Sign;
  readonly word: string;
}

export const jobLooks: Readonly<Record<JobView['status'], StateLook>> = {
  created: { tone: 'idle', sign: 'later', word: 'Later' },
  pending: { tone: 'waiting', sign: 'clock', word: 'Waiting' },
  running: { tone: 'running', sign: 'play', word: 'Running' },
  canceling: { tone: 'waiting', sign: 'stop', word: 'Canceling' },
  success: { tone: 'success', sign: 'check', word: 'Success' },
  failed: { tone: 'failed', sign: 'cross', word: 'Failed' },
  canceled: { tone: 'idle', sign: 'ban', word: 'Canceled' },
  skipped: { tone: 'idle', sign: 'skip', word: 'Skipped' },
  unknown: { tone: 'unknown', sign: 'question', word: 'Unknown' },
};

export const runnerLooks: Readonly<Record<RunnerView['state'], StateLook>> = {
  starting: { tone: 'waiting', sign: 'starting', word: 'Starting' },
  prepared: { tone: 'waiting', sign: 'starting', word: 'Prepared' },
  warm: { tone: 'idle', sign: 'idle', word: 'Warm' },
  idle: { tone: 'idle', sign: 'idle', word: 'Idle' },
  busy: { tone: 'running', sign: 'play', word: 'Busy' },
  leaving: { tone: 'idle', sign: 'leaving', word: 'Leaving' },
  finished: { tone: 'idle', sign: 'done', word: 'Finished' },
  lost: { tone: 'unknown', sign: 'lost', word: 'Lost' },
};

type Proof = NonNullable<PoolView['proof']>;

/** Green is a proof alone, and that has a date. */
export const proofLooks: Readonly<Record<Proof['state'], StateLook>> = {
  proven: { tone: 'success', sign: 'check', word: 'Proven' },
  failed: { tone: 'failed', sign: 'cross', word: 'Proof failed' },
  unproven: { tone: 'unknown', sign: 'question', word: 'Not proven' },
  running: { tone: 'running', sign: 'play', word: 'Being proven' },
};

export const claimLooks: Readonly<Record<Proof['claims'][number]['state'], StateLook>> = {
  held: { tone: 'success', sign: 'check', word: 'Holds' },
  failed: { tone: 'failed', sign: 'cross', word: 'Failed' },
  unknown: { tone: 'unknown', sign: 'question', word: 'Unknown' },
};

export const gpuLooks: Readonly<Record<GpuView['state'], StateLook>> = {
  free: { tone: 'success', sign: 'check', word: 'Free' },
  'in-use': { tone: 'running', sign: 'play', word: 'In use' },
  reserved: { tone: 'idle', sign: 'ban', word: 'Kept' },
  foreign: { tone: 'waiting', sign: 'clock', word: 'Used by others' },
  drained: { tone: 'failed', sign: 'warning', word: 'Unhealthy' },
  divided: { tone: 'idle', sign: 'skip', word: 'In slices' },
  unusable: { tone: 'failed', sign: 'cross', word: 'Not usable' },
  unknown: { tone: 'unknown', sign: 'question', word: 'Unknown' },
};

export const architectureLooks: Readonly<Record<ArchitectureView['state'], StateLook>> = {
  native: { tone: 'success', sign: 'check', word: 'Native' },
  qemu: { tone: 'emulated', sign: 'emulated', word: 'Emulated' },
  missing: { tone: 'idle', sign: 'skip', word: 'Not here' },
  broken: { tone: 'failed', sign: 'cross', word: 'Does not work' },
  unknown: { tone: 'unknown', sign: 'question', word: 'Not tried yet' },
};

export const engineLooks: Readonly<Record<EngineStatus['state'], StateLook>> = {
  never: { tone: 'unknown', sign: 'question', word: 'Not looked at yet' },
  fresh: { tone: 'success', sign: 'check', word: 'Answers' },
  stale: { tone: 'unknown', sign: 'question', word: 'Silent' },
  failed: { tone: 'failed', sign: 'cross', word: 'Does not answer' },
};

/** Engines that were found, in use or not. */
export const engineRowLooks: Readonly<Record<EngineRow['state'], StateLook>> = {
  ready: { tone: 'success', sign: 'check', word: 'Answers' },
  'too-old': { tone: 'failed', sign: 'cross', word: 'Too old' },
  'no-permission': { tone: 'failed', sign: 'ban', word: 'No permission' },
  unreachable: { tone: 'failed', sign: 'cross', word: 'Does not answer' },
  'tls-refused': { tone: 'failed', sign: 'cross', word: 'TLS refused' },
  unsupported: { tone: 'idle', sign: 'skip', word: 'Not supported' },
  failed: { tone: 'failed', sign: 'cross', word: 'Failed' },
};

export const gitlabLooks: Readonly<Record<GitlabStatus['state'], StateLook>> = {
  none: { tone: 'idle', sign: 'later', word: 'None yet' },
  stopped: { tone: 'idle', sign: 'idle', word: 'Stopped' },
  starting: { tone: 'waiting', sign: 'starting', word: 'Starting' },
  ready: { tone: 'success', sign: 'check', word: 'Ready' },
  stale: { tone: 'unknown', sign: 'question', word: 'Silent' },
  failed: { tone: 'failed', sign: 'cross', word: 'Does not answer' },
};

export const severityLooks: Readonly<Record<'info' | 'warning' | 'error', StateLook>> = {
  info: { tone: 'idle', sign: 'question', word: 'Note' },
  warning: { tone: 'waiting', sign: 'warning', word: 'Warning' },
  error: { tone: 'failed', sign: 'cross', word: 'Error' },
};
