"""docs/deploy/z2jh/ agrees with docs/kubernetes.md, with itself, with the hub, and with what the jail needs."""

import asyncio
import re
import shlex
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.scopes import _check_scopes_exist
from jupyterhub.spawner import Spawner
from kubernetes_asyncio.client import ApiClient
from kubespawner import KubeSpawner
from packaging.specifiers import SpecifierSet
from traitlets.config import Config

from grading.sandbox import Limits

ROOT = Path(__file__).parents[2]
FILES = ROOT / "docs" / "deploy" / "z2jh"
GUIDE = (ROOT / "docs" / "kubernetes.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HUB = yaml.safe_load((FILES / "hub.yaml").read_text())
NGSHARE = yaml.safe_load((FILES / "ngshare.yaml").read_text())
RECIPE = (FILES / "Dockerfile").read_text()
SETTINGS = (FILES / "nbgrader_config.py").read_text()
OWNER = "berta"
JAIL_AND_SUBMISSION = Limits().memory + Limits().disk + 0.6 * 2**30
"""Bytes that a worker with its jail and a submission may need: see Limits in docs/operations.md."""

FOR_A_STUDENT = 4e6
"""Bytes of a student's work, in eleven lessons of the size that docs/kubernetes.md has."""


def image(kind):
    return f"REGISTRY/gdexercises-{kind}:{PROJECT['version']}"


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


def stage(name):
    """What a stage of the recipe says, and what it begins with."""
    base, text = re.search(rf"^FROM (\S+) AS {name}\n(.*?)(?=^FROM |\Z)", RECIPE, re.DOTALL | re.MULTILINE).groups()
    return base, text


@pytest.fixture(params=["student", "teacher"])
def kind(request):
    return request.param


def started(kind):
    """What starts a person's server, and the pod that it asks Kubernetes for."""
    # Not in this thread, where Playwright's own loop may be running
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(_started(kind))).result()


