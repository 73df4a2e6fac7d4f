"""A server for these tests, and a database for each.

Where PostgreSQL is not installed these tests are skipped with a sentence that tells what to install; with
OXIMETER_POSTGRESQL=required they fail instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from monitor.store import open_store
from tests.postgresql.server import Server, a_server, programs

MISSING = "no PostgreSQL server is installed; on Debian: apt install postgresql"


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        (pytest.fail if os.environ.get("OXIMETER_POSTGRESQL") == "required" else pytest.skip)(MISSING)
    with a_server(found) as here:
        yield here


@pytest.fixture(scope="package")
def template(server: Server) -> str:
    """A database that is a store already, to copy: quicker than to make one anew."""
    name = server.a_database()
    open_store(server.url(name)).close()
    return name


@pytest.fixture
def database(server: Server, template: str) -> Iterator[str]:
    """The name of a store of this test's own."""
    name = server.a_database(template)
    yield name
    server.drop(name)


@pytest.fixture
def url(server: Server, database: str) -> str:
    return server.url(database)
