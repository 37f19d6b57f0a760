"""``digest papers``, ``sources``, ``templates``, ``doctor``, ``backup``: looking after the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.config import data_folder
from tests.acceptance.conftest import Digest

ROWS = data_folder("config") / "demo" / "2026-11-19.json"
NOW = ("--now", "2026-11-19T12:00Z")
OCEANS = "Quiet Oceans Learn to Speak"


def rows(*papers: tuple[str, str, str]) -> str:
    """Return an API answer with papers of these ids, titles and abstracts."""
    made = [{"paper": {"id": i, "title": title, "summary": text}, "title": title} for i, title, text in papers]
    return json.dumps(made)


@pytest.fixture
def unsure_store(digest: Digest) -> Digest:
    """Return a command line whose store holds two papers that may be one."""
    one = ("2611.90901", OCEANS, "We study quiet oceans and how they speak when listened to with models of tides.")
    digest("ingest", digest.write("a.json", rows(one)), *NOW)
    page = (
        f"new\n\nDaily Papers\n\nNov 20\n\n{OCEANS}\n\nGlaciers and the isotopes in their ice, over forty years, "
        "as measured by three stations in Greenland and one in Norway.\n\n  • 3 authors\n·\nNov 18, 2026 12\n"
    )
    digest("ingest", digest.write("b.txt", page), *NOW)
    return digest


def why(digest: Digest, paper: str, kind: str) -> list[dict[str, Any]]:
    """Return what ``papers why`` says of one kind."""
    return digest("papers", "why", paper, "--json").of_kind(kind)


def test_unsure_pairs_are_listed(unsure_store: Digest) -> None:
    """An unsure pair waits for the operator, with the reason, until it is decided."""
    (pair,) = unsure_store("papers", "list", "--json").records
    assert pair == {
        "kind": "unsure", "paper": 2, "title": OCEANS, "looks_like": 1, "looks_like_title": OCEANS,
        "reason": pair["reason"],
    }  # fmt: skip
    assert pair["reason"] in unsure_store("papers", "list").out
    unsure_store("papers", "merge", "1", "2", *NOW)
    assert unsure_store("papers", "list").out == "No pair is unsure.\n"


def test_why_is_asked_by_number_id_or_title(unsure_store: Digest) -> None:
    """Every sighting with its place, verdict and reason; a title that two papers bear shows both."""
    for name in ("1", "2611.90901", "https://arxiv.org/abs/2611.90901v2"):
        (paper,), (seen,) = why(unsure_store, name, "paper"), why(unsure_store, name, "sighting")
        assert (paper["id"], paper["keys"], seen["state"], seen["where"]) == (
            1,
            ["arxiv:2611.90901"],
            "new",
            "row 1 of 1",
        )
    assert [paper["id"] for paper in why(unsure_store, OCEANS.upper(), "paper")] == [1, 2]
    assert "a.json, row 1 of 1" in " ".join(unsure_store("papers", "why", "1").out.split())


def test_merge_and_undo(unsure_store: Digest) -> None:
    """Two papers become one and two again; what was done is listed."""
    (act,) = unsure_store("papers", "merge", "1", "2", "--json", *NOW).records
    assert (act["act"], act["paper"], act["other"], act["undone_at"]) == ("merge", 1, 2, None)
    assert [paper["merged"] for paper in why(unsure_store, OCEANS, "paper")] == [[2]]
    assert unsure_store("papers", "undo", str(act["id"]), "--json", *NOW).records[0]["undone_at"]
    assert [paper["id"] for paper in why(unsure_store, OCEANS, "paper")] == [1, 2]


def test_apart(unsure_store: Digest) -> None:
    """Two papers that look alike are two: the doubt is settled, and undoing raises it again."""
    said = unsure_store("papers", "apart", "2", "1", *NOW)
    assert said.out == "done: act 1: papers 2 and 1 are two; digest papers undo 1 takes it back\n"
    assert unsure_store("papers", "list").out == "No pair is unsure.\n"
    assert "act 1, 2026-11-19 12:00: papers 2 and 1 are two" in unsure_store("papers", "why", "1").out
    assert unsure_store("papers", "undo", "1", *NOW).out == "undone: act 1: papers 2 and 1 are two\n"
    assert "digest papers apart PAPER OTHER" in unsure_store("papers", "list").out
    (act,) = unsure_store("papers", "apart", "1", "2", "--json", *NOW).records
    assert (act["act"], act["paper"], act["other"]) == ("apart", 1, 2)


def test_why_names_the_paper_that_a_doubt_is_about(unsure_store: Digest) -> None:
    """The verdict, the number of the other paper, and the reason."""
    assert "unsure: like 1?" in unsure_store("papers", "why", "2").out
    (seen,) = why(unsure_store, "2", "sighting")
    assert (seen["looks_like"], seen["reason"]) == (1, "same title, but a plainly different abstract")


def test_why_tells_of_papers_that_a_sighting_joined(digest: Digest) -> None:
    """Not an operator's act, but one all the same: with its reason, and it can be undone."""
    text = "Ink flows uphill where the paper is warm, and the reader who turns a page slowly can watch it do so."
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>x</title>
        <updated>2026-11-19T00:00:00Z</updated><entry><id>{id}</id><title>{title}</title><summary>{text}</summary>
        <updated>2026-11-19T00:00:00Z</updated><link href="{id}"/>{more}</entry></feed>"""
    preprint, article = "https://arxiv.org/abs/2611.90905", "https://doi.org/10.1000/ink"
    names_it = '<arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.1000/ink</arxiv:doi>'
    for name, title, words, where, more in (
        ("a.xml", "Ink", text, preprint, ""),
        ("b.xml", "Uphill", text.replace("warm", "hot").replace("slowly", "late"), article, ""),
        ("c.xml", "Ink", text, preprint, names_it),
    ):
        digest("ingest", digest.write(name, atom.format(id=where, title=title, text=words, more=more)), *NOW)
    said = " ".join(digest("papers", "why", "10.1000/ink").out.split())
    assert "paper 2 is now 1, as a sighting of both proved" in said
    (act,) = why(digest, "1", "act")
    assert digest("papers", "undo", str(act["id"]), *NOW).out.startswith("undone: act 1: paper 2 is now 1")
    assert [paper["id"] for paper in why(digest, "10.1000/ink", "paper")] == [1, 2]


def test_split(unsure_store: Digest) -> None:
    """A sighting that was judged wrongly becomes a paper of its own."""
    unsure_store("ingest", unsure_store.write("c.json", rows(("2611.90901", OCEANS, ""))), *NOW)
    sightings = [seen["id"] for seen in why(unsure_store, "1", "sighting")]
    assert len(sightings) == 2
    (act,) = unsure_store("papers", "split", "1", str(sightings[1]), "--json", *NOW).records
    assert (act["act"], act["other"]) == ("split", 3)
    assert [seen["id"] for seen in why(unsure_store, "3", "sighting")] == sightings[1:]


def test_a_dry_run_decides_nothing(unsure_store: Digest) -> None:
    """--dry-run of merge, apart, split and undo changes no paper."""
    before = unsure_store("papers", "why", OCEANS, "--json").out
    for words in (("merge", "1", "2"), ("apart", "1", "2"), ("split", "1", "1"), ("undo", "1")):
        assert "would" in unsure_store("papers", *words, "--dry-run").out
    assert unsure_store("papers", "why", OCEANS, "--json").out == before


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("why", "nothing like it"), 2, "nothing like it: no such paper was ever seen"),
        (("merge", "1", OCEANS), 2, f"{OCEANS}: several papers answer to this (choose by number: 1, 2)"),
        (("merge", "1", "1"), 1, "these are one paper already"),
        (("split", "1", "1"), 1, "takes some of a paper's own sightings and leaves some"),
        (("apart", "1", "1"), 1, "these are one paper"),
        (("undo", "7"), 1, "act 7: there is no such act"),
    ],
)
def test_what_cannot_be_decided_is_said(unsure_store: Digest, words: tuple[str, ...], code: int, says: str) -> None:
    """One line, the right exit code."""
    said = unsure_store("papers", *words)
    assert (said.code, said.err.count("\n")) == (code, 1)
    assert says in said.err


def test_sources_are_listed_and_asked(digest: Digest) -> None:
    """``sources check`` says what would come now and stores nothing; ``list`` names what is configured."""
    (listed,) = digest("sources", "list", "--json").records
    assert (listed["name"], listed["checked_at"]) == ("inbox", None)
    assert listed["source"].startswith("folder path=")
    assert digest("sources", "check", *NOW).out == "inbox: no document now\n"
    digest.write("inbox/rows.json", ROWS.read_bytes())
    said = digest("sources", "check", "inbox", "--json", *NOW)
    assert said.of_kind("listing")[0]["papers"] == 8
    assert digest("status", "--json").records[0]["papers"] == 0
    assert digest("sources", "check", "inbx").err == "digest: inbx: there is no such source (known are inbox)\n"


def test_templates_can_be_made_ones_own(digest: Digest) -> None:
    """Export, change, preview: the change shows; exporting again keeps it."""
    own = digest.folder / "own"
    assert digest("templates", "export", own).code == 0
    shipped = data_folder("templates")
    names = {path.relative_to(shipped) for path in shipped.rglob("*") if path.is_file()}
    assert {path.relative_to(own) for path in own.rglob("*") if path.is_file()} == names
    text = own / "email" / "digest.txt.j2"
    text.write_text("Dear Ada,\n" + text.read_text(encoding="utf-8"), encoding="utf-8")
    assert "Dear Ada," in digest("templates", "preview", "--folder", own).out
    assert "kept" in digest("templates", "export", own).out
    assert text.read_text(encoding="utf-8").startswith("Dear Ada,")
    assert digest("templates", "check", own).out == "All templates work.\n"
    html = digest.folder / "sample.html"
    digest("templates", "preview", "--html", html)
    assert "Tidewater" in html.read_text(encoding="utf-8")


def test_a_broken_template_stops_no_mail(digest: Digest) -> None:
    """A run sends with the shipped one, says so in terminal and report, and leaves with 1; doctor says it too."""
    own = digest.folder / "own"
    (own / "email").mkdir(parents=True)
    (own / "email" / "card.html.j2").write_text("\n{{ paper.titel }}", encoding="utf-8")
    digest.configure(f'[templates]\nfolder = "{own}"\n')
    assert digest("subscribe", "ada@example.org", "*").code == 0
    said = digest("run", ROWS)
    assert said.code == 1
    assert f"{own}/email/card.html.j2, line 2" in said.err
    assert f"✗ {own}/email/card.html.j2, line 2" in said.out
    assert "Delivered: 1 sent." in said.out
    assert f"{own}/email/card.html.j2, line 2" in digest("doctor").out


def test_a_broken_template_is_found(digest: Digest) -> None:
    """File and line of what is broken, and a name that no template has."""
    own = digest.folder / "own"
    (own / "email").mkdir(parents=True)
    (own / "email" / "digest.txt.j2").write_text("fine\n{{ nope }\n", encoding="utf-8")
    (own / "email" / "digset.html.j2").write_text("", encoding="utf-8")
    said = digest("templates", "check", own)
    assert said.code == 1
    assert f"{own}/email/digest.txt.j2, line 2" in said.err
    assert "digset.html.j2: no template has this name" in said.err


def test_the_doctor_finds_nothing_wrong(digest: Digest) -> None:
    """A program that is well: every finding fine or a hint, exit code 0."""
    digest("subscribe", "ada@example.org", "mamba")
    said = digest("doctor", "--json")
    assert said.code == 0
    assert {finding["health"] for finding in said.records} == {"ok"}
    about = {finding["about"] for finding in said.records}
    assert {"settings", "store", "queries", "outbox", "source inbox", "templates", "mail", "links"} <= about


def test_the_doctor_names_what_is_wrong(digest: Digest) -> None:
    """A readable key, a mail server that is away, an unwritable folder: named with the way out, exit code 1."""
    digest.configure('[smtp]\nhost = "127.0.0.1"\nport = 1\ntimeout_seconds = 2\n')
    text = digest.config.read_text(encoding="utf-8").replace("[mail]\n", '[mail]\nby = "smtp"\n')
    digest.config.write_text(text, encoding="utf-8")
    digest.write("feeds", "a file in the place of the folder")
    digest.write("secret", "ab" * 32).chmod(0o644)
    said = digest("doctor")
    assert said.code == 1
    assert "✗ feeds:" in said.out
    assert "✗ mail: mail server 127.0.0.1:1" in said.out
    assert "! links:" in said.out
    assert f"chmod 600 {digest.folder}/secret" in said.out


def test_the_doctor_sees_that_there_is_no_evidence(digest: Digest) -> None:
    """Before a message is in doubt: no log is named, it cannot be read, or all is well."""
    log = digest.folder / "mail.log"
    digest.configure('[delivery]\ndoubt = "evidence"\n')
    assert "✗ evidence: [evidence] postfix_log" in digest("doctor").out
    digest.configure(f'[delivery]\ndoubt = "evidence"\n[evidence]\npostfix_log = "{log}"\n')
    unread = digest("doctor")
    assert (unread.code, f"✗ evidence: the log {log} cannot be read" in unread.out) == (1, True)
    log.touch()
    assert f"✓ evidence: by the log {log}" in digest("doctor", "-v").out


def test_the_doctor_says_what_to_publish(digest: Digest) -> None:
    """The DNS record of each DKIM key; a key that cannot be read is named, and nothing of it is shown."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    file = digest.write("dkim.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with digest.config.open("a", encoding="utf-8") as settings:
        settings.write(f'[dkim]\nkeys = ["2026={file}"]\ndomain = "digest.example"\n')
    record = '2026._domainkey.digest.example. TXT "v=DKIM1; k=ed25519; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="'
    (said,) = (found for found in digest("doctor", "--json").records if found["about"] == "dkim")
    assert record in said["detail"]
    file.write_bytes(b"-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n")
    broken = digest("doctor")
    assert "[dkim] keys 2026" in broken.out + broken.err
    assert broken.code == 1


