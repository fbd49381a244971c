// The instance itself: version, metadata, application settings.
import { Hono } from 'hono';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';
import type { AppSettings } from '../state.ts';
import { gitlabVersion } from '../version.ts';
import { badParameter } from './api-error.ts';
import { requireAdmin, requireUser } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';
import { boolParam, intParam, listParam, parseParams, readParams, textParam } from './params.ts';

const settingsSchema = z.object({
  signup_enabled: boolParam.optional(),
  require_admin_approval_after_user_signup: boolParam.optional(),
  password_authentication_enabled_for_web: boolParam.optional(),
  password_authentication_enabled_for_git: boolParam.optional(),
  // https://docs.gitlab.com/api/settings/: from 8 to 128.
  minimum_password_length: intParam.pipe(z.int().min(8).max(128)).optional(),
  session_expire_delay: intParam.optional(),
  allow_local_requests_from_web_hooks_and_services: boolParam.optional(),
  allow_local_requests_from_system_hooks: boolParam.optional(),
  outbound_local_requests_whitelist: listParam.optional(),
  default_project_visibility: z.enum(['private', 'internal', 'public']).optional(),
  default_branch_name: textParam.optional(),
  shared_runners_enabled: boolParam.optional(),
  admin_mode: boolParam.optional(),
  max_artifacts_size: intParam.optional(),
  default_artifacts_expire_in: textParam.optional(),
});

export function instanceRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get('/version', (c) => {
    requireUser(c);
    return c.json({ version: gitlabVersion.text, revision: gitlabVersion.revision });
  });
  app.get('/metadata', (c) => {
    requireUser(c);
    return c.json({
      version: gitlabVersion.text,
      revision: gitlabVersion.revision,
      kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
      enterprise: false,
    });
  });
  app.get('/application/settings', (c) => {
    requireAdmin(c);
    return c.json(renderSettings(ctx.store.settings()));
  });
  app.put('/application/settings', async (c) => {
    requireAdmin(c);
    const raw = await readParams(c);
    const known = parseParams(settingsSchema, raw);
    const others = Object.fromEntries(Object.entries(raw).filter(([key]) => !(key in settingsSchema.shape)));
    if (Object.keys(known).length + Object.keys(others).length === 0) {
      throw badParameter('at least one parameter must be provided');
    }
    const patch = mergeSettings(ctx.store.settings(), known, others);
    return c.json(renderSettings(ctx.store.updateSettings(patch)));
  });
  return app;
}

function mergeSettings(
  current: AppSettings,
  known: z.infer<typeof settingsSchema>,
  others: Readonly<Record<string, unknown>>,
): Partial<Omit<AppSettings, 'id'>> {
  return {
    signupEnabled: known.signup_enabled ?? current.signupEnabled,
    requireAdminApprovalAfterUserSignup:
      known.require_admin_approval_after_user_signup ?? current.requireAdminApprovalAfterUserSignup,
    passwordAuthenticationEnabledForWeb:
      known.password_authentication_enabled_for_web ?? current.passwordAuthenticationEnabledForWeb,
    passwordAuthenticationEnabledForGit:
      known.password_authentication_enabled_for_git ?? current.passwordAuthenticationEnabledForGit,
    minimumPasswordLength: known.minimum_password_length ?? current.minimumPasswordLength,
    sessionExpireDelay: known.session_expire_delay ?? current.sessionExpireDelay,
    allowLocalRequestsFromWebHooksAndServices:
      known.allow_local_requests_from_web_hooks_and_services ??
      current.allowLocalRequestsFromWebHooksAndServices,
    allowLocalRequestsFromSystemHooks:
      known.allow_local_requests_from_system_hooks ?? current.allowLocalRequestsFromSystemHooks,
    outboundLocalRequestsWhitelist:
      known.outbound_local_requests_whitelist ?? current.outboundLocalRequestsWhitelist,
    defaultProjectVisibility: known.default_project_visibility ?? current.defaultProjectVisibility,
    defaultBranchName: known.default_branch_name ?? current.defaultBranchName,
    sharedRunnersEnabled: known.shared_runners_enabled ?? current.sharedRunnersEnabled,
    adminMode: known.admin_mode ?? current.adminMode,
    maxArtifactsSize: known.max_artifacts_size ?? current.maxArtifactsSize,
    defaultArtifactsExpireIn: known.default_artifacts_expire_in ?? current.defaultArtifactsExpireIn,
    others: { ...current.others, ...others },
  };
}

function renderSettings(settings: AppSettings) {
  return {
    ...settings.others,
    id: settings.id,
    uuid: settings.instanceUuid,
    created_at: settings.createdAt,
    updated_at: settings.updatedAt,
    signup_enabled: settings.signupEnabled,
    require_admin_approval_after_user_signup: settings.requireAdminApprovalAfterUserSignup,
    password_authentication_enabled_for_web: settings.passwordAuthenticationEnabledForWeb,
    password_authentication_enabled_for_git: settings.passwordAuthenticationEnabledForGit,
    minimum_password_length: settings.minimumPasswordLength,
    session_expire_delay: settings.sessionExpireDelay,
    allow_local_requests_from_web_hooks_and_services: settings.allowLocalRequestsFromWebHooksAndServices,
    allow_local_requests_from_hooks_and_services: settings.allowLocalRequestsFromWebHooksAndServices,
    allow_local_requests_from_system_hooks: settings.allowLocalRequestsFromSystemHooks,
    outbound_local_requests_whitelist: settings.outboundLocalRequestsWhitelist,
    default_project_visibility: settings.defaultProjectVisibility,
    default_branch_name: settings.defaultBranchName,
    shared_runners_enabled: settings.sharedRunnersEnabled,
    admin_mode: settings.adminMode,
    max_artifacts_size: settings.maxArtifactsSize,
    default_artifacts_expire_in: settings.defaultArtifactsExpireIn,
  };
}
