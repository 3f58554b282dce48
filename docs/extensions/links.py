"""Links by which a lesson opens elsewhere: on a JupyterHub by nbgitpuller, on Binder, in Colab.

All follow from where the repository is published. With no `repository_url` there are none, and the page that would show
them says so.
"""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

NO_LINKS = """\
:::{note}
This copy of the site was built without the repository's public address, so it has no such links. Whoever publishes it
sets the address, see [below](#your-own-links).
:::"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the settings, and have pages say ``{{ self_study_links }}`` and ``{{ colab_cell }}``."""
    app.add_config_value("repository_url", "", "env", str, "Where the repository is published, if it is.")
    app.add_config_value("repository_branch", "main", "env", str, "Its branch that readers get.")
    app.add_config_value("hub_url", "", "env", str, "A JupyterHub with nbgitpuller, if there is one.")
    app.connect("config-inited", _substitute)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _substitute(app: Sphinx, config: Config) -> None:
    for name in ("repository_url", "hub_url"):
        address = getattr(config, name)
        if address and not (urlsplit(address).scheme in ("https", "http") and urlsplit(address).netloc):
            raise ConfigError(f"{name} is {address!r}: give an address that begins with https://, or none")
    lessons = sorted(path.name for path in (app.confdir.parent / "course").glob("[0-9][0-9]-*"))
    rows = [f"| [](lessons/{name}.ipynb) | {' · '.join(_links(config, name))} |" for name in lessons]
    table = "\n".join(["| lesson | open it |", "| --- | --- |", *rows])
    config.myst_substitutions = {
        **config.myst_substitutions,
        "self_study_links": table if config.repository_url else NO_LINKS,
        "colab_cell": f"```python\n{colab_cell(config.repository_url, config.repository_branch)}\n```",
    }


def of_lesson(config: Config, name: str) -> str:
    """Give the line of links for a lesson's page, in Markdown."""
    download = f"{{download}}`Download the notebook <../../course/{name}/{name}.ipynb>`"
    return " · ".join([download, *_links(config, name)])


def _links(config: Config, name: str) -> list[str]:
    url, branch, path = config.repository_url, config.repository_branch, f"course/{name}/{name}.ipynb"
    if not url:
        return []
    found = {"Binder": binder(url, branch, path), "Colab": colab(url, branch, path)}
    if config.hub_url:
        found = {"JupyterHub": nbgitpuller(config.hub_url, url, branch, path), **found}
    return [f"[{where}]({address})" for where, address in found.items() if address]


def nbgitpuller(hub_url: str, repository_url: str, branch: str, path: str) -> str:
    """Give the link that brings the repository to a reader's place on a hub, or up to date there, and opens a file."""
    folder = _path(repository_url).rpartition("/")[2]
    query = {"repo": repository_url, "branch": branch, "urlpath": f"lab/tree/{folder}/{path}"}
    return f"{hub_url.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(query)}"


def binder(repository_url: str, branch: str, path: str) -> str:
    """Give the link that opens a file on mybinder.org, whoever hosts the repository."""
    host = urlsplit(repository_url).netloc
    if host == "github.com":
        where = f"gh/{_path(repository_url)}"
    elif host == "gitlab.com":
        where = f"gl/{quote(_path(repository_url), safe='')}"
    else:
        where = f"git/{quote(repository_url, safe='')}"
    return f"https://mybinder.org/v2/{where}/{quote(branch, safe='')}?{urlencode({'urlpath': f'lab/tree/{path}'})}"


def colab(repository_url: str, branch: str, path: str) -> str | None:
    """Give the link that opens a file in Colab, which reads from GitHub alone."""
    if urlsplit(repository_url).netloc != "github.com":
        return None
    return f"https://colab.research.google.com/github/{_path(repository_url)}/blob/{quote(branch)}/{path}"


def colab_cell(repository_url: str, branch: str) -> str:
    """Give what installs the course in Colab, which has all else that it needs."""
    return f'%pip install --quiet "git+{repository_url or "https://github.com/OWNER/NAME"}@{branch}"'


def _path(repository_url: str) -> str:
    return urlsplit(repository_url).path.strip("/").removesuffix(".git")
