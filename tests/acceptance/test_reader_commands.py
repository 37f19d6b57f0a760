"""``digest subscribe`` and ``subscriptions``: saved queries, from words to the store and back."""

from __future__ import annotations

import pytest

from digest.config import data_folder
from tests import make
from tests.acceptance.conftest import Digest

NOW = ("--now", "2026-11-19T12:00:00Z")


def test_a_subscription_starts_with_the_defaults(digest: Digest) -> None:
    """Somebody new has a first digest with the next run; a query added later waits for the next slot."""
    said = digest("subscribe", "ada@example.org", '"diffusion policy"', *NOW, "--json")
    (one,) = said.records
    assert one["kind"] == "subscription"
    assert (one["address"], one["query"], one["id"]) == ("ada@example.org", '"diffusion policy"', 1)
    assert (one["next_digest"], one["next_on"]) == ("2026-11-19T12:00:00+00:00", "2026-11-19")
    assert (one["cadence"], one["max_papers"], one["channel"], one["paused"]) == ("daily", 20, "email", False)
    assert "daily at 07:00 UTC, first with the next run" in digest("subscribe", "b@example.org", "x", *NOW).out
    assert "first on Friday, 20 November 2026" in digest("subscribe", "b@example.org", "y", *NOW).out


def test_every_choice_can_be_made(digest: Digest) -> None:
    """Options of a reader and of a query are stored as given."""
    digest("subscribe", "ada@example.org", "the first query", *NOW)
    said = digest(
        "subscribe", "ada@example.org", "mamba", "--name", "Snakes", "--timezone", "Asia/Tokyo", "--at", "08:30",
        "--channel", "folder", "--cadence", "weekly", "--weekday", "thu", "--weekday", "mon", "--max-papers", "5",
        "--min-score", "0.5", "--order", "newest", "--empty-digest", "--events", "--json", *NOW,
    )  # fmt: skip
    (one,) = said.records
    assert {k: one[k] for k in ("name", "timezone", "send_at", "channel", "cadence", "weekdays", "max_papers")} == {
        "name": "Snakes", "timezone": "Asia/Tokyo", "send_at": "08:30", "channel": "folder", "cadence": "weekly",
        "weekdays": [0, 3], "max_papers": 5,
    }  # fmt: skip
    assert (one["min_score"], one["order"], one["empty_digest"], one["events"]) == (0.5, "newest", True, True)
    assert one["next_digest"] == "2026-11-22T23:30:00+00:00"


def test_the_same_query_again_is_changed_not_doubled(digest: Digest) -> None:
    """Subscribing twice to one query keeps one subscription with the newest choices."""
    digest("subscribe", "ada@example.org", "mamba", *NOW)
    digest("subscribe", "ada@example.org", "mamba", "--max-papers", "3", *NOW)
    (one,) = digest("subscriptions", "list", "--json").records
    assert (one["id"], one["max_papers"]) == (1, 3)


def test_a_reader_who_moves_takes_all_queries_along(digest: Digest) -> None:
    """A new time zone plans every digest of that reader anew."""
    digest("subscribe", "ada@example.org", "mamba", "rwkv", *NOW)
    digest("subscriptions", "edit", "1", "--timezone", "America/New_York", *NOW)
    due = [one["next_digest"] for one in digest("subscriptions", "list", "--json").records]
    assert due == ["2026-11-20T12:00:00+00:00"] * 2


def test_edit_pause_resume_remove(digest: Digest) -> None:
    """A saved query can be changed, stopped, resumed and removed by its number."""
    digest("subscribe", "ada@example.org", "mamba", *NOW)
    (edited,) = digest("subscriptions", "edit", "1", "--query", "mamba2", "--name", "S", "--json", *NOW).records
    assert (edited["query"], edited["name"]) == ("mamba2", "S")
    assert digest("subscriptions", "pause", "1", "--json", *NOW).records[0]["paused"] is True
    assert digest("subscriptions", "resume", "1", "--json", *NOW).records[0]["paused"] is False
    assert digest("subscriptions", "remove", "1").code == 0
    assert digest("subscriptions", "list", "--json").out == ""
    gone = digest("subscriptions", "remove", "1")
    assert (gone.code, gone.err) == (
        2, "digest: id 1: there is no such subscription (see digest subscriptions list)\n",
    )  # fmt: skip


@pytest.mark.parametrize("words", [("subscribe", "ada@example.org", "y"), ("subscriptions", "remove", "1"),
                                   ("subscriptions", "edit", "1", "--query", "y", "--at", "09:00"),
                                   ("subscriptions", "pause", "1")])  # fmt: skip
def test_a_dry_run_changes_no_reader(digest: Digest, words: tuple[str, ...]) -> None:
    """--dry-run shows what would be saved and saves nothing."""
    digest("subscribe", "ada@example.org", "x", *NOW)
    before = digest("subscriptions", "list", "--json").out
    said = digest(*words, "--dry-run", *NOW)
    assert (said.code, said.err) == (0, "")
    assert said.out
    assert digest("subscriptions", "list", "--json").out == before


