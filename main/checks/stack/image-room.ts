// Room on the engine's disk for the images of the stack, which need not be the disk of its data.
import { gibibytes, shellWord, withStack } from './check.ts';

/** An image is fetched packed and lies there unpacked, GitLab's as twice as much again. */
const perPackedByte = 3;

export const checkImageRoom = withStack((stack, { machine: { engine }, present }) => {
  const disk = engine?.disk ?? null;
  const there = present?.images ?? null;
  if (engine === null || disk === null || there === null) return [];
  const missing = stack.images.filter(({ reference }) => !there.includes(reference));
  const wanted = missing.reduce((sum, { bytes }) => sum + bytes, 0) * perPackedByte;
  if (disk.freeBytes >= wanted) return [];
  const folder = engine.dataFolder ?? '/var/lib';
  return [
    {
      key: 'stack.engine-disk-short',
      severity: 'error',
      subject: folder,
      message:
        'The disk where the container engine keeps its images has too little room for those of the stack that are to be pulled.',
      next: `Free some (\`docker system df\`, \`sudo du -xhd1 ${shellWord(folder)}\`), or move the engine's data folder to a larger disk.`,
      evidence: [
        `Engine: ${folder}, ${gibibytes(disk.freeBytes)} free`,
        `Missing: ${missing.length} of ${stack.images.length} images, about ${gibibytes(wanted)} unpacked`,
      ],
    },
  ];
});
