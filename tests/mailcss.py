"""What the mail is made of, and which mail programs show it: writes the table in docs/mail-css.md anew.

``python -m tests.mailcss FOLDER``, where FOLDER is the installed npm package ``caniemail``. What is used is read from
the template and from rendered letters, so a property that the template gains is in the table, or the test of the
table fails.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from monitor import report
from tests.report.builders import channel, full, night

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "mail-css.md"
TEMPLATE = ROOT / "monitor" / "report" / "templates" / "mail.html"
CLIENTS = (
    ("Outlook for Windows (Word)", "outlook", "windows"),
    ("Outlook, new and web", "outlook", "outlook-com"),
    ("Gmail web", "gmail", "desktop-webmail"),
    ("Gmail Android", "gmail", "android"),
    ("Gmail iOS", "gmail", "ios"),
    ("Apple Mail macOS", "apple-mail", "macos"),
    ("Apple Mail iOS", "apple-mail", "ios"),
)
SHOWN = {"y": "yes", "a": "partly", "n": "**no**", "u": "unknown"}
MADE_OF_TABLES = {"tr", "td", "th", "thead", "tbody", "tfoot", "caption", "col", "colgroup"}
FRAME = {"html", "head", "title", "meta"}
PLAIN = {"class", "style", "id", "name", "content", "charset", "http-equiv", "href", "src"}
"""Attributes that are told of otherwise, or that no program needs to understand for the mail to look right."""
SELECTORS = {
    ".class": r"\.[\w-]",
    "#id": r"#[\w-]",
    "[attribute]": r"\[",
    "type selector": r"(?<![\w.#:\[-])[a-z][a-z0-9]*",
    "grouping (a, b)": r",",
    "chaining (.a.b)": r"[\w-][.#][\w-]",
    "descendant (a b)": r"[\w*\])]\s+[\w.#*\[:]",
    "child (a > b)": r">",
    "sibling (a + b)": r"\+",
    "universal (*)": r"\*",
}
PAGES = {
    ".class": "css-selector-class",
    "#id": "css-selector-id",
    "[attribute]": "css-selector-attribute",
    "type selector": "css-selector-type",
    "grouping (a, b)": "css-selector-grouping",
    "chaining (.a.b)": "css-selector-chaining",
    "descendant (a b)": "css-selector-descendant",
    "child (a > b)": "css-selector-child",
    "sibling (a + b)": "css-selector-adjacent-sibling",
    "universal (*)": "css-selector-universal",
    "!important": "css-important",
    "unit %": "css-unit-percent",
    "calc()": "css-unit-calc",
    "var()": "css-variables",
    "<!DOCTYPE html>": "html-doctype",
    "<meta name=color-scheme>": "html-meta-color-scheme",
    "comments": "html-comments",
    "PNG picture": "image-png",
    "picture in data:": "image-base64",
    "link to mailto:": "html-mailto-links",
    "link to #": "html-anchor-links",
    **dict.fromkeys(("<h1>", "<h2>", "<h3>", "<h4>", "<h5>", "<h6>"), "html-h1-h6"),
    **dict.fromkeys(("<ul>", "<ol>", "<li>", "<dl>", "<dt>", "<dd>"), "html-lists"),
    **dict.fromkeys(("<header>", "<main>", "<footer>", "<section>", "<article>", "<nav>", "<time>"), "html-semantics"),
}
"""The pages whose address does not follow from the name."""
SEEN_INSTEAD = {
    "@media": "the mail as it is on a wide screen with light colours",
    "@media (prefers-color-scheme)": "the light colours, or those that the program makes of them at night by itself",
    "@media (max-width)": "the mail as it is on a wide screen",
    "@media (max-device-width)": "the mail as it is on a wide screen",
    "@media (hover)": "no change under the pointer",
    "!important": "the same: it only stands, after a space, within the dark colours",
    "<!DOCTYPE html>": "the same: no measure depends on the document type",
    "<meta name=color-scheme>": "the same: the dark colours are told in @media as well",
    "<style>": "the same in light colours: every rule that matters stands in its element too; no dark colours",
    "<body>": "the same: the sheet within has its own colours",
    "<ul>": "the same: no list is counted backwards",
    "<ol>": "the same: no list is counted backwards",
    "<li>": "the same: no list is counted backwards",
    "<dl>": "the same",
    "<dt>": "the same",
    "<dd>": "the same",
    "<header>": "the same: it is a name for a part, not a look",
    "<main>": "the same: it is a name for a part, not a look",
    "<footer>": "the same: it is a name for a part, not a look",
    "<section>": "the same: it is a name for a part, not a look",
    "<article>": "the same: it is a name for a part, not a look",
    "<nav>": "the same: it is a name for a part, not a look",
    "<time>": "the same: it is a name for a part, not a look",
    "<meter>": "the figure as text",
    "<progress>": "the figure as text",
    "<svg>": "nothing: what it shows must be said in words too",
    "<abbr>": "the short form, without its explanation",
    "width=": "where the screen is set to larger text, a picture or the sheet a little narrower beside it",
    "height=": "where the screen is set to larger text, a picture a little smaller beside it",
    "target=": "the same: the program itself decides where a link opens",
    "hidden=": "what is hidden elsewhere",
    "dir=": "the same: only links have trouble with it",
    "aria-labelledby=": "the same; a screen reader reads the text without its label",
    "aria-describedby=": "the same; a screen reader reads the text without its description",
    "background=": "the plain background colour",
    "link to #": "the top of the mail: the reader scrolls",
    "picture in data:": "the picture's text in words",
    "align-items": "the parts at the top of their row",
    "background": "the background's colour; a picture behind the text is left out",
    "background-image": "the plain background colour",
    "background-position": "the plain background colour",
    "background-repeat": "the plain background colour",
    "background-size": "the plain background colour",
    "border": "the same up to 8px and around cells, and nowhere else is a border used",
    "border-radius": "square corners",
    "border-spacing": "cells side by side without a gap",
    "box-shadow": "no shadow",
    "box-sizing": "a box wider by its padding",
    "color-scheme": "the same: the dark colours are told in @media as well",
    "display": "pictures in a line of text, with a little space below; nothing is hidden",
    "display: none": "within a nested table, and of a picture, what is hidden elsewhere",
    "display: flex": "the parts below each other",
    "display: grid": "the parts below each other",
    "flex": "the parts below each other",
    "flex-direction": "the parts side by side",
    "flex-wrap": "the parts in one row",
    "float": "the part in its place in the text",
    "font-size": "the same: every size is in px",
    "font-weight": "bold or normal, nothing in between",
    "gap": "the parts without a gap",
    "height": "the same for cells and pictures; any other box is as high as its text",
    "justify-content": "the parts at the left",
    "letter-spacing": "letters a little closer or wider",
    "line-height": "lines a little closer or wider",
    "linear-gradient()": "the plain background colour",
    "list-style": "list signs of the program's own",
    "margin": "headings a little closer or wider apart; no margin is negative or auto",
    "max-height": "the part at its full height",
    "max-width": "a picture at the width of its width attribute; the sheet as elsewhere",
    "min-height": "the part as high as its text",
    "min-width": "the part as wide as its text",
    "object-fit": "the picture stretched",
    "opacity": "the part in its full colour",
    "outline": "no outline",
    "overflow": "what does not fit, over the edge",
    "overflow-wrap": "a long address runs over the edge, or is broken where the program likes",
    "padding": "space around cells only, the largest of a row for all of it; the text is whole",
    "rgba()": "the plain background colour",
    "rgb()": "the same: without an opacity",
    "calc()": "the part at its natural width",
    "table-layout": "columns as wide as their text",
    "text-align": "the same: only left, right and center are used",
    "text-decoration": "links with or without the line below, as the program has it",
    "text-overflow": "the text over the edge",
    "text-shadow": "no shadow",
    "text-transform": "capitals and small letters as they were written",
    "text-wrap": "lines broken elsewhere",
    "transition": "a change at once",
    "unit rem": "text of the program's own size",
    "unit ch": "the part at its natural width",
    "unit vh": "the part at its natural height",
    "unit vw": "the part at its natural width",
    "var()": "text in the program's own colour",
    "white-space": "lines broken where there is room",
    "width": "the same for tables and cells; a picture is as wide as its width attribute says",
    "word-break": "a long address broken elsewhere",
    "word-wrap": "a long address runs over the edge",
    ":hover": "no change under the pointer",
    ":active": "no change under the finger",
    ":focus": "no change at the keyboard's place",
    ":first-child": "the first as the others",
    ":last-child": "the last as the others",
    **dict.fromkeys(SELECTORS, "the same in light colours, as rules are copied into their elements; no dark colours"),
}
"""What the reader sees where a program lacks something; only what the mail may use, or comes near to using."""


class Parts(HTMLParser):
    """Collects the features of a mail by the names that the table has for them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._in_style = False

    def handle_decl(self, decl: str) -> None:
        self.found.add("<!DOCTYPE html>")

    def handle_comment(self, data: str) -> None:
        self.found.add("conditional comments" if data.startswith("[if") else "comments")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in given:
            self.found.add(f"<meta name={given['name']}>")
        if tag not in FRAME and tag not in MADE_OF_TABLES:
            self.found.add(f"<{tag}>")
        self.found |= {f"{name}=" for name in given if name not in PLAIN}
        self.found |= set(_addresses(given))
        self.found |= set(_of_declarations(given.get("style", "")))

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found |= of_stylesheet(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


def used() -> set[str]:
    """Every feature of the mail: of the template, whatever stands in a branch, and of letters as they are sent."""
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", TEMPLATE.read_text("utf-8"), flags=re.DOTALL)
    letters = [report.letter(one, "/srv/reports/index.html").html for one in (full(), night(channel()))]
    return set().union(*(of_mail(text) for text in (bare, *letters)))


def of_mail(html: str) -> set[str]:
    """The features of one mail."""
    parts = Parts()
    parts.feed(html)
    parts.close()
    return parts.found


def of_stylesheet(css: str) -> set[str]:
    """The features of what stands in a ``style`` element."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found: set[str] = set()
    for rule in re.findall(r"@([a-z-]+[^{};]*)", css):
        name = rule.split("(")[0].split()[0]
        found |= {f"@{name}", *(f"@{name} ({part})" for part in re.findall(r"\(\s*([a-z-]+)", rule))}
    for selector, declarations in re.findall(r"([^{};]+)\{([^{}]*)\}", css):
        found |= {*_of_selector(selector), *_of_declarations(declarations)}
    return found


def _of_selector(selector: str) -> Iterator[str]:
    if selector.strip().startswith("@"):
        return
    yield from (f"{colons}{name}" for colons, name in re.findall(r"(::?)([a-z-]+)", selector))
    bare = re.sub(r"::?[a-z-]+", "", selector).strip()
    yield from (name for name, shape in SELECTORS.items() if re.search(shape, bare))


def _of_declarations(text: str) -> Iterator[str]:
    for name, value in re.findall(r"([a-z-]+)\s*:\s*([^;]+)", text):
        yield name
        if "!important" in value:
            yield "!important"
        if name == "display" and (kind := re.match(r"(none|flex|grid)\b", value)):
            yield f"display: {kind[1]}"
        yield from (f"unit {unit}" for unit in re.findall(r"(?<![\w#])[\d.]+(%|[a-z]+)", value))
        yield from (f"{function}()" for function in re.findall(r"([a-z-]+)\(", value))


def _addresses(given: dict[str, str]) -> Iterator[str]:
    source, link = given.get("src", ""), given.get("href", "")
    if source.startswith("cid:"):
        yield from ("PNG picture", "picture in the mail (cid:)")
    if source.startswith("data:"):
        yield "picture in data:"
    if link.startswith(("mailto:", "#")):
        yield f"link to {link.split(':')[0] + ':' if link[0] != '#' else '#'}"


def page_of(name: str, pages: dict[str, Any]) -> dict[str, Any] | None:
    """Can I email's page on a feature; a side of a box has its box's, and what there is none on has None."""
    return next((pages[slug] for slug in _slugs(name) if slug in pages), None)


def _slugs(name: str) -> Iterator[str]:
    yield PAGES.get(name, "")
    if name.startswith("@"):
        yield f"css-at-{name[1:].replace(' (', '-').rstrip(')')}"
        yield f"css-at-{name[1:].split()[0]}"
    elif name.startswith("<"):
        yield f"html-{name[1:-1]}"
    elif name.endswith("="):
        yield f"html-{name[:-1]}"
    elif name.startswith(":"):
        yield f"css-pseudo-{'element' if name.startswith('::') else 'class'}-{name.lstrip(':')}"
    elif name.endswith("()"):
        yield from (f"css-{name[:-2]}", f"css-function-{name[:-2]}")
    else:
        yield f"css-{name.replace(': ', '-').replace(' ', '-')}"
        if side := re.match(r"(border|padding|margin|outline)-", name):
            yield f"css-{side[1]}{'-radius' if name.endswith('-radius') else ''}"


def table(names: Iterable[str], pages: dict[str, Any]) -> str:
    """The table, and below it what Can I email remarks on its cells."""
    ordered = sorted(names, key=lambda name: (_part(name), name))
    heads = ["used", *(client for client, *_ in CLIENTS), "what the reader sees where it is missing"]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    lines += [_row(name, page_of(name, pages)) for name in ordered]
    return "\n".join([*lines, "", "### Can I email's remarks", "", *_remarks(ordered, pages)]) + "\n"


def _part(name: str) -> int:
    """At-rules, properties, what stands in values and selectors, then HTML."""
    if name.startswith("@"):
        return 0
    if re.fullmatch(r"[a-z-]+(: \w+)?", name) and name != "comments":
        return 1
    return 3 if PAGES.get(name, "html-").startswith(("html-", "image-")) and not name.startswith((":", "unit")) else 2


def _row(name: str, page: dict[str, Any] | None) -> str:
    if page is None:
        return f"| `{name}` | {' | '.join('–' for _ in CLIENTS)} | Can I email has no page on it |"
    verdicts = [support(page, family, platform)[0] for _, family, platform in CLIENTS]
    instead = "" if set(verdicts) <= {"y"} else seen_instead(name)
    return f"| [`{name}`]({page['url']}) | {' | '.join(SHOWN.get(one, '–') for one in verdicts)} | {instead} |"


def seen_instead(name: str) -> str:
    """The sentence on what the reader sees; a side of a box has its box's."""
    side = re.match(r"(border|padding|margin|outline)-", name)
    for key in (name, "border-radius" if name.endswith("-radius") else side[1] if side else name):
        if key in SEEN_INSTEAD:
            return SEEN_INSTEAD[key]
    raise LookupError(f"say in tests/mailcss.py what the reader sees where {name} is missing")


def support(page: dict[str, Any], family: str, platform: str) -> tuple[str, list[str]]:
    """How the latest tested version of a program does (``y``, ``a``, ``n``, ``u``, or empty), and its remarks."""
    tested = page["stats"].get(family, {}).get(platform, {})
    if not tested:
        return "", []
    verdict, *numbers = tested[max(tested, key=_version)].split()
    remarks = page["notes_by_num"] or {}
    return verdict, [remarks[number.lstrip("#")] for number in numbers if number.lstrip("#") in remarks]


def _version(text: str) -> list[int]:
    """The pages do not always list the versions in their order."""
    return [int(part) for part in re.findall(r"\d+", text)]


def _remarks(names: Sequence[str], pages: dict[str, Any]) -> Iterator[str]:
    """A line a remark: what it is on, who does so, and what it says; sides of a box share theirs."""
    about: dict[str, list[str]] = {}
    for name in names:
        if page := page_of(name, pages):
            about.setdefault(page["slug"], []).append(name)
    for slug, sharing in about.items():
        said: dict[str, list[str]] = {}
        for client, family, platform in CLIENTS:
            for remark in support(pages[slug], family, platform)[1]:
                said.setdefault(remark, []).append(client)
        for remark, clients in said.items():
            yield f"- {', '.join(f'`{name}`' for name in sharing)} ({', '.join(clients)}): {' '.join(remark.split())}"


def write(folder: Path) -> None:
    """Put the table of today's mail, from the data in ``folder``, between the document's marks."""
    data = json.loads((folder / "data" / "caniemail.json").read_text("utf-8"))
    pages = {page["slug"]: page for page in data["data"]}
    made = f"Can I email's data of {data['last_update_date'][:10]}.\n\n{table(used(), pages)}"
    text = DOCUMENT.read_text("utf-8")
    shape = re.compile(r"(<!-- mail-css -->\n).*?(<!-- /mail-css -->)", re.DOTALL)
    DOCUMENT.write_text(shape.sub(lambda marks: marks[1] + made + marks[2], text), "utf-8")


def main(arguments: Sequence[str]) -> None:
    """Write the table from the package in the folder that is named."""
    if len(arguments) != 1:
        raise SystemExit("usage: python -m tests.mailcss FOLDER-OF-THE-NPM-PACKAGE-CANIEMAIL")
    write(Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
