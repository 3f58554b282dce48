#!/usr/bin/env python3
"""Make a class's accounts, groups and exchange on a machine with JupyterHub: see docs/classroom.md.

    sudo python3 classroom.py --teacher berta --roster roster.csv > passwords.txt

It may be run again, with more students or after it was interrupted. Accounts that there are keep their passwords and
files, and if a name is printed twice, its last password counts. Nothing is ever removed.
"""

import argparse
import csv
import grp
import os
import pwd
import re
import secrets
import stat
import subprocess
import sys
from pathlib import Path

COURSE = "gradient-descent"
EXCHANGE = Path("/srv/nbgrader/exchange")
HUB = Path("/srv/jupyterhub")
# Longer names are legal, but the path of a kernel's socket in such a home may be too long for the system.
NAME = re.compile(r"[a-z_][a-z0-9_-]{0,21}")


def main(argv: list[str] | None = None) -> None:
    """Do what the command line says; print a line `name password` for each account that is new."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--teacher", action="append", required=True, help="the first is the class's owner")
    parser.add_argument("--roster", type=Path, required=True, help="a CSV file with a column id, one row a student")
    options = parser.parse_args(argv)
    if os.geteuid() != 0:
        sys.exit("classroom.py makes accounts: run it as root")
    students = read_roster(options.roster)
    refuse([*options.teacher, *students], both=set(options.teacher) & set(students))
    for name, members in ((COURSE, students), (f"{COURSE}-teachers", options.teacher)):
        run("groupadd", "--force", name)
        for member in members:
            make_account(member)
            if member not in grp.getgrnam(name).gr_mem:
                run("usermod", "--append", "--groups", name, member)
    make_exchange(options.teacher[0])


def read_roster(path: Path) -> list[str]:
    """Give the students' ids, in order; the roster is the one that nbgrader imports."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if "id" not in (rows.fieldnames or ()):
                sys.exit(f"{path} has no column id: its first line should be id,first_name,last_name,email")
            return [(row["id"] or "").strip() for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        sys.exit(f"{path} cannot be read: {error}")


def refuse(names: list[str], both: set[str]) -> None:
    """End, before anything is made, if a name cannot be a person's account."""
    people = {one.pw_name: one.pw_uid >= uid_min() and one.pw_uid != 65534 for one in pwd.getpwall()}
    wrong = [f"{name!r} cannot be an account's name here" for name in names if not NAME.fullmatch(name)]
    wrong += [f"{name} is an account of the system, not of a person" for name in names if not people.get(name, True)]
    wrong += [
        f"{name} is in the roster more than once" for name in sorted({x for x in names if names.count(x) > 1} - both)
    ]
    wrong += [f"{name} is a teacher and in the roster" for name in sorted(both)]
    if wrong:
        sys.exit("Nothing was made:\n" + "\n".join(wrong))


def uid_min() -> int:
    """The first number of a person's account."""
    for line in Path("/etc/login.defs").read_text().splitlines():
        if line.split()[:1] == ["UID_MIN"]:
            return int(line.split()[1])
    return 1000


def make_account(name: str) -> None:
    """See that the account is there, with a home that is closed to others; print the password if it is new."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        # Shown first: an account whose password nobody has seen would be made once and never opened.
        password = secrets.token_urlsafe(9)
        print(name, password, flush=True)
        hashed = run("openssl", "passwd", "-6", "-stdin", given=password)
        run("useradd", "--create-home", "--shell", "/bin/bash", "--password", hashed, name)
        account = pwd.getpwnam(name)
    home = Path(account.pw_dir)
    if stat.S_IMODE(home.stat().st_mode) & 0o077:
        home.chmod(0o700)


def make_exchange(owner: str) -> None:
    """See that the exchange is there, with rights by which nobody can put another in its place."""
    uid, gid = (pwd.getpwnam(owner)[index] for index in (2, 3))
    for path, user, group, mode in (
        (HUB, 0, 0, 0o700),
        (EXCHANGE.parent, 0, 0, 0o755),
        # nbgrader wants it writable for all. Sticky: what is there can be renamed and removed by its owner alone.
        (EXCHANGE, 0, 0, 0o1777),
        (EXCHANGE / COURSE, uid, gid, 0o755),
        (EXCHANGE / COURSE / "outbound", uid, gid, 0o755),
        # To write into but not to look into, and sticky again: nobody but the owner sees or moves a submission.
        (EXCHANGE / COURSE / "inbound", uid, gid, 0o3733),
        # A page is found by who knows its name, a hash of the submission's secret.
        (EXCHANGE / COURSE / "feedback", uid, gid, 0o711),
    ):
        if path.is_symlink() or (path.exists() and path.stat().st_uid != user):
            sys.exit(f"{path} belongs to somebody else: look at it, and move it away")
        path.mkdir(exist_ok=True)
        os.chown(path, user, group)
        path.chmod(mode)


def run(*command: str, given: str | None = None) -> str:
    """Run one of the system's commands and give what it prints; end with what it says if it fails."""
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} {command[-1]}: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    main()
