// What GitLab says about files that it refuses.
import { describe, expect, it } from 'vitest';
import { errorsOf } from './compiling.ts';

const job = 'rspec: {script: test, ';

describe('files that are no configuration', () => {
  it.each([
    ['an empty file', '', 'Local file `.gitlab-ci.yml` is empty!'],
    ['only blanks', ' \n\t\n', 'Local file `.gitlab-ci.yml` is empty!'],
    ['only a comment', '# nothing\n', '`.gitlab-ci.yml`: Invalid configuration format'],
    ['a text', 'invalid_yaml', '`.gitlab-ci.yml`: Invalid configuration format'],
    ['a list', '- a\n- b', '`.gitlab-ci.yml`: Invalid configuration format'],
    [
      'broken YAML',
      'invalid: yaml: test',
      '`.gitlab-ci.yml`: (<unknown>): mapping values are not allowed in this context at line 1 column 10',
    ],
    [
      'an unknown alias',
      'steps: *bad_alias',
      '`.gitlab-ci.yml`: An alias referenced an unknown anchor: bad_alias',
    ],
    ['an alias in itself', 'a: &a [*a]', '`.gitlab-ci.yml`: The parsed YAML is too big'],
    ['a date', 'variables: {D: 2024-01-31}', '`.gitlab-ci.yml`: Tried to load unspecified class: Date'],
    ['a Ruby object', 'a: !ruby/object:Set {}', '`.gitlab-ci.yml`: Tried to load unspecified class: Set'],
    ['no jobs', 'before_script: [bundle update]', 'jobs config should contain at least one visible job'],
    ['only hidden jobs', '.hidden: {script: ls}', 'jobs config should contain at least one visible job'],
  ])('refuses %s', (_, yaml, message) => {
    expect(errorsOf(yaml)).toEqual([message]);
  });

  it('names every job without a script, and that no job is left', () => {
    expect(errorsOf('rspec: {before_script: test}\nmy job: {}\nextra: bundle update')).toEqual([
      'jobs rspec config should implement the script:, run:, or trigger: keyword',
      'jobs my_job config should implement the script:, run:, or trigger: keyword',
      'jobs extra config should implement the script:, run:, or trigger: keyword',
      'jobs config should contain at least one visible job',
    ]);
  });
});

describe('keywords of the whole file', () => {
  it.each([
    ['image: [test]', 'image config should be a hash or a string'],
    ['services: test', 'services config should be a array'],
    ['services: [10]', 'services:service config should be a hash or a string'],
    [
      'stages: test',
      'stages config should be an array of strings or a nested array of strings up to 10 levels deep',
    ],
    [
      'stages: [true, test]',
      'stages config should be an array of strings or a nested array of strings up to 10 levels deep',
    ],
    ['variables: test', 'variables config should be a hash'],
    ['variables: {TEST: []}', 'variable definition must be either a string or a hash'],
    ['variables: {TEST: true}', 'variable definition must be either a string or a hash'],
    ['variables: {TEST: {invalid: x}}', 'variables:test config uses invalid data keys: invalid'],
    ['variables: {TEST: {value: x, options: [y]}}', 'variables:test config value must be present in options'],
    ['cache: {untracked: string}', 'cache:untracked config should be a boolean value'],
    ['cache: {paths: string}', 'cache:paths config should be an array of strings'],
    ['cache: {key: 1}', 'cache:key should be a hash, a string or a symbol'],
    ['default: {script: ls, foo: 1}', 'jobs:default config contains unknown keys: foo'],
    ['default: {foo: 1}', 'default config contains unknown keys: foo'],
    ['default: {image: x}\nimage: y', 'image is defined in top-level and `default:` entry'],
    ['workflow: []', 'workflow config should be a hash'],
    ['workflow: {foo: 1}', 'workflow config contains unknown keys: foo'],
    ['workflow: {rules: [{when: manual}]}', 'workflow:rules:rule when unknown value: manual'],
  ])('%s', (yaml, message) => {
    expect(errorsOf(`${yaml}\nrspec: {script: test}`)).toContain(message);
  });
});

