// The images that an executor `image` pool needs beside the job's own, under the names by which they are asked for.
import { request } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../main/ports.ts';
import { importOfficialImage } from './official-image.ts';

/** What runner 19.4 takes as its helper where nobody says otherwise. */
const helper = {
  name: 'registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper',
  tag: 'x86_64-v19.4.0',
};

/** Provides a runner image under this name, and the helper. `remove` takes away what was not there before. */
export async function provideRunnerImages(
  engine: Engine,
  runnerImage: string,
  { binary, helperImage }: { readonly binary: string; readonly helperImage: string },
): Promise<{ readonly remove: () => Promise<void> }> {
  const made: string[] = [];
  if (!(await engine.hasImage(runnerImage))) {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'autogit-runner-image-'));
    await importOfficialImage(engine, runnerImage, { binary, cacheFolder });
    await rm(cacheFolder, { recursive: true, force: true });
    made.push(runnerImage);
  }
  if (!(await engine.hasImage(`${helper.name}:${helper.tag}`))) {
    await tagImage(engine.host, helperImage, helper);
    made.push(`${helper.name}:${helper.tag}`);
  }
  return {
    remove: async () => {
      for (const image of made) await engine.removeImage(image);
    },
  };
}

function tagImage(
  host: string,
  image: string,
  to: { readonly name: string; readonly tag: string },
): Promise<void> {
  const query = new URLSearchParams({ repo: to.name, tag: to.tag }).toString();
  return new Promise((resolve, reject) => {
    const socketPath = host.replace('unix://', '');
    request({ socketPath, method: 'POST', path: `/images/${image}/tag?${query}` }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`tagging was answered with ${answer.statusCode ?? 0}`));
      });
    })
      .once('error', reject)
      .end();
  });
}
