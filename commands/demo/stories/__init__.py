"""The stories. Each plays one case and checks what was promised; `commands.demo.play` runs them side by side."""

from collections.abc import Awaitable, Callable

from commands.demo.conversation import Conversation
from commands.demo.stories.answering import approved, confirmed, deadlock, disputed
from commands.demo.stories.climbing import climbing, critical, transferred
from commands.demo.stories.ending import late_reply, reopened, silent, withdrawn
from commands.demo.stories.reaching import mail_down, no_address
from commands.demo.stories.waiting import completed, incomplete, on_hold, paused

Story = Callable[[Conversation], Awaitable[None]]

STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        mail_down, late_reply, incomplete, on_hold, silent, reopened, climbing, paused, confirmed, completed,
        disputed, deadlock, approved, critical, transferred, withdrawn, no_address,
    )
}  # fmt: skip
"""By name, the longest first. A name has no hyphen: keys, addresses and saved histories are made of it."""
