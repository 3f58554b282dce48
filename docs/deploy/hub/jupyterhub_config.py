"""JupyterHub for one class on one machine: /etc/jupyterhub/jupyterhub_config.py, see docs/classroom.md.

Each person is an account of the system, and has a server of their own that runs as that account. Whom the hub lets in,
and whose the class is, is known from the groups and the exchange that classroom.py makes.
"""

import grp
from pathlib import Path

c = get_config()  # noqa: F821 -- traitlets provides it

COURSE = "gradient-descent"
TEACHERS = f"{COURSE}-teachers"
CLASS_OWNER = Path("/srv/nbgrader/exchange", COURSE).owner()

# Reached through a web server on this machine that speaks HTTPS: passwords go over this address.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
# The hub's own database and keys, in a folder that root alone may open.
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = "/srv/jupyterhub/proxy.pid"

# People log in with their system password. A new member of a group may at once; nobody else, and nobody is an admin.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {COURSE, TEACHERS}

# The class is worked on in its owner's server. The other teachers may start, stop and open it, too; a change of the
# teachers' group counts from the hub's next start.
c.JupyterHub.load_groups = {"teachers": {"users": grp.getgrnam(TEACHERS).gr_mem}}
c.JupyterHub.load_roles = [
    {
        "name": "teacher",
        "description": "May start, stop and open the server of the class's owner",
        "scopes": [f"{scope}!user={CLASS_OWNER}" for scope in ("access:servers", "servers", "read:users:name")],
        "groups": ["teachers"],
    }
]

c.JupyterHub.spawner_class = "localprocess"
c.Spawner.default_url = "/lab"
c.Spawner.notebook_dir = "~"
# What a server is, is said in /etc/jupyter alone.
c.Spawner.disable_user_config = True
# The first start after a boot reads all packages from the disk.
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
