// JSON shapes of webhooks and their deliveries (GitLab: lib/api/entities/hook.rb, project_hook.rb, web_hook_log.rb).
import type { Hook, HookDelivery } from '../../state.ts';

/** The token is never shown. */
export function renderHook(hook: Hook) {
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name === '' ? null : hook.name,
    description: hook.description === '' ? null : hook.description,
    created_at: hook.createdAt,
    push_events: hook.pushEvents,
    tag_push_events: hook.tagPushEvents,
    merge_requests_events: hook.mergeRequestsEvents,
    repository_update_events: hook.repositoryUpdateEvents,
    enable_ssl_verification: hook.enableSslVerification,
    alert_status: 'executable',
    disabled_until: hook.disabledUntil,
    url_variables: [],
    push_events_branch_filter: hook.pushEventsBranchFilter === '' ? null : hook.pushEventsBranchFilter,
    branch_filter_strategy: 'wildcard',
    custom_webhook_template: null,
    custom_headers: [],
  };
}

export function renderProjectHook(hook: Hook) {
  return {
    ...renderHook(hook),
    project_id: hook.projectId,
    issues_events: hook.issuesEvents,
    confidential_issues_events: hook.confidentialIssuesEvents,
    note_events: hook.noteEvents,
    confidential_note_events: hook.confidentialNoteEvents,
    pipeline_events: hook.pipelineEvents,
    wiki_page_events: hook.wikiPageEvents,
    deployment_events: hook.deploymentEvents,
    feature_flag_events: false,
    job_events: hook.jobEvents,
    releases_events: hook.releasesEvents,
    milestone_events: false,
    emoji_events: false,
    resource_access_token_events: false,
  };
}

export function renderHookDelivery(delivery: HookDelivery) {
  return {
    id: delivery.id,
    url: delivery.url,
    trigger: delivery.event,
    request_headers: delivery.requestHeaders,
    request_data: parseBody(delivery.requestBody),
    response_headers: delivery.responseHeaders,
    response_body: delivery.responseBody,
    execution_duration: delivery.executionDuration,
    response_status: delivery.responseStatus,
    created_at: delivery.createdAt,
  };
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