describe('keywords of jobs', () => {
  it.each([
    ['foo: 1, bar: 2', 'jobs:rspec config contains unknown keys: foo, bar'],
    ['__proto__: {a: 1}', 'jobs:rspec config contains unknown keys: __proto__'],
    ['tags: mysql', 'jobs:rspec:tags config should be an array of strings'],
    [
      'before_script: [10, test]',
      'jobs:rspec:before_script config should be a string or a nested array of strings up to 10 levels deep',
    ],
    ['image: [test]', 'jobs:rspec:image config should be a hash or a string'],
    ['image: {name: a, foo: 1}', 'jobs:rspec:image config contains unknown keys: foo'],
    ['image: {entrypoint: [a]}', "jobs:rspec:image name can't be blank"],
    ['image: {name: a, pull_policy: x}', 'jobs:rspec:image:pull_policy config is not included in the list'],
    ['services: test', 'jobs:rspec:services config should be a array'],
    ['services: [10, test]', 'jobs:rspec:services:service config should be a hash or a string'],
    ['allow_failure: string', 'jobs:rspec allow failure should be a hash or a boolean value'],
    [
      'allow_failure: {exit_codes: string}',
      'jobs:rspec:allow_failure exit codes should be an array of integers or an integer',
    ],
    ['stage: 1', 'jobs:rspec:stage config should be a string'],
    ['when: 1', 'jobs:rspec when should be one of: on_success, on_failure, always, manual, delayed'],
    ['when: never', 'jobs:rspec when should be one of: on_success, on_failure, always, manual, delayed'],
    ['start_in: 1 day', 'jobs:rspec start in must be blank'],
    ['when: delayed', 'jobs:rspec start in should be a duration'],
    ['when: delayed, start_in: 2 weeks', 'jobs:rspec start in should not exceed the limit'],
    ['artifacts: {name: 1}', 'jobs:rspec:artifacts name should be a string'],
    ['artifacts: {when: 1}', 'jobs:rspec:artifacts when should be one of: on_success, on_failure, always'],
    ['artifacts: {expire_in: 1}', 'jobs:rspec:artifacts expire in should be a duration'],
    ['artifacts: {expire_in: 7 elephants}', 'jobs:rspec:artifacts expire in should be a duration'],
    ['artifacts: {untracked: string}', 'jobs:rspec:artifacts untracked should be a boolean value'],
    ['artifacts: {paths: string}', 'jobs:rspec:artifacts paths should be an array of strings'],
    ['artifacts: {reports: {foo: a}}', 'jobs:rspec:artifacts:reports config contains unknown keys: foo'],
    ['cache: {key: 1}', 'jobs:rspec:cache:key should be a hash, a string or a symbol'],
    ['cache: {key: {files: [1]}}', 'jobs:rspec:cache:key:files config should be an array of strings'],
    ['cache: {key: {files: []}}', 'jobs:rspec:cache:key:files config requires at least 1 item'],
    [
      'cache: {key: {prefix: a}}',
      'jobs:rspec:cache:key config must use exactly one of these keys: files, files_commits',
    ],
    ['cache: {key: a/b}', 'jobs:rspec:cache:key config cannot contain the "/" character'],
    ['cache: {policy: x}', 'jobs:rspec:cache policy should be a variable or one of: pull-push, push, pull'],
    ['cache: [{}, {}, {}, {}, {}]', 'jobs:rspec:cache config no more than 4 caches can be created'],
    ['dependencies: string', 'jobs:rspec dependencies should be an array of strings'],
    ['only: 1', 'jobs:rspec:only has to be either an array of conditions or a hash'],
    [
      'only: [1, 1]',
      'jobs:rspec:only config should be an array of strings or regular expressions using re2 syntax',
    ],
    [
      'only: [/*.*/]',
      'jobs:rspec:only config should be an array of strings or regular expressions using re2 syntax',
    ],
    ["only: {variables: ['== null']}", 'jobs:rspec:only variables invalid expression syntax'],
    ['only: {changes: [1]}', 'jobs:rspec:only changes should be an array of strings'],
    ['parallel: test', 'jobs:rspec:parallel should be an integer or a hash'],
    ['parallel: 0', 'jobs:rspec:parallel config must be greater than or equal to 1'],
    ['parallel: 201', 'jobs:rspec:parallel config must be less than or equal to 200'],
    ['parallel: 1.5', 'jobs:rspec:parallel config must be an integer'],
    ['parallel: {}', 'jobs:rspec:parallel config missing required keys: matrix'],
    ['retry: true', 'retry config has to be either an integer or a hash'],
    ['retry: 3', 'retry config must be less than or equal to 2'],
    ['retry: {max: -1}', 'retry max must be greater than or equal to 0'],
    ['retry: {max: 1, when: x}', 'retry when is not included in the list'],
    ['retry: {when: [x, always]}', 'retry when contains unknown values: x'],
    ['timeout: 3600', 'jobs:rspec:timeout config should be a duration'],
    ['timeout: 3 months', 'jobs:rspec:timeout config should not exceed the limit'],
    ['coverage: abc', 'jobs:rspec:coverage config must be a regular expression with re2 syntax'],
    ['rules: {wrong: format}', 'jobs:rspec rules should be an array containing hashes and arrays of hashes'],
    ['rules: [{when: always}], only: [main]', 'jobs:rspec config key may not be used with `rules`: only'],
    ['rules: [{}]', "jobs:rspec:rules:rule config can't be blank"],
    ['rules: [{foo: 1}]', 'jobs:rspec:rules:rule config contains unknown keys: foo'],
    ['rules: [{when: explode}]', 'jobs:rspec:rules:rule when unknown value: explode'],
    ["rules: [{if: '$A == 123'}]", 'jobs:rspec:rules:rule if invalid expression syntax'],
    ["rules: [{if: '$A =~ /^(?!main).+/'}]", 'jobs:rspec:rules:rule if invalid expression syntax'],
    ['rules: [{start_in: 1 day}]', 'jobs:rspec:rules:rule config contains disallowed keys: start_in'],
    ['rules: [{when: delayed}]', "jobs:rspec:rules:rule start in can't be blank"],
    ['rules: [{changes: [1]}]', 'jobs:rspec:rules:rule:changes config should be an array of strings'],
    [
      'rules: [{exists: 1}]',
      'jobs:rspec:rules:rule:exists should be a string, an array of strings, or a hash',
    ],
    ['needs: string', 'jobs:rspec:needs config can only be a hash or an array'],
    ['needs: [1]', 'jobs:rspec:needs:need has an unsupported type'],
    ['needs: [{job: a, foo: 1}]', 'jobs:rspec:needs:need config contains unknown keys: foo'],
    ['environment: [a]', 'jobs:rspec:environment config should be a hash or a string'],
    ['trigger: {project: a}', 'jobs:rspec config these keys cannot be used together: script, trigger'],
    ['needs: [a], dependencies: [b]', 'jobs:rspec dependencies the b should be part of needs'],
    ['services: [{name: a, docker: {foo: 1}}]', "executor opts property '/docker/foo' is invalid"],
  ])('%s', (keywords, message) => {
    expect(errorsOf(`${job}${keywords}}\na: {script: a}\nb: {script: b}`).join('\n')).toContain(message);
  });

  it('refuses a script without a line', () => {
    expect(errorsOf('rspec: {script: []}')).toEqual(["jobs:rspec script can't be blank"]);
    expect(errorsOf('rspec: {script: }')).toEqual(["jobs:rspec script can't be blank"]);
  });

  it('refuses names that are blank, too long or no text', () => {
    expect(errorsOf("'': {script: test}")).toEqual(["jobs:job name can't be blank"]);
    expect(errorsOf('10: {script: test}')).toEqual(['jobs:10 name should be a symbol']);
    expect(errorsOf(`${'n'.repeat(256)}: {script: test}`).join()).toContain(
      'name is too long (maximum is 255 characters)',
    );
  });

  it('reports all errors of a job and of several jobs at once', () => {
    expect(
      errorsOf('a: {script: x, bad_tags: mysql, rules: {wrong: format}}\nb: {script: y, tags: z}'),
    ).toEqual([
      'jobs:a config contains unknown keys: bad_tags',
      'jobs:a rules should be an array containing hashes and arrays of hashes',
      'jobs:b:tags config should be an array of strings',
    ]);
  });
});

