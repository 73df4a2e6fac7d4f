"""The config: what is right is read, and what is wrong is said all at once."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.errors import ConfigError

ROOT = Path(__file__).parent.parent
FULL = """
[organisation]
name = "Eksempel A/S"
language = "da"
timezone = "Europe/Copenhagen"
staff = ["Redaktionen", "*@eksempel.example"]

[report]
to = ["chef@eksempel.example", "chef@eksempel.example"]
from = "oximeter@eksempel.example"
when = "monthly"
folder = "out"

[smtp]
host = "smtp.eksempel.example"
port = 465
security = "tls"
user = "oximeter"
password_env = "OXIMETER_TEST_PASSWORD"

[store]
url = "sqlite:///data/oximeter.db"

[[channel]]
id = "debat"
name = "Debatforum på Ærø"
site = "https://debat.eksempel.example"
feeds = ["https://debat.eksempel.example/latest.rss", "https://debat.eksempel.example/posts.rss"]
owner = "Redaktionen"
hours_per_week = 6
opened = 2024-03-01
posts_per_month = 8
answer_within_days = 2
purpose = "…"
moderation = "…"
use_of_input = "…"
paused = ["2026-07-01..2026-08-10"]
"""
SMALLEST = """
[organisation]
name = "Eksempel A/S"
[[channel]]
id = "blog"
site = "https://blog.eksempel.example"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config" / "channels.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        config.validate(tomllib.loads(text), "channels.toml")
    assert raised.value.exit_code == 2
    return raised.value.problems


def test_every_key_of_the_contract_is_read(tmp_path: Path) -> None:
    found = config.load(written(tmp_path, FULL))
    channel = found.channels[0]
    assert (found.organisation.name, found.organisation.language) == ("Eksempel A/S", "da")
    assert str(found.zone) == "Europe/Copenhagen"
    assert found.organisation.staff == ("Redaktionen", "*@eksempel.example")
    assert [one.address for one in found.readers] == ["chef@eksempel.example"]
    assert found.sender == "oximeter@eksempel.example"
    assert ({one.when for one in found.readers}, found.folder) == ({"monthly"}, tmp_path / "out")
    assert found.store_url == f"sqlite:///{tmp_path}/data/oximeter.db"
    assert channel.name == "Debatforum på Ærø"
    assert len(channel.feeds) == 2
    assert (channel.hours_per_week, channel.opened, channel.posts_per_month) == (6, date(2024, 3, 1), 8)
    assert channel.paused == ((date(2026, 7, 1), date(2026, 8, 10)),)


def test_a_name_an_id_and_an_address_are_enough(tmp_path: Path) -> None:
    found = config.load(written(tmp_path, SMALLEST))
    assert (found.organisation.timezone, found.readers, found.folder) == ("UTC", (), tmp_path / "reports")
    assert (found.channels[0].name, found.channels[0].feeds) == ("blog", ("https://blog.eksempel.example",))
    assert found.smtp_settings() is None


def test_relative_paths_start_at_the_configs_own_folder_where_that_is_not_called_config(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALLEST, encoding="utf-8")
    assert config.load(path).folder == tmp_path / "reports"


def test_an_absolute_store_or_one_in_memory_stays_as_it_is(tmp_path: Path) -> None:
    for url in ("sqlite:////srv/oximeter.db", "sqlite:///:memory:", "postgresql://u@host/db"):
        assert config.load(written(tmp_path, SMALLEST + f'[store]\nurl = "{url}"\n')).store_url == url


