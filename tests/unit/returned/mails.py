"""Invented mails that came back."""

from __future__ import annotations

import quopri
from base64 import encodebytes

TOKEN = "13-0-abcdefghijklmnopqrstuvwxyz"


def notification(
    status: str, diagnostic: str, *, action: str = "failed", to: str = f"bounce+{TOKEN}@d.example"
) -> bytes:
    """Return a delivery status notification (RFC 3464) as Postfix writes it."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This is the mail system at host mx.example. I'm sorry.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Fri, 20 Nov 2026 07:00:01 +0000

Final-Recipient: rfc822; ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--B
Content-Type: text/rfc822-headers

Subject: 7 new papers
Message-ID: <2026-11-20.ff@d.example>

--B--
""".encode()


def complaint(kind: str = "abuse", token: str = TOKEN) -> bytes:
    """Return an abuse report (RFC 5965), sent to an address of ours that names nobody."""
    return f"""\
From: feedback@isp.example
To: abuse@d.example
Subject: FW: 7 new papers
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--B
Content-Type: message/rfc822

From: Paper digest <digest@d.example>
To: redacted@isp.example
List-Unsubscribe: <mailto:unsubscribe+{token}@d.example?subject=unsubscribe>
Subject: 7 new papers

Seven papers.

--B--
""".encode()


UTF8_STATUS = """\
Reporting-MTA: dns; mx.example
X-Original-Envelope-Id: ä

Final-Recipient: utf-8; äda@example.org
Original-Recipient: utf-8; äda@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
"""


def encoded(content: bytes, encoding: str) -> bytes:
    """Return the content of a part as it is sent."""
    if encoding == "base64":
        return encodebytes(content)
    return quopri.encodestring(content) if encoding == "quoted-printable" else content


def global_notification(encoding: str = "8bit", status: str = UTF8_STATUS) -> bytes:
    """Return a notification of mail to an address in UTF-8 (RFC 6533), as a machine's answer."""
    said = encoded(status.encode(), encoding)
    return (
        f"""\
From: MAILER-DAEMON@mx.example
To: bounce+{TOKEN}@d.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

I'm sorry.

--B
Content-Type: message/global-delivery-status
Content-Transfer-Encoding: {encoding}

""".encode()
        + said
        + b"\n--B--\n"
    )


def complaint_quoting(quoted: bytes, kind: str, encoding: str) -> bytes:
    """Return an abuse report with the original mail as an attachment of some type, encoded somehow or not."""
    said = encoded(quoted, encoding)
    head = complaint().partition(b"--B\nContent-Type: message/rfc822")[0]
    return head + f"--B\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + said + b"\n--B--\n"


def plain(
    text: str, *, to: str = f"bounce+{TOKEN}@d.example", headers: str = "", by: str = "someone@example.org"
) -> bytes:
    """Return a mail of one part."""
    return f"From: {by}\nTo: {to}\nSubject: Re: 7 new papers\n{headers}\n{text}\n".encode()


EXIM = plain(
    """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ada@example.org
    host mx.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ada@example.org>:
    550 5.1.1 <ada@example.org>: no such user here

------ This is a copy of the message, including all the headers. ------
""",
    headers="X-Failed-Recipients: ada@example.org\nAuto-Submitted: auto-replied\n",
)
"""A bounce that follows no standard."""
