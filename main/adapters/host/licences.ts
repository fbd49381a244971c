// The licences of the software of others in this program, as `licenses.json` has them that the build writes.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';

const reportSchema = z.array(
  z.object({ name: z.string(), version: z.string(), licence: z.string(), text: z.string() }),
);

/** Beside the bundle where electron/build.ts puts it, otherwise in dist of the repository. */
const places = ['./licenses.json', '../../../dist/licenses.json'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

/** Sorted by name. Rejects with `about.no-licenses`. */
export async function readLicences(): Promise<z.infer<typeof reportSchema>> {
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => null);
    if (text !== null) return reportSchema.parse(JSON.parse(text));
  }
  throw new AutoGitError({
    key: 'about.no-licenses',
    message: 'The list of licences comes with the packages, and this AutoGit runs from its sources.',
    next: 'Write it with: npm run build. The direct dependencies stand in docs/licenses.md.',
  });
}
