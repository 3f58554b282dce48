"""What all servers have in common: /etc/jupyter/jupyter_server_config.py, see docs/classroom.md."""

c = get_config()  # noqa: F821 -- traitlets provides it

# Between a server and its kernels goes all that is written and shown. Over TCP, which is the default, each account of
# this machine could listen; files in the owner's home are the owner's.
c.KernelManager.transport = "ipc"
