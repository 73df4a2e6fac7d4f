"""Danish prose in HTML, made once: bodies of any length are cut from it between two paragraphs."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from random import Random

PARAGRAPHS = 256
WHO = (
    "Redaktionen", "Kommunen", "En trofast læser", "Foreningen", "Biblioteket", "Vores nye vært", "Brugergruppen",
    "Værkstedet", "Den lokale avis", "Skolen på hjørnet", "Bestyrelsen", "Haveklubben",
)  # fmt: skip
DID = (
    "spørger", "fortæller", "har ændret", "overvejer", "glæder sig over", "savner", "har endelig åbnet", "foreslår",
    "måler hver uge", "skriver udførligt om", "er uenig i", "samler på",
)  # fmt: skip
WHAT = (
    "den nye åbningstid", "de ældste indlæg", "blåbærgrød på øen", "cykelstien langs åen", "svartiden i forummet",
    "årets første frost", "reglerne for gæster", "en bedre søgning", "børnenes værksted", "de lange køer",
    "rådhusets trappe", "brugernes egne billeder",
)  # fmt: skip
WHY = (
    "fordi mange har spurgt", "selv om det tager tid", "og det mærker man allerede", "som vi lovede i foråret",
    "uden at nogen klagede", "så længe vejret holder", "hvilket få havde ventet", "men svaret lader vente på sig",
    "og vi vil gerne høre, hvad I mener", "efter en grundig gennemgang", "med hjælp fra frivillige",
    "trods den våde sommer",
)  # fmt: skip
SHAPES = (
    "<p>{}</p>", "<p>{}</p>", "<p>{}</p>", "<p>{}</p>", "<p>{}</p>", "<blockquote>\n<p>{}</p>\n</blockquote>",
    "<ul>\n<li>{}</li>\n<li>Se også listen &amp; svarene</li>\n</ul>", "<h3>Siden sidst</h3>\n<p>{}</p>",
)  # fmt: skip
MARKED = (
    '<a href="https://eksempel.example/{n}/?fra=feed&amp;side={n}">{text}</a>',
    "<em>{text}</em>",
    "<strong>{text}</strong>",
    '{text} <img src="https://eksempel.example/billeder/{n}.jpg" alt="Billede {n}" width="640" height="360" />',
    "&#8220;{text}&#8221;",
    "{text}&nbsp;&#8211; ja",
)


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs in a row, and where each ends; written twice over so that every start has enough behind it."""

    text: bytes
    ends: tuple[int, ...]

    def cut(self, start: int, length: int) -> bytes:
        """Whole paragraphs from number ``start``, of ``length`` bytes or a little more."""
        first = start % PARAGRAPHS
        begin = self.ends[first]
        last = min(bisect_left(self.ends, begin + length, first + 1), len(self.ends) - 1)
        return self.text[begin : self.ends[last]]


@lru_cache
def prose(escaped: bool) -> Prose:
    """The one text, always the same: as it stands in a CDATA section, or escaped as in an attribute's company."""
    chance = Random(20)
    written = [_paragraph(chance, number) for number in range(PARAGRAPHS)]
    pieces = [(escape(one) if escaped else one).encode() + b"\n" for one in written] * 2
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    return Prose(b"".join(pieces), tuple(ends))


def sentence(chance: Random) -> str:
    """One sentence of plain text, without its full stop."""
    return f"{chance.choice(WHO)} {chance.choice(DID)} {chance.choice(WHAT)}, {chance.choice(WHY)}"


def _paragraph(chance: Random, number: int) -> str:
    sentences = [sentence(chance) for _ in range(chance.randrange(2, 8))]
    marked = chance.randrange(len(sentences))
    sentences[marked] = chance.choice(MARKED).format(text=sentences[marked], n=number)
    return chance.choice(SHAPES).format(". ".join(sentences) + ".")
