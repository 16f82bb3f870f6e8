import ast
from pathlib import Path

import pytest

import unify.config

FILES = sorted(Path(unify.config.__file__).parent.glob("*.py"))


def dataclass_bodies(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and "dataclass" in ast.unparse(node.decorator_list):
            yield node


def is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_field_has_a_docstring_under_it(path):
    for group in dataclass_bodies(path):
        for field, below in zip(group.body, [*group.body[1:], None], strict=True):
            if isinstance(field, ast.AnnAssign):
                assert is_text(below), f"{group.name}.{field.target.id} in {path.name}"
