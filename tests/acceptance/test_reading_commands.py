"""``digest parse``, ``ingest`` and ``try``: what a dump holds, what is new, what a query would find."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from pathlib import Path

import pytest

from digest.config import data_folder
from tests.acceptance.conftest import Digest, Said

DEMO = data_folder("config") / "demo"
CARDS, ROWS = DEMO / "2026-11-19.cards.txt", DEMO / "2026-11-19.json"
PAPER = {
    "kind", "title", "abstract", "authors", "author_count", "published", "upvotes", "comments", "keys", "url",
    "categories", "announced",
}  # fmt: skip


def test_parse_gives_one_object_a_line(digest: Digest) -> None:
    """A listing, then its papers, each with exactly the promised fields; unknown is null."""
    said = digest("parse", "--json", CARDS)
    listing, *papers = said.records
    assert set(listing) == {"kind", "file", "format", "listed_on", "papers", "skipped", "warnings"}
    assert (listing["file"], listing["format"]) == (str(CARDS), "hf-cards")
    assert listing["listed_on"] == "2026-11-19"
    assert listing["papers"] == len(papers) > 0
    assert all(set(paper) == PAPER and paper["kind"] == "paper" for paper in papers)
    assert papers[0]["title"] == "Slow Rivers: State Space Models with Learned Clocks"
    assert (papers[0]["author_count"], papers[0]["published"], papers[0]["comments"]) == (3, "2026-11-18", 12)
    assert (papers[0]["authors"], papers[0]["keys"], papers[0]["upvotes"], papers[0]["url"]) == ([], [], None, None)
    assert (said.code, said.err) == (0, "")


def test_parse_stores_nothing(digest: Digest) -> None:
    """Looking at a dump leaves no trace: no store, no folder."""
    before = {path.name for path in digest.folder.iterdir()}
    assert digest("parse", ROWS).code == 0
    assert {path.name for path in digest.folder.iterdir()} == before


def test_parse_shows_people_every_title(digest: Digest) -> None:
    """The plain text holds each title, and no colour codes or trailing blanks where it is piped."""
    said = digest("parse", ROWS)
    titles = [paper["title"] for paper in digest("parse", "--json", ROWS).of_kind("paper")]
    flat = " ".join(said.out.split())
    assert all(" ".join(title.split()) in flat for title in titles)
    assert "\x1b" not in said.out
    assert not any(line != line.rstrip() for line in said.out.splitlines())


def test_the_day_and_the_format_can_be_said(digest: Digest) -> None:
    """--listed-on and --format win over what the file says."""
    said = digest("parse", "--json", CARDS, "--listed-on", "2025-12-31", "--format", "hf-cards")
    assert said.records[0]["listed_on"] == "2025-12-31"
    assert "there is no format 'hf-crads'" in digest("parse", CARDS, "--format", "hf-crads").err


def test_ingest_says_what_is_new_and_why_not(digest: Digest) -> None:
    """The diff: first everything new, the second time everything seen with the reason, the third file adds its own."""
    first = digest("ingest", "--json", CARDS)
    papers = first.of_kind("paper")
    assert all(set(paper) == PAPER | {"state", "reason"} for paper in papers)
    assert {paper["state"] for paper in papers} == {"new"}
    again = digest("ingest", "--json", CARDS)
    assert {paper["state"] for paper in again.of_kind("paper")} == {"seen"}
    assert all(paper["reason"] for paper in again.of_kind("paper"))
    summary = again.records[-1]
    assert summary == {"kind": "summary", "new": 0, "seen": len(papers), "revised": 0, "unsure": 0, "skipped": 0}


def test_a_dry_run_stores_nothing(digest: Digest) -> None:
    """--dry-run judges everything and leaves the store as it was."""
    dry = digest("ingest", "--json", "--dry-run", ROWS)
    assert dry.records[-1]["new"] > 0
    assert digest("status", "--json").records[0]["papers"] == 0
    assert digest("ingest", "--json", ROWS).records[-1] == dry.records[-1]


def test_one_bad_file_does_not_cost_the_others(digest: Digest) -> None:
    """What cannot be read is said and counted in the exit code; the rest is stored."""
    said = digest("ingest", "--json", digest.folder / "gone.txt", ROWS)
    assert said.code == 1
    assert said.of_kind("error")[0]["where"].endswith("gone.txt")
    assert said.records[-1]["new"] > 0


def test_the_inbox_is_read_without_naming_it(digest: Digest) -> None:
    """Without files, the configured sources are read, and a file is read once."""
    (digest.folder / "inbox").mkdir()
    digest.write("inbox/dump.json", ROWS.read_bytes())
    assert digest("ingest", "--json", "--now", "2026-11-19T12:00Z").records[-1]["new"] > 0
    assert digest("ingest", "--json", "--now", "2026-11-19T12:01Z").records == [
        {"kind": "summary", "new": 0, "seen": 0, "revised": 0, "unsure": 0, "skipped": 0}
    ]


def test_try_marks_what_matched(digest: Digest) -> None:
    """Each hit has its score, terms and spans: code points of the shown text that hold the words."""
    said = digest("try", "--json", '"diffusion policy" OR mamba', *sorted(DEMO.glob("2026*")))
    papers = {p["title"]: p for p in digest("parse", "--json", *sorted(DEMO.glob("2026*"))).of_kind("paper")}
    hits = said.of_kind("hit")
    assert all(set(hit) == {"kind", "title", "keys", "score", "terms", "spans"} for hit in hits)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    words = {
        papers[hit["title"]][span["field"]][span["start"] : span["end"]].casefold()
        for hit in hits
        for span in hit["spans"]
    }
    assert words <= {"diffusion policy", "mamba"}
    assert words
    assert len({hit["title"] for hit in hits}) == len(hits)
    assert said.records[-1]["hits"] == len(hits)


def test_try_looks_back_over_days(digest: Digest) -> None:
    """--days counts what the store first saw in that time and gives the rate a day."""
    digest("ingest", "--now", "2026-11-01T00:00Z", ROWS)
    near = digest("try", "--json", "*", "--days", "10", "--now", "2026-11-05T00:00Z").records[-1]
    far = digest("try", "--json", "*", "--days", "10", "--now", "2026-12-05T00:00Z").records[-1]
    assert near["hits"] == near["papers"] > 0
    assert near["per_day"] == pytest.approx(near["hits"] / 10, abs=0.01)
    assert (far["hits"], far["papers"]) == (0, 0)


def test_a_file_without_a_day_takes_that_of_the_file(digest: Digest) -> None:
    """The year of a page that names none is that of the file's own time."""
    dump = digest.write("page.txt", CARDS.read_bytes())
    moment = datetime.fromisoformat("2019-12-01T00:00:00+00:00").timestamp()
    os.utime(dump, (moment, moment))
    assert digest("parse", "--json", dump).records[0]["listed_on"] == "2019-11-19"


