import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobJson, openBench, plain } from './bench.ts';

describe('artifacts and caches', () => {
  const artifact = {
    name: 'result',
    paths: ['out'],
    exclude: ['out/*.log'],
    when: 'always',
    expire_in: '1 day',
    artifact_type: 'archive',
    artifact_format: 'zip',
  };

  /** The file of a multipart body. */
  function fileIn(body: Buffer): Buffer {
    return body.subarray(body.indexOf('\r\n\r\n') + 4, body.lastIndexOf('\r\n--'));
  }

  it('are packed, uploaded and found again by the next job', async () => {
    await using bench = await openBench();
    const script = [
      'mkdir -p out/.hidden; echo a > out/a.txt; echo b > out/b.log; echo c > out/.hidden/c',
      'ln -s a.txt out/link; chmod +x out/a.txt',
    ];
    bench.server.jobs.push(jobJson(script, { artifacts: [artifact] }));
    await bench.run();
    const [upload] = bench.server.requests('POST', '/artifacts');
    expect(upload?.path).toContain('artifact_format=zip&artifact_type=archive&expire_in=1+day');
    expect(upload?.body.toString('latin1')).toContain('filename="result.zip"');
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });

    bench.server.downloads.set('/api/v4/jobs/5/artifacts', fileIn(upload?.body ?? Buffer.alloc(0)));
    const dependencies = [
      { id: 5, name: 'before', token: 'token-5', artifacts_file: { filename: 'a.zip', size: 9 } },
    ];
    const variables = [{ key: 'GIT_STRATEGY', value: 'empty' }];
    bench.server.jobs.push(
      jobJson(['find out | sort', 'readlink out/link; test -x out/a.txt'], { dependencies, variables }),
    );
    await bench.run();
    expect(bench.server.requests('GET', '/artifacts')[0]?.headers['job-token']).toBe('token-5');
    expect(plain(bench.server.log)).toContain('out\nout/.hidden\nout/.hidden/c\nout/a.txt\nout/link\n');
    expect(plain(bench.server.log)).toContain('test -x out/a.txt\na.txt\n');
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('are kept only after the end they are for', async () => {
    await using bench = await openBench();
    const artifacts = ['on_success', 'on_failure'].map((when) => ({
      ...artifact,
      name: when,
      when,
      paths: ['a'],
    }));
    bench.server.jobs.push(jobJson(['touch a', 'exit 1'], { artifacts }));
    await bench.run();
    const uploads = bench.server.requests('POST', '/artifacts').map((each) => each.body.toString('latin1'));
    expect(uploads).toHaveLength(1);
    expect(uploads[0]).toContain('filename="on_failure.zip"');
  });

  it('that match nothing fail nothing', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['true'], { artifacts: [artifact] }));
    await bench.run();
    expect(plain(bench.server.log)).toContain('ERROR: No files to upload');
    expect(bench.server.requests('POST', '/artifacts')).toEqual([]);
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('that the server does not take fail the job', async () => {
    await using bench = await openBench();
    bench.server.override = ({ path }) => (path.includes('/artifacts') ? { status: 413 } : null);
    bench.server.jobs.push(jobJson(['mkdir out'], { artifacts: [artifact] }));
    await bench.run();
    expect(plain(bench.server.log)).toContain('413 Payload Too Large');
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'failed' });
  });

  it('as reports are compressed one by one, and raw ones sent as they are', async () => {
    await using bench = await openBench();
    const report = {
      ...artifact,
      name: '',
      paths: ['r.xml'],
      artifact_type: 'junit',
      artifact_format: 'gzip',
    };
    const raw = { ...report, artifact_type: 'metrics', artifact_format: 'raw' };
    bench.server.jobs.push(jobJson(['echo "<x/>" > r.xml'], { artifacts: [report, raw] }));
    await bench.run();
    const [first, second] = bench.server.requests('POST', '/artifacts').map((each) => fileIn(each.body));
    expect(first?.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(second?.toString()).toBe('<x/>\n');
  });

  it('never reach outside the project', async () => {
    await using bench = await openBench();
    await writeFile(join(bench.folder, 'outside'), 'private');
    const paths = ['../../../../../outside', `${bench.folder}/outside`, 'link/*', 'link'];
    bench.server.jobs.push(
      jobJson([`ln -s ${bench.folder} link`], { artifacts: [{ ...artifact, paths, exclude: [] }] }),
    );
    await bench.run();
    const [upload] = bench.server.requests('POST', '/artifacts');
    expect(upload?.body.includes('link')).toBe(true);
    expect(upload?.body.includes('private')).toBe(false);
    expect(upload?.body.includes('outside')).toBe(false);
  });

  it('in caches go from job to job by their key', async () => {
    await using bench = await openBench();
    const cache = [{ key: 'deps-$NAME', paths: ['node_modules'], policy: 'pull-push', when: 'on_success' }];
    const variables = [
      { key: 'GIT_STRATEGY', value: 'empty' },
      { key: 'NAME', value: 'x/y' },
    ];
    bench.server.jobs.push(
      jobJson(['mkdir node_modules; echo cached > node_modules/x'], { cache, variables }),
      jobJson(['cat node_modules/x'], { cache, variables }),
    );
    await bench.run({ maxBuilds: 2 });
    expect(plain(bench.server.log)).toContain('$ cat node_modules/x\ncached\n');
    const file = join(bench.folder, 'cache/group/project-empty/deps-x%2Fy.zip');
    expect((await readFile(file)).subarray(0, 2).toString()).toBe('PK');
  });
});