async def _started(kind):
    given = HUB["singleuser"]
    config = Config()
    # What the chart hands on, and what it adds
    config.KubeSpawner.image = f"{given['image']['name']}:{given['image']['tag']}"
    config.KubeSpawner.init_containers = [{"name": "block-cloud-metadata", "image": "chart"}]
    config.KubeSpawner.uid, config.KubeSpawner.fs_gid = 1000, 100
    config.KubeSpawner.cpu_limit, config.KubeSpawner.mem_limit = given["cpu"]["limit"], given["memory"]["limit"]
    config.KubeSpawner.storage_capacity = given["storage"]["capacity"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kubespawner.spawner.load_config", lambda **where: None)  # there is no cluster to talk to
        spawner = KubeSpawner(_mock=True, config=config)
    if kind == "teacher":
        for _, one in sorted(HUB["hub"]["config"]["Spawner"]["group_overrides"].items()):
            spawner._apply_overrides(one["spawner_override"])
    async with ApiClient() as client:
        return spawner, client.sanitize_for_serialization(await spawner.get_pod_manifest())["spec"]


def pod(kind):
    return started(kind)[1]


# The images ---------------------------------------------------------------------------------------------------------


def test_guide_and_recipe_build_and_push_the_same_images():
    built = [shlex.split(line.removeprefix("#")) for line in RECIPE.splitlines() if line.startswith("#   docker build")]
    assert built == [words for words in commands() if words[:2] == ["docker", "build"]]
    assert {words[words.index("--target") + 1]: words[words.index("-t") + 1] for words in built} == {
        kind: image(kind) for kind in ("student", "teacher", "ngshare")
    }
    assert all((ROOT / words[words.index("-f") + 1]).is_file() for words in built)
    assert [words[-1] for words in commands() if words[:2] == ["docker", "push"]] == [words[-2] for words in built]


def test_images_that_are_run_are_those_that_are_built():
    given = HUB["singleuser"]["image"]
    assert f"{given['name']}:{given['tag']}" == image("student")
    assert f"{NGSHARE['image']['repository']}:{NGSHARE['image']['tag']}" == image("ngshare")


def test_only_the_teacher_gets_what_has_the_solutions_in_it():
    _, course = stage("course")
    lines = course.splitlines()
    made = [lines.index(line) for line in lines if "/wheels/student" in line]
    assert max(made) < lines.index("COPY grading /course/grading")
    assert stage("student") == ("person", "USER 1000:100\n\n")
    assert "grading" not in stage("person")[1].replace("nbgrader", "")
    assert stage("teacher")[0] == "person"
    assert "/wheels/teacher" in stage("teacher")[1]
    assert "bubblewrap" in stage("teacher")[1]


def test_recipe_copies_files_that_there_are_and_that_are_not_ignored():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", RECIPE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    ignored = (FILES / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == names


def test_recipe_installs_extras_that_there_are_with_the_hub_of_the_chart():
    extras = {one for found in re.findall(r"(?:whl\)|gdexercises)\[([a-z,]+)\]", RECIPE) for one in found.split(",")}
    assert extras == {"lab", "torch", "jax", "grading", "cluster"} <= set(PROJECT["optional-dependencies"])
    (hub,) = set(re.findall(r"^ARG JUPYTERHUB=(\S+)$", RECIPE, re.MULTILINE))
    chart = next(words[words.index("--version") + 1] for words in commands() if "jupyterhub/jupyterhub" in words)
    assert f"Helm chart, {chart}" in (FILES / "hub.yaml").read_text()
    assert f"chart {chart}, whose hub is JupyterHub {hub}" in GUIDE
    (python,) = re.findall(r"^ARG BASE=python:([\d.]+)-slim-", RECIPE, re.MULTILINE)
    assert python in SpecifierSet(PROJECT["requires-python"])


def test_who_runs_them_is_nobody_in_particular():
    users = re.findall(r"^USER (\d+):", RECIPE, re.MULTILINE)
    assert len(users) == 3
    assert "0" not in users


# The hub ------------------------------------------------------------------------------------------------------------


def test_files_that_the_guide_hands_to_helm_are_there():
    given = [words[words.index("-f") + 1] for words in commands() if words[0] == "helm" and "-f" in words]
    assert given == ["docs/deploy/z2jh/hub.yaml", "docs/deploy/z2jh/ngshare.yaml"]
    linked = set(re.findall(r"\]\((deploy/z2jh/[^)]+)\)", GUIDE))
    assert {Path("docs", one) for one in linked} == {
        path.relative_to(ROOT) for path in FILES.iterdir() if path.name != "Dockerfile.dockerignore"
    }


def test_settings_of_the_hub_have_names_that_it_knows():
    config = HUB["hub"]["config"]
    assert set(config["JupyterHub"]) <= set(JupyterHub.class_trait_names(config=True))
    assert set(config["Spawner"]) <= set(Spawner.class_trait_names(config=True))
    for one in config["Spawner"]["group_overrides"].values():
        assert set(one) == {"groups", "spawner_override"}
        assert set(one["spawner_override"]) <= set(KubeSpawner.class_trait_names(config=True))
        assert set(one["groups"]) <= set(config["JupyterHub"]["load_groups"])


def test_scopes_are_those_that_there_are():
    for role in HUB["hub"]["loadRoles"].values():
        _check_scopes_exist(role["scopes"])
        assert set(role.get("groups", ())) <= set(HUB["hub"]["config"]["JupyterHub"]["load_groups"])
    with pytest.raises(KeyError, match="acces"):
        _check_scopes_exist(["acces:servers"])


def test_teachers_may_open_the_servers_of_the_owner_and_of_nobody_else():
    assert {scope.partition("!")[2] for scope in HUB["hub"]["loadRoles"]["teacher"]["scopes"]} == {f"user={OWNER}"}
    assert HUB["hub"]["config"]["JupyterHub"]["admin_access"] is False
    assert "admin_users" not in (FILES / "hub.yaml").read_text()


def test_people_are_the_same_everywhere():
    config = HUB["hub"]["config"]
    allowed = config["GenericOAuthenticator"]["allowed_users"]
    assert OWNER in allowed
    assert config["JupyterHub"]["load_groups"]["teachers"]["users"] == NGSHARE["ngshare"]["admins"] == [OWNER]
    assert ["ngshare-course-management", "create_course", "gradient-descent", OWNER] in commands()


def test_who_is_no_longer_named_may_no_longer_log_in():
    given = HUB["hub"]["config"]["GenericOAuthenticator"]
    of_any = {key: given[key] for key in ("allowed_users", "allow_existing_users", "blocked_users")}
    authenticator = Authenticator(config=Config({"Authenticator": of_any}))
    authenticator.add_user(SimpleNamespace(name="eva"))  # whom the hub's database has
    assert authenticator.allowed_users == set(given["allowed_users"])
    assert not authenticator.blocked_users & authenticator.allowed_users


def test_there_is_no_secret_in_the_files():
    (secret,) = HUB["hub"]["extraEnv"].values()
    name, key = secret["valueFrom"]["secretKeyRef"].values()
    made = next(words for words in commands() if words[3:6] == ["create", "secret", "generic"])
    assert made[6] == name
    assert made[7].startswith(f"--from-literal={key}=")
    assert "hub_api_token" not in NGSHARE["ngshare"]


# The exchange -------------------------------------------------------------------------------------------------------


def test_servers_and_policy_agree_on_where_the_exchange_is():
    host, port = re.search(r'configureExchange\(c, "http://([a-z]+):(\d+)/services/ngshare"\)', SETTINGS).groups()
    release = next(words for words in commands() if "ngshare/ngshare" in words)
    assert release[:4] == ["helm", "upgrade", "--install", host]
    (rule,) = HUB["singleuser"]["networkPolicy"]["egress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": int(port)}]
    assert rule["to"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "ngshare"}}}]
    assert "port" not in NGSHARE["deployment"]  # 8080 in its chart


