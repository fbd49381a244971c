"""Uses a GitLab by python-gitlab as people do, and prints what it saw as one JSON document.

Address and token are in GITLAB_URL and GITLAB_TOKEN. The project root/done has a pipeline that has run.
"""

import base64
import io
import json
import os
import sys
import zipfile

import gitlab

gl = gitlab.Gitlab(os.environ["GITLAB_URL"], private_token=os.environ["GITLAB_TOKEN"])
CI_FILE = "build:\n  script: [echo build]\ntest:\n  stage: test\n  script: [echo test]\n"


def refused(action):
    """The status and message of a call that the server must refuse."""
    try:
        action()
    except gitlab.exceptions.GitlabError as error:
        return [error.response_code, str(error.error_message)]
    return None


def instance():
    gl.auth()
    settings = gl.settings.get()
    settings.max_artifacts_size = 123
    settings.save()
    return {
        "user": gl.user.username,
        "version": gl.version()[0],
        "max_artifacts_size": gl.settings.get().max_artifacts_size,
    }


def users():
    user = gl.users.create(
        {"email": "eve@example.com", "username": "eve", "name": "Eve", "password": "a long password"}
    )
    key = user.keys.create(
        {
            "title": "laptop",
            "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl eve",
        }
    )
    user.block()
    blocked = gl.users.get(user.id).state
    user.unblock()
    return {
        "names": sorted(one.username for one in gl.users.list(get_all=True)),
        "found": [one.id == user.id for one in gl.users.list(username="eve")],
        "keys": [one.title for one in user.keys.list() if one.id == key.id],
        "blocked": blocked,
        "twice": refused(lambda: gl.users.create({"email": "e@example.com", "username": "eve", "name": "E",
                                                  "password": "a long password"})),
    }


def projects():
    group = gl.groups.create({"name": "Team", "path": "team"})
    for number in range(25):
        gl.projects.create({"name": f"p{number}", "namespace_id": group.id})
    first = gl.projects.get("team/p0")
    first.description = "changed"
    first.save()
    gl.projects.get("team/p1").delete()
    return {
        "default_page": len(gl.projects.list(get_all=False)),
        "all": len(group.projects.list(get_all=True)),
        "lazily": sum(1 for _ in gl.projects.list(iterator=True, per_page=7)),
        "total": gl.projects.list(iterator=True).total,
        "searched": [one.path_with_namespace for one in gl.projects.list(search="p24")],
        "description": gl.projects.get(first.id).description,
        "gone": refused(lambda: gl.projects.get("team/p1")),
    }


def repository():
    project = gl.projects.create({"name": "code", "initialize_with_readme": True})
    project.files.create(
        {"file_path": ".gitlab-ci.yml", "branch": "main", "content": CI_FILE, "commit_message": "Add CI"}
    )
    project.branches.create({"branch": "feature", "ref": "main"})
    project.tags.create({"tag_name": "v1", "ref": "main"})
    protected = project.protectedbranches.create(
        {"name": "feature", "push_access_level": gitlab.const.AccessLevel.DEVELOPER}
    )
    listed = sorted(one.name for one in project.protectedbranches.list())
    protected.delete()
    content = project.files.get(".gitlab-ci.yml", ref="main").content
    return {
        "branches": sorted(one.name for one in project.branches.list()),
        "tags": [one.name for one in project.tags.list()],
        "protected": listed,
        "unprotected": sorted(one.name for one in project.protectedbranches.list()),
        "commits": [one.title for one in project.commits.list(get_all=True)],
        "file": base64.b64decode(content).decode() == CI_FILE,
    }


def variables_and_hooks():
    project = gl.projects.get("root/code")
    variable = project.variables.create({"key": "SECRET", "value": "hunter2hunter2", "masked": True})
    variable.value = "hunter3hunter3"
    variable.save()
    gl.variables.create({"key": "SHARED", "value": "for all"})
    wish = {"url": "http://127.0.0.1:9/hook", "job_events": True, "push_events": False}
    local = refused(lambda: project.hooks.create(wish))
    settings = gl.settings.get()
    settings.allow_local_requests_from_web_hooks_and_services = True
    settings.save()
    hook = project.hooks.create(wish)
    hook.pipeline_events = True
    hook.save()
    kept = project.hooks.get(hook.id)
    answer = {
        "variable": project.variables.get("SECRET").asdict(),
        "local": local,
        "instance": [one.key for one in gl.variables.list()],
        "hook": [kept.job_events, kept.pipeline_events, kept.push_events],
    }
    hook.delete()
    variable.delete()
    return answer | {"left": [len(project.hooks.list()), len(project.variables.list())]}


def pipelines():
    project = gl.projects.get("root/code")
    pipeline = project.pipelines.create({"ref": "main", "variables": [{"key": "HOW", "value": "by hand"}]})
    jobs = [(job.name, job.status) for job in pipeline.jobs.list()]
    pipeline.cancel()
    pipeline.refresh()
    canceled = pipeline.status
    job = project.jobs.get(pipeline.jobs.list()[-1].id)
    job.retry()
    return {
        "source": pipeline.source,
        "variables": [(one.key, one.value) for one in pipeline.variables.list()],
        "jobs": sorted(jobs),
        "canceled": canceled,
        "retried": sorted(one.status for one in pipeline.jobs.list(include_retried=True)),
        "listed": pipeline.id in [one.id for one in project.pipelines.list(ref="main")],
        "no_ref": refused(lambda: project.pipelines.create({"ref": "nowhere"})),
    }


def runners():
    runner = gl.http_post("/user/runners", post_data={"runner_type": "instance_type", "tag_list": "a,b"})
    kept = gl.runners.get(runner["id"])
    kept.paused = True
    kept.save()
    answer = {
        "token": runner["token"][:5],
        "tags": kept.tag_list,
        "all": len(gl.runners_all.list()),
        "paused": gl.runners.get(runner["id"]).paused,
    }
    kept.delete()
    return answer | {"left": len(gl.runners_all.list())}


def finished():
    """A pipeline that a runner has run already: its log and its artifacts."""
    project = gl.projects.get("root/done")
    job = project.jobs.list(get_all=True)[0]
    archive = zipfile.ZipFile(io.BytesIO(job.artifacts()))
    return {
        "job": [job.name, job.status],
        "trace": job.trace().decode(),
        "names": archive.namelist(),
        "archived": archive.read("out.txt").decode(),
        "file": job.artifact("out.txt").decode(),
    }


parts = [instance, users, projects, repository, variables_and_hooks, pipelines, runners, finished]
json.dump({part.__name__: part() for part in parts}, sys.stdout)