def test_five_mistakes_are_five_sentences_with_file_and_key_and_the_nearest_right_name() -> None:
    assert problems(
        """
        [organisation]
        name = 3
        langage = "da"
        timezone = "Europe/Kopenhagen"
        [[channel]]
        id = "blog"
        feeds = ["htp://blog.example"]
        [[channel]]
        id = "Blog"
        feeds = ["https://blog.example"]
        """
    ) == [
        "channels.toml: organisation.name: found 3; expected a valid string",
        "channels.toml: organisation.timezone: 'Europe/Kopenhagen' is not a time zone; "
        "expected a name such as Europe/Copenhagen",
        "channels.toml: organisation.langage: unknown key; did you mean language?",
        "channels.toml: channel[1].feeds[1] (blog): 'htp://blog.example' is not a web address; "
        "expected http://… or https://…",
        "channels.toml: channel[2].id: 'Blog' is also the id of channel[1]; each needs its own",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('feeds = ["https://x.example/a b"]', "is not a web address"),
        ('feeds = ["https://x.example:99999/"]', "is not a web address"),
        ('feeds = ["https://[x/"]', "is not a web address"),
        ('feeds = "https://x.example"', "feeds (a): found 'https://x.example'; expected a valid list"),
        ('site = "ftp://x.example"', "is not a web address"),
        ('site = "https://x.example"\nopened = "2024-03-01"', "expected a date without quotes"),
        ('site = "https://x.example"\nhours_per_week = -1', "hours_per_week (a)"),
        ('site = "https://x.example"\nhours_per_week = nan', "hours_per_week (a)"),
        ('site = "https://x.example"\nposts_per_month = true', "posts_per_month (a)"),
        ('site = "https://x.example"\npaused = ["2026-08-10..2026-07-01"]', "is not a pause"),
        ('site = "https://x.example"\npaused = ["2026-08-10"]', "is not a pause"),
        ('site = "https://x.example"\npaused = ["i går..i dag"]', "is not a pause"),
        ('site = "https://x.example"\nzzz = 1', "unknown key; expected one of id, name"),
        ("", "has neither feeds nor site"),
    ],
)
def test_a_wrong_channel_is_a_sentence(line: str, told: str) -> None:
    (problem,) = problems(f'[organisation]\nname = "E"\n[[channel]]\nid = "a"\n{line}')
    assert told in problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "organisation: is missing"),
        ('[organisation]\nname = "E"\n[[chanel]]\nid = "a"', "chanel: unknown key; did you mean channel?"),
        (
            '[organisation]\nname = "E"\nlanguage = "dk"',
            "organisation.language: 'dk' is no language we speak; expected 'da' or 'en'",
        ),
        ('[organisation]\nname = "E"\n[report]\nwhen = "weekley"', "did you mean 'weekly'?"),
        ('[organisation]\nname = "E"\n[report]\nto = ["chef"]', "'chef' is not an e-mail address"),
        ('[organisation]\nname = "E"\n[store]\nurl = "mysql://x"', "store.url: 'mysql://x' is not a store"),
        ('[organisation]\nname = "E"\n[smtp]\nhost = "h"\npassword_env = "A"\npassword_file = "b"', "keep one"),
        ('channel = "a"\n[organisation]\nname = "E"', "channel: found 'a'"),
        ('channel = [1, {id = 2}]\n[organisation]\nname = "E"', "channel[1]: found 1"),
        ("organisation = 1", "organisation: found 1"),
    ],
)
def test_a_wrong_table_is_a_sentence(text: str, told: str) -> None:
    assert told in problems(text)[0]


@pytest.mark.parametrize("content", [b"[organisation\n", b"\xff\xfe", None])
def test_a_file_that_is_no_config_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "channels.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert len(raised.value.problems) == 1
    assert str(path) in raised.value.problems[0]


def test_the_password_comes_from_the_environment_or_a_file_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = config.load(written(tmp_path, FULL))
    with pytest.raises(ConfigError, match="OXIMETER_TEST_PASSWORD is not set"):
        found.smtp_settings()
    monkeypatch.setenv("OXIMETER_TEST_PASSWORD", "hemmelig")
    settings = found.smtp_settings()
    assert settings is not None
    assert settings.password == "hemmelig"
    assert "hemmelig" not in repr(settings)
    found = config.load(
        written(tmp_path, FULL.replace('password_env = "OXIMETER_TEST_PASSWORD"', 'password_file = "pw"'))
    )
    with pytest.raises(ConfigError, match="cannot be read"):
        found.smtp_settings()
    (tmp_path / "pw").write_text("skjult\n", encoding="utf-8")
    settings = found.smtp_settings()
    assert settings is not None
    assert settings.password == "skjult"


def test_a_mail_server_without_a_password_has_none(tmp_path: Path) -> None:
    settings = config.load(written(tmp_path, SMALLEST + '[smtp]\nhost = "localhost"\n')).smtp_settings()
    assert settings is not None
    assert (settings.port, settings.security, settings.password) == (587, "starttls", None)


def test_the_shipped_config_is_valid_and_has_no_channel() -> None:
    assert config.load(ROOT / "config" / "channels.toml").channels == ()


def test_the_published_schema_is_the_models() -> None:
    assert (ROOT / "config" / config.SCHEMA_NAME).read_text(encoding="utf-8") == config.schema()


