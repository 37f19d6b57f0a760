"""Every address that is answered.

    GET  /feeds/TOKEN.rss|.atom|.json   a reader's feed
    GET  /d/TOKEN/SLOT                  a digest as a page, whole
    GET  /d/TOKEN/SLOT.bib|.ris|.csl.json   its citations
    GET  /unsubscribe/TOKEN             asks; changes nothing, because mail scanners follow every link
    POST /unsubscribe/TOKEN             leaves, at once and for good, any number of times (RFC 8058)
    GET  /manage/TOKEN                  shows what a reader has saved
    POST /manage/TOKEN                  changes it; nobody but the bearer of the link can know where to post
    GET  /healthz                       200 while the service does its work, 503 while not
    GET  /                              what this is

A token is neither logged nor shown; an unknown one gets the answer that any unknown address gets. There are no
cookies. HEAD is answered like GET.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.exceptions import HTTPException

from digest.errors import TemplateError
from digest.model import FeedFormat, Subscriber, Subscription
from digest.render.citations import MEDIA_TYPES, Citations, citations
from digest.render.environment import environment, render
from digest.web import answers
from digest.web.feeds import Feeds
from digest.web.manage import CADENCES, ORDERS, WEEKDAYS, Card, Mistake, Refused, person, save
from digest.web.site import Site
from digest.web.who import digest_of, feed_reader, manager, unsubscriber

LOG = logging.getLogger("digest.web")

PAGES = Blueprint("pages", __name__)

UNSUBSCRIBED = "unsubscribed"
"""Begins why no mail goes to somebody who left by the link."""

MAX_BODY = 65_536
"""Bytes of a request; a one-click request has about thirty."""


class Pages:
    """The site, its rendered feeds and its templates: what hangs on the application."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.feeds = Feeds(site)
        self._templates = environment(site.templates)
        self._shipped = environment(site.templates[-1:])

    def page(self, name: str, /, *, code: int = 200, **values: object) -> Response:
        """Return a page made from a template: where the user's own fails, from the shipped one."""
        file = f"web/{name}.html.j2"
        try:
            return answers.page(render(self._templates, file, code=code, **values), code)
        except TemplateError as error:
            LOG.warning("%s; the shipped template serves", error)
            return answers.page(render(self._shipped, file, code=code, **values), code)


def create_app(site: Site) -> Flask:
    """Return the WSGI application of a site."""
    app = Flask("digest.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["digest"] = Pages(site)
    app.register_blueprint(PAGES)
    app.after_request(answers.secured)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)
    return app


@PAGES.get("/feeds/<token>.<any(rss, atom, json):ending>")
def feed(token: str, ending: str) -> Response:
    """Answer with a reader's feed."""
    subscriber = feed_reader(_pages().site, token)
    if subscriber is None:
        abort(404)
    feed_format = FeedFormat(ending)
    return answers.feed(_pages().feeds.get(subscriber, feed_format), feed_format, request)


@PAGES.get("/d/<token>/<slot>")
def digest(token: str, slot: str) -> Response:
    """Answer with a digest as a page."""
    found = digest_of(_pages().site, token, slot)
    if found is None:
        abort(404)
    return answers.page(_pages().site.renderer.page(found))


@PAGES.get("/d/<token>/<slot>.<any(bib, ris, 'csl.json'):ending>")
def cited(token: str, slot: str, ending: str) -> Response:
    """Answer with the citations of a digest's papers, those included that the mail's cap left out."""
    found = digest_of(_pages().site, token, slot)
    if found is None:
        abort(404)
    kind = Citations(ending)
    content = citations((item.paper for item in found.all_items), kind)
    return answers.file(content.encode(), MEDIA_TYPES[kind], f"papers-{slot}.{ending}")


@PAGES.get("/unsubscribe/<token>")
def ask_to_leave(token: str) -> Response:
    """Ask whether to leave; change nothing."""
    subscriber = unsubscriber(_pages().site, token)
    if subscriber is None:
        abort(404)
    return _pages().page("unsubscribe", has_left=bool(subscriber.suppressed))


