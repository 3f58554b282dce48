"""Links by which a lesson opens on a JupyterHub, on Binder and in Colab, and what Binder builds."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from sphinx.errors import ConfigError

ROOT = Path(__file__).parents[2]
LESSON = "01-five-steps"
FILE = f"course/{LESSON}/{LESSON}.ipynb"
GITHUB = "https://github.com/someone/descent"


@pytest.fixture(scope="module")
def links():
    """docs/extensions/links.py"""
    spec = importlib.util.spec_from_file_location("links", ROOT / "docs" / "extensions" / "links.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def config(**settings):
    return SimpleNamespace(
        **{"repository_url": "", "repository_branch": "main", "hub_url": "", "myst_substitutions": {}} | settings
    )


def substituted(links, **settings):
    made = config(**settings)
    links._substitute(SimpleNamespace(confdir=ROOT / "docs"), made)
    return made.myst_substitutions


def test_every_link_leads_to_a_notebook_that_is_there():
    assert (ROOT / FILE).is_file()


@pytest.mark.parametrize("ending", ["", "/", ".git"])
def test_nbgitpuller_clones_the_repository_and_opens_the_lesson_in_its_folder(links, ending):
    link = urlsplit(links.nbgitpuller("https://hub.example.org/", GITHUB + ending, "spring", FILE))
    assert (link.netloc, link.path) == ("hub.example.org", "/hub/user-redirect/git-pull")
    assert parse_qs(link.query) == {
        "repo": [GITHUB + ending],
        "branch": ["spring"],
        "urlpath": [f"lab/tree/descent/{FILE}"],
    }


@pytest.mark.parametrize(
    ("repository", "where"),
    [
        (GITHUB, "gh/someone/descent"),
        (GITHUB + ".git", "gh/someone/descent"),
        ("https://gitlab.com/school/maths/descent", "gl/school%2Fmaths%2Fdescent"),
        ("https://git.example.org/descent.git", "git/https%3A%2F%2Fgit.example.org%2Fdescent.git"),
    ],
)
def test_binder_knows_the_host(links, repository, where):
    link = urlsplit(links.binder(repository, "term/spring", FILE))
    assert link.netloc == "mybinder.org" and link.path == f"/v2/{where}/term%2Fspring"
    assert parse_qs(link.query) == {"urlpath": [f"lab/tree/{FILE}"]}


def test_colab_reads_from_github_alone(links):
    assert links.colab(GITHUB, "main", FILE) == (
        f"https://colab.research.google.com/github/someone/descent/blob/main/{FILE}"
    )
    assert links.colab("https://gitlab.com/someone/descent", "main", FILE) is None


def test_lesson_has_links_to_all_that_is_known(links):
    download = f"{{download}}`Download the notebook <../../{FILE}>`"
    assert links.of_lesson(config(), LESSON) == download
    assert "[Binder](" in (line := links.of_lesson(config(repository_url=GITHUB), LESSON)) and "[Colab](" in line
    assert "JupyterHub" not in line
    assert "[JupyterHub](https://hub.example.org" in links.of_lesson(
        config(repository_url=GITHUB, hub_url="https://hub.example.org"), LESSON
    )


def test_page_has_a_row_of_links_for_each_lesson_or_says_why_not(links):
    assert "no such links" in substituted(links)["self_study_links"]
    table = substituted(links, repository_url=GITHUB)["self_study_links"].splitlines()
    assert len(table) == 2 + len(list((ROOT / "course").iterdir()))
    assert "git+https://github.com/someone/descent@main" in substituted(links, repository_url=GITHUB)["colab_cell"]


@pytest.mark.parametrize("setting", ["repository_url", "hub_url"])
@pytest.mark.parametrize("address", ["github.com/someone/descent", "git@github.com:someone/descent.git", "https://"])
def test_address_that_is_none_is_named(links, setting, address):
    with pytest.raises(ConfigError, match=f"{setting} is '{address}'"):
        substituted(links, **{setting: address})


def test_binder_builds_what_students_need():
    def packages(path):
        *names, pip = yaml.safe_load((ROOT / path).read_text())["dependencies"]
        return {name for name in names if not name.startswith("python")}, pip["pip"]

    whole, ours = packages("environment.yml"), packages("binder/environment.yml")
    text = (ROOT / "environment.yml").read_text()
    grading = set(text.partition("# extra: grading")[2].partition("  - pip\n")[0].replace("  - ", "").split())
    assert ours[0] == whole[0] - grading and grading
    assert whole[1] == ["-e ."] and ours[1] == ["-e .."]
