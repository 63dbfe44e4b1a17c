"""The public pages: file a complaint, follow it, reply, answer a decision. Rendered here, and without JavaScript.

`add_to` puts them into the application. Each language has its own addresses: `/id/…`, `/en/…`.
"""

from web.public.routes import add_to as add_to