def test_what_is_exported_can_be_imported(digest: Digest) -> None:
    """Export then import into an empty store gives the same subscriptions."""
    digest("subscribe", "ada@example.org", "mamba", "--name", "S", "--cadence", "weekdays", "--at", "06:15", *NOW)
    digest("subscribe", "emmy@example.org", '"chain of thought" -survey', "--timezone", "Asia/Tokyo", *NOW)
    digest("subscriptions", "pause", "2", *NOW)
    exported = digest("subscriptions", "export")
    file = digest.write("saved.jsonl", exported.out)
    assert digest("subscriptions", "import", file, "--store", digest.folder / "other.db", *NOW).code == 0
    again = digest("subscriptions", "export", "--store", digest.folder / "other.db")
    planned = {"next_digest", "next_on"}
    assert [{k: v for k, v in one.items() if k not in planned} for one in again.records] == [
        {k: v for k, v in one.items() if k not in planned} for one in exported.records
    ]


def test_people_write_toml(digest: Digest) -> None:
    """The sample readers of the demo are a file such as people write."""
    file = data_folder("config") / "demo" / "subscribers.toml"
    said = digest("subscriptions", "import", file, "--json", *NOW)
    assert (said.code, said.err) == (0, "")
    assert {one["address"] for one in said.records} == {"ada@example.org", "emmy@example.org", "grace@example.org"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[subscriber]]\naddress = "x"\nqueries = ["a"]', "'x': not an e-mail address"),
        ('[[subscriber]]\nqueries = ["a"]', "subscriber 2: address is missing"),
        ('[[subscriber]]\naddress = "b@example.org"\nqueries = ["(a"]', "column 1"),
        ('[[subscriber]]\naddress = "b@example.org"\nqueries = [{ qeury = "a" }]', "subscriber 2: query is missing"),
        (
            '[[subscriber]]\naddress = "b@example.org"\ntimezone = "Mars"\nqueries = ["a"]',
            "'Mars': this is no time zone",
        ),
        ('[[subscriber]]\naddress = "b@example.org"\ncadence = "daily"', "there is no cadence here"),
        ("[subscriber", "this is neither JSON lines nor TOML"),
        ("[x]", "only [[subscriber]] may stand here"),
    ],
)
def test_an_import_is_all_or_nothing(digest: Digest, text: str, says: str) -> None:
    """One mistake anywhere: it is named with its place, and nobody of the file is stored."""
    good = '[[subscriber]]\naddress = "ada@example.org"\nqueries = ["mamba"]\n'
    said = digest("subscriptions", "import", digest.write("all.toml", good + text if text[1] != "s" else text))
    assert said.code == 2
    assert says in said.err
    assert digest("status", "--json").records[0]["subscribers"] == 0


@pytest.mark.parametrize(
    ("dialect", "text", "queries"),
    [
        (None, 'mamba\n\n# a comment\n"state space" OR rwkv\n', ["mamba", '"state space" OR rwkv']),
        ("keywords", "mamba\nstate space\n-survey\n", ['(mamba OR "state space") -survey']),
        ("arxiv", "ti:mamba ANDNOT abs:survey\n", ["title:mamba -abstract:survey"]),
        ("pubmed", "mamba[ti] NOT survey[tiab]\n", ["title:mamba -survey"]),
    ],
)
def test_queries_from_elsewhere_are_translated(
    digest: Digest, dialect: str | None, text: str, queries: list[str]
) -> None:
    """Plain queries a line, keyword lists, arXiv API queries and PubMed searches are saved in our language."""
    chosen = ("--dialect", dialect) if dialect else ()
    file = digest.write("queries.txt", text)
    said = digest("subscriptions", "import", file, "--for", "ada@example.org", *chosen, "--json", *NOW)
    assert (said.code, said.err) == (0, "")
    assert [one["query"] for one in said.records] == queries


def test_a_foreign_query_can_be_subscribed_to(digest: Digest) -> None:
    """``subscribe --dialect`` shows what was understood; what has no meaning here is refused with its place."""
    said = digest("subscribe", "ada@example.org", "au:lecun AND cat:cs.LG", "--dialect", "arxiv", "--json", *NOW)
    assert said.records[0]["query"] == "author:lecun category:cs.LG"
    refused = digest("subscribe", "ada@example.org", "jr:nature", "--dialect", "arxiv", *NOW)
    assert (refused.code, "column 1" in refused.err) == (2, True)


def test_a_dialect_needs_a_reader(digest: Digest) -> None:
    """Whose queries they are has to be said."""
    said = digest("subscriptions", "import", digest.write("q.txt", "mamba"), "--dialect", "keywords")
    assert (said.code, "add --for ADDRESS" in said.err) == (2, True)


def test_the_file_the_readme_shows_can_be_imported(digest: Digest) -> None:
    """The README's example of a file of readers is one."""
    _, _, rest = make.README.read_text(encoding="utf-8").partition("```toml\n[[subscriber]]")
    said = digest(
        "subscriptions", "import", digest.write("all.toml", "[[subscriber]]" + rest.partition("```")[0]), "--json"
    )
    assert (said.code, said.err) == (0, "")
    assert [(one["name"], one["cadence"]) for one in said.records] == [
        ("State space models", "weekdays"),
        ("", "daily"),
    ]