def test_a_store_that_cannot_be_opened_is_the_doctors_business(digest: Digest) -> None:
    """The doctor reports a broken store as a finding and goes no further."""
    file = digest.write("notes.txt", "no database " * 500)
    said = digest("doctor", "--store", file)
    assert said.code == 1
    assert "✗ store:" in said.out
    assert "file is not a database" in said.out


def test_a_backup_is_a_whole_store(digest: Digest, tmp_path: Path) -> None:
    """A backup opens as a store with the same papers; it holds the key and replaces nothing."""
    digest("run", ROWS, *NOW)
    copy = tmp_path / "copies" / "monday.db"
    assert digest("backup", copy).code == 0
    assert digest("status", "--json", "--store", copy).records[0]["papers"] == 8
    key = copy.with_name("monday.db.secret")
    assert key.read_bytes() == (digest.folder / "secret").read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    again = digest("backup", copy)
    assert (again.code, "there is a file of that name already" in again.err) == (1, True)


def test_a_postgresql_store_is_backed_up_by_its_own_tools(digest: Digest) -> None:
    """The way out is named; nothing is written."""
    said = digest("backup", digest.folder / "x.db", "--store", "postgresql+psycopg://127.0.0.1:1/x")
    assert said.code == 1
    assert not (digest.folder / "x.db").exists()
