"""The code that issues commands, normalised: what may be edited freely leaves no trace, what decides on commands does.

Left out: comments, docstrings, annotations, formatting, names of parameters and local variables, descriptions, logging.
A function is named by module and class; everything else of a module or class stands under its own name.
"""

import ast
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "workflows"
# What issues no command and decides on none. A new module is looked at until it is named here.
WITHOUT_COMMANDS = {"__init__", "card", "meters", "runner"}
Outline = dict[str, list[str]]
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def outline_of_workflows() -> Outline:
    found: Outline = {}
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem not in WITHOUT_COMMANDS:
            found |= outline(path.stem, path.read_text(encoding="utf-8"))
    return found


def outline(name: str, source: str) -> Outline:
    """The normalised lines of every function of a module, by its name."""
    found: Outline = {}
    _collect(name, ast.parse(source).body, found)
    return found


def _collect(name: str, body: list[ast.stmt], found: Outline) -> None:
    rest: list[str] = []
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found[f"{name}.{statement.name}"] = _lines(statement)
            case ast.ClassDef():
                _collect(f"{name}.{statement.name}", statement.body, found)
            case ast.Import() | ast.ImportFrom():
                pass
            case _:
                kept = _Normal({}).visit(statement)
                rest += ast.unparse(kept).splitlines() if kept is not None else []
    if rest:
        found[name] = rest


def _lines(function: _Function) -> list[str]:
    normal = _Normal(_locals(function)).visit(function)
    return ast.unparse(ast.fix_missing_locations(normal)).splitlines()


def _locals(function: _Function) -> dict[str, str]:
    """Parameters and what is assigned, in order of appearance."""
    names: dict[str, str] = {}
    for node in ast.walk(function):
        name = node.arg if isinstance(node, ast.arg) else None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        if name is not None and name != "self":
            names.setdefault(name, f"v{len(names) + 1}")
    return names


class _Normal(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(id=self._names.get(node.id, node.id), ctx=node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(arg=self._names.get(node.arg, node.arg), annotation=None)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return self.visit(ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno))

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """A docstring, or a line for the log."""
        if isinstance(node.value, ast.Constant):
            return None
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func).startswith("workflow.logger."):
            return None
        return self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> ast.AST | None:
        """`del name` only says that a parameter is not used."""
        return None if all(isinstance(target, ast.Name) for target in node.targets) else node

    def _function(self, node: _Function) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = node.body or [ast.Pass()]
        return node
