"""What docs/deploy/ ships can be read by who it is for, and agrees with docs/operations.md and the project."""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer
import yaml
from distributed.cli import dask_scheduler, dask_worker
from packaging.specifiers import SpecifierSet

from grading.cli import app
from grading.sandbox import Limits

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IMAGE = f"REGISTRY/gdexercises-grading:{PROJECT['version']}"
COMMANDS = {
    "dask scheduler": dask_scheduler.main,
    "dask worker": dask_worker.main,
    **{f"gdgrade {name}": command for name, command in typer.main.get_command(app).commands.items()},
}
NEEDED = Limits().memory + Limits().disk + 0.6 * 2**30
"""Bytes that a worker with its jail and a submission may need: see Limits in docs/operations.md."""


@pytest.fixture(scope="module")
def manifest():
    """What kubernetes.yaml makes, by kind and name."""
    made = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    assert all(one["kind"] == "Namespace" or one["metadata"]["namespace"] == "grading" for one in made)
    return {(one["kind"], one["metadata"]["name"]): one for one in made}


@pytest.fixture(params=["scheduler", "worker"])
def name(request):
    return request.param


def pod(manifest, name):
    """The pod of a deployment, and its only container."""
    template = manifest["Deployment", name]["spec"]["template"]
    assert template["metadata"]["labels"] == manifest["Deployment", name]["spec"]["selector"]["matchLabels"]
    (container,) = template["spec"]["containers"]
    return template["spec"], container


def option(args, flag):
    return args[args.index(flag) + 1]


def unknown(words):
    """Of a command, the options that it does not have."""
    words = words[next(index for index, word in enumerate(words) if Path(word).name in ("dask", "gdgrade")) :]
    command = COMMANDS[f"{Path(words[0]).name} {words[1]}"]
    known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
    return [word for word in words if word.startswith("-") and word != "-" and word not in known]


def documented():
    """The commands of Dask and of gdgrade in docs/operations.md."""
    blocks = re.findall(r"```sh\n(.*?)```", OPERATIONS, re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [" ".join(line) for line in lines if any(Path(word).name in ("dask", "gdgrade") for word in line)]


@pytest.mark.parametrize("command", documented())
def test_documented_command_has_only_options_that_there_are(command):
    assert unknown(shlex.split(command)) == []


def test_documented_commands_are_found_and_a_wrong_option_is_seen():
    assert {" ".join(words.split()[:2]) for words in documented()} >= {"dask scheduler", "dask worker"}
    assert unknown(["dask", "worker", "--nthreads", "1", "--nthread", "1"]) == ["--nthread"]


def test_options_of_autograde_in_the_table_are_all_there_are():
    table = OPERATIONS.partition("\n## What it grades\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(--[a-z-]+)", table, re.MULTILINE)
    known = {flag for one in COMMANDS["gdgrade autograde"].params for flag in one.opts if flag.startswith("--")}
    assert set(rows) == known - {"--class"}


def test_every_link_to_a_file_leads_to_one():
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", OPERATIONS)
    assert {path.name for path in DEPLOY.iterdir() if "." in path.name} - {"Dockerfile.dockerignore"} <= {
        Path(link).name for link in links
    }
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


# Dask ---------------------------------------------------------------------------------------------------------------


def test_every_documented_worker_has_one_thread():
    workers = [shlex.split(command) for command in documented() if command.startswith("dask worker")]
    assert workers
    assert {option(words, "--nthreads") for words in workers} == {"1"}


def test_tls_is_configured_for_all_roles_in_names_that_dask_reads():
    import distributed

    ours = yaml.safe_load((DEPLOY / "tls.yaml").read_text())["distributed"]["comm"]
    defaults = yaml.safe_load((Path(distributed.__file__).parent / "distributed.yaml").read_text())["distributed"]
    assert set(ours) <= set(defaults["comm"])
    assert ours["require-encryption"] is True and ours["default-scheme"] == "tls"
    assert set(ours["tls"]) == {"ca-file", "scheduler", "worker", "client"} <= set(defaults["comm"]["tls"])
    for role in ("scheduler", "worker", "client"):
        assert set(ours["tls"][role]) <= set(defaults["comm"]["tls"][role])


# Kubernetes ---------------------------------------------------------------------------------------------------------


def test_commands_of_the_pods_have_only_options_that_there_are(manifest, name):
    args = pod(manifest, name)[1]["args"]
    assert args[:2] == ["dask", name]
    assert unknown(args) == []


def test_both_pods_run_the_image_of_this_version(manifest, name):
    assert pod(manifest, name)[1]["image"] == IMAGE
    build = f"docker build -f docs/deploy/Dockerfile -t {IMAGE} ."
    assert build in OPERATIONS and build in (DEPLOY / "Dockerfile").read_text()


def test_ports_agree(manifest):
    (_, scheduler), (_, worker) = pod(manifest, "scheduler"), pod(manifest, "worker")
    port, worker_port = (
        int(option(one["args"], flag)) for one, flag in ((scheduler, "--port"), (worker, "--worker-port"))
    )
    (service,) = manifest["Service", "scheduler"]["spec"]["ports"]
    assert {one["name"]: one["containerPort"] for one in scheduler["ports"]}[service["targetPort"]] == port
    assert [one["containerPort"] for one in worker["ports"]] == [worker_port]
    assert worker["args"][2] == f"tls://scheduler.grading.svc:{service['port']}"
    assert option(scheduler["args"], "--dashboard-address") == ":8787"
    health = {one["name"]: one["containerPort"] for one in scheduler["ports"]}[
        scheduler["readinessProbe"]["httpGet"]["port"]
    ]
    assert health == 8787
    allowed = {
        (name, way, target, rule["port"])
        for name in ("scheduler", "worker")
        for way, side in (("ingress", "from"), ("egress", "to"))
        for one in manifest["NetworkPolicy", name]["spec"][way]
        for peer in one[side]
        for rule in one["ports"]
        for target in peer.get("podSelector", {}).get("matchLabels", {"app": "kube-system"}).values()
    }
    assert allowed == {
        ("scheduler", "ingress", "worker", port),
        ("worker", "egress", "scheduler", port),
        ("scheduler", "egress", "worker", worker_port),
        ("worker", "ingress", "scheduler", worker_port),
        ("worker", "egress", "kube-system", 53),
    }


def test_nobody_reaches_anybody_without_a_rule_and_the_scheduler_is_not_published(manifest):
    policy = manifest["NetworkPolicy", "nothing"]["spec"]
    assert policy == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert manifest["Service", "scheduler"]["spec"]["type"] == "ClusterIP"
    assert not [kind for kind, _ in manifest if kind == "Ingress"]


def test_pods_hold_nothing_but_room_and_the_key(manifest, name):
    spec, container = pod(manifest, name)
    tmp, tls = spec["volumes"]
    assert set(tmp) == {"name", "emptyDir"}
    assert tls["projected"]["sources"] == [{"configMap": {"name": "dask-tls"}}, {"secret": {"name": "grading-tls"}}]
    assert [one["mountPath"] for one in container["volumeMounts"]] == ["/tmp", "/etc/dask"]
    assert spec["automountServiceAccountToken"] is False
    assert "create secret generic grading-tls --from-file=grading.pem" in OPERATIONS


def test_configuration_in_the_manifest_is_that_of_the_file(manifest):
    text = manifest["ConfigMap", "dask-tls"]["data"]["tls.yaml"]
    assert yaml.safe_load(text) == yaml.safe_load((DEPLOY / "tls.yaml").read_text())


def test_pods_have_no_rights_and_only_the_worker_can_make_jails(manifest, name):
    spec, container = pod(manifest, name)
    security = container["securityContext"]
    assert spec["hostUsers"] is False and spec["securityContext"]["runAsNonRoot"] is True
    assert security["allowPrivilegeEscalation"] is False and security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]} and "privileged" not in security
    makes_jails = {one for one in ("procMount", "appArmorProfile", "seccompProfile") if one in security}
    assert makes_jails == ({"procMount", "appArmorProfile", "seccompProfile"} if name == "worker" else set())
    if name == "scheduler":
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_worker_has_one_thread_one_core_and_the_memory_of_a_submission(manifest):
    _, container = pod(manifest, "worker")
    assert option(container["args"], "--nthreads") == "1"
    assert option(container["args"], "--local-directory").startswith("/tmp/")
    assert container["resources"]["requests"]["cpu"] == "1"
    for memory in (container["resources"][which]["memory"] for which in ("requests", "limits")):
        assert int(memory.removesuffix("Gi")) * 2**30 >= NEEDED


