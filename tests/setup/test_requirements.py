"""pyproject.toml, constraints.txt and environment.yml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
FOR_USERS = ("torch", "jax", "lab", "grading")


def requirements(*extras):
    """What the project itself and the named extras ask for, by canonical name."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return {canonicalize_name(one.name): one for one in map(Requirement, lines) if one.name != "gdexercises"}


@pytest.fixture(scope="module")
def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in lines if not line.startswith("#"))
    }


def test_every_requirement_is_pinned_at_a_version_its_floor_allows(pins):
    for name, requirement in requirements(*EXTRAS).items():
        assert name in pins, f"{name} is not in constraints.txt"
        assert requirement.specifier.contains(pins[name]), f"{requirement} but {pins[name]} is pinned"


def test_constraints_are_exact_sorted_and_name_no_local_build():
    lines = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line) for line in lines)
    assert len({canonicalize_name(line.partition("==")[0]) for line in lines}) == len(lines)


def test_what_is_installed_here_is_what_is_pinned(pins):
    from importlib.metadata import version

    for name in requirements():
        assert version(name) == pins[name]


def test_conda_environment_asks_for_the_same_floors():
    packages = [
        line for line in yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"] if type(line) is str
    ]
    conda = {one.name: str(one.specifier) for one in map(Requirement, packages)}
    wanted = {CONDA_NAMES.get(name, name): str(one.specifier) for name, one in requirements(*FOR_USERS).items()}
    assert {name: conda.get(name) for name in wanted} == wanted
    assert set(conda) - set(wanted) == {"python", "pip"}
    assert PROJECT["requires-python"] in [f">={floor}" for floor in re.findall(r">=([\d.]+)", conda["python"])]


def test_conda_channel_is_conda_forge_alone():
    assert yaml.safe_load((ROOT / "environment.yml").read_text())["channels"] == ["conda-forge", "nodefaults"]


def test_students_install_little():
    assert set(requirements()) == {"numpy", "matplotlib", "ipywidgets"}
