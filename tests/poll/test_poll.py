"""Polling real servers on loopback: what they may answer, and what we make of it."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler

import pytest

from monitor.model import FeedState, Outcome, Reading
from monitor.poll import Limits, poll, poll_in_batches, read_feed, transport
from monitor.poll.fetch import USER_AGENT, Page, fetch
from monitor.poll.guard import Forbidden, check, is_home, private, shown
from monitor.poll.poller import back_off
from monitor.poll.transport import new_session
from tests.loopback import Answer, reply, site

NOW = 1_800_000_000
FEED = b'<rss version="2.0"><channel><title>B</title><item><guid>1</guid><title>T</title></item></channel></rss>'
SOON = Limits(retry_pause=0.0)
QUICK = Limits(total_seconds=1.0, read_seconds=5.0, body_bytes=100_000)


def ask(state: FeedState, limits: Limits = QUICK) -> Reading:
    with new_session() as session:
        return read_feed(session, state, NOW, limits)


def test_a_feed_is_read_and_its_validators_are_kept() -> None:
    with site(feed=reply(200, FEED, ETag='"a"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")) as here:
        reading = ask(here.state())
        assert (reading.outcome, len(reading.entries), reading.etag) == (Outcome.UPDATED, 1, '"a"')
        assert (reading.http_status, reading.size, reading.address) == (200, len(FEED), here.url + "/feed")
        assert here.asked[0][1]["User-Agent"] == USER_AGENT


def test_an_unchanged_feed_is_asked_for_with_its_validators_and_keeps_them() -> None:
    with site(feed=reply(304)) as here:
        reading = ask(here.state(etag='"a"', last_modified="Thu, 01 Jan 2026 00:00:00 GMT", digest="d"))
        assert reading.outcome is Outcome.NOT_MODIFIED
        assert (reading.etag, reading.digest) == ('"a"', "d")
        assert here.asked[0][1]["If-None-Match"] == '"a"'
        assert here.asked[0][1]["If-Modified-Since"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_a_body_read_before_is_not_modified_though_the_server_sends_it_again() -> None:
    with site(feed=reply(200, FEED)) as here:
        first = ask(here.state())
        second = ask(here.state(digest=first.digest))
        assert (second.outcome, second.entries) == (Outcome.NOT_MODIFIED, ())


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    with site(feed=reply(304)) as here:
        assert ask(here.state()).outcome is Outcome.FAILED


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("gzip", gzip.compress(FEED[:40], mtime=0) + gzip.compress(FEED[40:], mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", raw_deflate(FEED)),
    ],
)
def test_compressed_feeds_are_read(encoding: str, body: bytes) -> None:
    with site(feed=reply(200, body, Content_Encoding=encoding)) as here:
        assert ask(here.state()).outcome is Outcome.UPDATED


@pytest.mark.parametrize(
    ("encoding", "body", "word"),
    [
        ("gzip", gzip.compress(b"\0" * 5_000_000, mtime=0), "larger"),
        ("gzip", gzip.compress(FEED, mtime=0)[:40], "broke off"),
        ("gzip", gzip.compress(FEED, mtime=0)[:-8] + bytes(8), "broken"),
        ("br", b"\x0b\x02\x80", "encoded"),
        ("identity", b" " * 200_000, "larger"),
        ("gzip", gzip.compress(gzip.compress(b"", mtime=0) * 3_000, mtime=0), "thousands of parts"),
    ],
)
def test_bodies_too_large_or_broken_are_failures(encoding: str, body: bytes, word: str) -> None:
    with site(feed=reply(200, body, Content_Encoding=encoding)) as here:
        reading = ask(here.state(etag='"old"', digest="d"))
        assert reading.outcome is Outcome.FAILED
        assert word in reading.reason
        assert (reading.etag, reading.digest) == ('"old"', "d")


def test_a_permanent_move_is_told_and_drops_the_old_addresss_validators() -> None:
    with site(feed=reply(301, Location="/new"), new=reply(308, Location="/newer"), newer=reply(200, FEED)) as here:
        reading = ask(here.state(etag='"a"'))
        assert (reading.outcome, reading.moving_to) == (Outcome.MOVED, here.url + "/newer")
        assert reading.address == here.url + "/feed"  # only the store knows for how many nights it has been so
        assert len(reading.entries) == 1
        assert "If-None-Match" not in here.asked[-1][1]


def test_a_temporary_redirect_is_followed_and_forgotten() -> None:
    with site(feed=reply(302, Location="/new"), new=reply(301, Location="/newer"), newer=reply(200, FEED)) as here:
        reading = ask(here.state())
        assert (reading.outcome, reading.address) == (Outcome.UPDATED, here.url + "/feed")


def test_a_move_to_something_that_is_no_feed_is_not_a_move() -> None:
    with site(feed=reply(301, Location="/new"), new=reply(200, b"<html><body>sold</body></html>")) as here:
        reading = ask(here.state())
        assert (reading.outcome, reading.address) == (Outcome.FAILED, here.url + "/feed")
        assert "HTML" in reading.reason


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}\\@{home}/x", "http://127.0.0.1:{port}\t@{home}/x", "http:\\\\127.0.0.1:{port}/"]
)
def test_an_address_that_two_parsers_read_as_two_hosts_is_not_followed(target: str) -> None:
    with site(feed=reply(200, FEED), x=reply(200, FEED)) as other:
        port = other.url.rpartition(":")[2]
        answers: dict[str, Answer] = {}
        with site(feed=lambda handler: answers["feed"](handler)) as here:
            answers["feed"] = reply(302, Location=target.format(port=port, home=here.url.removeprefix("http://")))
            assert ask(here.state()).outcome is Outcome.FAILED
        assert other.asked == []


def test_a_refusal_names_the_feed_that_redirects_there() -> None:
    with site(feed=reply(302, Location="file:///etc/passwd")) as here:
        reason = ask(here.state()).reason
        assert reason.startswith(f"{here.url}/feed redirects to where we do not go: file:///etc/passwd is not")


def test_a_name_and_password_stay_with_the_owners_own_host() -> None:
    with site(feed=lambda handler: reply(301, Location=here.url + "/new")(handler), new=reply(200, FEED)) as here:
        address = here.url.replace("http://", "http://anna:hemmelig@") + "/feed"
        assert ask(FeedState("c", address, address)).outcome is Outcome.MOVED
        assert [("Authorization" in headers) for _, headers in here.asked] == [True, True]


@pytest.mark.parametrize(
    ("configured", "host", "port", "home"),
    [("http://x.example/a", "x.example", 443, True), ("https://x.example/", "x.example", 80, True),
     ("http://x.example:8080/", "x.example", 443, False), ("http://x.example/", "x.example", 22, False),
     ("http://x.example/", "y.example", 80, False), ("", "", 80, False)],
)  # fmt: skip
def test_http_and_https_at_their_usual_ports_are_one_house(configured: str, host: str, port: int, home: bool) -> None:
    assert is_home(host, port, configured) is home


def test_a_connection_that_died_after_another_feed_is_not_this_feeds_failure() -> None:
    seen: list[int] = []

    def answers_once(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        if handler.client_address[1] in seen:
            time.sleep(3)  # the connection is kept open, and nothing more comes
            handler.close_connection = True
            return
        seen.append(handler.client_address[1])
        reply(200, FEED)(handler)
        handler.close_connection = False

    with site(a=answers_once, b=answers_once) as here, new_session() as session:
        limits = Limits(read_seconds=0.5)
        assert read_feed(session, here.state("/a"), NOW, limits).outcome is Outcome.UPDATED
        assert read_feed(session, here.state("/b"), NOW, limits).outcome is Outcome.UPDATED


def test_a_203_is_read_like_a_200() -> None:
    with site(feed=reply(203, FEED)) as here:
        assert ask(here.state()).outcome is Outcome.UPDATED


def test_a_feed_that_is_not_read_whole_says_so() -> None:
    many = b"".join(b"<item><guid>%d</guid></item>" % number for number in range(30))
    body = b'<rss version="2.0"><channel><title>B</title>' + many + b"</channel></rss>"
    with site(feed=reply(200, body)) as here:
        reading = ask(here.state(), Limits(entries=10))
    assert (len(reading.entries), reading.left_out) == (10, 20)
    assert reading.reason == "read 10 of 30 entries: the others are empty, broken, or more than a feed may have"


def test_redirects_without_end_are_a_failure() -> None:
    with site(feed=reply(302, Location="/feed")) as here:
        reading = ask(here.state())
        assert "redirects more than 5 times" in reading.reason
        assert len(here.asked) == 6


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "http://[::1]:1/", "http://localhost:9/", "file:///etc"])
def test_a_redirect_may_not_lead_into_the_house(target: str) -> None:
    with site(feed=reply(302, Location=target)) as here:
        reading = ask(here.state())
        assert reading.outcome is Outcome.FAILED
        assert "private" in reading.reason or "not an address we fetch" in reading.reason


def test_a_redirect_to_another_port_of_the_same_machine_is_not_followed() -> None:
    with site(feed=reply(200, FEED)) as other, site(feed=reply(301, Location=other.url + "/feed")) as here:
        assert ask(here.state()).outcome is Outcome.FAILED
        assert other.asked == []


def test_a_name_is_resolved_once_and_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]])  # a name service that lies

    def resolve(host: str, port: int, seconds: float) -> list[str]:
        return next(answers) if host == "rebinding.example" else ["127.0.0.1"]

    def connect(address: tuple[str, int], *rest: object) -> socket.socket:
        if not address[0].startswith("127."):
            connected.append(address[0])
            raise ConnectionRefusedError("nobody there")
        return really(address, *rest)

    connected: list[str] = []
    really = transport.create_connection
    monkeypatch.setattr(transport, "resolve", resolve)
    monkeypatch.setattr(transport, "create_connection", connect)
    with site(feed=reply(200, FEED)) as other:
        port = other.url.rpartition(":")[2]
        with site(feed=reply(302, Location=f"http://rebinding.example:{port}/feed")) as here:
            assert "could not be reached" in ask(here.state()).reason
            assert "private" in ask(here.state()).reason
            assert "private" in ask(here.state()).reason
        assert connected == ["93.184.215.14"]
        assert other.asked == []


def test_a_connection_kept_alive_for_the_owners_feed_is_not_used_for_anothers_redirect() -> None:
    with site(feed=reply(200, FEED)) as listed, site(feed=reply(302, Location=listed.url + "/feed")) as other:
        with new_session() as session:
            assert read_feed(session, listed.state(), NOW).outcome is Outcome.UPDATED
            assert "private" in read_feed(session, other.state(), NOW).reason
        assert len(listed.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 418, 500, 503])
def test_an_http_error_is_a_sentence_and_keeps_what_was_known(status: int) -> None:
    with site(feed=reply(status)) as here:
        reading = ask(here.state(etag='"a"', digest="d"))
        assert (reading.outcome, reading.http_status) == (Outcome.FAILED, status)
        assert reading.reason.startswith(f"HTTP {status} from {here.url}/feed: ")
        assert (reading.etag, reading.digest) == ('"a"', "d")


def test_410_is_gone_unless_a_temporary_redirect_led_there() -> None:
    with site(feed=reply(410), away=reply(302, Location="/feed")) as here:
        assert ask(here.state()).outcome is Outcome.GONE
        assert ask(here.state("/away")).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("status", "header", "retry_at"),
    [
        (429, {"Retry-After": "120"}, NOW + 120),
        (503, {"Retry-After": formatdate(NOW + 600, usegmt=True)}, NOW + 600),
        (429, {"Retry-After": formatdate(NOW - 600, usegmt=True)}, NOW),
        (429, {"Retry-After": "9" * 30}, NOW + 7 * 86_400),
        (429, {"Retry-After": "soon"}, NOW + 3_600),
        (429, {}, NOW + 3_600),
    ],
)
def test_a_server_that_asks_for_time_gets_it(status: int, header: dict[str, str], retry_at: int | None) -> None:
    with site(feed=reply(status, b"", **header)) as here:
        reading = ask(here.state())
        assert (reading.outcome, reading.retry_at) == (Outcome.THROTTLED, retry_at)


def test_a_date_to_come_back_on_is_read_by_the_servers_clock_where_ours_makes_no_sense_of_it() -> None:
    headers = {"Retry-After": formatdate(2_000_000_600, usegmt=True), "Date": formatdate(2_000_000_000, usegmt=True)}
    assert Page("a", "a", status=503, headers=headers, now=NOW).retry_at == NOW + 600


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("answer", [drip, drip_headers])
def test_a_slow_drip_is_cut_at_the_deadline(answer: Answer) -> None:
    with site(feed=answer) as here:
        started = time.monotonic()
        reading = ask(here.state())
        assert time.monotonic() - started < 4
        assert "not done after 1 seconds" in reading.reason


def test_a_silent_server_and_a_closed_port_and_an_unknown_name_are_sentences() -> None:
    with site(feed=lambda handler: time.sleep(2)) as here:
        assert "said nothing" in ask(here.state(), Limits(read_seconds=0.2)).reason
        closed = here.state()
    assert "could not be reached" in ask(closed).reason
    nowhere = "http://nowhere.invalid/feed"
    assert "nowhere.invalid" in ask(FeedState("c", nowhere, nowhere)).reason


def test_a_body_shorter_than_promised_is_a_failure() -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(FEED)

    with site(feed=short) as here:
        assert "broke off" in ask(here.state()).reason


@pytest.mark.parametrize("address", ["", "ftp://x.example/", "http://", "http://x:99999/", "http://[", "\0"])
def test_an_address_that_is_none_is_a_sentence(address: str) -> None:
    with new_session() as session:
        page = fetch(session, FeedState("c", address, address), NOW)
    assert isinstance(page, Page)
    assert page.error
    assert not page.ok


def test_passwords_are_not_shown() -> None:
    assert shown("https://anna:hemmelig@blog.example/feed") == "https://blog.example/feed"
    with site() as here:
        address = here.url.replace("http://", "http://anna:hemmelig@") + "/x"
        assert "hemmelig" not in ask(FeedState("c", address, address)).reason


@pytest.mark.parametrize(
    ("ip", "answer"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("169.254.169.254", True), ("::1", True), ("fe80::1%eth0", True),
     ("::ffff:127.0.0.1", True), ("fd00:ec2::254", True), ("224.0.0.1", True), ("x", True), ("8.8.8.8", False),
     ("0.0.0.0", True), ("100.64.0.1", True), ("192.0.0.1", True), ("240.0.0.1", True), ("::", True),
     ("::7f00:1", True), ("2002:7f00:1::", True), ("2002:808:808::", True), ("3fff::1", True), ("192.88.99.1", True),
     ("64:ff9b:1::808:808", True), ("64:ff9b::7f00:1", True),
     ("64:ff9b::808:808", False), ("2001:0:808:808::f5ff:fffe", True), ("2001:4860:4860::8888", False)],
)  # fmt: skip
def test_private_addresses_are_known(ip: str, answer: bool) -> None:
    assert private(ip) is answer


def test_the_owner_may_configure_a_private_address() -> None:
    assert check("http://127.0.0.1:8080/b", "http://127.0.0.1:8080/a") is False
    assert check("http://127.0.0.1:8081/b", "http://127.0.0.1:8080/a") is True  # held to the open internet
    with pytest.raises(Forbidden, match="not an address we fetch"):
        check("gopher://127.0.0.1:8080/b", "http://127.0.0.1:8080/a")


def test_polling_reads_every_feed_and_never_two_at_once_on_one_host() -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.05)
        reply(200, FEED)(handler)

    with site(a=slow, b=slow, c=reply(500)) as one, site(a=slow) as two, ThreadPoolExecutor(8) as threads:
        states = [one.state("/a"), one.state("/b"), one.state("/c"), two.state("/a")]
        readings = list(poll(states, NOW, threads, QUICK))
        assert sorted(reading.url for reading in readings) == sorted(state.url for state in states)
        assert sum(reading.outcome is Outcome.UPDATED for reading in readings) == 3
        assert one.most_at_once == 1


def test_feeds_that_are_gone_or_waiting_are_not_asked_unless_told_to() -> None:
    with site(a=reply(200, FEED), b=reply(200, FEED)) as here, ThreadPoolExecutor(2) as threads:
        states = [here.state("/a", gone=True), here.state("/b", retry_at=NOW + 60)]
        gone, waiting = poll(states, NOW, threads)
        assert (gone.outcome, waiting.outcome, waiting.retry_at) == (Outcome.GONE, Outcome.THROTTLED, NOW + 60)
        assert "gone for good" in gone.reason
        assert here.asked == []
        assert [reading.outcome for reading in poll(states, NOW, threads, only_due=False)] == [Outcome.UPDATED] * 2


def test_a_host_where_three_feeds_in_a_row_are_asked_to_wait_is_asked_for_the_others_once_more_and_then_no_more() -> (
    None
):
    def busy(handler: BaseHTTPRequestHandler) -> None:
        reply(429, Retry_After="60")(handler)

    paths = {f"f{n}": busy for n in range(9)}
    with site(**paths) as here, ThreadPoolExecutor(2) as threads:
        readings = list(poll([here.state(f"/f{n}") for n in range(9)], NOW, threads, SOON))
        assert [reading.outcome for reading in readings] == [Outcome.THROTTLED] * 9
        assert all(reading.retry_at == NOW + 60 for reading in readings)
        assert len(here.asked) == 6


def test_one_feed_that_asks_for_time_does_not_keep_the_hosts_others_from_being_read() -> None:
    with site(a=reply(429, Retry_After="60"), b=reply(200, FEED)) as here, ThreadPoolExecutor(2) as threads:
        readings = list(poll([here.state("/a"), here.state("/b")], NOW, threads, SOON))
        assert [reading.outcome for reading in readings] == [Outcome.THROTTLED, Outcome.UPDATED]


def test_a_host_that_takes_no_connection_costs_no_more_than_a_few_tries() -> None:
    with site() as gone:
        pass  # nobody listens there any more
    states = [gone.state(f"/{n}") for n in range(50)]
    with ThreadPoolExecutor(2) as threads:
        readings = list(poll(states, NOW, threads, SOON))
    assert len(readings) == 50
    assert sum(reading.asked for reading in readings) == 3
    assert {reading.outcome for reading in readings} == {Outcome.FAILED}
    assert "took no connection" in readings[-1].reason


def test_a_passing_failure_is_asked_about_once_more_and_only_once() -> None:
    answers = iter([500, 200])

    def recovers(handler: BaseHTTPRequestHandler) -> None:
        reply(next(answers, 200), FEED)(handler)

    with site(a=recovers, b=reply(500), c=reply(404)) as here, ThreadPoolExecutor(2) as threads:
        readings = list(poll([here.state("/a"), here.state("/b"), here.state("/c")], NOW, threads, SOON))
        outcomes = {reading.url.rpartition("/")[2]: reading.outcome for reading in readings}
        assert outcomes == {"a": Outcome.UPDATED, "b": Outcome.FAILED, "c": Outcome.FAILED}
        assert len(readings) == 3
        assert sorted(path for path, _ in here.asked) == ["/a", "/a", "/b", "/b", "/c"]


def test_a_night_that_is_over_asks_nobody_and_says_so() -> None:
    with site(a=reply(200, FEED)) as here, ThreadPoolExecutor(2) as threads:
        (reading,) = poll([here.state("/a")], NOW, threads, ends=time.monotonic())
        assert (reading.outcome, reading.asked) == (Outcome.FAILED, False)
        assert "time was up" in reading.reason
        assert here.asked == []


def test_a_night_that_ends_between_the_two_rounds_keeps_the_first_answers() -> None:
    limits = Limits(retry_pause=5.0)
    with site(a=reply(500)) as here, ThreadPoolExecutor(2) as threads:
        (reading,) = poll([here.state("/a")], NOW, threads, limits, ends=time.monotonic() + 0.5)
        assert reading.http_status == 500
        assert len(here.asked) == 1


def test_feeds_that_failed_are_asked_after_those_that_did_not() -> None:
    with site(a=reply(404), b=reply(200, FEED), c=reply(200, FEED)) as here, ThreadPoolExecutor(1) as threads:
        states = [
            here.state("/a", failures=2, asked=NOW - 300),
            here.state("/b", asked=NOW - 100),
            here.state("/c", asked=NOW - 200),
        ]
        list(poll(states, NOW, threads))
        assert [path for path, _ in here.asked] == ["/c", "/b", "/a"]


def test_a_feed_that_keeps_failing_is_asked_less_often_but_every_night() -> None:
    waits = [back_off(failures) for failures in range(1_000)]
    assert waits[:6] == [0, 0, 0, 3_600, 7_200, 14_400]
    assert max(waits) == 20 * 3_600
    with site(a=reply(404)) as here, ThreadPoolExecutor(1) as threads:
        tired = here.state("/a", failures=4, asked=NOW - 3_600, reason="HTTP 404 from x: there is nothing")
        (reading,) = poll([tired], NOW, threads)
        assert (reading.outcome, reading.asked, reading.reason) == (Outcome.FAILED, False, tired.reason)
        (reading,) = poll([tired], NOW + 3_600, threads)
        assert reading.asked
        (reading,) = poll([replace(tired, asked=NOW + 10**9)], NOW, threads)  # a clock that was wrong once
        assert reading.asked


def test_a_wait_that_no_server_could_have_asked_for_is_not_waited_for() -> None:
    with site(a=reply(200, FEED)) as here, ThreadPoolExecutor(1) as threads:
        (reading,) = poll([here.state("/a", retry_at=NOW + 10**9)], NOW, threads)
        assert reading.outcome is Outcome.UPDATED


def test_a_retired_feed_is_looked_at_once_a_week() -> None:
    with site(a=reply(200, FEED)) as here, ThreadPoolExecutor(1) as threads:
        (reading,) = poll([here.state("/a", gone=True, asked=NOW - 6 * 86_400)], NOW, threads)
        assert (reading.outcome, reading.asked) == (Outcome.GONE, False)
        (reading,) = poll([here.state("/a", gone=True, asked=NOW - 8 * 86_400)], NOW, threads)
        assert reading.outcome is Outcome.UPDATED


def test_feeds_that_redirect_to_a_dead_host_do_not_silence_the_host_they_are_on() -> None:
    away = {f"x{n}": reply(302, Location="http://nowhere.invalid/feed") for n in range(4)}
    well = {f"y{n}": reply(200, FEED) for n in range(3)}
    with site(**away, **well) as here, ThreadPoolExecutor(2) as threads:
        states = [here.state(f"/{name}") for name in (*away, *well)]
        readings = list(poll(states, NOW, threads, SOON))
        assert sum(reading.outcome is Outcome.UPDATED for reading in readings) == 3


def test_a_feed_that_failed_once_has_its_turn_again_on_a_host_too_large_for_one_night() -> None:
    day = 86_400
    with site(old=reply(200, FEED), new=reply(200, FEED)) as here, ThreadPoolExecutor(1) as threads:
        states = [here.state("/new", asked=NOW - day), here.state("/old", failures=1, asked=NOW - 3 * day)]
        list(poll(states, NOW, threads))
        assert [path for path, _ in here.asked] == ["/old", "/new"]


def test_a_slow_hosts_readings_come_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.poll.poller.SHARE_SECONDS", 0.0)
    with site(a=reply(200, FEED), b=reply(200, FEED)) as here, ThreadPoolExecutor(2) as threads:
        assert len(list(poll([here.state("/a"), here.state("/b")], NOW, threads))) == 2


class Broken(Executor):
    """An executor whose workers die."""

    def submit(self, *_: object, **__: object) -> Future[list[Reading]]:  # type: ignore[override]
        future: Future[list[Reading]] = Future()
        future.set_exception(MemoryError())
        return future


def test_a_worker_that_breaks_fails_its_feeds_and_not_the_night() -> None:
    with site() as here:
        readings = list(poll([here.state("/a"), here.state("/b")], NOW, Broken()))
        assert [reading.outcome for reading in readings] == [Outcome.FAILED] * 2


class Counted(Executor):
    """An executor that has every feed unchanged at once, or never, and knows how many of its answers wait."""

    def __init__(self, answers: bool = True) -> None:
        self.answers, self.waiting, self.most = answers, 0, 0

    def submit(self, work: object, states: tuple[FeedState, ...], *_: object) -> Future[list[Reading]]:  # type: ignore[override]
        future: Future[list[Reading]] = Future()
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.answers:
            future.set_result([Reading("c", one.url, Outcome.NOT_MODIFIED, "", NOW) for one in states])
        return future


def many_hosts(number: int) -> list[FeedState]:
    return [FeedState("c", url, url) for url in (f"http://{n}.example/feed" for n in range(number))]


def test_what_a_night_holds_in_memory_does_not_grow_with_its_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.poll.poller.HANDED_IN", 7)
    executor, read = Counted(), 0
    for readings in poll_in_batches(many_hosts(100), NOW, executor):
        read += len(readings)
        executor.waiting -= len(readings)
    assert (read, executor.most) == (100, 7)


def test_readings_that_came_while_others_were_stored_come_together() -> None:
    batches = [len(readings) for readings in poll_in_batches(many_hosts(100), NOW, Counted())]
    assert batches == [100]


def test_workers_that_never_answer_do_not_hold_the_night_beyond_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.poll.poller.OVERTIME", 0.05)
    ends = time.monotonic() + 0.05
    readings = list(poll(many_hosts(3), NOW, Counted(answers=False), ends=ends))
    assert [reading.outcome for reading in readings] == [Outcome.FAILED] * 3
    assert not any(reading.asked for reading in readings)


def test_at_the_end_of_the_night_who_has_been_asked_is_heard_and_nobody_else_is_asked() -> None:
    def after_a_while(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        reply(200, FEED)(handler)

    with site(feed=after_a_while) as first, site(feed=after_a_while) as second, site(feed=after_a_while) as third:
        webs = [first, second, third]
        with ThreadPoolExecutor(1) as threads:
            readings = {
                reading.url: reading
                for reading in poll([web.state() for web in webs], NOW, threads, SOON, ends=time.monotonic() + 0.2)
            }
    heard, *others = (readings[web.url + "/feed"] for web in webs)
    assert heard.outcome is Outcome.UPDATED
    assert all("the night's time was up" in one.reason and not one.asked for one in others)
    assert [len(web.asked) for web in webs] == [1, 0, 0]


def test_an_executor_that_is_shut_down_fails_the_feeds_and_not_the_night() -> None:
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    with site() as here:
        (reading,) = poll([here.state("/a")], NOW, threads)
        assert "could not be handed out" in reading.reason


def test_where_a_host_gives_no_answer_its_other_reply_feeds_are_not_waited_for() -> None:
    with site() as gone:
        pass  # nobody listens there any more
    threads = [gone.state(f"/{n}", thread_of=f"{gone.url}/feed") for n in range(5)]
    listed = [gone.state(f"/{n}") for n in range(2)]
    with ThreadPoolExecutor(2) as executor:
        assert len(list(poll(threads, NOW, executor))) == 1
        assert len(list(poll(listed, NOW, executor))) == 2
