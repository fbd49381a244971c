// JSON shapes of users, keys, tokens and members (GitLab: lib/api/entities/user*.rb, ssh_key.rb, personal_access_token.rb, member.rb).
import type { Member, Namespace, PersonalAccessToken, SshKey, User } from '../../state.ts';
import { isExpired } from '../credentials.ts';

/** UserBasic. */
export function renderUserBasic(user: User, baseUrl: string) {
  return {
    id: user.id,
    username: user.username,
    public_email: '',
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: null,
    web_url: `${baseUrl}/${user.username}`,
  };
}

/** User: what everybody who is signed in may see. */
export function renderUser(user: User, baseUrl: string) {
  return {
    ...renderUserBasic(user, baseUrl),
    created_at: user.createdAt,
    bio: user.bio,
    location: '',
    linkedin: '',
    twitter: '',
    discord: '',
    website_url: '',
    github: '',
    job_title: '',
    pronouns: null,
    organization: '',
    bot: false,
    work_information: null,
    local_time: null,
    followers: 0,
    following: 0,
  };
}

/** The person themselves, and everybody for administrators. */
export function renderUserForAdmin(
  user: User,
  namespace: Namespace | undefined,
  baseUrl: string,
  asAdmin: boolean,
) {
  return {
    ...renderUser(user, baseUrl),
    last_sign_in_at: null,
    confirmed_at: user.createdAt,
    last_activity_on: user.lastActivityOn,
    email: user.email,
    theme_id: 3,
    color_scheme_id: 1,
    projects_limit: user.projectsLimit,
    current_sign_in_at: null,
    identities: user.identities.map(({ provider, externUid }) => ({ provider, extern_uid: externUid })),
    can_create_group: user.canCreateGroup,
    can_create_project: user.projectsLimit > 0,
    two_factor_enabled: false,
    external: user.external,
    private_profile: false,
    commit_email: user.email,
    preferred_language: 'en',
    ...(asAdmin || user.admin ? { is_admin: user.admin, note: '' } : {}),
    ...(asAdmin
      ? {
          namespace_id: namespace?.id ?? null,
          created_by: null,
          email_reset_offered_at: null,
          highest_role: null,
          current_sign_in_ip: null,
          last_sign_in_ip: null,
          sign_in_count: 0,
        }
      : {}),
  };
}

export function renderSshKey(key: SshKey) {
  return {
    id: key.id,
    title: key.title,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: null,
    key: key.key,
    usage_type: key.usageType,
  };
}

/** `secret` is shown only in the answer that creates or rotates a token. */
export function renderAccessToken(token: PersonalAccessToken, now: Date, secret?: string) {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt,
    description: token.description,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: token.lastUsedAt,
    active: !token.revoked && !isExpired(token, now),
    expires_at: token.expiresAt,
    ...(secret === undefined ? {} : { token: secret }),
  };
}

export function renderMember(member: Member, user: User, baseUrl: string) {
  return {
    ...renderUserBasic(user, baseUrl),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    expires_at: member.expiresAt,
    created_by: null,
    membership_state: 'active',
  };
}
