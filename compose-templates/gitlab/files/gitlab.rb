# GitLab's settings, read at every start of its container. Sign-up, passwords, sessions and the like are kept in GitLab's
# database instead; AutoGit sets those through the API. Every key: /opt/gitlab/etc/gitlab.rb.template in the container.

# The address that people and runners use. Traefik ends TLS, so the web server inside speaks plain HTTP, on port 80
# whatever port the address has.
external_url {{ lab.gitlabUrl | ruby }}
letsencrypt['enable'] = false
gitlab_rails['nginx']['listen_port'] = 80
gitlab_rails['nginx']['listen_https'] = false
{%- if tls.resolver == null %}
# Browsers let nobody past a certificate error of a site that once sent this header. Not every device trusts this one yet.
{%- else %}
# Traefik sends this header.
{%- endif %}
gitlab_rails['nginx']['hsts_max_age'] = 0

# Traefik's address is fixed, and only what Traefik says of a client's address is believed.
{%- assign edge = networks.edge.subnet | split: "." %}
{%- assign traefik = edge[0] | append: "." | append: edge[1] | append: "." | append: edge[2] | append: ".254" %}
{%- assign proxies = traefik | split: " " %}
gitlab_rails['nginx']['real_ip_trusted_addresses'] = {{ proxies | ruby }}
gitlab_rails['nginx']['real_ip_header'] = 'X-Forwarded-For'
gitlab_rails['nginx']['real_ip_recursive'] = 'on'

# Who may ask how GitLab is: this container alone. Jobs are in the stack's networks, and whoever comes by IPv6 seems to be.
{%- assign watchers = "127.0.0.0/8 ::1/128" | split: " " %}
gitlab_rails['monitoring_whitelist'] = {{ watchers | ruby }}

{%- if engine.rootless %}
# An engine without root hides who asks behind one address: a ban would shut everybody out.
{%- else %}
# Addresses that fail to sign in with git 10 times within a minute are refused for an hour. Not the network's own, behind
# which the engine hides this machine and all who come by IPv6: a ban of one would be one of all.
{%- endif %}
{%- assign never = "127.0.0.1" | split: " " | push: networks.edge.gateway %}
gitlab_rails['rack_attack_git_basic_auth'] = {
  'enabled' => {% if engine.rootless %}false{% else %}true{% endif %},
  'ip_whitelist' => {{ never | ruby }},
  'maxretry' => 10,
  'findtime' => 60,
  'bantime' => 3600
}

gitlab_rails['gitlab_shell_ssh_port'] = {{ lab.sshPort | ruby }}
gitlab_rails['time_zone'] = {{ lab.timezone | ruby }}
{%- case answers.appearance %}
{%- when "light" %}{% assign mode = 1 %}
{%- when "dark" %}{% assign mode = 2 %}
{%- else %}{% assign mode = 3 %}
{%- endcase %}
gitlab_rails['gitlab_default_color_mode'] = {{ mode | ruby }}
gitlab_rails['usage_ping_enabled'] = {{ answers.usageStatistics | ruby }}
gitlab_rails['initial_gitlab_product_usage_data'] = {{ answers.usageStatistics | ruby }}

# Only the first start uses it, and neither prints nor keeps it.
gitlab_rails['initial_root_password'] = File.read('/run/secrets/gitlab-root-password').strip
gitlab_rails['display_initial_root_password'] = false
gitlab_rails['store_initial_root_password'] = false

