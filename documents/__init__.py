"""Documents for people: what an audit has found, in words; the closure record as a page and as a tagged PDF.

Rendering only: values in, text or bytes out. Nothing is read but the templates and texts that lie beside this file.
"""

from documents.closure import Annex, Line, closure
from documents.pdf import as_pdf
from documents.rendering import as_html, content_security_policy

__all__ = ["Annex", "Line", "as_html", "as_pdf", "closure", "content_security_policy"]
