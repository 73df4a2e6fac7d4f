"""Faults of text: words that want to be more than words wherever they are shown."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from tests.faults.fault import Fault, Read
from tests.faults.feeds import STANDARD, atom, atom_entry, item, items, json_feed, json_item, rss
from tests.faults.markup import serving

FIRST = STANDARD[0]
REST = STANDARD[1:]
OVERRIDE = "\u202e"
LONG_WORD = "Rødgrødmedfløde" * 2_000
NFD = unicodedata.normalize("NFD", "Blåbær på øen Ågård")
ARABIC = "مرحبا بكم في الميناء"
PATH = "../../../../etc/passwd"
FORMULA = "=cmd|' /C calc'!A0"
ESCAPE = "\x1b[31mRØD\x1b]0;ejet\x07\x1b[2J"


@dataclass(frozen=True)
class Hostile:
    """Text in every field of an item, and what it may at most be shown as."""

    name: str
    serves: str
    title: str
    """As written in the feed, as markup."""
    shows: str = ""
    """A regular expression for the title that is read; empty: any."""
    author: str | None = None
    link: str | None = None
    guid: str | None = None

    @property
    def fault(self) -> Fault:
        author = FIRST.author if self.author is None else self.author
        body = rss(
            item(FIRST, title=self.title, author=author, link=self.link or FIRST.link, guid=self.guid or FIRST.guid),
            *items(REST),
        )
        shown = replace(
            FIRST, title_says=self.shows or r"(?s).*", author="" if self.author is not None else FIRST.author
        )
        return Fault(self.name, self.serves, serving(body), Read((shown, *REST)))


SCRIPT = "&lt;script&gt;alert(1)&lt;/script&gt;"

HOSTILE = [
    Hostile("script", "a script as title and author", f"{SCRIPT}Blåbær", r".*Blåbær.*", author=SCRIPT),
    Hostile("script-cdata", "a script in CDATA", "<![CDATA[<script>alert(1)</script>Blåbær]]>", r".*Blåbær.*"),
    Hostile("script-twice", "a script escaped twice", "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;"),
    Hostile(
        "image-error",
        "an image with onerror",
        "&lt;img src=x onerror=alert(1)&gt;",
        author="&lt;svg onload=alert(1)&gt;",
    ),
    Hostile(
        "end-of-script", "</script> and </style>", "&lt;/script&gt;&lt;/style&gt;&lt;/title&gt;&lt;script&gt;alert(1)"
    ),
    Hostile(
        "end-of-attribute", "quotes that end an attribute", 'x" onmouseover="alert(1)" y=\'', author="\"'&gt;&lt;b&gt;"
    ),
    Hostile("javascript-link", "a javascript: link", "Blåbær", "Blåbær", link="javascript:alert(1)"),
    Hostile(
        "data-link", "a data: link", "Blåbær", "Blåbær", link="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;"
    ),
    Hostile("file-link", "a file: link", "Blåbær", "Blåbær", link="file:///etc/passwd"),
    Hostile(
        "template",
        "the markers of template languages",
        "{{7*7}} ${7*7} {% raw %} %(x)s {0.__class__}",
        author="{{config}}",
    ),
    Hostile(
        "header-injection",
        "line ends as in a mail's headers",
        "Emne&#13;&#10;Bcc: alle@eksempel.example&#13;&#10;&#13;&#10;Hej",
        r"[^\r\n]*",
        author="Anna&#10;To: alle@eksempel.example",
    ),
    Hostile(
        "escapes",
        "a terminal's escapes by their numbers",
        ESCAPE.replace("\x1b", "&#27;").replace("\x07", "&#7;"),
        r"[^\x00-\x1f]*",
        author="&#27;[2JAnna",
    ),
    Hostile("escapes-raw", "a terminal's escapes as bytes", ESCAPE, r"[^\x00-\x1f]*", author="\x1b[2JAnna"),
    Hostile(
        "escapes-c1", "escapes of one byte (C1)", "&#x9b;31mRØD&#x9d;0;ejet", "[^\x80-\x9f]*", author="&#x9b;2JAnna"
    ),
    Hostile(
        "overrides",
        "words that run backwards",
        f"Faktura {OVERRIDE}gpj.exe",
        rf"[^{OVERRIDE}]*",
        author=f"{OVERRIDE}mloH annA",
    ),
    Hostile(
        "isolates", "isolates that are never ended", "\u2066\u2067\u2068Blåbær", r"Blåbær", author="\u2067Anna Holm"
    ),
    Hostile("zero-width", "letters without width", "Blå\u200bbær\ufeff\u2060 på øen", r"Blåbær på øen"),
    Hostile("invisible-tags", "invisible letters (tags)", "Blåbær\U000e0041\U000e0042", r"Blåbær"),
    Hostile("line-separators", "Unicode's own line ends", "Blåbær\u2028på\u2029øen\u0085nu", r"Blåbær på øen\W+nu"),
    Hostile("path", "a path as title, author and guid", PATH, author=PATH, guid=PATH),
    Hostile("windows-path", "a device of Windows", "CON", "CON", author="..\\..\\NUL", guid="C:\\Windows\\win.ini"),
    Hostile("formula", "a formula as title and author", FORMULA, author=FORMULA),
    Hostile("formula-plus", "formulas that begin with + - @ and a tab", "+1+1", author="@SUM(1+1)*cmd|' /C calc'!A0"),
    Hostile("formula-minus", "a formula that begins with -", "-2+3", author="-2+3+cmd|' /C calc'!A0"),
    Hostile("csv-breaks", "commas, quotes and line ends", 'a,"b";\nc', author='Holm, Anna "AH"\nny,linje'),
    Hostile("sql", "SQL", "'); DROP TABLE entries;--", author="Robert'); DROP TABLE entries;--"),
    Hostile("surrogate", "half a letter, by its number", "Blåbær &#xD800; &#xDFFF;", r"Blåbær.*"),
    Hostile("nul", "a NUL by its number", "Blåbær&#0; på øen", r"Blåbær.*øen"),
    Hostile("beyond-unicode", "a letter beyond Unicode", "Blåbær &#x110000; &#99999999999;", r"Blåbær.*"),
    Hostile("emoji-families", "families of emoji", "👩‍👩‍👧‍👦 Blåbær 🇩🇰 🫐", r".*Blåbær.*🫐", author="👩🏽‍🚀"),
    Hostile("right-to-left", "text from right to left", ARABIC, ARABIC, author="محمد"),
    Hostile("long-word", "a word of 30,000 letters", LONG_WORD, r"(Rødgrødmedfløde)+\w*", author=LONG_WORD),
    Hostile("many-accents", "a letter with 5,000 accents", "a" + "\u0301" * 5_000, r"(?s).{1,500}"),
    Hostile("nfd", "Danish letters in two parts", NFD, f"({NFD}|{unicodedata.normalize('NFC', NFD)})"),
    Hostile(
        "markdown",
        "links of chat rooms",
        "[klik](https://eksempel.example/) @everyone &lt;!channel&gt; `rm -rf`",
        author="@everyone",
    ),
    Hostile(
        "rich-markup",
        "the markup of a terminal library",
        "[bold red]RØD[/] [link=file:///etc]x[/link] [/]",
        author="[/bold]",
    ),
    Hostile("blank-name", "an author of blanks", "Blåbær", "Blåbær", author=" \u00a0\u3000\u200b "),
]


def hostile_json() -> bytes:
    return json_feed(
        json_item(FIRST, title="<script>alert(1)</script>\x1b[31m\u202e\ud800Blåbær", authors=[{"name": ["<script>"]}]),
        *map(json_item, REST),
    )


def hostile_feed_title() -> bytes:
    return rss(head="").replace(b"Havnens blog p\xc3\xa5 \xc3\xb8en", b"&lt;script&gt;alert(1)&lt;/script&gt;\x1b[31m")


def odd_json() -> bytes:
    """Values of every wrong type."""
    return json_feed(
        json_item(FIRST, title={"a": 1}, authors="x", content_html=[1], date_published={"x": 1}),
        *map(json_item, REST), None, 7, "x", [], {"id": None},  # type: ignore[arg-type]
    )  # fmt: skip


def hostile_atom() -> bytes:
    entry = atom_entry(FIRST).replace(
        f"<title>{FIRST.title}", '<title type="html">&lt;script&gt;alert(1)&lt;/script&gt;Blåbær'
    )
    return atom(entry, *map(atom_entry, REST))


_VAGUE = replace(FIRST, title_says=r"[^\x00-\x1f\u202e\ud800]*", author="")

TEXT = [
    *(one.fault for one in HOSTILE),
    Fault(
        "hostile-json",
        "a script, an escape and half a letter in JSON",
        serving(hostile_json(), "application/feed+json"),
        Read((_VAGUE, *REST)),
    ),
    Fault(
        "odd-json",
        "JSON with values of every wrong type",
        serving(odd_json(), "application/feed+json"),
        Read((replace(_VAGUE, time=None), *REST)),
    ),
    Fault("hostile-feed-title", "a script as the feed's own title", serving(hostile_feed_title())),
    Fault("hostile-atom", "a script in Atom's HTML", serving(hostile_atom()), Read((_VAGUE, *REST))),
]
