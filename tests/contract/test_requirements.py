"""The requirements files: pip of any age installs what they pin, and nothing else."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from devtools.lock import EVERYTHING, ROOT, SERVING, complete

FILES = [SERVING, EVERYTHING]
ENTRY = re.compile(r"^(\S[^\\\n]*?) \\\n((?: +--hash=.*\n)+)", re.MULTILINE)

Key = tuple[str, tuple[str, ...]]


def key_of(requirement: Requirement) -> Key:
    """What pip before 24 takes for one project: a name with its extras."""
    return canonicalize_name(requirement.name), tuple(sorted(map(canonicalize_name, requirement.extras)))


def entries(file: str) -> dict[Key, list[tuple[Requirement, set[str]]]]:
    """The lines of a file, each with its hashes."""
    found: dict[Key, list[tuple[Requirement, set[str]]]] = {}
    for line, hashes in ENTRY.findall((ROOT / file).read_text()):
        requirement = Requirement(line)
        found.setdefault(key_of(requirement), []).append((requirement, set(re.findall(r"sha256:\w{64}", hashes))))
    return found


def asked_for(file: str) -> list[Requirement]:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    dev = project["dependency-groups"]["dev"] if file == EVERYTHING else []
    return [Requirement(text) for text in [*project["project"]["dependencies"], *dev]]


def wanted(file: str) -> list[tuple[str, Requirement]]:
    """What pyproject.toml and every locked package want on this machine, and which of them wants it."""
    found = [("pyproject.toml", requirement) for requirement in asked_for(file)]
    for name, extras in entries(file):
        try:
            texts = requires(name) or []
        except PackageNotFoundError:  # one of another platform
            continue
        # The line with extras asks as well for what the plain one asks for; an extra that is not named is "".
        cases = [{"extra": extra} for extra in extras or [""]]
        found += [
            (name, requirement)
            for requirement in map(Requirement, texts)
            if requirement.marker is None or any(map(requirement.marker.evaluate, cases))
        ]
    return found


@pytest.mark.parametrize("file", FILES)
class TestLock:
    def test_whatever_is_wanted_has_its_own_line(self, file: str) -> None:
        locked = entries(file)
        assert not [f"{who} wants {one}" for who, one in wanted(file) if key_of(one) not in locked]

    def test_what_is_wanted_is_what_is_pinned(self, file: str) -> None:
        locked = entries(file)
        assert len(locked) > 40
        for who, requirement in wanted(file):
            pins = [
                one.specifier for one, _ in locked[key_of(requirement)] if one.marker is None or one.marker.evaluate()
            ]
            assert len(pins) == 1, f"{who} wants {requirement}, and may have {pins}"
            assert re.fullmatch(r"==[^*]+", str(pins[0]))
            assert requirement.specifier.contains(str(pins[0])[2:]), f"{who} wants {requirement}, and has {pins[0]}"

    def test_a_line_with_extras_stands_beside_the_plain_one_with_the_same_hashes(self, file: str) -> None:
        locked = entries(file)
        assert any(extras for _, extras in locked)
        for (name, extras), lines in locked.items():
            assert all(hashes for _, hashes in lines)
            if extras:
                plain = [(line.specifier, line.marker, hashes) for line, hashes in locked[name, ()]]
                assert [(line.specifier, line.marker, hashes) for line, hashes in lines] == plain

    def test_no_registry_is_named(self, file: str) -> None:
        text = (ROOT / file).read_text()
        assert "://" not in text
        assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)


class TestCompletion:
    def test_each_combination_of_extras_has_its_line(self) -> None:
        end = "==1 ; os_name == 'nt' \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
        rest = "    # via b\nc==2 \\\n    --hash=sha256:3\n"
        assert complete(f"a[x,y]{end}{rest}") == f"a[x]{end}a[y]{end}a[x,y]{end}a{end}{rest}"

    def test_what_is_complete_by_itself_stays_as_it_is(self) -> None:
        locked = "c==2 \\\n    --hash=sha256:3\n    # via a\n"
        assert complete(locked) == locked