def test_a_folder_stands_for_its_files(digest: Digest, tmp_path: Path) -> None:
    """Naming a folder reads every file in it."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    for file in (CARDS, ROWS):
        (folder / file.name).write_bytes(file.read_bytes())
    assert len(digest("parse", "--json", folder).of_kind("listing")) == 2


def sample(digest: Digest, *words: str) -> Said:
    """Try a query on the two sample days."""
    return digest("try", "--json", *words, *map(str, sorted(DEMO.glob("2026*"))))


def test_try_says_what_each_part_contributes(digest: Digest) -> None:
    """Every leaf with how many papers it matches by itself, wanted or excluded."""
    summary = sample(digest, '(mamba OR "state space") -transformer').records[-1]
    counts = {clause["clause"]: (clause["wanted"], clause["papers"]) for clause in summary["clauses"]}
    assert set(counts) == {"mamba", '"state space"', "transformer"}
    assert counts["transformer"][0] is False
    assert max(counts["mamba"][1], counts['"state space"'][1]) >= summary["hits"] > 0
    assert digest("try", "mamba -cloud", DEMO / "2026-11-20.json").out.count("NOT cloud") == 1


def test_try_says_what_would_be_found_without_a_part(digest: Digest) -> None:
    """A filter's contribution is what it keeps out, an alternative's what it brings in."""
    query = '(mamba OR "state space") -transformer'
    found = {clause["clause"]: clause["without"] for clause in sample(digest, query).records[-1]["clauses"]}
    assert found["transformer"] == sample(digest, 'mamba OR "state space"').records[-1]["hits"]
    assert found["mamba"] == sample(digest, '"state space" -transformer').records[-1]["hits"]
    assert sample(digest, "mamba").records[-1]["clauses"][0]["without"] is None
    assert "2 without it" in digest("try", "mamba OR unlearning", *sorted(DEMO.glob("2026*"))).out


def test_try_counts_the_hits_of_each_day(digest: Digest) -> None:
    """A rate a day hides that everything came on Tuesday."""
    summary = sample(digest, "*").records[-1]
    assert sum(summary["by_day"].values()) == summary["hits"] == summary["papers"]
    assert list(summary["by_day"]) == sorted(summary["by_day"])
    assert len(summary["by_day"]) > 1
    assert sum(sample(digest, "zyxwvut").records[-1]["by_day"].values()) == 0
    assert "█" in digest("try", "mamba", *sorted(DEMO.glob("2026*"))).out


def test_try_names_related_papers(digest: Digest) -> None:
    """What means much the same as the hits, and is not among them."""
    rows = [
        {"paper": {"title": "Grasping with a Robot Hand", "summary": "A robot hand learns to grasp objects."}},
        {"paper": {"title": "Manipulators that Pick", "summary": "A robot arm learns to grasp and to place objects."}},
        {"paper": {"title": "Dwarf Galaxies", "summary": "Dark matter around the faintest satellites."}},
    ]
    file = digest.write("rows.json", json.dumps(rows))
    said = digest("try", "--json", "hand", file)
    changes = [(c["change"], c["title"]) for c in said.of_kind("change")]
    assert changes == [("related", "Manipulators that Pick")]
    assert "much like what is found" in digest("try", "hand", file).out
    assert digest("try", "--json", 'like:"robotic grasping"', file).records[-1]["hits"] == 2


def test_try_tells_how_near_the_nearest_paper_is(digest: Digest) -> None:
    """A ``like:`` that asks for too much: with what is said, the next attempt finds that paper and no other."""
    rows = [
        {"paper": {"title": "Grasping with a Robot Hand", "summary": "A robot hand learns to grasp objects."}},
        {"paper": {"title": "Dwarf Galaxies", "summary": "Dark matter around the faintest satellites."}},
    ]
    file = digest.write("rows.json", json.dumps(rows))
    (warning,) = digest("try", "--json", 'like:"robotic grasping"~0.99', file).records[-1]["warnings"]
    said = re.fullmatch(
        'None of the 2 papers is near enough to like:"robotic grasping"~0.99; '
        "the nearest is “Grasping with a Robot Hand”, (~0[.][0-9]+)[.]",
        warning,
    )
    assert said
    assert digest("try", "--json", f'like:"robotic grasping"{said[1]}', file).records[-1]["hits"] == 1


def test_try_refuses_to_be_like_an_unknown_paper(digest: Digest) -> None:
    """A paper that was never seen is named, with the way out; so it is when a query is to be saved."""
    digest("ingest", ROWS)
    for words in (("try", "like:9901.00001"), ("subscribe", "ada@example.org", "like:9901.00001")):
        said = digest(*words)
        assert said.code == 2
        assert "arxiv:9901.00001 has not been seen here; its title in quotes works too" in said.err


def test_try_warns_of_words_that_never_occur(digest: Digest) -> None:
    """A term no paper holds is named, with the nearest word that papers do hold."""
    (warning,) = sample(digest, "diffusoin").records[-1]["warnings"]
    assert warning == "diffusoin is in none of the 19 papers; did you mean diffusion?"
    (alone,) = sample(digest, "zyxwvut").records[-1]["warnings"]
    assert alone == "zyxwvut is in none of the 19 papers."


def test_try_warns_of_a_query_that_is_too_broad(digest: Digest) -> None:
    """What matches more than half of everything is no digest."""
    rows = [{"paper": {"title": f"Paper number {n} on graphs", "summary": "On graphs." * 9}} for n in range(30)]
    said = digest("try", "--json", "graphs", digest.write("rows.json", json.dumps(rows)))
    assert "It matches 100% of everything: too broad for a digest." in said.records[-1]["warnings"]


def test_try_compares_with_another_query(digest: Digest) -> None:
    """--instead-of: what a changed query would add and drop."""
    said = sample(digest, "mamba OR unlearning", "--instead-of", 'mamba OR "diffusion policy"')
    changes = {(change["change"], change["title"]) for change in said.of_kind("change")}
    assert ("added", "Forgetting by Design: Unlearning without a Reference Model") in changes
    assert ("dropped", "Tidewater: Diffusion Policies that Recover from Their Own Mistakes") in changes
    assert not [title for change, title in changes if "Mamba" in title]
    assert "1 added, 2 dropped" in digest(
        "try", "mamba OR unlearning", "--instead-of", 'mamba OR "diffusion policy"', *sorted(DEMO.glob("2026*"))
    ).out  # fmt: skip


def test_what_is_not_understood_is_named(digest: Digest) -> None:
    """A broken row among good ones: an object of its own with its place and the reason."""
    rows = [{"paper": {"title": "A Good Row", "summary": "It says what it should."}}, 7]
    said = digest("parse", "--json", digest.write("rows.json", json.dumps(rows)))
    assert [set(record) for record in said.of_kind("skipped")] == [{"kind", "where", "reason"}]
    assert said.of_kind("skipped")[0]["where"] == "row 2 of 2"
    assert said.records[0]["skipped"] == 1
    assert "row 2 of 2" in digest("parse", digest.folder / "rows.json").out


def test_common_options_may_stand_before_the_command(digest: Digest) -> None:
    """``digest --json parse`` is ``digest parse --json``."""
    assert digest("--json", "parse", CARDS).out == digest("parse", "--json", CARDS).out


def test_a_first_fill_goes_on_where_it_stopped(digest: Digest) -> None:
    """The same papers as without the option, a summary instead of a list, and nothing twice the second time."""
    plain = digest("--store", digest.folder / "plain.db", "ingest", "--json", CARDS, ROWS).of_kind("summary")[0]
    first = digest("--store", digest.folder / "filled.db", "ingest", "--json", "--first-fill", CARDS)
    both = digest("--store", digest.folder / "filled.db", "ingest", "--json", "--first-fill", CARDS, ROWS)
    (one,), (two,) = first.records, both.records
    assert (one["repeated"], two["repeated"]) == (0, 1)
    assert {name: one[name] + two[name] for name in plain if name != "kind"} == {
        name: count for name, count in plain.items() if name != "kind"
    }
    again = digest("--store", digest.folder / "filled.db", "ingest", "--first-fill", CARDS, ROWS)
    assert again.code == 0
    assert "2 files had been read before" in again.out


def test_a_first_fill_says_which_file_it_cannot_read(digest: Digest) -> None:
    """The others are stored all the same; and it wants files, and is no rehearsal."""
    said = digest("ingest", "--json", "--first-fill", "nowhere.json", ROWS)
    assert said.code == 1
    assert "nowhere.json" in said.err
    assert said.records[-1]["new"] > 0
    assert digest("ingest", "--first-fill").code == 2
    assert digest("--dry-run", "ingest", "--first-fill", ROWS).code == 2
