"""The list of the emulator's names that the launcher checks before it starts."""

from __future__ import annotations

import ast
import unittest
from collections.abc import Iterator
from pathlib import Path

from launcher import emulator

LAUNCHER = Path(__file__).parent.parent / "launcher"


def used_names() -> Iterator[tuple[str, str]]:
    """Module and name of everything in MiniStack that the launcher's source mentions."""
    for source in LAUNCHER.rglob("*.py"):
        tree = ast.parse(source.read_text())
        modules: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
                for alias in node.names:
                    if node.module in ("ministack.app", "ministack.core.responses"):
                        yield node.module, alias.name
                    else:
                        modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                yield modules[node.value.id], node.attr


class UsedNames(unittest.TestCase):
    def test_the_list_holds_what_the_source_uses_and_nothing_else(self) -> None:
        found: dict[str, set[str]] = {}
        for module, name in used_names():
            found.setdefault(module, set()).add(name)
        self.assertEqual(
            {module: sorted(names) for module, names in found.items()},
            {module: sorted(names) for module, names in emulator.USED_NAMES.items()})

    def test_the_pinned_version_is_the_one_that_is_installed(self) -> None:
        requirements = (LAUNCHER.parent / "requirements.txt").read_text()
        self.assertIn(f"\nministack=={emulator.PINNED_VERSION} \\\n", requirements)
