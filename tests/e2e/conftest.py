from tests.fixtures.chromium import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.site import *  # noqa: F403
