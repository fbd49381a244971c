// A fan that stands still although its card is hot. At rest, fans of many cards stand still on purpose.
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

/** From here on every fan turns. */
const warmCelsius = 80;
/** A fan that is told to turn this fast and does not is stuck, however cool it still is. Percent. */
const driven = 40;

export const checkFan: GpuCheck = (subject) => {
  const { fanPercent, fanRpm, edgeCelsius, id } = subject.metrics;
  const stands = fanRpm === 0 || (fanRpm === null && fanPercent === 0);
  const isHot = edgeCelsius !== null && edgeCelsius >= warmCelsius;
  const isDriven = fanRpm === 0 && fanPercent !== null && fanPercent >= driven;
  if (!stands || (!isHot && !isDriven)) return null;
  return {
    key: 'gpu.fan-stuck',
    severity: 'error',
    subject: id,
    message: `The fan of ${nameOf(subject)} stands still${isHot ? ` at ${edgeCelsius} °C` : ', and is told to turn'}.`,
    next: 'Look whether a cable blocks it and whether it is plugged in. Until then, keep jobs away: autogit gpu reserve.',
  };
};
