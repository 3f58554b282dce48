"""What the guides tell to type exists, and what exists is told."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from markdown_it import MarkdownIt
from nbgrader.apps import NbGraderApp

from grading.cli import app

ROOT = Path(__file__).parents[2]
GUIDES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
}
COMMANDS = typer.main.get_command(app).commands
MAKE = set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())
NBGRADER = set(NbGraderApp().subcommands)
MARKDOWN = MarkdownIt("commonmark").enable("table")


def code(text: str) -> Iterator[str]:
    """Each line of shell in a guide's blocks, and each span of code in its text."""
    for token in MARKDOWN.parse(text):
        if token.type == "fence" and token.info.strip() in ("", "sh", "console", "text"):
            yield from token.content.replace("\\\n", " ").splitlines()
        elif token.type == "inline":
            yield from (child.content for child in token.children if child.type == "code_inline")


def calls(text: str, program: str) -> Iterator[list[str]]:
    """What stands after a program's name wherever a guide tells to type it, behind variables and a path or not."""
    for line in code(text):
        for part in re.split(r"&&|\|\||[|;]", line.removeprefix("$ ")):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                continue
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words.pop(0)
            if len(words) > 1 and Path(words[0]).name == program:
                yield words[1:]


def wrong_with(words: list[str]) -> str:
    """Say what ``gdgrade`` would not take of a call; placeholders are taken for what they stand for."""
    if words[0] == "--help" or words[0].isupper():
        return ""
    name, *rest = words
    if name not in COMMANDS:
        return f"there is no gdgrade {name}"
    options = {text: one for one in COMMANDS[name].params for text in (*one.opts, *one.secondary_opts)}
    places = [one.nargs for one in COMMANDS[name].params if one.param_type_name == "argument"]
    free = []
    while rest:
        word = rest.pop(0)
        text, equals, _ = word.partition("=")
        if not word.startswith("-"):
            free.append(word)
        elif text == "--help":
            continue
        elif text not in options or not text.startswith("-"):
            return f"gdgrade {name} has no {text}"
        elif not (options[text].is_flag or equals):
            if not rest:
                return f"{text} of gdgrade {name} needs a value"
            rest.pop(0)
    if -1 not in places and len(free) > sum(places):
        return f"gdgrade {name} does not take {free[sum(places) :]}"
    return ""


def options_told(text: str) -> Iterator[str]:
    """The options in a guide's tables of options."""
    tokens = MARKDOWN.parse(text)
    for at, token in enumerate(tokens):
        if token.type == "table_open":
            end = next(here for here in range(at, len(tokens)) if tokens[here].type == "table_close")
            head, *cells = [one.content for one in tokens[at:end] if one.type == "inline"]
            if head == "option":
                yield from (found[1] for cell in cells if (found := re.match(r"`(--[\w-]+)", cell)))


@pytest.mark.parametrize("guide", GUIDES)
def test_gdgrade_takes_what_a_guide_tells_to_type(guide):
    assert [wrong for words in calls(GUIDES[guide], "gdgrade") if (wrong := wrong_with(words))] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_options_in_a_guides_table_are_some_commands_options(guide):
    known = {
        text for command in COMMANDS.values() for one in command.params for text in (*one.opts, *one.secondary_opts)
    }
    assert set(options_told(GUIDES[guide])) <= known


@pytest.mark.parametrize("guide", GUIDES)
def test_make_and_nbgrader_have_what_a_guide_tells_to_type(guide):
    assert {words[0] for words in calls(GUIDES[guide], "make")} <= MAKE
    assert {words[0] for words in calls(GUIDES[guide], "nbgrader")} <= NBGRADER


@pytest.mark.parametrize(("program", "all_there_is"), [("gdgrade", set(COMMANDS)), ("make", MAKE)])
def test_every_command_is_told_in_some_guide(program, all_there_is):
    assert {words[0] for text in GUIDES.values() for words in calls(text, program)} >= all_there_is


def test_a_guide_that_is_wrong_would_be_found():
    text = """
Run `gdgrade grades`, then `CI=1 .venv/bin/gdgrade doctor --deep`, `gdgrade doctor ADA`,
`gdgrade autograde LESSON --workers`.

```sh
$ cd CLASS && gdgrade autograde 01-five-steps \\
    --workers=2 --student ada --force   # all of it
```

| option | what |
| --- | --- |
| `--deep N` | no |
"""
    assert [wrong_with(words) for words in calls(text, "gdgrade")] == [
        "there is no gdgrade grades",
        "gdgrade doctor has no --deep",
        "gdgrade doctor does not take ['ADA']",
        "--workers of gdgrade autograde needs a value",
        "",
    ]
    assert list(options_told(text)) == ["--deep"]
    assert list(options_told(GUIDES["docs/operations.md"]))[:2] == ["--student", "--exercise"]
