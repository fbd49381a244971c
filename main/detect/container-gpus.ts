// What stands between a card and a container: CDI's files.
import { parse } from 'yaml';
import { z } from 'zod';

const spec = z.object({
  kind: z.string().max(200),
  devices: z.array(z.object({ name: z.string().max(200) })).max(1000),
});

/** Of a file with a few cards; reading one of millions of characters would hold up everything. */
const longest = 1_000_000;

/**
 * Full names, `nvidia.com/gpu=GPU-…`, of a file in `/etc/cdi` or `/var/run/cdi`, YAML or JSON; `null` for what is
 * none: https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md. Never throws.
 */
export function parseCdiSpec(text: unknown): readonly string[] | null {
  if (typeof text !== 'string' || text.length > longest) return null;
  try {
    const parsed = spec.safeParse(parse(text, { maxAliasCount: 0, logLevel: 'silent' }));
    return parsed.success ? parsed.data.devices.map(({ name }) => `${parsed.data.kind}=${name}`) : null;
  } catch {
    return null;
  }
}
