from tests.fixtures.desk import *  # noqa: F403
from tests.fixtures.pango import *  # noqa: F403
from tests.fixtures.postgres import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.site import *  # noqa: F403
from tests.fixtures.tracing import *  # noqa: F403
from tests.fixtures.web import *  # noqa: F403
