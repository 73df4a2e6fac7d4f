"""What a config says of more than one machine: who reads the feeds, and whose share of the store this is."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load, validate
from monitor.errors import ConfigError
from monitor.poll.executor import CONNECTIONS, Crew

SMALLEST = '[organisation]\nname = "Eksempel A/S"\n[[channel]]\nid = "blog"\nsite = "https://blog.eksempel.example"\n'
SERVER = '[store]\nurl = "postgresql+psycopg://o@db.eksempel.example/o"\n'


def written(folder: Path, more: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(SMALLEST + more, encoding="utf-8")
    return path


def problems(folder: Path, more: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(written(folder, more))
    return [problem.partition(": ")[2] for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("more", "crew"),
    [
        ("", Crew(CONNECTIONS)),
        ("[poll]\nconnections = 200\n", Crew(200)),
        ('[poll]\nexecutor = "threads"\n', Crew(CONNECTIONS)),
        (
            '[poll]\nexecutor = "dask"\nscheduler = "tcp://10.0.0.5:8786"\n',
            Crew(CONNECTIONS, "tcp://10.0.0.5:8786"),
        ),
        ('[poll]\nexecutor = "dask"\nscheduler = "tls://[::1]:8786"\n', Crew(CONNECTIONS, "tls://[::1]:8786")),
    ],
)
def test_who_reads_the_feeds_is_threads_unless_a_cluster_is_named(tmp_path: Path, more: str, crew: Crew) -> None:
    assert load(written(tmp_path, more)).crew == crew


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[poll]\nexecutor = "dask"\n', "there is no scheduler; give its address"),
        ('[poll]\nscheduler = "tcp://10.0.0.5:8786"\n', 'executor is not "dask"'),
        ('[poll]\nexecutor = "desk"\n', "did you mean 'dask'?"),
        ("[poll]\nconnections = 0\n", "poll.connections: found 0"),
        *(
            (f'[poll]\nexecutor = "dask"\nscheduler = "{address}"\n', "is not a scheduler's address; expected")
            for address in ("10.0.0.5:8786", "http://10.0.0.5:8786", "tcp://10.0.0.5", "tcp://a b:1", "tcp://")
        ),
        ('[store]\nshare = "nord"\n', "an SQLite store has one writer"),
        (SERVER + 'share = "nord og syd"\n', "store.share: 'nord og syd' is not a name; expected"),
        (SERVER + 'share = "nord"\n[report]\nto = ["chef@eksempel.example"]\n', "report.to names readers"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, more: str, told: str) -> None:
    (problem,) = problems(tmp_path, more)
    assert told in problem


def test_a_share_has_a_name_and_no_readers(tmp_path: Path) -> None:
    assert load(written(tmp_path, SERVER + 'share = "nord"\n')).share == "nord"
    assert load(written(tmp_path, SERVER)).share is None


@pytest.mark.parametrize("document", [{"poll": 3, "store": [], "report": "x"}, {"store": {"share": 3, "url": 4}}])
def test_tables_that_are_none_hide_no_other_mistake(document: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        validate({"organisation": {"name": "E"}, **document}, "f")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://o:hemmelig@db/o",
        "mysql://o:hemmelig@db/o",
        "mysql://o:hemme@lig@db/o",
        "mysql://db/o?user=o&password=hemmelig",
    ],
)
def test_an_impossible_url_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    (problem,) = problems(tmp_path, f'[store]\nurl = "{url}"\n')
    assert "is not a store; expected" in problem
    assert "hemme" not in problem
    assert "lig@" not in problem


@pytest.mark.parametrize(
    "url", ["postgresql://o:hemm%40lig@db/o", "postgresql://db/o?user=o&password=hemm%40lig&sslmode=require"]
)
def test_the_stores_password_is_kept_out_of_every_log_as_written_and_as_meant(tmp_path: Path, url: str) -> None:
    assert {"hemm%40lig", "hemm@lig"} <= set(load(written(tmp_path, f'[store]\nurl = "{url}"\n')).secrets())