def test_each_config_key_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    tables: dict[str, Any] = {name: table.model_fields for name, table in config.TABLES.items()}
    missing = [
        f"{name}.{field.alias or key}"
        for name, fields in tables.items()
        for key, field in fields.items()
        if f"`{field.alias or key}`" not in reference
    ]
    assert missing == []


def test_holidays_are_the_time_zones_unless_a_country_is_named_or_none_is_wanted(tmp_path: Path) -> None:
    def country(line: str) -> str | None:
        path = tmp_path / "channels.toml"
        path.write_text(SMALLEST.replace('name = "Eksempel A/S"', f'name = "Eksempel A/S"\n{line}'), encoding="utf-8")
        return config.load(path).organisation.country

    assert country("") is None
    assert country('timezone = "Europe/Copenhagen"') is None
    assert country('timezone = "Europe/Copenhagen"\ncountry = "SE"') == "SE"
    assert country('timezone = "Europe/Copenhagen"\ncountry = ""') == ""
    with pytest.raises(
        ConfigError, match=r"organisation.country: 'Danmark' is not a country; expected its two letters"
    ):
        country('country = "Danmark"')


def test_a_channel_may_be_given_longer_to_grow_up(tmp_path: Path) -> None:
    path = tmp_path / "channels.toml"
    path.write_text(SMALLEST + "stamina_days = 400\n", encoding="utf-8")
    assert config.load(path).channels[0].stamina_days == 400


def test_every_reader_has_her_own_language_and_rhythm_and_is_named_once(tmp_path: Path) -> None:
    text = """
[organisation]
name = "Eksempel A/S"
language = "da"
[report]
to = ["chef@eksempel.example", "board@eksempel.example"]
when = "daily"
[[report.reader]]
address = "board@eksempel.example"
language = "en"
when = "monthly"
[[report.reader]]
address = "ejer@eksempel.example"
"""
    found = config.load(written(tmp_path, text))
    assert [(one.address, one.language, one.when) for one in found.readers] == [
        ("chef@eksempel.example", "da", "daily"),
        ("board@eksempel.example", "en", "monthly"),
        ("ejer@eksempel.example", "da", "daily"),
    ]
    assert found.languages == ("da", "en")
    (told,) = problems(text.replace('language = "en"', 'languag = "en"'))
    assert told.endswith("report.reader[1].languag: unknown key; did you mean language?")


