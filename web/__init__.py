"""One web application: the HTTP interface, the public pages, the desk, sign-in. `create_app` puts it together."""
