// What GitLab's words for a failed job mean, and whose doing it was.
import type { FailureClass, JobFailure } from '../model/failure.ts';

type Row = readonly [FailureClass, sentence: string, next: string];

const again = 'Run it once more; if it fails again, its log says more.';
const log = 'Its last lines are in the log.';
const pipeline = 'See its pipeline at GitLab.';
const administrator = 'Ask an administrator of GitLab, or run it once more.';
const timeouts = 'Raise the timeout of the job, or of its project in GitLab.';
const runners = 'See what the runners say: autogit issue list. Run it once more.';

/**
 * `failure_reason` of a job: app/models/concerns/enums/ci/commit_status.rb of GitLab 19, with the reasons of its
 * runner (common/network.go). https://docs.gitlab.com/api/jobs/
 */
const reasons: Readonly<Record<string, Row>> = {
  script_failure: ['script', 'Its script ended with an error.', log],
  trace_size_exceeded: ['script', 'It wrote more into its log than GitLab keeps.', 'Let it print less.'],

  job_execution_timeout: ['timeout', 'It took longer than its timeout.', timeouts],
  job_execution_server_timeout: ['timeout', 'It took longer than its timeout.', timeouts],
  server_timeout_running: ['timeout', 'It took longer than its timeout, and GitLab ended it.', timeouts],
  server_timeout_canceling: ['timeout', 'It was cancelled and did not end in time.', again],
  job_token_expired: ['timeout', 'It went on for longer than its token is good for.', timeouts],
  stuck_or_timeout_failure: ['timeout', 'It hung, or waited for too long, and GitLab gave it up.', again],
  stuck_pending_with_matching_runners: [
    'timeout',
    'It waited so long that GitLab gave it up, although there was a runner for it.',
    'See whether there is room for such jobs: autogit pool list',
  ],
  stuck_pending_no_matching_runners: [
    'timeout',
    'It waited so long for a runner with its tags that GitLab gave it up.',
    'Compare its tags with those of the pools: autogit pool list',
  ],

  runner_system_failure: ['runner', 'The runner failed, not the script.', runners],
  runner_configuration_error: [
    'runner',
    'The runner could not be set up as the job wants it.',
    'Its log names what does not fit: an image, a service or a variable.',
  ],
  runner_unsupported: [
    'runner',
    'The runner cannot do something that the job asks for.',
    'Its log names what.',
  ],
  runner_interrupted: ['runner', 'The runner was stopped while it had the job.', 'Run it once more.'],
  no_updates_running: ['runner', 'GitLab heard nothing more from its runner.', runners],
  no_updates_canceling: ['runner', 'It was cancelled, and its runner said nothing more.', again],
  image_pull_failure: [
    'runner',
    'Its image could not be pulled.',
    'Check the name of the image, and whether this machine reaches its registry.',
  ],

  runner_external_dependency_failure: [
    'host',
    'The runner did not reach something outside that it needs.',
    'Check the network of this machine, then run it once more.',
  ],

  unknown_failure: ['gitlab', 'GitLab says that it does not know why it failed.', again],
  api_failure: ['gitlab', 'GitLab could not store what the job handed in.', again],
  missing_dependency_failure: [
    'gitlab',
    'Artifacts of an earlier job, which it needs, are not there any more.',
    'Run that earlier job once more.',
  ],
  stale_schedule: ['gitlab', 'It was to begin later, and GitLab did not begin it in time.', again],
  archived_failure: ['gitlab', 'It is too old: GitLab has archived it.', 'Start a new pipeline.'],
  unmet_prerequisites: ['gitlab', 'GitLab could not prepare what it needs.', pipeline],
  scheduler_failure: ['gitlab', 'GitLab could not hand it to a runner.', administrator],
  data_integrity_failure: ['gitlab', 'What GitLab knows of it does not fit together.', administrator],
  job_router_failure: ['gitlab', 'GitLab could not hand it to a runner.', administrator],
  user_blocked: ['gitlab', 'The user who started it is blocked.', administrator],
  project_deleted: ['gitlab', 'Its project has been deleted.', pipeline],
  ci_quota_exceeded: ['gitlab', 'Its project has used up its compute minutes.', administrator],
  no_matching_runner: [
    'gitlab',
    'No runner at GitLab has its tags.',
    'Compare its tags with those of the pools: autogit pool list',
  ],
  builds_disabled: ['gitlab', 'CI is switched off in its project.', 'Switch it on in the project.'],
  environment_creation_failure: ['gitlab', 'The name of its environment is not valid.', pipeline],
  deployment_rejected: ['gitlab', 'Its deployment was rejected.', pipeline],
  protected_environment_failure: ['gitlab', 'Its environment is protected against this user.', pipeline],
  forward_deployment_failure: ['gitlab', 'A newer deployment was there before it.', pipeline],
  failed_outdated_deployment_job: ['gitlab', 'A newer deployment was there before it.', pipeline],
  ip_restriction_failure: ['gitlab', "Its group does not allow this runner's address.", administrator],
  secrets_provider_not_found: ['gitlab', 'Its source of secrets was not found.', pipeline],
};

/** What GitLab's reason says; one that is not in the list is told in GitLab's own words. */
export function explainReason(reason: string): JobFailure {
  const row = Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  const [whose, sentence, next] = row ?? [
    'gitlab',
    `GitLab gives as its reason: ${reason.replaceAll('_', ' ').trim().slice(0, 100)}.`,
    pipeline,
  ];
  return { class: whose, sentence, next };
}
