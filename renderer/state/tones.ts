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
import { t } from '../language/strings.ts';

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
  created: { tone: 'idle', sign: 'later', word: t('Later') },
  pending: { tone: 'waiting', sign: 'clock', word: t('Waiting') },
  running: { tone: 'running', sign: 'play', word: t('Running') },
  canceling: { tone: 'waiting', sign: 'stop', word: t('Canceling') },
  success: { tone: 'success', sign: 'check', word: t('Success') },
  failed: { tone: 'failed', sign: 'cross', word: t('Failed') },
  canceled: { tone: 'idle', sign: 'ban', word: t('Canceled') },
  skipped: { tone: 'idle', sign: 'skip', word: t('Skipped') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
};

export const runnerLooks: Readonly<Record<RunnerView['state'], StateLook>> = {
  starting: { tone: 'waiting', sign: 'starting', word: t('Starting') },
  prepared: { tone: 'waiting', sign: 'starting', word: t('Prepared') },
  warm: { tone: 'idle', sign: 'idle', word: t('Warm') },
  idle: { tone: 'idle', sign: 'idle', word: t('Idle') },
  busy: { tone: 'running', sign: 'play', word: t('Busy') },
  leaving: { tone: 'idle', sign: 'leaving', word: t('Leaving') },
  finished: { tone: 'idle', sign: 'done', word: t('Finished') },
  lost: { tone: 'unknown', sign: 'lost', word: t('Lost') },
};

type Proof = NonNullable<PoolView['proof']>;

/** Green is a proof alone, and that has a date. */
export const proofLooks: Readonly<Record<Proof['state'], StateLook>> = {
  proven: { tone: 'success', sign: 'check', word: t('Proven') },
  failed: { tone: 'failed', sign: 'cross', word: t('Proof failed') },
  unproven: { tone: 'unknown', sign: 'question', word: t('Not proven') },
  running: { tone: 'running', sign: 'play', word: t('Being proven') },
};

export const claimLooks: Readonly<Record<Proof['claims'][number]['state'], StateLook>> = {
  held: { tone: 'success', sign: 'check', word: t('Holds') },
  failed: { tone: 'failed', sign: 'cross', word: t('Failed') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
};

export const gpuLooks: Readonly<Record<GpuView['state'], StateLook>> = {
  free: { tone: 'success', sign: 'check', word: t('Free') },
  'in-use': { tone: 'running', sign: 'play', word: t('In use') },
  reserved: { tone: 'idle', sign: 'ban', word: t('Kept') },
  foreign: { tone: 'waiting', sign: 'clock', word: t('Used by others') },
  drained: { tone: 'failed', sign: 'warning', word: t('Unhealthy') },
  divided: { tone: 'idle', sign: 'skip', word: t('In slices') },
  unusable: { tone: 'failed', sign: 'cross', word: t('Not usable') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
};

export const architectureLooks: Readonly<Record<ArchitectureView['state'], StateLook>> = {
  native: { tone: 'success', sign: 'check', word: t('Native') },
  qemu: { tone: 'emulated', sign: 'emulated', word: t('Emulated') },
  missing: { tone: 'idle', sign: 'skip', word: t('Not here') },
  broken: { tone: 'failed', sign: 'cross', word: t('Does not work') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Not tried yet') },
};

export const engineLooks: Readonly<Record<EngineStatus['state'], StateLook>> = {
  never: { tone: 'unknown', sign: 'question', word: t('Not looked at yet') },
  fresh: { tone: 'success', sign: 'check', word: t('Answers') },
  stale: { tone: 'unknown', sign: 'question', word: t('Silent') },
  failed: { tone: 'failed', sign: 'cross', word: t('Does not answer') },
};

/** Engines that were found, in use or not. */
export const engineRowLooks: Readonly<Record<EngineRow['state'], StateLook>> = {
  ready: { tone: 'success', sign: 'check', word: t('Answers') },
  'too-old': { tone: 'failed', sign: 'cross', word: t('Too old') },
  'no-permission': { tone: 'failed', sign: 'ban', word: t('No permission') },
  unreachable: { tone: 'failed', sign: 'cross', word: t('Does not answer') },
  'tls-refused': { tone: 'failed', sign: 'cross', word: t('TLS refused') },
  unsupported: { tone: 'idle', sign: 'skip', word: t('Not supported') },
  failed: { tone: 'failed', sign: 'cross', word: t('Failed') },
};

export const gitlabLooks: Readonly<Record<GitlabStatus['state'], StateLook>> = {
  none: { tone: 'idle', sign: 'later', word: t('None yet') },
  stopped: { tone: 'idle', sign: 'idle', word: t('Stopped') },
  starting: { tone: 'waiting', sign: 'starting', word: t('Starting') },
  ready: { tone: 'success', sign: 'check', word: t('Ready') },
  stale: { tone: 'unknown', sign: 'question', word: t('Silent') },
  failed: { tone: 'failed', sign: 'cross', word: t('Does not answer') },
};

export const severityLooks: Readonly<Record<'info' | 'warning' | 'error', StateLook>> = {
  info: { tone: 'idle', sign: 'question', word: t('Note') },
  warning: { tone: 'waiting', sign: 'warning', word: t('Warning') },
  error: { tone: 'failed', sign: 'cross', word: t('Error') },
};
