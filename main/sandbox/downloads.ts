// Files as answers.
import { createReadStream } from 'node:fs';
import type { StateFiles } from './state-files.ts';
import type { Artifact } from './state.ts';
import { streamBody } from './stream-body.ts';

/** `Content-Disposition` for a file of any name: headers carry ASCII only. https://www.rfc-editor.org/rfc/rfc6266 */
export function disposition(kind: 'attachment' | 'inline' | 'infile', filename: string): string {
  const plain = filename.replaceAll(/[^ !#-[\]-~]/g, '_');
  const whole = encodeURIComponent(filename.toWellFormed()).replaceAll(/['()*]/g, (sign) => {
    return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `${kind}; filename="${plain}"${plain === filename ? '' : `; filename*=UTF-8''${whole}`}`;
}

/** An artifact's file as a download; `null` when it is not there any more, or not whole. */
export function openArtifact(files: StateFiles, artifact: Artifact): Response | null {
  const path = files.findArtifact(artifact);
  if (path === null) return null;
  return new Response(streamBody(createReadStream(path)), {
    headers: {
      'Content-Type': artifact.fileFormat === 'zip' ? 'application/zip' : 'application/octet-stream',
      'Content-Length': String(artifact.size),
      'Content-Disposition': disposition('attachment', artifact.filename),
    },
  });
}
