"""Why, in words: the reasons of a case as sentences and tables, in Indonesian and English, for whoever shows them."""

from policies.reasons.clocks import no_clock as no_clock
from policies.reasons.clocks import why_due as why_due
from policies.reasons.closing import why_closed as why_closed
from policies.reasons.ladder import why_escalated as why_escalated
from policies.reasons.scores import why_scored as why_scored
from policies.reasons.told import Row as Row
from policies.reasons.told import Told as Told
