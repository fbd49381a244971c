import { describe, expect, it } from 'vitest';
import type { StackFacts } from '../../../main/model/stack/stack.ts';
import { digest, own, problems, render, rendered, small } from './small-templates.ts';

const chosen = { templates: { app: {} } };

function keys(service: string, change = {}, files = {}): readonly string[] {
  return problems({ answers: chosen, templates: [own('app', service, change, files)] }).map(({ key }) => key);
}

describe("a person's own template", () => {
  it('may have what gives it nothing of the machine', () => {
    const service = `
user: "1000"
command: [serve, --price, "5$$"]
environment: { A: b }
cap_drop: [ALL]
cap_add: [NET_BIND_SERVICE]
security_opt: ["no-new-privileges:true"]
networks: [edge, inner]
volumes: ["{{ lab.data | append: '/app/files' | word }}:/files", "data:/data:ro", "./app/app.conf:/app.conf:ro", "./ca.crt:/ca.crt:ro"]
secrets: [app-key]
labels:
  traefik.enable: "true"
  traefik.http.routers.app.rule: "Host(\`app.lab.home.arpa\`)"
  traefik.http.services.app.loadbalancer.server.port: 80
ports: [{ target: 80, published: 8080 }]
deploy: { resources: { limits: { memory: 1g } } }`;
    const template = own('app', service, {
      names: [{ name: 'app', what: 'an app' }],
      folders: [{ path: 'app/files', holds: 'files' }],
      files: [{ from: 'app.conf', to: 'app/app.conf', format: 'text' }],
      secrets: [{ name: 'app-key', kind: 'random', label: 'a key' }],
      ports: [{ port: '8080', protocol: 'tcp', service: 'app', what: 'pages' }],
    });
    const withVolume = {
      ...template,
      files: {
        'compose.yaml': `${template.files['compose.yaml'] ?? ''}volumes: { data: }\n`,
        'app.conf': 'x',
      },
    };
    const stack = rendered({ answers: chosen, templates: [withVolume] });
    expect(stack.services[0]).toMatchObject({ name: 'app', files: ['app/app.conf'], secrets: ['app-key'] });
    expect(stack.grants).toEqual([]);
  });

  it.each([
    ['privileged: true', 'app: privileged'],
    ['network_mode: host', 'app: host network'],
    ['network_mode: "container:gitlab"', 'app: container:gitlab network'],
    ['pid: host', 'app: host pid'],
    ['ipc: host', 'app: host ipc'],
    ['uts: host', 'app: host uts'],
    ['cgroup: host', 'app: host cgroup'],
    ['userns_mode: host', 'app: host userns_mode'],
    ['volumes: ["/:/host"]', 'app: host root mount'],
    ['volumes: ["//:/host"]', 'app: host root mount'],
    ['volumes: [{ type: bind, source: /, target: /host }]', 'app: host root mount'],
    ['volumes: ["/var/run/docker.sock:/s"]', 'app: engine socket'],
    ['volumes: ["/var/run:/s"]', 'app: engine socket'],
    ['volumes: ["/run/user/1000/podman/podman.sock:/s"]', 'app: engine socket'],
    ['volumes: ["/etc/localtime:/etc/localtime:ro"]', 'app: mount /etc/localtime'],
    ['volumes: ["/srv/lab:/all"]', 'app: mount /srv/lab'],
    ['volumes: ["/srv/lab/gitlab:/g"]', 'app: mount /srv/lab/gitlab'],
    ['volumes: ["/srv/lab/application:/g"]', 'app: mount /srv/lab/application'],
    ['devices: [/dev/dri]', 'app: device /dev/dri'],
    ['device_cgroup_rules: ["c 1:3 mr"]', 'app: device rules'],
    ['gpus: all', 'app: graphics cards'],
    [
      'deploy: { resources: { reservations: { devices: [{ capabilities: [gpu] }] } } }',
      'app: graphics cards',
    ],
    ['cap_add: [SYS_ADMIN]', 'app: capability SYS_ADMIN'],
    ['cap_add: [CAP_NET_ADMIN]', 'app: capability NET_ADMIN'],
    ['cap_add: [ALL]', 'app: capability ALL'],
    ['group_add: [docker]', 'app: group docker'],
    ['security_opt: ["seccomp:unconfined"]', 'app: security seccomp:unconfined'],
    ['security_opt: ["label:disable"]', 'app: security label:disable'],
    ['sysctls: { kernel.msgmax: 1 }', 'app: kernel setting kernel.msgmax'],
  ])('has %s only where it is granted by name', (service, grant) => {
    const templates = [own('app', service)];
    const found = problems({ answers: chosen, templates });
    expect(found.map(({ field, key }) => [field, key])).toEqual([['grants', 'template.grant']]);
    expect(found[0]?.next).toContain(JSON.stringify(grant));
    const stack = rendered({ answers: { ...chosen, grants: [grant] }, templates });
    expect(stack.grants.map((one) => [one.grant, one.given])).toEqual([[grant, true]]);
    expect(stack.grants[0]?.why).toContain('The service app would');
  });

  it('has no grant by another template’s', () => {
    const templates = [own('app', 'privileged: true')];
    expect(problems({ answers: { ...chosen, grants: ['other: privileged'] }, templates })).toHaveLength(1);
  });

  it.each([
    ['build: .', 'template.field-refused'],
    ['env_file: .env', 'template.field-refused'],
    ['extends: { service: gitlab }', 'template.field-refused'],
    ['volumes_from: [gitlab]', 'template.field-refused'],
    ['links: [gitlab]', 'template.field-refused'],
    ['external_links: [x]', 'template.field-refused'],
    ['cgroup_parent: /', 'template.field-refused'],
    ['runtime: nvidia', 'template.field-refused'],
    ['container_name: gitlab', 'template.field-refused'],
    ['configs: [x]', 'template.field-refused'],
    ['"<<": { privileged: true }', 'template.field-refused'],
    ['networks: [socket]', 'template.network'],
    ['networks: [default]', 'template.network'],
    ['networks: { inner: { aliases: [gitlab.lab.home.arpa] } }', 'template.network'],
    ['networks: { inner: { ipv4_address: 172.29.1.254 } }', 'template.network'],
    ['secrets: [gitlab-root-password]', 'template.secret'],
    ['secrets: [tls-key]', 'template.secret'],
    ['secrets: [ca-key]', 'template.secret'],
    ['volumes: ["../x:/x"]', 'template.mount'],
    ['volumes: ["./../x:/x"]', 'template.mount'],
    ['volumes: ["/srv/lab/app/../gitlab:/x"]', 'template.mount'],
    ['volumes: ["~/x:/x"]', 'template.mount'],
    ['volumes: ["./secrets:/x"]', 'template.mount'],
    ['volumes: ["./compose.yaml:/x"]', 'template.mount'],
    ['volumes: ["./gitlab/gitlab.rb:/x"]', 'template.mount'],
    ['volumes: ["foreign:/x"]', 'template.mount'],
    ['volumes: [{ type: bind, source: /srv, target: /x, bind: { propagation: rshared } }]', 'template.mount'],
    ['volumes: [{ type: npipe, source: /srv, target: /x }]', 'template.mount'],
    ['labels: { autogit.managed: "1" }', 'template.label'],
    ['labels: ["com.docker.compose.project=x"]', 'template.label'],
    ['labels: { traefik.http.routers.gitlab.rule: "Host(`app.lab.home.arpa`)" }', 'template.label'],
    ['labels: { traefik.http.routers.app.rule: "Host(`gitlab.lab.home.arpa`)" }', 'template.label'],
    [
      'labels: { traefik.http.routers.app.rule: "Host(`app.lab.home.arpa`) || PathPrefix(`/`)" }',
      'template.label',
    ],
    ['labels: { traefik.http.routers.app.RULE: "PathPrefix(`/`)" }', 'template.label'],
    ['labels: { Traefik.HTTP.routers.gitlab.rule: "PathPrefix(`/`)" }', 'template.label'],
    ['labels: { traefik.http.routers.app.priority: "999999" }', 'template.label'],
    ['labels: { traefik.http.routers.app.service: "api@internal" }', 'template.label'],
    ['labels: { traefik.http.routers.app.entrypoints: "ssh" }', 'template.label'],
    ['labels: { traefik.http.routers.app.middlewares: "gitlab@docker" }', 'template.label'],
    [
      'labels: { traefik.http.middlewares.app.forwardauth.address: "http://socket-proxy:2375/info" }',
      'template.label',
    ],
    [
      'labels: { traefik.http.services.app.loadbalancer.server.url: "http://socket-proxy:2375" }',
      'template.label',
    ],
    ['hostname: authelia', 'template.service-name'],
    ['environment: [AWS_SECRET_ACCESS_KEY]', 'template.field-refused'],
    ['environment: { AWS_SECRET_ACCESS_KEY: null }', 'template.field-refused'],
    ['labels: { traefik.tcp.routers.app.rule: "HostSNI(`*`)" }', 'template.label'],
    ['ports: ["8080:80"]', 'template.port'],
    ['ports: ["80"]', 'template.port'],
    ['ports: ["8000-8010:8000-8010"]', 'template.port'],
    ['environment: { A: "${HOME}" }', 'template.compose'],
    ['environment: { A: $HOME }', 'template.compose'],
    ['environment: { A: !!binary aGk= }', 'template.compose'],
    ['environment: &a { A: b }', 'template.compose'],
    ['image: example/other:latest', 'template.compose'],
  ])('never has %s', (service, key) => {
    expect(keys(service, { names: [{ name: 'app', what: 'an app' }] })).toContain(key);
    // Nor does any grant help.
    const granted = render({
      answers: { ...chosen, grants: ['app: privileged', 'app: engine socket'] },
      templates: [own('app', service)],
    });
    expect(granted.ok).toBe(false);
  });

  it('has only images that its manifest pins', () => {
    const template = own('app', '');
    const files = { 'compose.yaml': 'services: { app: { image: "example/app:latest" } }' };
    expect(problems({ answers: chosen, templates: [{ ...template, files }] }).map(({ key }) => key)).toEqual([
      'template.image',
    ]);
  });

  it.each([
    ['networks', 'networks: { x: { external: true } }'],
    ['secrets', 'secrets: { x: { file: /etc/shadow } }'],
    ['configs', 'configs: { x: { file: /etc/shadow } }'],
    ['include', 'include: [other.yaml]'],
    ['name', 'name: autogit-other'],
    [
      'a volume that is a folder of the machine',
      'volumes: { x: { driver_opts: { type: none, o: bind, device: / } } }',
    ],
    ['a volume of another project', 'volumes: { x: { external: true } }'],
  ])('has no %s of its own at the top of compose.yaml', (_, text) => {
    const template = { ...own('app', ''), files: { 'compose.yaml': `services: {}\n${text}\n` } };
    expect(problems({ answers: chosen, templates: [template] }).map(({ key }) => key)).toContain(
      'template.compose',
    );
  });

  it.each(['gitlab', 'auth', 'autogit-x', 'secrets', 'tls', 'socket-proxy'])('can not be called %s', (id) => {
    expect(problems({ templates: [own(id, '')] }).map(({ key }) => key)).toContain('template.reserved');
  });

  it('can not be called as another is, nor take its names, services, files and secrets', () => {
    const ours = small('wiki', '', { names: [{ name: 'pages', what: 'pages' }] });
    const both = (template: ReturnType<typeof own>) =>
      problems({ answers: chosen, templates: [ours, template] }).map(({ key }) => key);
    expect(both({ ...own('wiki', ''), origin: 'own' })).toContain('template.reserved');
    expect(both(own('app', '', { names: [{ name: 'pages', what: 'x' }] }))).toContain('template.reserved');
    expect(both(own('app', '', { names: [{ name: 'gitlab', what: 'x' }] }))).toContain('template.reserved');
    expect(
      both(own('app', '', { secrets: [{ name: 'gitlab-token', kind: 'random', label: 'x' }] })),
    ).toContain('template.secret-name');
    expect(both(own('app', '', { secrets: [{ name: 'ca-key', kind: 'random', label: 'x' }] }))).toContain(
      'template.secret-name',
    );
    expect(both(own('app', '', { folders: [{ path: 'gitlab/data', holds: 'x' }] }))).toContain(
      'template.folder',
    );
    expect(both(own('app', '', { folders: [{ path: 'app/../gitlab', holds: 'x' }] }))).toContain(
      'template.folder',
    );
    for (const to of ['gitlab/gitlab.rb', '../x', '/etc/x', 'app', 'secrets/x', 'app/../x/y'])
      expect(both(own('app', '', { files: [{ from: 'f', to, format: 'text' }] }, { f: '' }))).toContain(
        'template.file-place',
      );
    const service = {
      ...own('app', ''),
      files: { 'compose.yaml': 'services: { wiki: { image: {{ images.app | json }} } }' },
    };
    expect(both(service)).toEqual(expect.arrayContaining(['template.service-name', 'template.twice']));
    expect(both(own('app', '', { kind: 'core' }))).toContain('template.kind');
  });

  it('can not be taken for the gateway, whose name runners know', () => {
    const template = {
      ...own('app', ''),
      files: { 'compose.yaml': 'services: { autogit-gateway: { image: {{ images.app | json }} } }' },
    };
    expect(problems({ answers: chosen, templates: [template] }).map(({ key }) => key)).toContain(
      'template.service-name',
    );
  });
});

