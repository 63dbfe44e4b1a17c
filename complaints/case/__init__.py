"""The case: state, rules and the turns that change it. `Case` is the only name others need."""

from complaints.case.case import Answer as Answer
from complaints.case.case import Case as Case
from complaints.case.state import CaseState as CaseState