def test_chat_rooms_come_from_the_config_and_from_a_variable_and_are_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
[organisation]
name = "Eksempel A/S"
[report]
notify = ["json://127.0.0.1/hemmelig"]
notify_env = "OXIMETER_ROOMS"
"""
    found = config.load(written(tmp_path, text))
    monkeypatch.delenv("OXIMETER_ROOMS", raising=False)
    with pytest.raises(ConfigError, match="OXIMETER_ROOMS is not set"):
        found.rooms()
    monkeypatch.setenv("OXIMETER_ROOMS", "slack://a/b/c\njson://127.0.0.1/hemmelig")
    assert found.rooms() == ("json://127.0.0.1/hemmelig", "slack://a/b/c")
    assert "hemmelig" not in repr(found)


@pytest.mark.parametrize(
    "address", ["chef@eksempel..dk", "a@b@c.dk", 'a"b@c.dk', "a[b]@c.dk", "chef@" + "a" * 64 + ".dk"]
)
def test_an_address_that_no_mail_could_be_written_to_is_a_mistake(address: str) -> None:
    (told,) = problems(f"[organisation]\nname = 'E'\n[report]\nto = ['{address}']")
    assert "is not an e-mail address" in told


def test_a_mistake_in_a_chat_rooms_address_never_shows_it() -> None:
    for value in ("'slack://hemmelig'", "['hemmelig']", "[3]"):
        (told,) = problems(f"[organisation]\nname = 'E'\n[report]\nnotify = {value}")
        assert "hemmelig" not in told
        assert "as Apprise writes them" in told


@pytest.mark.parametrize("address", ["https://a:b@c.example/", "https://c.example/?night=", "ftp://c.example"])
def test_the_reports_own_address_is_a_folder_without_secrets(address: str) -> None:
    (told,) = problems(f"[organisation]\nname = 'E'\n[report]\naddress = '{address}'")
    assert "report.address" in told


def test_a_channel_whose_name_is_blank_goes_by_its_id(tmp_path: Path) -> None:
    text = '[organisation]\nname = "E"\n[[channel]]\nid = "blog"\nname = " "\nfeeds = ["https://e.example/feed"]\n'
    assert config.load(written(tmp_path, text)).channels[0].name == "blog"


def test_the_nights_limits_have_defaults_and_may_be_set(tmp_path: Path) -> None:
    found = config.load(written(tmp_path, SMALLEST)).poll
    assert (found.night_minutes, found.fetch_seconds) == (60, 30)
    found = config.load(written(tmp_path, SMALLEST + "[poll]\nnight_minutes = 0.5\nfetch_seconds = 600\n")).poll
    assert (found.night_minutes, found.fetch_seconds) == (0.5, 600)


@pytest.mark.parametrize(
    "line",
    ["night_minutes = 0", "night_minutes = -1", "night_minutes = inf", "fetch_seconds = 0.9", "fetch_seconds = 601",
     "fetch_seconds = nan", 'night_minutes = "60"', "fetch_seconds = true"],
)  # fmt: skip
def test_a_limit_that_is_none_is_a_mistake(line: str) -> None:
    (told,) = problems(f'[organisation]\nname = "E"\n[poll]\n{line}')
    assert told.startswith(f"channels.toml: poll.{line.partition(' ')[0]}: found ")


HEART = "https://hc-ping.com/hemmelig-noegle"


def test_the_heartbeat_comes_from_the_config_or_from_a_variable_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.load(written(tmp_path, SMALLEST)).heartbeat is None
    found = config.load(written(tmp_path, SMALLEST + f'[heartbeat]\nurl = "{HEART}"\n'))
    assert found.heartbeat == HEART
    assert HEART in found.secrets()
    assert "hemmelig" not in repr(found) + repr(found.heartbeat_table) + str(found)
    found = config.load(written(tmp_path, SMALLEST + '[heartbeat]\nurl_env = "OXIMETER_TEST_HEART"\n'))
    monkeypatch.delenv("OXIMETER_TEST_HEART", raising=False)
    assert found.heartbeat is None
    with pytest.raises(ConfigError, match="OXIMETER_TEST_HEART is not set; export it"):
        found.watcher()
    monkeypatch.setenv("OXIMETER_TEST_HEART", f" {HEART}\n")
    assert found.heartbeat == HEART
    monkeypatch.setenv("OXIMETER_TEST_HEART", "hemmelig")
    assert found.heartbeat is None
    with pytest.raises(ConfigError, match="holds no web address") as raised:
        found.watcher()
    assert "hemmelig" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[heartbeat]\nurl = "ftp://hemmelig"', "heartbeat.url: what was found is no web address"),
        ('[heartbeat]\nurl = ["https://hemmelig.example"]', "heartbeat.url: what was found is no web address"),
        (f'[heartbeat]\nurl_env = "{HEART}"', "heartbeat.url_env: what was found is no name of a variable"),
        (f'[[heartbeat]]\nurl = "{HEART}"', "heartbeat: expected a table, [heartbeat], with url or url_env"),
        ('[heartbeat]\nurl = "https://hemmelig.example"\nurl_env = "A"', "has both url and url_env; keep one"),
        ("[heartbeat]", "has neither url nor url_env"),
        ('[heartbeat]\nurl = "https://hemmelig.example"\nuuid = "hemmelig"', "heartbeat.uuid: unknown key"),
        ('[heartbeat]\nurl = "https://hemmelig.example"\nurll = "x"', "did you mean url?"),
    ],
)
def test_a_mistake_in_the_heartbeat_never_shows_its_address(text: str, told: str) -> None:
    (problem,) = problems(f'[organisation]\nname = "E"\n{text}')
    assert told in problem
    assert "hemmelig" not in problem


def test_a_heartbeat_is_found_in_a_config_with_mistakes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OXIMETER_TEST_HEART", HEART)
    for table, address in (
        (f'url = "{HEART}"', HEART),
        ('url_env = "OXIMETER_TEST_HEART"', HEART),
        ('url_env = "OXIMETER_NOT_SET"', None),
        ('url = "x"', None),
        ("", None),
    ):
        assert config.heartbeat_in(written(tmp_path, f"organisation = 3\n[heartbeat]\n{table}\n")) == address
    for text in ("", "heartbeat = 3", "[heartbeat"):
        assert config.heartbeat_in(written(tmp_path, text)) is None
    assert config.heartbeat_in(tmp_path / "nowhere") is None
