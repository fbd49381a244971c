// `artifacts:reports:dotenv`: variables that a job hands to later jobs. https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
import type { CiVariable } from '../ci/pipeline-spec.ts';

/** `KEY=value` lines; `null` when a line is something else. */
export function parseDotenv(text: string): CiVariable[] | null {
  const variables: CiVariable[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
    const [, key, value] = match ?? [];
    if (key === undefined || value === undefined) return null;
    variables.push({
      key,
      value: unquote(value.trim()),
      public: false,
      masked: false,
      file: false,
      raw: false,
    });
  }
  return variables;
}

function unquote(value: string): string {
  return /^(["']).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
