from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.deliver import outbox
from monitor.errors import DeliveryError


def test_a_mail_is_written_whole_under_its_name(tmp_path: Path) -> None:
    path = outbox.write(b"brev", tmp_path / "outbox", "2024-01-01 chef@eksempel.example")
    assert path == tmp_path / "outbox" / "2024-01-01-chef@eksempel.example.eml"
    assert path.read_bytes() == b"brev"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_same_mail_again_is_the_same_file_and_another_gets_a_number(tmp_path: Path) -> None:
    names = [outbox.write(mail, tmp_path, "a.eml").name for mail in (b"1", b"1", b"2", b"2", b"3")]
    assert names == ["a.eml", "a.eml", "a-2.eml", "a-2.eml", "a-3.eml"]
    assert (tmp_path / "a.eml").read_bytes() == b"1"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/root/x", "..", "", "æ\0\n", "x" * 500, ".hidden"])
def test_no_name_leaves_the_folder_or_hides(tmp_path: Path, name: str) -> None:
    path = outbox.write(b"brev", tmp_path, name)
    assert path.parent == tmp_path
    assert not path.name.startswith(".")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeliveryError, match="could not be written to the outbox"):
        outbox.write(b"brev", tmp_path / "file" / "outbox", "a")


def test_a_file_system_without_links_still_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert [outbox.write(mail, tmp_path, "a").name for mail in (b"1", b"2")] == ["a.eml", "a-2.eml"]
