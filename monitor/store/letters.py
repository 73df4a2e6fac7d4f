"""The deliveries: one for each night and recipient, so that nobody gets the same letter twice.

``waiting`` becomes ``sending`` when a process takes it, and ``sent`` or ``outbox`` (or ``waiting`` again) when settled.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from monitor.model import Delivery
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


def last_letter(connection: Connection, recipient: str) -> tuple[str, int] | None:
    """Night and moment of the newest letter made for ``recipient``, whatever became of it."""
    d = deliveries.c
    query = select(d.night, d.claimed).where(d.recipient == recipient).order_by(d.claimed.desc(), d.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else (row.night, row.claimed)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.id, row.night, row.recipient, row.state, bytes(row.message), row.error)
