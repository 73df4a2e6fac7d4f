"""Feeds are read by the workers of a Dask cluster as they are by threads; and what a cluster may do to a night."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from monitor.model import Outcome, Reading
from monitor.poll import Limits, poll
from monitor.poll import cluster as clusters
from monitor.poll.cluster import muster
from monitor.poll.executor import ClusterError, ClusterGone, Crew, working
from monitor.store import open_store
from tests.cluster.machines import THREADS, Machines, machines
from tests.loopback import Answer, Site, reply, site
from tests.organisation import NOW, Office, Served, weekly_posts

TONIGHT = int(NOW.timestamp())
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Two workers that no test harms."""
    with machines(tmp_path_factory.mktemp("cluster")) as here:
        yield here


def on(address: str) -> AbstractContextManager[Executor]:
    return working(Crew(scheduler=address))


@contextmanager
def hosts(*answers: Answer) -> Iterator[list[Site]]:
    """A server each: its port makes it a host of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(site(feed=answer)) for answer in answers]


def plain(reading: Reading) -> tuple[object, ...]:
    return reading.url, reading.outcome, reading.reason, reading.entries, reading.digest, reading.etag


def test_a_cluster_reads_what_threads_read(cluster: Machines) -> None:
    answers: list[Answer] = [
        Served(weekly_posts(7)),
        reply(200, b"<html><p>no feed</p></html>"),
        reply(404),
        reply(410),
        reply(304),
    ]
    with hosts(*answers) as webs:
        states = [web.state() for web in webs]
        with working(Crew()) as threads:
            by_threads = {
                reading.url: plain(reading) for reading in poll(states, TONIGHT, threads, Limits(retry_pause=0))
            }
        with on(cluster.address) as workers:
            by_workers = {
                reading.url: plain(reading) for reading in poll(states, TONIGHT, workers, Limits(retry_pause=0))
            }
    assert by_workers == by_threads
    assert len(by_workers) == len(answers)


def test_parses_run_in_children_of_the_workers_which_end_with_them(tmp_path: Path) -> None:
    with machines(tmp_path, workers=1) as alone:
        with site(feed=reply(200, weekly_posts())) as web, on(alone.address) as workers:
            (reading,) = poll([web.state()], TONIGHT, workers)
        assert reading.outcome is Outcome.UPDATED
        before = alone.children(0)
        assert any("monitor.poll.child" in " ".join(process.cmdline()) for process in before)
        assert "without a child" not in (tmp_path / "worker-0.log").read_text()
        alone.workers[0].terminate()
        alone.workers[0].wait(60)
        _, alive = psutil.wait_procs(before, timeout=30)
        assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
        assert "killing" not in (tmp_path / "worker-0.log").read_text()


def test_a_host_is_asked_one_question_at_a_time_whoever_of_the_workers_asks(cluster: Machines) -> None:
    slow = slowly(reply(200, weekly_posts(1)), 0.05)
    with site(**{f"f{number}": slow for number in range(12)}) as web, on(cluster.address) as workers:
        states = [web.state(f"/f{number}") for number in range(12)]
        readings = list(poll(states, TONIGHT, workers, Limits(retry_pause=0)))
    assert {reading.outcome for reading in readings} == {Outcome.UPDATED}
    assert web.most_at_once == 1


def slowly(answer: Answer, seconds: float) -> Answer:
    def wait_first(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        answer(handler)

    return wait_first


def test_as_many_hosts_are_asked_at_once_as_the_workers_have_threads(cluster: Machines) -> None:
    """Every server answers when all have been asked; with fewer at a time none would ever be."""
    together = threading.Barrier(2 * THREADS, timeout=60)

    def when_all_are_asked(handler: BaseHTTPRequestHandler) -> None:
        together.wait()
        reply(200, weekly_posts(1))(handler)

    with hosts(*[when_all_are_asked] * (2 * THREADS)) as webs, on(cluster.address) as workers:
        readings = list(poll([web.state() for web in webs], TONIGHT, workers, Limits(retry_pause=0)))
    assert {reading.outcome for reading in readings} == {Outcome.UPDATED}


def test_the_futures_are_those_of_the_standard_library(cluster: Machines) -> None:
    with on(cluster.address) as workers:
        done = wait([workers.submit(divmod, 7, 2), workers.submit(divmod, 7, 0)], timeout=60).done
        assert sorted(str(future.exception() or future.result()) for future in done) == [
            "(3, 1)",
            "integer division or modulo by zero",
        ]
        # The same question twice is two questions: a feed may answer otherwise.
        assert workers.submit(time.time_ns).result(60) != workers.submit(time.time_ns).result(60)
        late: Future[None] = workers.submit(time.sleep, 3_600)
        assert late.cancel()
        assert late.cancelled()
    with pytest.raises(ClusterGone):
        workers.submit(divmod, 7, 2)


def test_a_worker_that_is_killed_in_mid_night_loses_nothing(tmp_path: Path) -> None:
    """The servers answer once a worker is dead that had asked some of them: the other asks again."""
    bodies = [weekly_posts(number + 1) for number in range(8)]
    struck, begun = threading.Event(), threading.Semaphore(0)

    def slow(body: bytes) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            begun.release()
            struck.wait(60)
            reply(200, body)(handler)

        return answer

    with machines(tmp_path) as pair, hosts(*map(slow, bodies)) as webs:
        office = an_office(tmp_path, pair.address, [f"{web.url}/feed" for web in webs])

        def strike() -> None:
            for _ in bodies:
                assert begun.acquire(timeout=60)
            pair.kill(0)
            struck.set()

        killer = threading.Thread(target=strike)
        killer.start()
        found = office.json("run")
        killer.join()
        assert [feed["outcome"] for feed in found["feeds"]] == ["updated"] * len(bodies)
        assert [feed["entries"] for feed in found["feeds"]] == list(range(1, len(bodies) + 1))
        assert [feed["new_entries"] for feed in found["feeds"]] == list(range(1, len(bodies) + 1))
        assert sum(len(web.asked) for web in webs) > len(bodies), "the worker was killed before it had asked any"


def an_office(folder: Path, address: str, feeds: list[str], more: str = "") -> Office:
    table = f'[poll]\nexecutor = "dask"\nscheduler = "{address}"\nretry_seconds = 0\n{more}'
    return Office(folder / "kontor").write({"blog": feeds}, table)


@pytest.mark.parametrize("what", ["scheduler", "workers"])
def test_a_night_whose_cluster_dies_half_way_ends_and_the_next_reads_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 10.0)
    monkeypatch.setattr(clusters, "DESERTED_SECONDS", 2.0)
    over = threading.Event()

    def at_last(handler: BaseHTTPRequestHandler) -> None:
        over.wait(120)
        reply(200, weekly_posts(5))(handler)

    with machines(tmp_path) as pair, hosts(reply(200, weekly_posts(3)), at_last) as webs:
        feeds = [f"{web.url}/feed" for web in webs]
        office = an_office(tmp_path, pair.address, feeds, "fetch_seconds = 600\n")

        def strike() -> None:
            while not (webs[1].asked and outcomes(office)[0] is Outcome.UPDATED):
                time.sleep(0.05)
            if what == "scheduler":
                pair.kill_scheduler()
            else:
                pair.kill(0)
                pair.kill(1)

        striker = threading.Thread(target=strike)
        striker.start()
        result = office.oximeter("run")
        striker.join()
        over.set()
        assert result.exit_code == 0, result.output
        assert result.stderr.count("No more feeds are read tonight") == 1, result.stderr
        assert outcomes(office) == [Outcome.UPDATED, Outcome.FAILED]
        found = Office(office.folder).write({"blog": feeds}).json("run", now=TOMORROW)
        assert [feed["outcome"] for feed in found["feeds"]] == ["not_modified", "updated"]
        assert [feed["entries"] for feed in found["feeds"]] == [3, 5]


def outcomes(office: Office) -> list[Outcome | None]:
    """What became of each feed, as the store has it now."""
    with open_store(office.config.store_url) as store:
        return [line.outcome for line in store.feed_lines(office.config.channels, None)]


def test_a_scheduler_that_is_started_anew_in_mid_night_costs_no_feed(tmp_path: Path) -> None:
    begun, anew = threading.Event(), threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begun.set()
        anew.wait(60)
        reply(200, weekly_posts(4))(handler)

    with machines(tmp_path, workers=1) as alone, site(feed=answer) as web:

        def strike() -> None:
            assert begun.wait(60)
            alone.kill_scheduler()
            alone.kill(0)
            alone.begin_again()
            anew.set()
            alone.add_worker()

        with on(alone.address) as workers:
            striker = threading.Thread(target=strike)
            striker.start()
            (reading,) = poll([web.state()], TONIGHT, workers, Limits(total_seconds=600, retry_pause=0))
            striker.join()
    assert (reading.outcome, len(reading.entries)) == (Outcome.UPDATED, 4)


@pytest.mark.parametrize("command", ["run", "poll", "check"])
def test_a_scheduler_that_is_not_there_is_a_sentence_in_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 0.5)
    office = an_office(tmp_path, "tcp://127.0.0.1:1", ["http://127.0.0.1:1/"])
    result = office.oximeter(command)
    assert result.exit_code == 1
    assert "The scheduler tcp://127.0.0.1:1 gave no answer" in result.output
    assert "Traceback" not in result.output


def test_a_scheduler_without_workers_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with machines(tmp_path, workers=0) as none:
        monkeypatch.setattr(clusters, "CONNECT_SECONDS", 2.0)
        with pytest.raises(ClusterError, match=f"has no workers; start some with: dask worker {none.address}"):
            muster(none.address)


def test_workers_of_another_version_are_refused(cluster: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "__version__", "99.0")
    with pytest.raises(ClusterError, match=r"has Oximeter .*; install the same \(99\.0\)"), on(cluster.address):
        pass


def test_a_library_that_is_not_installed_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ClusterError, match=r'pip install "oximeter\[dask\]"'), on("tcp://127.0.0.1:1"):
        pass


def test_check_counts_the_workers(cluster: Machines, tmp_path: Path) -> None:
    with site(feed=reply(200, weekly_posts())) as web:
        result = an_office(tmp_path, cluster.address, [f"{web.url}/feed"]).oximeter("check")
    assert f"2 workers ask {2 * THREADS} hosts at a time" in result.output
    assert result.exit_code == 0, result.output


def test_threads_are_as_many_as_the_config_has_connections() -> None:
    together: Callable[[], int] = threading.Barrier(40, timeout=60).wait
    with working(Crew(connections=40)) as threads:
        futures = [threads.submit(together) for _ in range(40)]
        assert sorted(future.result(60) for future in futures) == list(range(40))
