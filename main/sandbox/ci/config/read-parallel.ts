// `parallel:`, a number or a matrix. GitLab: lib/gitlab/ci/config/entry/product/, normalizer/matrix_strategy.rb
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { MatrixCell, ParallelConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import { checkKeys, fail, inside, passes } from './findings.ts';
import { alphanumeric } from './read-variables.ts';

const maxInstances = 200;

const keywords: Keywords = { carriedOut: ['matrix'], reported: [] };

/** @returns `null` after errors. */
export function readParallel(place: Place, value: YamlValue): ParallelConfig | null {
  if (typeof value === 'number') return readNumber(place, value);
  if (isMap(value)) return readMatrixConfig(place, value);
  fail(place, 'should be an integer or a hash');
  return null;
}

function readNumber(place: Place, total: number): ParallelConfig | null {
  const valid = passes(place, () => {
    if (!Number.isInteger(total)) fail(place, 'config must be an integer');
    else if (total < 1) fail(place, 'config must be greater than or equal to 1');
    else if (total > maxInstances)
      fail(place, `config must be less than or equal to ${String(maxInstances)}`);
  });
  return valid ? { kind: 'number', total } : null;
}

function readMatrixConfig(place: Place, map: YamlMap): ParallelConfig | null {
  const valid = passes(place, () => {
    checkKeys(place, map, keywords);
    if (!map.has('matrix')) fail(place, 'config missing required keys: matrix');
  });
  const matrix = map.get('matrix') ?? null;
  return valid ? readMatrix(inside(place, 'matrix'), matrix) : null;
}

function readMatrix(place: Place, matrix: YamlValue): ParallelConfig | null {
  if (!isList(matrix) || !matrix.every((row) => isMap(row))) {
    fail(place, 'config should be an array of hashes');
    return null;
  }
  const rows = matrix.map((row) => readRow(inside(place, 'variables'), row));
  const total = rows.reduce(
    (sum, row) => sum + row.reduce((product, [, values]) => product * values.length, 1),
    0,
  );
  if (total > maxInstances) {
    fail(place, `config generates too many jobs (maximum is ${String(maxInstances)})`);
    return null;
  }
  return { kind: 'matrix', cells: rows.flatMap((row) => combinations(row)) };
}

type MatrixRow = readonly (readonly [key: string, values: readonly string[]])[];

function readRow(place: Place, row: YamlMap): MatrixRow {
  if (row.size === 0) fail(place, 'config requires at least 1 items');
  const entries = [...row].map(([key, value]) => [key, valuesOf(value)] as const);
  if (entries.some(([, values]) => values.length === 0)) {
    fail(place, 'config should be a hash of key value pairs, value can be an array');
  }
  return entries;
}

/** Empty when one of the values is no text or number. */
function valuesOf(value: YamlValue): readonly string[] {
  const texts = (isList(value) ? value : [value]).map((item) => alphanumeric(item));
  const strings = texts.filter((text) => text !== null);
  return strings.length === texts.length ? strings : [];
}

/** Every combination; the last key varies fastest. */
function combinations(row: MatrixRow): readonly MatrixCell[] {
  const total = row.reduce((product, [, values]) => product * values.length, 1);
  return Array.from({ length: total }, (_, index) => {
    let rest = index;
    const cell = row.toReversed().map(([key, values]) => {
      const value = values[rest % values.length] ?? '';
      rest = Math.floor(rest / values.length);
      return [key, value] as const;
    });
    return cell.reverse();
  });
}
