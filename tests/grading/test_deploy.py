"""A cluster as docs/operations.md sets it up: its commands are run as they stand, and a class is graded over TLS."""

import re
import subprocess

import pytest

from tests.grading import test_cluster as plain
from tests.grading.dask_cluster import ROOT, DaskCluster

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.slow]

handed_in, graded_here, a_class = plain.handed_in, plain.graded_here, plain.a_class


def make_key(folder):
    """Do what the section on TLS says before the first command of Dask's; give Dask's configuration."""
    section = (ROOT / "docs" / "operations.md").read_text().partition("\n### TLS\n")[2]
    commands = re.search(r"```sh\n(.*?)\nexport DASK_CONFIG=\$PWD/dask.yaml", section, re.DOTALL)[1]
    folder.mkdir()
    (folder / "docs").symlink_to(ROOT / "docs")
    subprocess.run(["bash", "-euc", commands], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder / "dask.yaml"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return make_key(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, config):
    """A scheduler and two workers that talk over TLS."""
    with DaskCluster(tmp_path_factory.mktemp("cluster"), {"DASK_CONFIG": str(config)}) as cluster:
        yield cluster.start(2)


def refused(monkeypatch, a_class, address, config):
    """The one line in which a run with this configuration ends before it begins."""
    monkeypatch.setenv("DASK_CONFIG", str(config))
    return plain.only_line(plain.gdgrade(a_class, address))


def test_a_class_is_graded_over_tls(a_class, graded_here, cluster, config, monkeypatch):
    assert cluster.address.startswith("tls://")
    monkeypatch.setenv("DASK_CONFIG", str(config))
    process = plain.gdgrade(a_class, cluster.address)
    _, err = plain.said_by(process)
    assert process.returncode == 0, err
    assert plain.files(a_class) == plain.files(graded_here)


def test_the_key_is_readable_by_its_owner_alone(config):
    assert config.with_name("grading.pem").stat().st_mode & 0o077 == 0


def test_whoever_has_another_key_is_not_let_in(a_class, cluster, tmp_path, monkeypatch):
    line = refused(monkeypatch, a_class, cluster.address, make_key(tmp_path / "theirs"))
    assert f"no Dask scheduler answers at {cluster.address} (" in line
    assert "CERTIFICATE_VERIFY_FAILED" in line


def test_whoever_has_no_key_is_not_let_in(a_class, cluster, tmp_path, monkeypatch):
    line = refused(monkeypatch, a_class, cluster.address, tmp_path / "none")
    assert f"{cluster.address} cannot be used as a scheduler's address: " in line
    assert "TLS" in line
    plain_address = cluster.address.replace("tls://", "tcp://")
    line = refused(monkeypatch, a_class, plain_address, tmp_path / "none")
    assert f"no Dask scheduler answers at {plain_address} (" in line


def test_an_address_without_tls_is_refused_where_tls_is_required(a_class, cluster, config, monkeypatch):
    line = refused(monkeypatch, a_class, cluster.address.replace("tls://", "tcp://"), config)
    assert "cannot be used as a scheduler's address: encryption required by Dask configuration" in line


def test_a_key_that_is_not_there_is_named(a_class, cluster, config, tmp_path, monkeypatch):
    lost = tmp_path / "dask.yaml"
    lost.write_text(config.read_text().replace("grading.pem", "lost.pem"))
    line = refused(monkeypatch, a_class, cluster.address, lost)
    assert line.startswith("Error: Nothing was graded: ")
    assert f"{config.with_name('lost.pem')}: No such file or directory" in line


def test_a_key_that_is_none_is_named(a_class, cluster, config, tmp_path, monkeypatch):
    other = tmp_path / "dask.yaml"
    other.write_text(config.read_text().replace(str(config.with_name("grading.pem")), str(other)))
    line = refused(monkeypatch, a_class, cluster.address, other)
    assert f"Nothing was graded: {other}: " in line and "in PEM" in line