# The image ----------------------------------------------------------------------------------------------------------


def test_image_installs_extras_that_there_are_at_the_versions_that_were_tested():
    text = (DEPLOY / "Dockerfile").read_text()
    (extras,) = re.findall(
        r"pip install .*-c /tmp/constraints\.txt \"\$\(echo /tmp/wheels/\*\.whl\)\[([a-z,]+)\]\"", text
    )
    assert set(extras.split(",")) == {"grading", "cluster", "torch", "jax"} <= set(PROJECT["optional-dependencies"])
    assert f"`{extras}`" in OPERATIONS
    (version,) = re.findall(r"^ARG BASE=python:([\d.]+)-slim-", text, re.MULTILINE)
    assert version in SpecifierSet(PROJECT["requires-python"])
    assert re.search(r"^USER [1-9]\d*:", text, re.MULTILINE)


def test_image_is_built_of_files_that_there_are_and_that_are_not_ignored():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == names
    build = {
        PROJECT["readme"],
        *PROJECT["license-files"],
        "pyproject.toml",
        "constraints.txt",
        "gdexercises",
        "grading",
    }
    assert names == build


# Slurm --------------------------------------------------------------------------------------------------------------


def test_job_script_is_shell_without_faults():
    subprocess.run(["bash", "-n", DEPLOY / "slurm.sh"], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", DEPLOY / "slurm.sh"], check=True)
    assert os.access(DEPLOY / "slurm.sh", os.X_OK)


def test_job_starts_one_worker_of_one_thread_with_the_memory_of_a_submission(tmp_path):
    dask = tmp_path / "bin" / "dask"
    dask.parent.mkdir()
    dask.write_text('#!/bin/sh\nprintf "%s\\n" dask "$@"\n')
    dask.chmod(0o755)
    environment = {**os.environ, "GRADING_VENV": str(tmp_path)}
    run = [DEPLOY / "slurm.sh", "tls://host:8786"]
    words = subprocess.run(run, env=environment, check=True, capture_output=True, text=True).stdout.splitlines()
    assert words[:3] == ["dask", "worker", "tls://host:8786"]
    assert unknown(words) == []
    assert option(words, "--nthreads") == "1"
    asked = dict(re.findall(r"^#SBATCH --([a-z-]+)=(\S+)$", (DEPLOY / "slurm.sh").read_text(), re.MULTILINE))
    assert (asked["ntasks"], asked["cpus-per-task"]) == ("1", "1")
    assert int(asked["mem"].removesuffix("G")) * 2**30 >= NEEDED


def test_job_without_an_address_says_what_is_missing():
    done = subprocess.run([DEPLOY / "slurm.sh"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "name the address of the scheduler, such as tls://" in done.stderr
