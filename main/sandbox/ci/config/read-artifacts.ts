// `artifacts:`, as the list of uploads that runners get: the archive, then one entry for each report.
// GitLab: lib/gitlab/ci/config/entry/artifacts.rb, reports.rb; app/presenters/ci/build_runner_presenter.rb
import { parseDuration } from '../duration.ts';
import type { ArtifactsSpec } from '../pipeline-spec.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isMap } from '../yaml/yaml-value.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  fail,
  inside,
  isString,
  passes,
  readBoolean,
  readChoice,
  readMap,
  readString,
  readStringList,
  readStringOrList,
} from './findings.ts';

const keywords: Keywords = {
  carriedOut: ['name', 'untracked', 'paths', 'exclude', 'when', 'expire_in', 'reports'],
  reported: ['expose_as', 'public', 'access'],
};

/** File name and format of each kind. GitLab: app/models/concerns/enums/ci/job_artifact.rb */
const reportKinds = {
  junit: ['junit.xml', 'gzip'],
  dotenv: ['.env', 'gzip'],
  metrics: ['metrics.txt', 'gzip'],
  cyclonedx: ['gl-sbom.cdx.json', 'gzip'],
  annotations: ['gl-annotations.json', 'gzip'],
  repository_xray: ['gl-repository-xray.json', 'gzip'],
  lsif: ['lsif.json', 'zip'],
  accessibility: ['gl-accessibility.json', 'raw'],
  codequality: ['gl-code-quality-report.json', 'raw'],
  sast: ['gl-sast-report.json', 'raw'],
  secret_detection: ['gl-secret-detection-report.json', 'raw'],
  dependency_scanning: ['gl-dependency-scanning-report.json', 'raw'],
  container_scanning: ['gl-container-scanning-report.json', 'raw'],
  cluster_image_scanning: ['gl-cluster-image-scanning-report.json', 'raw'],
  dast: ['gl-dast-report.json', 'raw'],
  license_scanning: ['gl-license-scanning-report.json', 'raw'],
  performance: ['performance.json', 'raw'],
  browser_performance: ['browser-performance.json', 'raw'],
  load_performance: ['load-performance.json', 'raw'],
  terraform: ['tfplan.json', 'raw'],
  requirements: ['requirements.json', 'raw'],
  requirements_v2: ['requirements_v2.json', 'raw'],
  coverage_fuzzing: ['gl-coverage-fuzzing.json', 'raw'],
  api_fuzzing: ['gl-api-fuzzing-report.json', 'raw'],
} as const;

const reportKeywords: Keywords = {
  carriedOut: [...Object.keys(reportKinds), 'coverage_report'],
  reported: [],
};

const coverageKeywords: Keywords = { carriedOut: ['coverage_format', 'path'], reported: [] };

export const uploadTimes = ['on_success', 'on_failure', 'always'] as const;

export function readArtifacts(place: Place, value: YamlValue): readonly ArtifactsSpec[] {
  const map = readMap(place, value, keywords);
  if (map === null) return [];
  const archive = readArchive(place, map);
  const reports = attribute(map, 'reports');
  if (reports !== undefined && !isMap(reports)) fail(place, 'reports should be a hash');
  const entries =
    reports === undefined ? [] : readReports(inside(place, 'reports'), reports, archive.expireIn);
  return archive.untracked || map.has('paths') ? [archive, ...entries] : entries;
}

function readArchive(place: Place, map: YamlMap): ArtifactsSpec {
  const name = readString(place, map, 'name');
  const expireIn = readExpiry(place, attribute(map, 'expire_in'));
  return {
    ...(name === undefined ? {} : { name }),
    untracked: readBoolean(place, map, 'untracked') ?? false,
    paths: readStringList(place, map, 'paths') ?? [],
    exclude: readStringList(place, map, 'exclude') ?? [],
    when: readChoice(place, map, 'when', uploadTimes) ?? 'on_success',
    ...(expireIn === undefined ? {} : { expireIn }),
    type: 'archive',
    format: 'zip',
  };
}

function readExpiry(place: Place, value: YamlValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (isString(value) && (value.toLowerCase() === 'never' || parseDuration(value) !== null)) return value;
  fail(place, 'expire in should be a duration');
  return undefined;
}

function readReports(place: Place, value: YamlValue, expireIn: string | undefined): readonly ArtifactsSpec[] {
  const map = readMap(place, value, reportKeywords);
  if (map === null) return [];
  const expiry = expireIn === undefined ? {} : { expireIn };
  const common = { untracked: false, exclude: [], when: 'always', ...expiry } as const;
  const reports = Object.entries(reportKinds).flatMap(([kind, [name, format]]) => {
    const paths = readStringOrList(place, map, kind);
    return paths === undefined ? [] : [{ ...common, name, paths, type: kind, format }];
  });
  const coverage = attribute(map, 'coverage_report');
  return coverage === undefined
    ? reports
    : [...reports, ...readCoverage(inside(place, 'coverage_report'), coverage, common)];
}

function readCoverage(
  place: Place,
  value: YamlValue,
  common: Pick<ArtifactsSpec, 'untracked' | 'exclude' | 'when' | 'expireIn'>,
): readonly ArtifactsSpec[] {
  const map = readMap(place, value, coverageKeywords);
  if (map === null) return [];
  const path = attribute(map, 'path');
  const kind = attribute(map, 'coverage_format');
  const valid = passes(place, () => {
    if (!isString(path) || path === '')
      fail(place, path === undefined ? "path can't be blank" : 'path should be a string');
    if (kind !== 'cobertura' && kind !== 'jacoco') {
      fail(place, 'coverage format must be one of supported formats: cobertura, jacoco');
    }
  });
  if (!valid || !isString(path) || !isString(kind)) return [];
  return [{ ...common, name: `${kind}-coverage.xml`, paths: [path], type: kind, format: 'gzip' }];
}
