"""arXiv's mailings, as text and as mails, in every wrapping."""

from __future__ import annotations

import base64
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.errors import ListingError
from digest.model import Announced
from digest.parsers import parse
from tests.unit.parsers.conftest import MakeDocument

DASHES = "-" * 78
MAILING = rf"""Date: Fri,  9 Jun 23 00:44:20 GMT
Subject: clouds daily 99 new + 7 crosses received

{DASHES}
Send any comments regarding submissions directly to submitter.
{DASHES}
 received from  Wed  7 Jun 23 18:00:00 GMT  to  Thu  8 Jun 23 18:00:00 GMT
{DASHES}
\\
arXiv:2306.00001
Date: Wed, 7 Jun 2023 18:23:40 GMT   (14kb)

Title: Clouds and a Very Long Title That Wraps for Ren\'e
  Schr\"odinger
Authors: M{{\aa}}ns P\'aez (1), Ada Lovelace (1 and 2) and
  Grace Hopper ((1) Here, (2) There)
Categories: math.GR math.OA
Comments: 7 pages, no figures. DOI: see below
DOI: 10.1000/Clouds.1
\\
  We count clouds.
Results: they are many. Title: not a header.
Date: nor is this.
  A second paragraph about ``rain''.
\\ ( https://arxiv.org/abs/2306.00001 ,  14kb)
{DASHES}
\\
Paper: astro-ph/0702001
Date: Thu, 1 Feb 2007 10:00:00 GMT   (3kb)

Title: Old Clouds
Authors: A. Cloud
Categories: astro-ph
Comments: This paper has been withdrawn by the author due to rain
\\
  Old clouds were white.
\\ ( https://arxiv.org/abs/astro-ph/0702001 ,  3kb)
%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-%-
{DASHES}
\\
arXiv:2306.00002 (*cross-listing*)
Date: Wed, 7 Jun 2023 18:23:40 GMT   (14kb)

Title: Crossing Clouds
Authors: Rain Maker
Categories: math.GR math.DS
\\
  Clouds cross.
\\ ( https://arxiv.org/abs/2306.00002 ,  14kb)
%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%
{DASHES}
\\
arXiv:2204.00003
replaced with revised version Thu, 8 Jun 2023 08:03:26 GMT   (25kb,D)

Title: Shifted Clouds
Authors: Fr\'ed\'eric Cloud, Nikolas Tapia, Lorenzo
  Zambotti
Categories: math.PR
Journal-ref: Clouds 19 (2023), 038,
  17 pages
\\ ( https://arxiv.org/abs/2204.00003 ,  25kb)
%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---
For general information on the new clouds archive
"""


def test_every_kind_of_entry_is_read(make_document: MakeDocument) -> None:
    """Wrapped headers, lines that look like headers, old numbers, crosses and replacements: each as it is."""
    listing = parse(make_document(MAILING))
    first, old, cross, replaced = listing.sightings
    assert (listing.format, listing.listed_on) == ("arxiv-mailing", date(2023, 6, 9))
    assert first.title == "Clouds and a Very Long Title That Wraps for René Schrödinger"
    assert first.authors == ("Måns Páez", "Ada Lovelace", "Grace Hopper")
    assert first.keys == ("arxiv:2306.00001", "doi:10.1000/clouds.1")
    assert first.abstract == (
        "We count clouds. Results: they are many. Title: not a header. Date: nor is this.\n"
        "A second paragraph about “rain”."
    )
    assert (first.published, first.comment) == (date(2023, 6, 7), "7 pages, no figures. DOI: see below")
    assert (old.keys, old.withdrawn, old.announced) == (("arxiv:astro-ph/0702001",), True, Announced.NEW)
    assert (cross.announced, cross.categories) == (Announced.CROSS, ("math.GR", "math.DS"))
    assert (replaced.announced, replaced.abstract, replaced.published) == (Announced.REPLACE, "", None)
    assert replaced.journal_ref == "Clouds 19 (2023), 038, 17 pages"
    assert replaced.authors == ("Frédéric Cloud", "Nikolas Tapia", "Lorenzo Zambotti")
    assert not listing.skipped
    assert not listing.warnings


def test_real_mailings(samples: Path, make_document: MakeDocument) -> None:
    """Three real ones: entries by section, every abstract but those of replacements, no markup left in names."""
    counts = {"cs.2026-01-26.txt": (10, 0, 0), "math.OA.new.txt": (0, 1, 2), "q-fin.new.txt": (13, 0, 3)}
    for name, (new, cross, replaced) in counts.items():
        listing = parse(make_document((samples / "arxiv-mail" / name).read_bytes(), name=name))
        kinds = [paper.announced for paper in listing.sightings]
        assert (kinds.count(Announced.NEW), kinds.count(Announced.CROSS), kinds.count(Announced.REPLACE)) == (
            new,
            cross,
            replaced,
        )
        assert all(bool(paper.abstract) == (paper.announced is not Announced.REPLACE) for paper in listing.sightings)
        assert not any(character in "".join(paper.authors) for paper in listing.sightings for character in "\\{}()")
        assert not listing.skipped
        assert listing.listed_on
        assert bool(listing.warnings) == (name == "cs.2026-01-26.txt"), "only this one lacks its end"