@PAGES.post("/unsubscribe/<token>")
def leave(token: str) -> Response:
    """Send no more mail to the address. The body is not looked at: whoever posts here wants to leave."""
    subscriber = unsubscriber(_pages().site, token)
    if subscriber is None:
        abort(404)
    _suppress(_pages().site, subscriber)
    return _pages().page("unsubscribe", has_left=True)


@PAGES.get("/manage/<token>")
def manage(token: str) -> Response:
    """Show what a reader has saved; change nothing."""
    reader = manager(_pages().site, token)
    if reader is None:
        abort(404)
    return _managed(reader)


@PAGES.post("/manage/<token>")
def change(token: str) -> Response:
    """Change what a form says: the reader's day, or one of their saved queries."""
    site = _pages().site
    reader = manager(site, token)
    if reader is None:
        abort(404)
    part = request.form.get("part", "")
    found = next((s for _, s in site.subscribers.subscriptions(reader.id) if str(s.id) == part), None)
    if part != "you" and found is None:
        return _managed(reader, notice="This query is gone.", code=410)
    typed = {name: request.form.get(name, "") for name in ("query", "name", "max_papers", "min_score")}
    try:
        said = _change_person(site, reader) if found is None else _change_query(site, reader, found)
    except Refused as refused:
        return _managed(reader, mistaken=(refused.wanted or found, typed, refused.mistake), code=422)
    return _managed(site.subscribers.get(reader.id) or reader, notice=said, part=part)


def _change_person(site: Site, reader: Subscriber) -> str:
    if request.form.get("do", "") == "return":
        if not reader.suppressed.startswith(UNSUBSCRIBED):
            raise Refused(Mistake("return", "Mails to this address came back; please write to whoever runs this."))
        site.subscribers.update_subscriber(replace(reader, suppressed=""))
        return "Your digests come by mail again."
    site.wishes.change_person(person(reader, request.form))
    return "Saved."


def _change_query(site: Site, reader: Subscriber, one: Subscription) -> str:
    others = [s for _, s in site.subscribers.subscriptions(reader.id)]
    return save(site.wishes, reader, one, others, request.form)


def _managed(
    reader: Subscriber,
    *,
    notice: str = "",
    part: str = "",
    mistaken: tuple[Subscription | None, dict[str, str], Mistake] | None = None,
    code: int = 200,
) -> Response:
    """Return the page of a reader's wishes; what is mistaken is shown as it was typed."""
    site = _pages().site
    wrong, typed, mistake = mistaken or (None, {}, None)
    cards = [
        Card(wrong, typed, mistake) if wrong and wrong.id == one.id else Card(one)
        for _, one in site.subscribers.subscriptions(reader.id)
    ]
    return _pages().page(
        "manage",
        code=code,
        reader=reader,
        cards=cards,
        mistake=mistake if wrong is None else None,
        notice=notice,
        part=part,
        left_by_choice=reader.suppressed.startswith(UNSUBSCRIBED),
        leave=f"../unsubscribe/{site.links.token('unsubscribe', reader)}",
        zones=sorted(available_timezones()),
        cadences=CADENCES,
        orders=ORDERS,
        weekdays=WEEKDAYS,
    )


@PAGES.get("/healthz")
def health() -> tuple[dict[str, str], int]:
    """Answer a watchdog."""
    well, word = _pages().site.health()
    return {"status": "ok" if well else "failing", "detail": word}, 200 if well else 503


@PAGES.get("/")
def home() -> Response:
    """Say what this is to somebody who came by."""
    return _pages().page("home")


def _pages() -> Pages:
    pages: Pages = current_app.extensions["digest"]
    return pages


def _suppress(site: Site, subscriber: Subscriber) -> None:
    if not subscriber.suppressed:
        day = f"{site.clock():%Y-%m-%d}"
        site.subscribers.update_subscriber(replace(subscriber, suppressed=f"{UNSUBSCRIBED} on {day}"))


def _refused(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return _pages().page("error", code=error.code)


def _failed(error: Exception) -> Response:
    """Answer 500 and log what failed without the address: there is a token in it."""
    LOG.error("%s %s failed: %s: %s", request.method, request.endpoint, type(error).__name__, error)
    return _pages().page("error", code=500)
