"""One hypothesis profile for all unit tests: the same examples every time, and no deadline on a shared machine."""

from hypothesis import settings

from tests.fixtures.pango import *  # noqa: F403 (fixtures are found by their names)

settings.register_profile("tuntas", derandomize=True, deadline=None, print_blob=False)
settings.load_profile("tuntas")
