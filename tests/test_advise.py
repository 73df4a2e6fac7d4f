"""``oximeter advise``: the devil's advocate at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loopback import site
from tests.organisation import Office, Served, weekly_posts


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    with site(feed=Served(weekly_posts())) as here:
        made.write({"blog": [here.url + "/feed"]})
        made.json("run")
    return made


def test_advice_is_given_in_the_organisations_language_or_another(office: Office) -> None:
    danish = office.oximeter("advise")
    assert danish.exit_code == 0
    assert "blog: lad den være i fred" in danish.stdout
    assert "? Med hvad? Den har ingen ejer" in danish.stdout
    english = office.oximeter("advise", "blog", "--language", "en").stdout
    assert english.startswith("blog: leave in peace\n")
    assert "? With what? It has no owner" in english


def test_the_json_has_every_figure_beside_its_sentence(office: Office) -> None:
    found = office.json("advise", "--new", "Facebook", "--hours", "3")
    (channel,) = found["channels"]
    assert (channel["id"], channel["action"]) == ("blog", "keep")
    assert {question["code"] for question in channel["questions"]} >= {"purpose_missing", "owner_missing"}
    assert all(question["facts"] for question in channel["questions"])
    assert found["new"]["name"] == "Facebook"
    assert found["new"]["advisable"] is True
    assert found["new"]["reasons"][0]["facts"]["hours_total"] == pytest.approx(3 * 180 / 7)
    assert office.json("advise")["new"] is None


def test_one_channel_more_gets_an_answer_with_its_reasons(office: Office) -> None:
    no = office.oximeter("advise", "--new", "Facebook-side", "--hours", "0", "--language", "en")
    assert no.exit_code == 0
    answer, *reasons = no.stdout.splitlines()
    assert answer == "Facebook-side, with 0 hours a week: no."
    assert reasons


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--new", "Facebook"], "--new needs --hours"),
        (["--hours", "3"], "--hours needs --new"),
        (["bolg"], "'bolg' is no channel"),
        (["--new", "x", "--hours", "200"], "200"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_a_sentence(
    office: Office, arguments: list[str], told: str
) -> None:
    refused = office.oximeter("advise", *arguments)
    assert refused.exit_code == 2
    assert told in refused.stderr
