from tests.fixtures.temporal import *  # noqa: F403 (fixtures are found by their names)
