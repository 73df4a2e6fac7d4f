"""Faults of the HTTP status."""

from __future__ import annotations

from email.utils import formatdate

from monitor.model import DAY, Outcome
from tests.faults.fault import Act, Fault, fails
from tests.faults.feeds import FEED, NOW
from tests.faults.server import Talk, head

PAGE = b"<html><head><title>Fejl</title></head><body><h1>Fejl</h1><p>Vi ser p\xc3\xa5 det.</p></body></html>"
THROTTLED = Outcome.THROTTLED
TOO_FAST = r"slow|too (many|often)|wait|later"
SERVER = r"server failed|failed|tomorrow|again"
LONGEST_WAIT = 31 * DAY


def status(words: str, body: bytes = PAGE, **headers: str) -> Act:
    """An answer of this status with an error page."""
    return lambda talk: talk.answer(body, status=words, content_type="text/html", **headers)


def once(words: str) -> Act:
    """This status to the first question, and the feed from then on."""

    def act(talk: Talk) -> None:
        if talk.number == 1:
            status(words)(talk)
        else:
            talk.answer()

    return act


def bodyless(words: str, **headers: str) -> Act:
    return lambda talk: talk.send(head(words, "", None, **headers))


def interim(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    talk.answer()


def early_hints(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
    talk.answer()


STATUS = [
    Fault("201-created", "201 with the feed", status("201 Created", FEED), fails("201")),
    Fault("204-no-content", "204 and nothing", bodyless("204 No Content"), fails("204|empty")),
    Fault(
        "205-reset-content", "205 and nothing", bodyless("205 Reset Content", Content_Length="0"), fails("205|empty")
    ),
    Fault(
        "206-partial",
        "206 with half of the feed",
        status("206 Partial Content", FEED[:900], Content_Range="bytes 0-899/1800"),
        fails("206|part"),
    ),
    Fault("300-choices", "300 without Location", status("300 Multiple Choices"), fails("300")),
    Fault("304-unasked", "304 though nothing was kept", bodyless("304 Not Modified", ETag='"x"'), fails("304")),
    Fault(
        "305-use-proxy",
        "305 to a proxy in the house",
        bodyless("305 Use Proxy", Location="http://10.0.0.1:3128/"),
        fails("305"),
    ),
    Fault("400-bad-request", "400", status("400 Bad Request"), fails("400")),
    Fault(
        "401-password",
        "401 with a challenge",
        status("401 Unauthorized", WWW_Authenticate='Basic realm="Hemmeligt"'),
        fails("password|log ?in"),
    ),
    Fault("402-payment", "402", status("402 Payment Required"), fails("402")),
    Fault("403-forbidden", "403", status("403 Forbidden"), fails("403|refuses")),
    Fault("404-not-found", "404", status("404 Not Found"), fails("404|nothing")),
    Fault("404-with-feed", "404 with the feed as its body", status("404 Not Found", FEED), fails("404|nothing")),
    Fault("405-method", "405", status("405 Method Not Allowed", Allow="POST"), fails("405")),
    Fault("406-not-acceptable", "406", status("406 Not Acceptable"), fails("406")),
    Fault(
        "407-proxy-password", "407 with a challenge", status("407 Proxy Authentication Required"), fails("407|password")
    ),
    Fault("408-timeout", "408", status("408 Request Timeout"), fails("408|tomorrow|again")),
    Fault("410-gone", "410", status("410 Gone"), fails("gone", Outcome.GONE), heals=False),
    Fault("418-teapot", "418", status("418 I'm a teapot"), fails("418")),
    Fault("425-too-early", "425", status("425 Too Early"), fails("425|again")),
    Fault(
        "429-seconds",
        "429 with Retry-After in seconds",
        status("429 Too Many Requests", Retry_After="3600"),
        fails(TOO_FAST, THROTTLED, waits=(3600, 3600)),
    ),
    Fault(
        "429-date",
        "429 with Retry-After as a date",
        status("429 Too Many Requests", Retry_After=formatdate(NOW + 7200, usegmt=True)),
        fails(TOO_FAST, THROTTLED, waits=(7200, 7200)),
    ),
    Fault(
        "429-nonsense",
        "429 with a nonsense Retry-After",
        status("429 Too Many Requests", Retry_After="soon"),
        fails(TOO_FAST, THROTTLED, waits=(0, DAY)),
    ),
    Fault(
        "429-negative",
        "429 with a negative Retry-After",
        status("429 Too Many Requests", Retry_After="-5"),
        fails(TOO_FAST, THROTTLED, waits=(0, DAY)),
    ),
    Fault(
        "429-past",
        "429 with a date long past",
        status("429 Too Many Requests", Retry_After=formatdate(0, usegmt=True)),
        fails(TOO_FAST, THROTTLED, waits=(0, DAY)),
    ),
    Fault(
        "429-huge",
        "429 with a Retry-After of centuries",
        status("429 Too Many Requests", Retry_After="9" * 30),
        fails(TOO_FAST, THROTTLED, waits=(3600, LONGEST_WAIT)),
    ),
    Fault(
        "429-far-date",
        "429 with a date in the year 9999",
        status("429 Too Many Requests", Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
        fails(TOO_FAST, THROTTLED, waits=(3600, LONGEST_WAIT)),
    ),
    Fault(
        "429-fraction",
        "429 with half seconds",
        status("429 Too Many Requests", Retry_After="1.5"),
        fails(TOO_FAST, THROTTLED, waits=(0, DAY)),
    ),
    Fault(
        "429-none",
        "429 without Retry-After",
        status("429 Too Many Requests"),
        fails(TOO_FAST, THROTTLED, waits=(0, DAY)),
    ),
    Fault("451-legal", "451", status("451 Unavailable For Legal Reasons"), fails("451")),
    Fault("500-once", "500 once, and then the feed", once("500 Internal Server Error"), asks=2),
    Fault("500-always", "500", status("500 Internal Server Error"), fails(SERVER)),
    Fault("501-not-implemented", "501", status("501 Not Implemented"), fails(f"501|{SERVER}")),
    Fault("502-bad-gateway", "502", status("502 Bad Gateway"), fails(SERVER)),
    Fault("502-once", "502 once, and then the feed", once("502 Bad Gateway"), asks=2),
    Fault("503-alone", "503 without Retry-After", status("503 Service Unavailable"), fails(SERVER)),
    Fault(
        "503-seconds",
        "503 with Retry-After",
        status("503 Service Unavailable", Retry_After="600"),
        fails(f"{TOO_FAST}|{SERVER}", THROTTLED, waits=(600, 600)),
    ),
    Fault(
        "503-nonsense",
        "503 with a nonsense Retry-After",
        status("503 Service Unavailable", Retry_After="???"),
        fails(SERVER),
    ),
    Fault("504-timeout", "504", status("504 Gateway Timeout"), fails(SERVER)),
    Fault(
        "520-unknown", "520, as a proxy says it", status("520 Web server is returning an unknown error"), fails(SERVER)
    ),
    Fault("599-unknown", "599", status("599 Network timeout"), fails(SERVER)),
    Fault("999-denied", "999", status("999 Request denied"), fails("999")),
    Fault("000-zero", "status 000", status("000 Nothing"), fails("HTTP|status|answer")),
    Fault("1000-long", "status 1000", status("1000 Much"), fails("HTTP|status|answer|reached")),
    Fault(
        "101-switching",
        "101 to another protocol",
        bodyless("101 Switching Protocols", Upgrade="websocket"),
        fails("101|HTTP|empty"),
    ),
    Fault("100-continue", "100 Continue, and then the feed", interim),
    Fault("103-early-hints", "103 Early Hints, and then the feed", early_hints),
    Fault("200-empty", "200 and nothing", lambda talk: talk.answer(b""), fails("empty")),
    Fault(
        "hostile-reason",
        "a status whose words are a script and an escape",
        status("500 \x1b[31m<script>alert(1)</script>"),
        fails(SERVER),
    ),
]
