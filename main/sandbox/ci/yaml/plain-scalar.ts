// Plain YAML scalars as Ruby's Psych reads them (YAML 1.1), which is what GitLab reads files with.
// https://github.com/ruby/psych/blob/master/lib/psych/scalar_scanner.rb
import type { YamlScalar } from './yaml-value.ts';
import { CiFileError } from './yaml-value.ts';

/** The value of an unquoted scalar. */
export function parsePlainScalar(source: string): YamlScalar {
  if (source === '' || /^(?:~|null)$/i.test(source)) return null;
  if (/^(?:yes|true|on)$/i.test(source)) return true;
  if (/^(?:no|false|off)$/i.test(source)) return false;
  if (/^\d{4}-(?:1[0-2]|0?[1-9])-(?:3[01]|[12]\d|0?[1-9])$/.test(source)) {
    throw new CiFileError('`.gitlab-ci.yml`: Tried to load unspecified class: Date');
  }
  // A Ruby symbol counts as a string everywhere in a CI file.
  if (/^:\w/.test(source)) return source.slice(1);
  return parseNumber(source) ?? source;
}

function parseNumber(source: string): number | string | null {
  if (!/^[-+]?[.\d]/.test(source)) return null;
  const text = source.replace(/[_,]/g, '');
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (/^[-+]?(?:0|[1-9](?:\d|[,_]\d)*)$/.test(source)) return integer(sign, digits);
  if (/^[-+]?0[0-7_,]+$/.test(source)) return sign * parseInt(digits, 8);
  if (/^[-+]?0x[0-9a-f_,]+$/i.test(source)) return sign * Number(digits);
  if (/^[-+]?0b[01_,]+$/.test(source)) return sign * Number(digits);
  if (/^[-+]?\d[\d_]*(?::[0-5]?\d){1,2}$/.test(source)) return sign * sexagesimal(digits);
  if (/^[-+]?(?:\d[\d_,]*)?\.\d*(?:e[-+]?\d+)?$/i.test(source) && /\d/.test(source)) return Number(text);
  return null;
}

/** Whole numbers that do not fit a JavaScript number keep their digits as text. */
function integer(sign: number, digits: string): number | string {
  const value = sign * Number(digits);
  return Number.isSafeInteger(value) ? value : `${sign < 0 ? '-' : ''}${digits}`;
}

function sexagesimal(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