# Sizes of the preset {{ preset.name | comment }}.
puma['worker_processes'] = {{ preset.pumaWorkers | ruby }}
puma['min_threads'] = {{ preset.pumaThreads | ruby }}
puma['max_threads'] = {{ preset.pumaThreads | ruby }}
sidekiq['concurrency'] = {{ preset.sidekiqConcurrency | ruby }}
{%- assign buffers = preset.sharedBuffersMiB | append: "MB" %}
postgresql['shared_buffers'] = {{ buffers | ruby }}
postgresql['max_connections'] = {{ preset.maxConnections | ruby }}
{%- if preset.thrifty %}
gitlab_rails['env'] = { 'MALLOC_CONF' => 'dirty_decay_ms:1000,muzzy_decay_ms:1000' }
{%- endif %}
{%- assign gitaly = preset.gitalyMiB | append: "MiB" %}
{%- assign spawns = preset.gitalySpawns | append: "" %}
gitaly['env'] = {
{%- if preset.thrifty %}
  'MALLOC_CONF' => 'dirty_decay_ms:1000,muzzy_decay_ms:1000',
{%- endif %}
  'GOMEMLIMIT' => {{ gitaly | ruby }},
  'GITALY_COMMAND_SPAWN_MAX_PARALLEL' => {{ spawns | ruby }}
}
{%- if preset.thrifty %}
# Fetches and pushes of one repository at a time; the others wait for their turn. https://docs.gitlab.com/administration/gitaly/concurrency_limiting/
gitaly['configuration'] = {
  concurrency: [
{%- assign calls = "SmartHTTPService/PostUploadPackWithSidechannel SSHService/SSHUploadPackWithSidechannel SmartHTTPService/PostReceivePack SSHService/SSHReceivePack" | split: " " %}
{%- for call in calls %}
{%- assign rpc = "/gitaly." | append: call %}
    { rpc: {{ rpc | ruby }}, max_per_repo: 3, max_queue_wait: '10m', max_queue_size: 100 }{% unless forloop.last %},{% endunless %}
{%- endfor %}
  ]
}
{%- endif %}
prometheus_monitoring['enable'] = {{ preset.monitoring | ruby }}
{%- if preset.monitoring == false %}
puma['exporter_enabled'] = false
sidekiq['metrics_enabled'] = false
{%- endif %}
gitlab_kas['enable'] = {{ preset.kas | ruby }}
{% if has.registry %}
# Container images. Traefik ends TLS here, too.
{%- assign registry = urls.registry %}
registry_external_url {{ registry | ruby }}
registry['enable'] = true
registry['nginx']['listen_port'] = 5050
registry['nginx']['listen_https'] = false
registry['nginx']['hsts_max_age'] = 0
registry['storage_delete_enabled'] = {{ of.registry.deleteImages | ruby }}
{%- else %}
registry['enable'] = false
gitlab_rails['registry_enabled'] = false
{%- endif %}
{% if has.mail %}
# Mail goes out through a relay.
{%- assign sender = of.mail.from | split: "@" %}
gitlab_rails['gitlab_email_enabled'] = true
gitlab_rails['gitlab_email_from'] = {{ of.mail.from | ruby }}
gitlab_rails['gitlab_email_reply_to'] = {{ of.mail.from | ruby }}
gitlab_rails['smtp_enable'] = true
gitlab_rails['smtp_address'] = {{ of.mail.host | ruby }}
gitlab_rails['smtp_port'] = {{ of.mail.port | ruby }}
gitlab_rails['smtp_domain'] = {{ sender | last | ruby }}
{%- if of.mail.username != "" %}
gitlab_rails['smtp_authentication'] = 'login'
gitlab_rails['smtp_user_name'] = {{ of.mail.username | ruby }}
gitlab_rails['smtp_password'] = File.read('/run/secrets/mail-password').strip
{%- endif %}
{%- case of.mail.security %}
{%- when "starttls" %}
gitlab_rails['smtp_tls'] = false
gitlab_rails['smtp_enable_starttls_auto'] = true
gitlab_rails['smtp_openssl_verify_mode'] = 'peer'
{%- when "tls" %}
gitlab_rails['smtp_tls'] = true
gitlab_rails['smtp_enable_starttls_auto'] = false
gitlab_rails['smtp_openssl_verify_mode'] = 'peer'
{%- else %}
gitlab_rails['smtp_tls'] = false
gitlab_rails['smtp_enable_starttls_auto'] = false
{%- endcase %}
{%- else %}
gitlab_rails['gitlab_email_enabled'] = false
{%- endif %}
{% if sso == "off" %}
gitlab_rails['omniauth_enabled'] = false
{%- else %}
{%- if oidc %}
{%- assign issuer = oidc.issuer %}
{%- assign client = oidc.clientId %}
{%- assign label = oidc.label %}
{%- assign scopes = oidc.scopes %}
{%- assign secret = "/run/secrets/oidc-client-secret" %}
# Sign-in through another provider of OpenID Connect. People are known by the id that the provider keeps for them, whatever
# they are called. Passwords and tokens of GitLab's own go on working, also while the provider does not answer; nobody is
# sent there without pressing the button.
{%- if oidc.holdsNew %}
# Whoever has an account there gets one here, which waits until root approves it.
{%- endif %}
{%- else %}
{%- assign issuer = urls.auth %}
{%- assign client = "gitlab" %}
{%- assign label = of.authelia.label %}
{%- assign scopes = "openid profile email groups" | split: " " %}
{%- assign secret = "/run/secrets/authelia-gitlab-secret" %}
# Sign-in through Authelia. People are known by the id that Authelia keeps for them, whatever they are called{% if directory.kind == "file" %}; the first
# time by their e-mail address{% endif %}.
{%- endif %}
gitlab_rails['omniauth_enabled'] = true
gitlab_rails['omniauth_allow_single_sign_on'] = ['openid_connect']
gitlab_rails['omniauth_block_auto_created_users'] = {% if oidc.holdsNew %}true{% else %}false{% endif %}
{%- if oidc and oidc.linksByEmail == false %}
# Not by their e-mail address: the provider does not vouch for it, and root has one, too.
gitlab_rails['omniauth_auto_link_user'] = false
{%- elsif directory.kind == "ldap" and oidc == nil %}
# Not by their e-mail address: whoever may change theirs in the directory would get root's account with it.
gitlab_rails['omniauth_auto_link_user'] = false
{%- else %}
{%- if oidc %}
# The first time by their e-mail address.
{%- endif %}
gitlab_rails['omniauth_auto_link_user'] = ['openid_connect']
{%- endif %}
gitlab_rails['omniauth_sync_profile_from_provider'] = ['openid_connect']
gitlab_rails['omniauth_sync_profile_attributes'] = ['name']
gitlab_rails['omniauth_providers'] = [
  {
    name: 'openid_connect',
    label: {{ label | ruby }},
    args: {
      name: 'openid_connect',
      strategy_class: 'OmniAuth::Strategies::OpenIDConnect',
      issuer: {{ issuer | ruby }},
      discovery: true,
      scope: {{ scopes | ruby }},
      client_auth_method: 'basic',
      response_type: 'code',
      response_mode: 'query',
      uid_field: 'sub',
      send_scope_to_token_endpoint: true,
      pkce: true,
      client_options: {
        identifier: {{ client | ruby }},
        secret: File.read({{ secret | ruby }}).strip,
        redirect_uri: {{ lab.gitlabUrl | append: "/users/auth/openid_connect/callback" | ruby }}
      }
    }
  }
]
{%- endif %}