def test_there_is_one_exchange_with_one_disk():
    assert NGSHARE["deployment"]["replicaCount"] == 1
    assert NGSHARE["deployment"]["strategy"] == {"type": "Recreate"}
    assert NGSHARE["pvc"]["accessModes"] == ["ReadWriteOnce"]
    assert "debug" not in NGSHARE["ngshare"]


def test_course_is_called_the_same_by_all():
    (course,) = re.findall(r'^COURSE = "(.+)"$', SETTINGS, re.MULTILINE)
    assert ["gdgrade", "new", course, "--lessons", "1"] in commands()
    for words in commands():
        if words[0] == "ngshare-course-management":
            assert words[2] == course


# The pods -----------------------------------------------------------------------------------------------------------


def test_a_teachers_pod_has_the_rights_that_a_jail_needs_and_a_students_has_not():
    worker = next(
        one["spec"]["template"]["spec"]
        for one in yaml.safe_load_all((FILES.parent / "kubernetes.yaml").read_text())
        if one["kind"] == "Deployment" and one["metadata"]["name"] == "worker"
    )
    jail = worker["containers"][0]["securityContext"]
    teacher, student = pod("teacher"), pod("student")
    (container,) = teacher["containers"]
    # JupyterLab writes into /tmp and elsewhere; the jail does not care.
    expected = {key: value for key, value in jail.items() if key != "readOnlyRootFilesystem"} | {"runAsUser": 1000}
    assert container["securityContext"] == expected
    assert teacher["hostUsers"] is worker["hostUsers"] is False
    assert not teacher.get("initContainers")
    assert student["containers"][0]["securityContext"] == {"runAsUser": 1000, "allowPrivilegeEscalation": False}
    assert "hostUsers" not in student
    assert student["initContainers"]


def test_each_gets_the_image_and_no_account_of_the_clusters(kind):
    made = pod(kind)
    assert made["containers"][0]["image"] == image(kind)
    assert made["automountServiceAccountToken"] is False


def test_a_teacher_has_the_memory_of_as_many_submissions_as_cores():
    made, _ = started("teacher")
    assert made.mem_limit >= made.cpu_limit * JAIL_AND_SUBMISSION + 2**30


def test_a_teachers_home_has_room_for_a_class_of_a_thousand():
    capacity = {kind: started(kind)[0].storage_capacity for kind in ("student", "teacher")}
    assert float(capacity["teacher"].removesuffix("Gi")) * 2**30 >= 1_000 * FOR_A_STUDENT
    assert capacity["student"] == "2Gi"
