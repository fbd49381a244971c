// The fake engine under the suite that real engines pass: what tests believe of engines is true.
import { describeEnginePort, scripts } from '../../engine/port-suite.ts';
import { FakeEngine, type FakeProcess } from '../../fakes/fake-engine.ts';

/** What the suite's scripts do. */
function runScript({ spec, print, exit, onSignal }: FakeProcess): void {
  if (spec.command[0] === scripts.fail) {
    print('one\ntwo\nthree\nfour\n');
    exit(3);
  }
  if (spec.command[0] === scripts.wait) {
    onSignal((signal) => {
      if (signal === 'SIGQUIT') exit(0);
    });
  }
}

describeEnginePort('the fake engine', () => {
  const engine = new FakeEngine({ onStart: runScript });
  return Promise.resolve({
    engine,
    fragile: engine,
    breakEvents: () => engine.breakEvents(),
    close: () => Promise.resolve(),
  });
});
