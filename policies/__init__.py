"""Business configuration: packs, calendars, procedures, and texts in every language.

`load` a policy, `resolve` it into the plan of a case, `extend` a plan's calendars, and say things with its `texts`.
"""

from policies.loading import bad_policy as bad_policy
from policies.loading import inspect as inspect
from policies.loading import layers as layers
from policies.loading import load as load
from policies.places import packs as packs
from policies.resolving import extend as extend
from policies.resolving import resolve as resolve
from policies.resolving import resolve_again as resolve_again
from policies.texts import Rendered as Rendered
from policies.texts import Texts as Texts
from policies.texts import texts as texts
from policies.texts import texts_for as texts_for
