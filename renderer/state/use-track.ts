// The values of a machine or a card over time: asked once, then carried on by what is pushed.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { GpuMetrics } from '../../main/model/gpu-metrics.ts';
import type { HardwareHistory, HostMetrics } from '../../main/model/host-metrics.ts';
import { gpuSeries } from '../../main/model/gpu-metrics.ts';
import { hostSeries } from '../../main/model/host-metrics.ts';
import type { CoreClient, CoreError } from '../client.ts';
import { ranges } from './ranges.ts';
import type { RangeName } from './ranges.ts';
import { coarseStepOf, trackOf, withLook } from './track.ts';
import type { Track } from './track.ts';
import { useAnswer } from './use-answer.ts';

export interface Tracked {
  /** `null` before the first answer. */
  readonly track: Track | null;
  readonly error: CoreError | null;
}

interface Look {
  readonly at: number;
  readonly values: Readonly<Record<string, number | null>>;
}

interface State {
  /** What `track` began with. */
  readonly history: HardwareHistory | null;
  /** The newest look that is in it. */
  readonly look: Look | null;
  readonly track: Track | null;
}

const nothing: State = { history: null, look: null, track: null };

/** The same state when nothing is new. */
function carriedOn(state: State, history: HardwareHistory | null, minutes: number, look: Look | null): State {
  if (history === null) return state.history === null ? state : nothing;
  const isSame = state.history === history;
  if (isSame && (look === null || state.look === look)) return state;
  const track =
    isSame && state.track !== null
      ? state.track
      : trackOf(history, Math.round((minutes * 60_000) / history.stepMs));
  return { history, look, track: look === null ? track : withLook(track, look.at, look.values) };
}

interface Asked {
  readonly minutes: number;
  readonly points: number;
}

/** `visits`: another number asks anew, for what was missed meanwhile. */
function useHistory(
  ask: (client: CoreClient) => Promise<HardwareHistory>,
  { minutes, points }: Asked,
  look: Look | null,
  visits: number,
): Tracked {
  const { value: history, error, again } = useAnswer(ask);
  const [state, setState] = useState<State>(nothing);
  useEffect(() => {
    if (visits > 1) again();
  }, [visits, again]);
  // Carried on while drawing, as React has it for state that follows from what is given: never a frame behind.
  const next = carriedOn(state, history, minutes, look);
  if (next !== state) setState(next);
  const coarseStep = next.track === null ? null : coarseStepOf(next.track, minutes, points);
  const askedIn = useRef<number | null>(null);
  useEffect(() => {
    if (coarseStep === null || coarseStep === askedIn.current) return;
    if (askedIn.current !== null) again();
    askedIn.current = coarseStep;
  }, [coarseStep, again]);
  return { track: next.track, error };
}

/** Of the machine itself. */
export function useHostTrack(host: HostMetrics | null, range: RangeName, visits: number): Tracked {
  const { minutes, points } = ranges[range];
  const ask = useMemo(
    () => (client: CoreClient) => client.call('machine.history', { minutes, points }),
    [minutes, points],
  );
  const look = useMemo(
    () => host && { at: host.at, values: Object.fromEntries(hostSeries.map((name) => [name, host[name]])) },
    [host],
  );
  return useHistory(ask, ranges[range], look, visits);
}

const glance = { minutes: 30, points: 45 } as const;

/** Of a card, for a glance: its last half hour. */
export function useGpuTrack(metrics: GpuMetrics, visits: number): Tracked {
  const { id } = metrics;
  const ask = useMemo(() => (client: CoreClient) => client.call('gpu.history', { id, ...glance }), [id]);
  const look = useMemo(
    () => ({ at: metrics.at, values: Object.fromEntries(gpuSeries.map((name) => [name, metrics[name]])) }),
    [metrics],
  );
  return useHistory(ask, glance, look, visits);
}
