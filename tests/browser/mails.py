"""A mail's HTML as a mail program shows it."""

from __future__ import annotations

import re
from base64 import b64encode
from email.message import EmailMessage
from urllib.parse import unquote

CID = re.compile(r"""\bcid:([^"'\s)>]+)""")


def as_shown(message: EmailMessage) -> str:
    """The HTML, with each picture that it calls by ``cid:`` put in its place.

    Raises KeyError where a picture that is called did not come with the mail.
    """
    body = message.get_body(("html",))
    assert body is not None, "the mail has no HTML"
    pictures = {part["Content-ID"].strip().strip("<>"): _data(part) for part in message.walk() if part["Content-ID"]}
    return CID.sub(lambda call: pictures[unquote(call[1])], body.get_content())


def _data(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return f"data:{part.get_content_type()};base64,{b64encode(content).decode('ascii')}"
