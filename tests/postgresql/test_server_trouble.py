"""What a server says becomes one sentence that tells what to do, and never the password."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store import check_store, open_store
from monitor.store.trouble import NotTaken
from tests.organisation import Office
from tests.postgresql.server import PASSWORD, Server
from tests.store.builders import FORUM, START, a_post, a_reading


def refusal(url: str) -> str:
    """The one sentence that both opening and checking the store raise."""
    told = []
    for use in (open_store, check_store):
        with pytest.raises(StoreError) as raised:
            use(url)
        told.append(str(raised.value))
    assert told[0] == told[1]
    assert "\n" not in told[0]
    assert PASSWORD not in told[0]
    return told[0]


def test_a_wrong_password_is_told(server: Server, database: str) -> None:
    wrong = PASSWORD + "-forkert"
    told = refusal(server.url(database, wrong))
    assert "check the user and the password" in told


def test_a_password_in_the_urls_query_is_not_told_either(server: Server) -> None:
    told = refusal(f"postgresql+psycopg://127.0.0.1:{server.port}/nowhere?user=oximeter&password={PASSWORD}")
    assert "createdb" in told or "does not exist" in told


def test_a_missing_password_is_told(server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    told = refusal(f"postgresql+psycopg://oximeter@127.0.0.1:{server.port}/{database}")
    assert "wants a password" in told


def test_a_database_that_is_not_there_is_told(server: Server) -> None:
    assert "createdb" in refusal(server.url("nowhere"))


def test_a_server_that_does_not_run_is_told() -> None:
    assert "Connection refused" in refusal(f"postgresql+psycopg://oximeter:{PASSWORD}@127.0.0.1:1/o")


def test_an_option_that_the_driver_does_not_know_is_told(url: str) -> None:
    assert "nonsens" in refusal(f"{url}?nonsens=1")


def test_a_user_who_may_not_write_is_told(server: Server, database: str, url: str) -> None:
    server.does(
        "CREATE ROLE gaest LOGIN PASSWORD 'gaest'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO gaest", database
    )
    with open_store(url.replace(f"oximeter:{PASSWORD}", "gaest:gaest")) as store:
        with pytest.raises(StoreError, match="may not be written by that user"):
            store.record(a_reading(a_post("a")))
        assert store.history(FORUM).total_posts == 0
    server.does("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM gaest; DROP ROLE gaest", database)


def test_a_copy_that_is_only_read_is_told(server: Server, database: str, url: str) -> None:
    server.does(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    with open_store(url) as store, pytest.raises(StoreError, match="only read"):
        store.record(a_reading(a_post("a")))


def test_values_that_the_server_does_not_take_are_told_without_them(url: str) -> None:
    with open_store(url) as store:
        with pytest.raises(NotTaken) as raised:
            store.record(a_reading(a_post("a"), size=2**80))
        assert "INSERT" not in str(raised.value)
        assert store.record(a_reading(a_post("a"))) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "as in a power cut"])
def test_what_was_recorded_outlives_the_server_and_an_open_store_finds_it_again(
    server: Server, url: str, how: int
) -> None:
    with open_store(url) as store:
        assert store.record(a_reading(a_post("a"))) == 1
        server.stop(how)
        try:
            with pytest.raises(StoreError) as raised:
                store.record(a_reading(a_post("b", START + 60), night=1))
        finally:
            server.start()
        assert PASSWORD not in str(raised.value)
        assert store.record(a_reading(a_post("a"), a_post("b", START + 60), night=1)) == 1
        assert store.history(FORUM).total_posts == 2


def test_check_tells_of_a_server_that_refuses_us(tmp_path: Path, server: Server, database: str) -> None:
    url = server.url(database, "forkert")
    office = Office(tmp_path).write({"blog": ["http://127.0.0.1:1/"]}, f'[store]\nurl = "{url}"\n')
    result = office.oximeter("check")
    assert result.exit_code == 1
    assert "check the user and the password" in result.output
    assert "forkert" not in result.output
