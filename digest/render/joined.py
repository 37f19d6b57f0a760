"""The MIME message of parts that are encoded already: the bytes that ``mail.assemble`` makes, without its work."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Sequence

from digest.model import Digest, Links, Message
from digest.render import mail
from digest.render.citations import Citations
from digest.render.fragments import Written

_PART = 'Content-Type: text/{}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_TEXT, _HTML = _PART.format("plain"), _PART.format("html")


def join(digest: Digest, links: Links, letterhead: mail.Letterhead, written: Written) -> Message:
    """Return the message of a digest from its encoded parts."""
    print_of = mail.fingerprint(digest)
    line = mail.boundary(print_of)
    both = [
        f'Content-Type: multipart/alternative; boundary="{line}"\r\n\r\n--{line}\r\n{_TEXT}',
        *written.text,
        f"\r\n--{line}\r\n{_HTML}",
        *written.html,
        f"\r\n--{line}--\r\n",
    ]
    body = _with_attachment(both, digest, letterhead.attach, print_of) if letterhead.attach else both
    raw = "".join([mail.head(digest, links, letterhead, print_of, written.subject), *body]).encode("ascii")
    return mail.message(digest, links, letterhead, print_of, written.subject, raw)


def _with_attachment(both: Sequence[str], digest: Digest, kind: Citations, print_of: str) -> list[str]:
    """Return the mail with the citations behind it."""
    line = mail.outer_boundary(print_of)
    media_type, name, content = mail.attached(digest, kind)
    coded = encodebytes(content).decode("ascii").replace("\n", "\r\n")
    return [
        f'Content-Type: multipart/mixed; boundary="{line}"\r\n\r\n--{line}\r\n',
        *both,
        f"\r\n--{line}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n",
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{coded}\r\n--{line}--\r\n',
    ]
