"""Settings: what a file says is what the program does, and what it says wrongly is named with the way out."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.config import Config, Secret, SourceSettings, data_folder, find, load
from digest.config.read import SECTIONS
from digest.config.settings import MailBy, Security
from digest.errors import ConfigError
from digest.links import LinkMaker
from digest.model import Cadence, ChannelName, Subscriber

DIGEST_TOML = data_folder("config") / "digest.toml"


def loaded(tmp_path: Path, text: str, **environ: str) -> Config:
    """Load settings from this text."""
    path = tmp_path / "digest.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def complaint(tmp_path: Path, text: str, **environ: str) -> str:
    """Return the one line that loading this text is refused with."""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, **environ)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value).replace(str(tmp_path), "…")


def test_the_shipped_file_equals_the_defaults() -> None:
    """config/digest.toml holds every setting with its default, and nothing else."""
    assert replace(load(DIGEST_TOML, {}), file="") == Config()


def test_the_shipped_file_names_every_setting() -> None:
    """No setting can exist without standing in config/digest.toml."""
    text = DIGEST_TOML.read_text(encoding="utf-8")
    for section in SECTIONS:
        _, _, body = text.partition(f"\n[{section}]\n")
        body = body.partition("\n[")[0]
        assert body, section
        if section != "sources":
            for setting in fields(getattr(Config(), section)):
                assert f"\n{setting.name} = " in f"\n{body}", f"[{section}] {setting.name}"


def test_every_section_of_the_shipped_file_is_explained() -> None:
    """A comment stands above the first setting of each section."""
    lines = DIGEST_TOML.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("["):
            assert lines[number + 1].startswith("# "), line


def test_the_production_file_differs_where_it_says() -> None:
    """config/production.toml switches to PostgreSQL, SMTP and a web address and keeps every other default."""
    config = load(data_folder("config") / "production.toml", {})
    assert config.store.url.startswith("postgresql+psycopg://")
    assert (config.mail.by, config.smtp.security) == (MailBy.SMTP, Security.STARTTLS)
    assert config.web.base_url == "https://digest.example.org"
    assert (config.feeds, config.defaults, config.sources) == (Config().feeds, Config().defaults, Config().sources)


def test_no_file_means_the_built_in_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any file the program works all the same."""
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Config()


