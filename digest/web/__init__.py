"""Feeds and pages over HTTP: views on the store, pulled by readers.

``site`` is what the pages need of the program, ``routes`` the addresses, ``who`` tokens to people, ``feeds`` rendered
feeds kept compressed, ``answers`` what every answer has in common, ``server`` the web server itself.
"""

from digest.web.routes import create_app
from digest.web.server import WebServer
from digest.web.site import Health, Site, site_of

__all__ = ["Health", "Site", "WebServer", "create_app", "site_of"]
