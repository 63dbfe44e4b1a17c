"""Documents for people: what an audit has found, in words; the closure record as a page and as a tagged PDF.

Rendering only: values in, text or bytes out. Nothing is read but the templates and texts that lie beside this file.
"""