def test_the_first_file_found_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config, then $DIGEST_CONFIG, then config/digest.toml, then digest.toml."""
    monkeypatch.chdir(tmp_path)
    assert find(None, {}) is None
    Path("digest.toml").touch()
    assert find(None, {}) == Path("digest.toml")
    Path("config").mkdir()
    Path("config/digest.toml").touch()
    assert find(None, {}) == Path("config/digest.toml")
    assert find(None, {"DIGEST_CONFIG": "other.toml"}) == Path("other.toml")
    assert find(Path("mine.toml"), {"DIGEST_CONFIG": "other.toml"}) == Path("mine.toml")


def test_values_become_their_types(tmp_path: Path) -> None:
    """Choices, times, paths, lists and whole numbers for fractions are read as what they are."""
    config = loaded(
        tmp_path,
        """
        [mail]
        by = "smtp"
        folder = "out"
        [smtp]
        timeout_seconds = 5
        [feeds]
        folder = ""
        [defaults]
        cadence = "weekly"
        weekdays = [1, 3]
        send_at = "18:30"
        channel = "none"
        [sources]
        a = { kind = "folder", path = "in", pattern = "*.txt" }
        """,
    )
    assert config.mail.by is MailBy.SMTP
    assert config.mail.folder == Path("out")
    assert config.smtp.timeout_seconds == 5.0
    assert config.feeds.folder is None
    assert config.defaults.cadence is Cadence.WEEKLY
    assert config.defaults.weekdays == (1, 3)
    assert config.defaults.send_at.isoformat() == "18:30:00"
    assert config.defaults.channel is ChannelName.NONE
    assert config.sources == (SourceSettings(name="a", kind="folder", options={"path": "in", "pattern": "*.txt"}),)


LONG_DOMAIN = ".".join(["a" * 48] * 4 + ["x"])[:196] + "a"


def test_the_longest_mail_domain_gives_paths_that_servers_take(tmp_path: Path) -> None:
    """RFC 5321, 4.5.3.1.3: 256 characters, with the brackets."""
    domain = loaded(tmp_path, f"[mail]\ndomain = '{LONG_DOMAIN}'").mail.mail_domain
    links = LinkMaker(b"k" * 32, base_url="", mail_domain=domain)
    reader = Subscriber(id=2**63 - 1, address="ada@example.org", created_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert len(f"<{links.address('bounce', reader)}>") < len(f"<{links.address('unsubscribe', reader)}>") <= 256


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[stor]\nurl = 'x'", "…/digest.toml: there is no section [stor] (did you mean store?)"),
        ("[smtp]\nprot = 25", "…/digest.toml: [smtp]: there is no setting prot (did you mean port?)"),
        ("[smtp]\nport = 'x'", "…/digest.toml: [smtp] port: must be a whole number, not 'x' (the default is 25)"),
        ("[smtp]\nport = true", "[smtp] port: must be a whole number, not true"),
        ("[smtp]\nport = 70000", "[smtp] port: must be between 1 and 65535, not 70000"),
        ("[smtp]\nsecurity = 'startls'", "must be none, starttls or tls, not 'startls' (did you mean 'starttls'?)"),
        ("[defaults]\ntimezone = 'Mars/Olympus'", "[defaults] timezone: 'Mars/Olympus' is no IANA time zone"),
        ("[defaults]\nsend_at = '25:00'", '[defaults] send_at: must be a time of day such as "07:00"'),
        ("[defaults]\nweekdays = [7]", "days are 0 (Monday) to 6 (Sunday)"),
        ("[defaults]\nweekdays = 'Monday'", "must be a list of whole numbers, not 'Monday'"),
        ("[defaults]\nempty_digest = 1", "must be true or false, not 1"),
        ("[mail]\nfrom_address = 'me'", "[mail] from_address: not an e-mail address"),
        ("[mail]\nfrom_address = 'me@bücher.de'", "must be written as me@xn--bcher-kva.de"),
        ("[mail]\ndomain = 'bücher.de'", "'bücher.de' is no domain such as digest.example.org"),
        ("[mail]\ndomain = 'a b'", "'a b' is no domain"),
        (f"[mail]\ndomain = '{LONG_DOMAIN}a'", "[mail] domain: a mail domain may have 197 characters, not 198"),
        (f"[mail]\nfrom_address = 'me@{LONG_DOMAIN}a'", "[mail] from_address: a mail domain may have 197 characters"),
        ("[dkim]\ndomain = 'a..b'", "'a..b' is no domain"),
        ("[web]\nbase_url = 'https://bücher.de'", "is no http(s) address"),
        (f"[web]\nbase_url = 'https://{'x' * 300}.org'", "is no http(s) address"),
        ("[mail]\nfolder = ''", "must name a file or folder"),
        ("[web]\nbase_url = 'digest.example.org'", "is no http(s) address"),
        ("[store]\nurl = 'mysql://x'", "must begin with sqlite:/// or postgresql+psycopg://"),
        ("store = 3", "…/digest.toml: [store]: must be a table, not 3"),
        ("[sources]\na = { kind = 'foldr' }", "[sources] a: kind must be one of"),
        ("[sources]\na = { kind = 'folder' }", "[sources] a: path is missing"),
        ("[sources]\na = { kind = 'folder', pth = 'x' }", "there is no option pth (did you mean path?)"),
        ("[sources]\na = { kind = 'folder', path = 3 }", "[sources] a path: must be text, not 3"),
        ("[store\nurl", "is no valid TOML"),
        ("\ud800".encode("utf-16", "surrogatepass").decode("latin-1"), "is no valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_the_way_out(tmp_path: Path, text: str, says: str) -> None:
    """One line: the file, the section, the key, what is wrong, and what to write instead."""
    assert says in complaint(tmp_path, text)


def test_a_missing_file_is_named() -> None:
    """A settings file that was asked for and is not there is an error, never silently the defaults."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read: No such file"):
        load(Path("nowhere.toml"), {})


def test_the_environment_gives_the_store_and_the_password(tmp_path: Path) -> None:
    """DIGEST_STORE_URL and DIGEST_SMTP_PASSWORD win over the file."""
    config = loaded(
        tmp_path,
        "[store]\nurl = 'sqlite:///a.db'",
        DIGEST_STORE_URL="sqlite:///b.db",
        DIGEST_SMTP_PASSWORD="hush",
    )
    assert config.store.url == "sqlite:///b.db"
    assert config.smtp_password.reveal() == "hush"


def test_a_password_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    """What an editor adds at the end of a password file is not part of the password."""
    (tmp_path / "pw").write_text("hu sh\n")
    assert loaded(tmp_path, f"[smtp]\npassword_file = '{tmp_path}/pw'").smtp_password.reveal() == "hu sh"
    assert "gone cannot be read" in complaint(tmp_path, "[smtp]\npassword_file = 'gone'")


def test_secrets_never_show() -> None:
    """A password stays out of whatever prints, formats or logs the settings."""
    config = Config(smtp_password=Secret("hush"))
    for shown in (repr(config), str(config), f"{config.smtp_password}", f"{config.smtp_password!r}"):
        assert "hush" not in shown