describe('extends and references', () => {
  it.each([
    ['rspec: {extends: something, script: test}', 'rspec: unknown keys in `extends` (something)'],
    ['.a: text\nrspec: {extends: .a, script: test}', 'rspec: invalid base hashes in `extends` (.a)'],
    ['a: {extends: b}\nb: {extends: a, script: x}', 'a: circular dependency detected in `extends`'],
    ['a: {script: !reference [.x, script]}', '!reference [".x", "script"] could not be found'],
    ['a: {script: !reference [a, script]}', '!reference ["a", "script"] is part of a circular chain'],
    ['a: {script: !reference [a, 1]}', '!reference ["a", 1] is not valid'],
  ])('%s', (yaml, message) => {
    expect(errorsOf(yaml)).toEqual([message]);
  });

  it('follows eleven levels of extends and no more', () => {
    const chain = (levels: number): string =>
      [
        '.l0: {script: x}',
        ...Array.from({ length: levels }, (_, i) => `.l${String(i + 1)}: {extends: .l${String(i)}}`),
      ].join('\n');
    const job = (levels: number): string => `${chain(levels)}\njob: {extends: .l${String(levels)}}`;
    expect(() => errorsOf(job(10))).toThrow('not invalid');
    expect(errorsOf(job(11)).join()).toContain('nesting too deep in `extends`');
  });
});

