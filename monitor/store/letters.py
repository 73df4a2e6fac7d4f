"""The deliveries: one for each night and recipient, so that nobody gets the same letter twice.

``waiting`` becomes ``sending`` when a process takes it, and ``sent`` or ``outbox`` (or ``waiting`` again) when settled.
``outbox`` with an error is a letter that was put aside unsent: it was given up, or a newer one took its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select, update

from monitor.model import DAY, Delivery
from monitor.store.schema import deliveries
from monitor.store.sql import clean, insert_or

STATES = ("waiting", "sending", "sent", "outbox")


def is_claimed(connection: Connection, night: str, recipient: str) -> bool:
    """True where the letter of ``night`` to ``recipient`` has been made."""
    d = deliveries.c
    return connection.execute(select(d.id).where(d.night == night, d.recipient == recipient)).first() is not None


def add(connection: Connection, night: str, recipient: str, message: bytes, now: int) -> Delivery | None:
    """Insert the letter as waiting; None where another process came first."""
    values = {"night": night, "recipient": recipient, "state": "waiting", "message": message}
    statement = insert_or(connection, deliveries).returning(deliveries)
    row = connection.execute(statement, values | {"error": "", "claimed": now}).first()
    return None if row is None else _delivery(row)


def of_night(connection: Connection, night: str) -> list[Delivery]:
    """The night's letters, in the order they were claimed."""
    query = select(deliveries).where(deliveries.c.night == night).order_by(deliveries.c.id)
    return [_delivery(row) for row in connection.execute(query)]


def in_state(connection: Connection, state: str) -> list[Delivery]:
    """Every night's letters in ``state``, oldest first."""
    query = select(deliveries).where(deliveries.c.state == state).order_by(deliveries.c.id)
    return [_delivery(row) for row in connection.execute(query)]


def take(connection: Connection, delivery_id: int) -> bool:
    """Make a waiting letter this process's to send; False where another has it."""
    mine = (deliveries.c.id == delivery_id) & (deliveries.c.state == "waiting")
    return connection.execute(update(deliveries).where(mine).values(state="sending")).rowcount == 1


def settle(connection: Connection, delivery_id: int, state: str, error: str) -> None:
    """Write down what became of a letter. Raises ValueError for a state that is none."""
    if state not in STATES:
        raise ValueError(f"a delivery is one of {', '.join(STATES)}, not {state}")
    values = {"state": state, "error": clean(error)}
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


def after_waiting(night: str, error: str) -> str:
    """The error of a letter that is settled in ``night`` at last: what it waited for, and since when it does not."""
    return f"{night} {error}"


def late(connection: Connection, night: str) -> list[Delivery]:
    """Letters of nights before ``night`` that wait, or that waited until ``night``; oldest first.

    Their errors are what they wait or waited for; empty where the run ended before that was known.
    """
    d = deliveries.c
    mark = after_waiting(night, "")
    waits = d.state.in_(("waiting", "sending"))
    query = select(deliveries).where(d.night < night, waits | d.error.startswith(mark, autoescape=True))
    found = [_delivery(row) for row in connection.execute(query.order_by(d.night, d.id))]
    return [replace(letter, error=letter.error.removeprefix(mark)) for letter in found]


def last_letter(
    connection: Connection, recipient: str, now: int | None = None, told: bool = False
) -> tuple[str, int] | None:
    """Night and moment of the newest letter to ``recipient`` that has come or may still come.

    A letter that was put aside unsent (``outbox``, with an error) is none; with ``told``, neither is one that still
    waits. A letter made more than a day after ``now`` is the work of a clock that was wrong, and none either.
    """
    d = deliveries.c
    has_come = (d.state == "sent") | ((d.state == "outbox") & (d.error == ""))
    may_come = d.state.in_(("waiting", "sending"))
    query = select(d.night, d.claimed).where(d.recipient == recipient, has_come if told else has_come | may_come)
    if now is not None:
        query = query.where(d.claimed <= now + DAY)
    row = connection.execute(query.order_by(d.claimed.desc(), d.id.desc()).limit(1)).first()
    return None if row is None else (row.night, row.claimed)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.id, row.night, row.recipient, row.state, bytes(row.message), row.error)
