// Templates in memory.
import type { TemplateSource } from '../../main/model/stack/template.ts';
import type { Templates } from '../../main/stack-ports.ts';
import { StackFaults } from './fake-stack-faults.ts';

/** The port's in-memory twin. */
export function fakeTemplates(
  sources: readonly TemplateSource[],
  faults: StackFaults = new StackFaults(),
): Templates {
  return { read: () => faults.around('templates.read', () => sources) };
}
