from tests.fixtures.chromium import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.desk_in_browser import *  # noqa: F403
from tests.fixtures.site import *  # noqa: F403
