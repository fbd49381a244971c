// The moments at which a core is killed: drawn from a seed, so that a run can be repeated.
import type { Fits, Moment as CallMoment } from '../fixtures/gate.ts';

/** A call to the engine, and what it means. */
export interface EngineCall {
  readonly what: string;
  readonly fits: Fits;
}

export type Moment =
  /** So far into the time that a core is given, 0 to 1. */
  | { readonly kind: 'time'; readonly share: number }
  /** When it makes a call, before or after the engine has heard it. */
  | { readonly kind: 'call'; readonly call: EngineCall; readonly when: CallMoment }
  /** When its state has become the engine's. */
  | { readonly kind: 'calm' };

export function engineCall(what: string, method: string, path: RegExp): EngineCall {
  const fits: Fits = (made) => made.startsWith(`${method} `) && path.test(made.slice(method.length + 1));
  return { what, fits };
}

/** What is asked of the engine for a runner that comes and goes. */
export const runnerCalls: readonly EngineCall[] = [
  engineCall('a runner is created', 'POST', /^\/containers\/create$/),
  engineCall('a runner gets its token', 'PUT', /^\/containers\/[^/]+\/archive$/),
  engineCall('a runner is started', 'POST', /^\/containers\/[^/]+\/start$/),
  engineCall('a runner is removed', 'DELETE', /^\/containers\/[^/]+$/),
];

/** Of a runner that is kept ready, and of one that is to leave. */
export const signalCall = engineCall('a runner gets a signal', 'POST', /^\/containers\/[^/]+\/kill$/);

const calls = [
  ...runnerCalls,
  signalCall,
  engineCall('the runners are looked at', 'GET', /^\/containers\/json$/),
];

/** Of ten kills one is calm, five are at any time, and four at a call. */
const kinds: readonly Moment['kind'][] = [
  ...(['time', 'call', 'time', 'call', 'time'] as const),
  ...(['calm', 'call', 'time', 'call', 'time'] as const),
];

/** Equally distributed numbers from 0 up to 1, always the same ones for a seed (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many moments of a seed. */
export function drawMoments(seed: number, count: number): readonly Moment[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) =>
    drawMoment(kinds[index % kinds.length] ?? 'time', random),
  );
}

function drawMoment(kind: Moment['kind'], random: () => number): Moment {
  switch (kind) {
    case 'time':
      return { kind, share: random() };
    case 'calm':
      return { kind };
    case 'call': {
      const call = calls[Math.floor(random() * calls.length)];
      if (call === undefined) throw new Error('a random number was not below 1');
      return { kind, call, when: random() < 0.5 ? 'asked' : 'answered' };
    }
  }
}

/** For a line of the report. */
export function nameMoment(moment: Moment): string {
  switch (moment.kind) {
    case 'time':
      return 'at any time';
    case 'calm':
      return 'when calm';
    case 'call':
      return `when ${moment.call.what}`;
  }
}
