// A log that goes nowhere.
import { createLog, createRedaction } from '../../main/log.ts';

export const silentLog = createLog('test', {
  sinks: [],
  level: 'error',
  redact: createRedaction(),
  now: () => 0,
});