def test_a_list_of_authors_that_is_cut_is_counted_whole(samples: Path, make_document: MakeDocument) -> None:
    """``et al. (97 additional authors not shown)``: 65 names, 162 authors; two of one name are two."""
    listing = parse(make_document((samples / "arxiv-mail" / "cs.2026-01-26.txt").read_bytes()))
    (paper,) = (paper for paper in listing.sightings if paper.title.startswith("LongCat"))
    assert (len(paper.authors), paper.author_count) == (65, 162)
    assert paper.authors.count("Chao Zhang") == 2


def test_a_mailing_cut_between_two_entries_says_so(make_document: MakeDocument) -> None:
    """Whole entries and no closing line: all are read, and the listing says that more may have followed."""
    listing = parse(make_document(MAILING[: MAILING.index("%%%---")]))
    assert len(listing.sightings) == 4
    assert listing.warnings == (
        "The mailing lacks the line that ends it (%%%---%%%---): more entries may have followed.",
    )


def mail(encoding: str, *, html: bool = False) -> bytes:
    """Return a mailing as a message, with an HTML alternative if asked for."""
    message = EmailMessage()
    message["From"], message["To"] = "no-reply@arxiv.org", "rabble@arxiv.org"
    message["Subject"], message["Date"] = "clouds daily", "Fri, 09 Jun 2023 00:44:20 +0000"
    message["Message-ID"] = "<1@arxiv.org>"
    message.set_content(MAILING.partition("\n\n")[2], cte=encoding)
    if html:
        message.add_alternative("<p>See the other part.</p>", subtype="html")
        message.add_attachment(base64.b64decode("AAEC"), maintype="image", subtype="png", filename="x.png")
    return message.as_bytes()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit"])
@pytest.mark.parametrize("html", [False, True])
def test_a_mail_is_read_like_its_text(make_document: MakeDocument, encoding: str, html: bool) -> None:
    """Base64, quoted-printable and multipart give the very same papers, and the mail's day."""
    plain = parse(make_document(MAILING))
    listing = parse(make_document(mail(encoding, html=html), name="mail.eml"))
    assert listing.format == "mail"
    assert [(p.title, p.abstract, p.keys) for p in listing.sightings] == [
        (p.title, p.abstract, p.keys) for p in plain.sightings
    ]
    assert listing.listed_on == date(2023, 6, 9)


def test_an_mbox_is_read_message_by_message(make_document: MakeDocument) -> None:
    """Several mails in one file: all papers, each with its message; one mail that is no listing costs only itself."""
    separator = b"From no-reply@arxiv.org Fri Jun  9 00:44:20 2023\n"
    spam = b"From: a@b.c\nTo: d@e.f\nMessage-ID: <2@x>\nSubject: hi\n\nHow are you?\n"
    box = b"\n".join(separator + body for body in (mail("7bit"), spam, mail("base64")))
    listing = parse(make_document(box, name="inbox.mbox"))
    assert len(listing.sightings) == 8
    assert listing.sightings[0].where.startswith("message 1 of 3, line ")
    assert [item.where for item in listing.skipped] == ["message 2 of 3"]


def test_a_mailing_cut_in_two_says_so(make_document: MakeDocument) -> None:
    """The entry that does not end is named, the others are read, and the listing warns."""
    listing = parse(make_document(MAILING[: MAILING.index("Old clouds were")]))
    assert len(listing.sightings) == 1
    assert "cut short" in listing.warnings[0]
    assert listing.skipped[0].reason == "an entry that does not end"


def test_a_mailing_without_entries_says_why(make_document: MakeDocument) -> None:
    """No entry on a Friday is not to be expected; a mail without text is an error."""
    (warning,) = parse(make_document(MAILING[: MAILING.index("\\\\")])).warnings
    assert "2023-06-09 is a Friday" in warning
    with pytest.raises(ListingError, match="no text"):
        parse(make_document(b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: image/png\n\nxx\n"))


def test_a_forwarded_mailing_is_read(make_document: MakeDocument) -> None:
    """As an attached message, as an attached file, or quoted line by line below some words."""
    titles = [paper.title for paper in parse(make_document(MAILING)).sightings]
    attached, filed, quoted = EmailMessage(), EmailMessage(), EmailMessage()
    for message in (attached, filed, quoted):
        message["From"], message["To"], message["Message-ID"] = "ada@example.org", "emmy@example.org", "<3@example.org>"
    attached.set_content("Have a look at this!")
    attached.add_attachment(message_from_bytes(mail("base64"), policy=policy.default))
    filed.set_content("See the file.")
    filed.add_attachment(MAILING, filename="math.txt")
    quoted.set_content("Have a look:\n\n" + "".join(f"> {line}\n" for line in MAILING.splitlines()))
    for message in (attached, filed, quoted):
        listing = parse(make_document(message.as_bytes(), name="mail.eml"))
        assert [paper.title for paper in listing.sightings] == titles


def test_a_mail_without_a_listing_says_what_its_text_is(make_document: MakeDocument) -> None:
    """Of several parts the first, the mail's own text, is what the error is about."""
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "ada@example.org", "emmy@example.org", "<4@example.org>"
    message.set_content("See the file.")
    message.add_attachment("name,price\napple,3\n", subtype="csv", filename="fruit.csv")
    with pytest.raises(ListingError, match="no listing of a kind we know"):
        parse(make_document(message.as_bytes(), name="mail.eml"))
