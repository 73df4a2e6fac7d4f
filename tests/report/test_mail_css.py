"""docs/mail-css.md tells of everything that the mail is made of, and what it says of our use is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from monitor import report
from tests import mailcss
from tests.report.builders import full

ROW = re.compile(r"^\| \[?`([^`]+)`")


def rows() -> dict[str, list[str]]:
    """The cells of the document's table by the name of what is used."""
    lines = mailcss.DOCUMENT.read_text("utf-8").splitlines()
    return {found[1]: line.strip("| ").split("|") for line in lines if (found := ROW.match(line))}


def styled() -> list[tuple[str, dict[str, str]]]:
    """(tag, declarations) of every element of a letter that has a style of its own."""
    html = report.letter(full(), "/srv/reports/index.html").html
    found = re.findall(r'<(\w+)\b[^>]*?\sstyle="([^"]*)"', html)
    return [(tag, dict(re.findall(r"([a-z-]+)\s*:\s*([^;]+)", style))) for tag, style in found]


def page(slug: str, **tested: dict[str, str]) -> dict[str, Any]:
    """A page of Can I email's, on Outlook alone."""
    remarks = {"1": "Partial. On cells only.", "2": "Buggy."}
    return {"slug": slug, "url": f"https://a.example/{slug}/", "stats": {"outlook": tested}, "notes_by_num": remarks}


def test_the_table_tells_of_all_that_the_mail_uses_and_of_nothing_else() -> None:
    assert set(rows()) == mailcss.used(), "make mail-css writes the table anew"


def test_where_a_program_lacks_something_the_table_says_what_the_reader_sees() -> None:
    for name, cells in rows().items():
        if any(word in "|".join(cells[1:8]) for word in ("partly", "no", "unknown")):
            assert cells[8].strip() == mailcss.seen_instead(name)


def test_the_document_names_its_source_and_licence() -> None:
    text = mailcss.DOCUMENT.read_text("utf-8")
    assert "caniemail" in text
    assert "MIT" in text
    assert re.search(r"data of \d{4}-\d\d-\d\d", text)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<td style="padding:0 2em;border-left-color:#8a5a00">', {"padding", "unit em", "border-left-color"}),
        ("<style>/* top:1px */a{color:red !important}</style>", {"<style>", "type selector", "color", "!important"}),
        ("<style>@media (max-width:9px){.a,b:hover{top:0}}</style>", {"@media", "@media (max-width)", ":hover", "top"}),
        ("<style>@font-face{src:url(x)}</style>", {"@font-face", "src", "url()"}),
        ("<style>.a .b,i>b,.a.b,[lang]{display: none}</style>", {"descendant (a b)", "child (a > b)", "display: none"}),
        (
            '<img src="cid:x" width="9" alt="">',
            {"<img>", "PNG picture", "width=", "alt=", "picture in the mail (cid:)"},
        ),
        ('<a href="mailto:x@y.example">x</a><a href="#z">', {"<a>", "link to mailto:", "link to #"}),
        ("<!DOCTYPE html><!--[if mso]><![endif]--><p>", {"<!DOCTYPE html>", "conditional comments", "<p>"}),
        ('<meta name="color-scheme" content="light">', {"<meta name=color-scheme>"}),
    ],
)
def test_what_a_mail_is_made_of_is_read_from_it(html: str, expected: set[str]) -> None:
    assert expected <= mailcss.of_mail(html)


def test_text_and_what_is_not_in_force_are_not_taken_for_style() -> None:
    found = mailcss.of_mail("<p>padding:0 @media (hover){}</p><style>/* top:1px */</style>")
    assert found == {"<p>", "<style>"}


def test_a_program_is_told_by_its_newest_version_whatever_the_order() -> None:
    tested = page("css-padding", windows={"2019": "a #1 #2", "2016": "n", "16.80": "y"})
    assert mailcss.support(tested, "outlook", "windows") == ("a", ["Partial. On cells only.", "Buggy."])
    assert mailcss.support(tested, "gmail", "ios") == ("", [])


def test_a_side_of_a_box_is_told_by_the_page_on_its_box() -> None:
    pages = {"css-padding": page("css-padding", windows={"2019": "a #1"})}
    made = mailcss.table({"padding-left", "padding", "color"}, pages)
    assert "| [`padding-left`](https://a.example/css-padding/) | partly | – |" in made
    assert "| `color` | – |" in made
    assert "- `padding`, `padding-left` (Outlook for Windows (Word)): Partial. On cells only." in made


def test_what_a_reader_sees_instead_must_be_said() -> None:
    pages = {"css-zoom": page("css-zoom", windows={"2019": "n"})}
    with pytest.raises(LookupError, match="zoom"):
        mailcss.table({"zoom"}, pages)


def test_borders_are_thin_and_around_cells_as_the_table_says() -> None:
    for tag, style in styled():
        for name in ("border", "border-left", "border-top", "border-right", "border-bottom"):
            if style.get(name, "0") != "0":
                assert tag in ("td", "th", "table")
                assert int(re.findall(r"(\d+)px", style[name])[0]) <= 8


def test_no_margin_is_negative_or_auto_as_the_table_says() -> None:
    for _, style in styled():
        for name, value in style.items():
            if name.startswith("margin"):
                assert not re.search(r"-\d|auto", value)


def test_sizes_and_alignments_are_those_that_word_knows_as_the_table_says() -> None:
    for _, style in styled():
        assert re.fullmatch(r"[\d.]+px", style.get("font-size", "1px").strip())
        assert style.get("text-align", "left").strip() in ("left", "right", "center")


def test_what_overrules_stands_within_the_dark_colours_only_as_the_table_says() -> None:
    assert not any("!important" in value for _, style in styled() for value in style.values())
    source = mailcss.TEMPLATE.read_text("utf-8")
    assert "!important" not in source.split("@media")[0]
    assert not re.search(r"[^ ]!important", source)


def test_a_picture_has_its_size_as_attributes_as_the_table_says() -> None:
    for picture in re.findall(r"<img\b[^>]*>", mailcss.TEMPLATE.read_text("utf-8")):
        assert re.search(r'\swidth="\d+"', picture)
        assert re.search(r'\sheight="\d+"', picture)