describe('one of ours', () => {
  it("may give its filter the engine's socket, and nothing else", () => {
    const service = `volumes: [{ type: bind, source: {{ engine.socket | json }}, target: /s }]`;
    const proxy = small('proxy', '', {
      images: [{ name: 'proxy', reference: `example/proxy:1@${digest}`, bytes: 1, architectures: ['amd64'] }],
    });
    const named = (name: string) => ({
      ...proxy,
      files: {
        'compose.yaml': `services:\n  ${name}:\n    image: {{ images.proxy | json }}\n    ${service}\n    networks: [socket]\n`,
      },
    });
    expect(problems({ templates: [named('socket-proxy')] })).toEqual([]);
    expect(problems({ templates: [named('proxy')] }).map(({ key }) => key)).toEqual(['template.grant']);
  });

  it('is told where its image does not exist for the engine', () => {
    const engine: StackFacts['engine'] = {
      ...{ kind: 'docker', rootless: false, version: '28', apiVersion: '1.51', architecture: 'arm64' },
      ...{ socket: '/s', lowestPort: null },
    };
    expect(problems({ templates: [small('app', '')], facts: { engine } })).toEqual([
      expect.objectContaining({ key: 'stack.architecture', field: 'templates.app.images.app' }),
    ]);
  });
});
