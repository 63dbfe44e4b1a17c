import pytest

from tests.fixtures.temporal import *  # noqa: F403 (fixtures are found by their names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The SDK leaves a coroutine unawaited when a task fails before `run` begins; it is collected some tests later."""
    for item in items:
        if "tests/workflows" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("ignore:coroutine '_WorkflowInstanceImpl:RuntimeWarning"))