describe('stages, needs and dependencies', () => {
  it.each([
    [
      'rspec: {script: x, stage: acceptance}',
      'rspec job: chosen stage acceptance does not exist; available stages are .pre, build, test, deploy, .post',
    ],
    [
      'stages: [build, test]\nrspec: {script: x, stage: acceptance}',
      'rspec job: chosen stage acceptance does not exist; available stages are .pre, build, test, .post',
    ],
    ['a: {script: x, needs: [b]}', 'a job: undefined need: b'],
    ['a: {script: x, dependencies: [b]}', 'a job: undefined dependency: b'],
    [
      'a: {script: x, stage: build, needs: [b]}\nb: {script: x}',
      'a job: need b is not defined in current or prior stages',
    ],
    [
      'a: {script: x, stage: build, dependencies: [b]}\nb: {script: x}',
      'a job: dependency b is not defined in current or prior stages',
    ],
    ['a: {script: x, needs: [b, b]}\nb: {script: x}', 'a has the following needs duplicated: b.'],
    ['a: {script: x, rules: [{when: always, needs: [c]}]}', 'a job: undefined need: c'],
    [
      'job_a: {script: x, needs: [job_c]}\njob_b: {script: x, needs: [job_a]}\njob_c: {script: x, needs: [job_b]}',
      'The pipeline has circular dependencies: topological sort failed: ["job_a", "job_c", "job_b"]',
    ],
    [
      'job_0: {script: x}\njob: {script: x, needs: [job_0, job]}',
      'The pipeline has circular dependencies: self-dependency: job',
    ],
  ])('%s', (yaml, message) => {
    expect(errorsOf(yaml)).toEqual([message]);
  });

  it('refuses a need that the rules took out of the pipeline', () => {
    const yaml = 'x: {script: a, rules: [{when: never}]}\ny: {script: b, needs: [x]}';
    expect(errorsOf(yaml)).toEqual([
      "'y' job needs 'x' job, but 'x' does not exist in the pipeline. " +
        'This might be because of the only, except, or rules keywords. ' +
        'To need a job that sometimes does not exist in the pipeline, use needs:optional.',
    ]);
  });

  it('refuses more than fifty needs', () => {
    const names = Array.from({ length: 51 }, (_, i) => `n${String(i)}`);
    const yaml = [
      ...names.map((name) => `${name}: {script: x, stage: build}`),
      `y: {script: x, needs: [${names.join(', ')}]}`,
    ];
    expect(errorsOf(yaml.join('\n'))).toEqual([
      'y: one job can only need 50 others, but you have listed 51. See needs keyword documentation for more details',
    ]);
  });

  it('refuses variables that refer to each other in a circle', () => {
    expect(errorsOf('job: {script: x, variables: {A: $B, B: $A}}')).toEqual([
      'job: circular variable reference detected: ["A","B"]',
    ]);
  });

  it('refuses a ref to compare with that is not there', () => {
    const yaml = 'job: {script: x, rules: [{changes: {paths: [a], compare_to: nowhere}}]}';
    expect(errorsOf(yaml, { changedPathsSince: () => null })).toEqual([
      'Failed to parse rule for job: rules:changes:compare_to is not a valid ref',
    ]);
  });
});
