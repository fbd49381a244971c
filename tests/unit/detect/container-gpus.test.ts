// CDI's files.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCdiSpec } from '../../../main/detect/container-gpus.ts';

describe('a file of CDI', () => {
  it('names its devices in full, as YAML and as JSON', () => {
    const yaml =
      'cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n  - name: "0"\n    containerEdits: {}\n  - name: GPU-a\n';
    expect(parseCdiSpec(yaml)).toEqual(['nvidia.com/gpu=0', 'nvidia.com/gpu=GPU-a']);
    expect(parseCdiSpec('{"kind":"amd.com/gpu","devices":[{"name":"all"}]}')).toEqual(['amd.com/gpu=all']);
  });

  it('that is none says nothing', () => {
    for (const text of ['', 'kind: x', '- a\n- b', '{', 'a: &a [*a]', '\0', 'kind: 1\ndevices: []', null])
      expect(parseCdiSpec(text)).toBeNull();
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' })), (text) => {
        expect(parseCdiSpec(text)).toBeNull();
      }),
    );
  });
});
