// Restarts within an hour, from counts that engines keep since a container was made.
import { describe, expect, it } from 'vitest';
import {
  hourMs,
  lookAtRestarts,
  rememberLook,
  restartsInHour,
} from '../../../../main/model/stack/restarts.ts';
import type { RestartLook } from '../../../../main/model/stack/restarts.ts';

const container = (restarts: number | null, id = 'a') => ({ id, name: `lab-${id}`, restarts });
const look = (at: number, restarts: number): RestartLook => lookAtRestarts([container(restarts)], at);

describe('restarts within the hour', () => {
  it('are the difference to the last look that is an hour old', () => {
    const looks = [look(0, 100), look(hourMs / 2, 103)];
    expect(restartsInHour([container(109)], looks, hourMs)).toEqual({ 'lab-a': 9 });
    expect(restartsInHour([container(109)], looks, hourMs * 1.6)).toEqual({ 'lab-a': 6 });
  });

  it('are not known of a container with a past that nobody has seen', () => {
    expect(restartsInHour([container(4_153)], [], hourMs)).toEqual({});
    expect(restartsInHour([container(null)], [look(0, 1)], 10)).toEqual({});
    expect(restartsInHour([container(3)], [], hourMs)).toEqual({ 'lab-a': 3 });
  });

  it('are all that there were of a container that was made within it, also when nobody has looked before', () => {
    const made = { ...container(7), createdAt: hourMs * 10 };
    expect(restartsInHour([made], [], hourMs * 10.5)).toEqual({ 'lab-a': 7 });
    expect(restartsInHour([made], [], hourMs * 11)).toEqual({});
  });

  it('begin anew when the engine does', () => {
    expect(restartsInHour([container(2)], [look(0, 100)], 1_000)).toEqual({ 'lab-a': 2 });
  });

  it('keeps as many looks as an hour needs', () => {
    const looks = Array.from({ length: 30 }, (_, at) => look((at * hourMs) / 6, at)).reduce(rememberLook, []);
    expect(looks.map(({ at }) => at)).toEqual([23, 24, 25, 26, 27, 28, 29].map((at) => (at * hourMs) / 6));
  });
});
