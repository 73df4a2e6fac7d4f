from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.model import Reason, Sign, Status
from monitor.store import letters
from tests.store.builders import NIGHT, START, a_diagnosis, a_store


def test_a_channel_never_judged_has_no_standing(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        assert store.standing("debat") is None
        assert store.verdicts("debat") == []


def test_the_same_night_again_is_judged_from_the_night_before(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        monday, tuesday = a_diagnosis(Status.BREATHING), a_diagnosis(Status.BREATHING, nights=1)
        store.save_verdict("debat", "2024-01-01", monday, START)
        for _ in range(2):
            assert store.standing("debat", before="2024-01-02") == monday.standing
            store.save_verdict("debat", "2024-01-02", tuesday, START)
        assert store.standing("debat") == tuesday.standing
        assert store.verdicts("debat") == [("2024-01-01", "breathing", 40), ("2024-01-02", "breathing", 40)]


def test_a_verdict_is_replaced_whole(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        why = Reason(Sign.PULSE, "silence", 1.0, float("nan"), facts={"who": "Bo \ud800"})
        store.save_verdict("debat", "2024-01-01", a_diagnosis(Status.THIN), START)
        changed = replace(a_diagnosis(Status.DEAD), oxygen=None, reasons=(why,), changed_from=Status.THIN)
        store.save_verdict("debat", "2024-01-01", changed, START)
        assert store.verdicts("debat") == [("2024-01-01", Status.DEAD, None)]


def test_a_letter_is_made_once_a_night_and_recipient(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        first = store.claim("2024-01-01", "chef@eksempel.example", lambda: b"brev", START)
        assert first is not None
        assert (first.state, first.message, first.recipient) == ("waiting", b"brev", "chef@eksempel.example")
        assert store.claim("2024-01-01", "chef@eksempel.example", lambda: pytest.fail("made twice"), START) is None
        assert store.claim("2024-01-01", "anna@eksempel.example", lambda: b"to", START) is not None
        assert store.waiting() == store.deliveries("2024-01-01")
        assert [letter.message for letter in store.waiting()] == [b"brev", b"to"]


def test_of_two_processes_making_a_letter_at_once_one_keeps_it(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:

        def make() -> bytes:
            assert store.claim("2024-01-01", "chef@eksempel.example", lambda: b"theirs", START) is not None
            return b"ours"

        assert store.claim("2024-01-01", "chef@eksempel.example", make, START) is None
        assert [letter.message for letter in store.waiting()] == [b"theirs"]


def test_only_one_of_many_takes_a_letter(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        letter = store.claim("2024-01-01", "chef@eksempel.example", lambda: b"brev", START)
        assert letter is not None
        taken: list[bool] = []
        threads = [threading.Thread(target=lambda: taken.append(store.take(letter.id))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(taken) == [False] * 5 + [True]
        assert store.waiting() == []
        assert [one.id for one in store.interrupted()] == [letter.id]


def test_a_letter_that_failed_waits_again_with_its_error(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        letter = store.claim("2024-01-01", "chef@eksempel.example", lambda: b"brev", START)
        assert letter is not None
        assert store.take(letter.id)
        store.settle(letter.id, "waiting", "Serveren svarede ikke.")
        assert [one.error for one in store.waiting()] == ["Serveren svarede ikke."]
        assert store.take(letter.id)


def test_the_last_letter_is_the_newest_that_was_made_whatever_became_of_it(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        for night, state in enumerate(["sent", "outbox", "waiting"]):
            letter = store.claim(f"2024-01-0{night + 1}", "chef@eksempel.example", lambda: b"", START + night * NIGHT)
            assert letter is not None
            store.settle(letter.id, state)
        assert store.last_letter("chef@eksempel.example") == ("2024-01-03", START + 2 * NIGHT)
        assert store.last_letter("ejer@eksempel.example") is None


def test_a_state_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    assert "waiting" in letters.STATES
    with a_store(tmp_path) as store, pytest.raises(ValueError, match="lost"):
        store.settle(1, "lost")
