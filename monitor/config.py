"""``channels.toml``: load, validate, and say every mistake at once.

The models below are the config's reference: ``config/channels.schema.json`` is generated from them.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, unquote_plus, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from monitor.almanac import countries
from monitor.errors import ConfigError
from monitor.model import Channel, Organisation, Reader, SmtpSettings
from monitor.poll.executor import CONNECTIONS, Crew
from monitor.report.languages import LANGUAGES

DEFAULT_PATH = Path("config/channels.toml")
SCHEMA_NAME = "channels.schema.json"


_BLANK = re.compile(r"[\s\x00-\x1f]")


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or _BLANK.search(value):
        raise PydanticCustomError("address", "is not a web address; expected http://… or https://…")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):  # ZoneInfo raises a KeyError for a name that nobody knows
        raise PydanticCustomError("zone", "is not a time zone; expected a name such as Europe/Copenhagen") from None
    return value


def _country(value: str) -> str:
    if value and value not in countries():
        raise PydanticCustomError("country", "is not a country; expected its two letters, such as DK, or nothing")
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise PydanticCustomError(
            "language", "is no language we speak; expected {known}", {"known": _either(LANGUAGES)}
        )
    return value


def _either(names: Sequence[str]) -> str:
    quoted = [repr(name) for name in names]
    return " or ".join([*([", ".join(quoted[:-1])] if quoted[1:] else []), quoted[-1]])


def _mail_address(value: str) -> str:
    local, _, host = value.rpartition("@")
    labels = host.split(".")
    if (
        not local
        or any(letter.isspace() or letter in '<>,;:"[]()@\\' for letter in local + host)
        or not all(0 < len(label) < 64 for label in labels)
    ):
        raise PydanticCustomError("mail", "is not an e-mail address; expected name@example.org")
    return value


def _published(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise PydanticCustomError("address", "is not a folder's address; expected https://host/path and no more")
    return value


def _room(value: str) -> str:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", value):
        raise PydanticCustomError("room", "an entry is not an address; expected as Apprise writes them, json://…")
    return value


def _pause(value: str) -> str:
    first, dots, last = value.partition("..")
    try:
        good = bool(dots) and date.fromisoformat(first) <= date.fromisoformat(last)
    except ValueError:
        good = False
    if not good:
        raise PydanticCustomError("pause", "is not a pause; expected two dates as 2026-07-01..2026-08-10")
    return value


Address = Annotated[str, AfterValidator(_web_address)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Pause = Annotated[str, AfterValidator(_pause)]


When = Literal["daily", "weekly", "monthly", "on_change"]
Language = Annotated[str, AfterValidator(_language), Field(json_schema_extra={"enum": list(LANGUAGES)})]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, allow_inf_nan=False)


class OrganisationTable(_Table):
    """Whose channels these are."""

    name: str = Field(min_length=1, description="The organisation's name, as the report shows it.")
    language: Language = Field("en", description="The report's language.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="Where a day begins.")
    country: Annotated[str, AfterValidator(_country)] | None = Field(
        None, description="Whose public holidays are no silence, such as DK; the time zone's where it is not given."
    )
    staff: list[str] = Field([], description="Who speaks for the organisation: names, e-mail addresses, * patterns.")


class ReaderTable(_Table):
    """A reader with wishes of her own."""

    address: MailAddress
    language: Language | None = Field(None, description="The mail's language; the organisation's where not given.")
    when: When | None = Field(None, description="How often to mail her; as report.when where not given.")


class ReportTable(_Table):
    """Who gets the report, and when."""

    to: list[MailAddress] = Field([], description="The readers' e-mail addresses.")
    reader: list[ReaderTable] = Field([], description="Readers with a language or a rhythm of their own.")
    sender: MailAddress = Field("oximeter@localhost", alias="from", description="The sender's e-mail address.")
    when: When = Field("weekly", description="How often to mail.")
    folder: str = Field("reports", min_length=1, description="Where the pages go.")
    address: Annotated[str, AfterValidator(_published)] | None = Field(
        None, description="Where the folder is published, for the links in mails; without it they name the file."
    )
    notify: list[Annotated[str, AfterValidator(_room)]] = Field(
        [], description="Chat rooms and webhooks told of changes, as Apprise writes them."
    )
    notify_env: str | None = Field(None, description="The environment variable that holds more of them, a line each.")


class SmtpTable(_Table):
    """The mail server; without this table mail goes to the outbox folder."""

    host: str = Field(min_length=1)
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_env: str | None = Field(None, description="The environment variable that holds the password.")
    password_file: str | None = Field(None, description="The file that holds the password.")


class StoreTable(_Table):
    """Where what was seen is kept."""

    url: str = Field("sqlite:///data/oximeter.db", pattern=r"^(sqlite|postgresql(\+psycopg)?)://")
    share: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        description="The name of this config's share of the channels, where several machines poll into one PostgreSQL "
        "database at the same time.",
    )


class PollTable(_Table):
    """How long the feeds may take, and who reads them."""

    executor: Literal["threads", "dask"] = Field(
        "threads", description="Who reads the feeds: threads of this machine, or a Dask cluster."
    )
    connections: int = Field(
        CONNECTIONS, ge=1, le=1000, description="How many hosts the threads of this machine ask at the same time."
    )
    scheduler: str | None = Field(
        None,
        pattern=r"^(tcp|tls|ws|wss)://(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+):[0-9]{1,5}$",
        description="The address of the Dask scheduler, tcp://host:port.",
    )
    night_minutes: float = Field(60, gt=0, description="The longest that a night's polling may take.")
    fetch_seconds: float = Field(30, ge=1, le=600, description="The longest that one fetch may take.")
    retry_seconds: float = Field(
        2, ge=0, le=300, description="How long to wait before a feed whose failure may have passed is asked once more."
    )


class HeartbeatTable(_Table):
    """The watcher that is told of every night's begin and end, as healthchecks.io has it."""

    url: Address | None = Field(None, repr=False, description="The check's address; whoever knows it can speak for us.")
    url_env: str | None = Field(
        None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="The environment variable that holds the address."
    )


class ChannelTable(_Table):
    """One blog or forum."""

    id: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="Letters, digits, '.', '_', '-'; the same for ever."
    )
    name: str | None = Field(None, min_length=1)
    site: Address | None = None
    feeds: list[Address] = Field([], description="Its feeds' addresses.")
    folder: list[str] = Field([], description="Its folders in lists of feeds (OPML), outermost first.")
    owner: str | None = None
    hours_per_week: float | None = Field(None, ge=0, le=168)
    opened: date | None = None
    posts_per_month: float | None = Field(None, gt=0)
    answer_within_days: float | None = Field(None, gt=0)
    stamina_days: float = Field(180, ge=0, le=3650, description="How long it is too young to judge.")
    sponsor: str | None = Field(None, description="Who in the management stands behind it.")
    purpose: str | None = Field(None, description="What the dialogue is to be used for.")
    moderation: str | None = Field(None, description="How comments, troublemakers and spam are handled.")
    use_of_input: str | None = Field(None, description="What becomes of what people write.")
    paused: list[Pause] = Field([], description="Planned pauses, as 2026-07-01..2026-08-10.")


class ConfigFile(_Table):
    """The whole of ``channels.toml``."""

    organisation: OrganisationTable
    report: ReportTable = ReportTable()
    smtp: SmtpTable | None = None
    store: StoreTable = StoreTable()
    poll: PollTable = PollTable()
    heartbeat: HeartbeatTable | None = None
    channel: list[ChannelTable] = []


@dataclass(frozen=True)
class Config:
    """A valid config; every path in it is absolute."""

    path: Path
    organisation: Organisation
    channels: tuple[Channel, ...]
    readers: tuple[Reader, ...]
    sender: str
    folder: Path
    address: str | None
    """Where ``folder`` is published."""
    notify: tuple[str, ...] = field(repr=False)
    """Apprise addresses: they hold secrets."""
    notify_env: str | None
    store_url: str
    share: str | None
    """The name of this config's share of the channels, where several machines poll into one database."""
    smtp: SmtpTable | None
    poll: PollTable
    heartbeat_table: HeartbeatTable | None

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that somebody reads the report in, the organisation's first."""
        return tuple(dict.fromkeys([self.organisation.language, *(reader.language for reader in self.readers)]))

    def rooms(self) -> tuple[str, ...]:
        """Chat rooms and webhooks to be told of changes. Raises ConfigError where the variable is not set."""
        if self.notify_env is None:
            return self.notify
        more = os.environ.get(self.notify_env)
        if more is None:
            raise ConfigError([f"{self.path}: report.notify_env: {self.notify_env} is not set; export it"])
        return tuple(dict.fromkeys([*self.notify, *more.split()]))

    @property
    def heartbeat(self) -> str | None:
        """The address of the heartbeat's watcher, which is a secret; None where there is none that can be used."""
        try:
            return self.watcher()
        except ConfigError:  # check tells; a night goes on without its watcher
            return None

    def watcher(self) -> str | None:
        """The address of the heartbeat's watcher. Raises ConfigError where the variable does not hold one."""
        return None if self.heartbeat_table is None else _watcher(self.heartbeat_table, str(self.path))

    def secrets(self) -> tuple[str, ...]:
        """What no line of a log may show, as far as it can be found."""
        found: list[str | None] = [self.heartbeat, *self.notify, *_passwords_in(self.store_url)]
        with contextlib.suppress(ConfigError):
            found += self.rooms()
        with contextlib.suppress(ConfigError):
            settings = self.smtp_settings()
            found.append(settings.password if settings else None)
        return tuple(one for one in found if one)

    @property
    def crew(self) -> Crew:
        """Who reads the feeds."""
        return Crew(self.poll.connections, self.poll.scheduler if self.poll.executor == "dask" else None)

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.organisation.timezone)

    def smtp_settings(self) -> SmtpSettings | None:
        """The mail server with its password read. Raises ConfigError where the password cannot be found."""
        if self.smtp is None:
            return None
        table = self.smtp
        return SmtpSettings(table.host, table.port, table.security, table.user, self._password(table))

    def _password(self, table: SmtpTable) -> str | None:
        if table.password_env:
            password = os.environ.get(table.password_env)
            if password is None:
                raise ConfigError([f"{self.path}: smtp.password_env: {table.password_env} is not set; export it"])
            return password
        if table.password_file:
            file = _base(self.path) / table.password_file
            try:
                return file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError([f"{self.path}: smtp.password_file: {file} cannot be read ({error})"]) from None
        return None


def load(path: Path) -> Config:
    """Read and validate the config. Raises ConfigError with one sentence for each mistake."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file; write one, or name another with --config"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read as UTF-8 text ({error})"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from None
    except RecursionError:
        raise ConfigError([f"{path}: has lists within lists, far too many; expected a config"]) from None
    return _config(path.resolve(), validate(document, str(path)))


def heartbeat_in(path: Path) -> str | None:
    """The heartbeat's address in a config that may have mistakes elsewhere: its watcher is to hear of them."""
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8")).get("heartbeat")
        return _watcher(HeartbeatTable.model_validate(table), str(path)) if table else None
    except (OSError, ValueError, ConfigError):
        return None


def _watcher(table: HeartbeatTable, name: str) -> str | None:
    if table.url_env is None:
        return table.url
    found = os.environ.get(table.url_env)
    if found is None:
        raise ConfigError([f"{name}: heartbeat.url_env: {table.url_env} is not set; export it"])
    try:
        return _web_address(found.strip())
    except PydanticCustomError:
        raise ConfigError(
            [f"{name}: heartbeat.url_env: {table.url_env} holds no web address; expected https://…"]
        ) from None


def _passwords_in(url: str) -> Iterator[str]:
    """The store's password as it is written and as it is meant, before the host or among the options."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        for written in (parts.password, *re.findall(r"(?:^|&)password=([^&]*)", parts.query)):
            if written:
                yield from (written, unquote(written), unquote_plus(written))


def validate(document: dict[str, Any], name: str) -> ConfigFile:
    """Check a TOML document. Raises ConfigError with every mistake in it; ``name`` begins each sentence."""
    problems = [*_across_keys(document), *_duplicates(document)]
    table = None
    try:
        table = ConfigFile.model_validate(document)
    except ValidationError as error:
        problems = [_sentence(detail, document) for detail in error.errors()] + problems
    if problems or table is None:
        raise ConfigError([f"{name}: {problem}" for problem in problems])
    return table


def schema() -> str:
    """The JSON Schema of ``channels.toml``, as ``config/channels.schema.json`` holds it."""
    return json.dumps(ConfigFile.model_json_schema(by_alias=True), indent=2, ensure_ascii=False) + "\n"


def _base(path: Path) -> Path:
    """The folder that relative paths start at."""
    return path.parent.parent if path.parent.name == "config" else path.parent


def _config(path: Path, file: ConfigFile) -> Config:
    base = _base(path)
    organisation = file.organisation
    return Config(
        path=path,
        organisation=Organisation(
            organisation.name,
            organisation.language,
            organisation.timezone,
            tuple(organisation.staff),
            organisation.country,
        ),
        channels=tuple(_channel(table) for table in file.channel),
        readers=_readers(file),
        sender=file.report.sender,
        folder=base / file.report.folder,
        address=file.report.address,
        notify=tuple(file.report.notify),
        notify_env=file.report.notify_env,
        store_url=_store_url(file.store.url, base),
        share=file.store.share,
        smtp=file.smtp,
        poll=file.poll,
        heartbeat_table=file.heartbeat,
    )


def _readers(file: ConfigFile) -> tuple[Reader, ...]:
    """Everybody once; a table of her own goes before the list."""
    report, language = file.report, file.organisation.language
    found = {address: Reader(address, language, report.when) for address in report.to}
    for one in report.reader:
        found[one.address] = Reader(one.address, one.language or language, one.when or report.when)
    return tuple(found.values())


def _channel(table: ChannelTable) -> Channel:
    values = table.model_dump(exclude={"name", "feeds", "folder", "paused"})
    pauses = (pause.partition("..") for pause in table.paused)
    return Channel(
        name=(table.name or "").strip() or table.id,
        feeds=tuple(dict.fromkeys(table.feeds or [str(table.site)])),
        unlisted=not table.feeds,
        folder=tuple(table.folder),
        paused=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, _, last in pauses),
        **values,
    )


def _store_url(url: str, base: Path) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url == prefix or url.startswith(prefix + ":memory:"):
        return url
    return prefix + str(base / url.removeprefix(prefix))


def _across_keys(document: dict[str, Any]) -> Iterator[str]:
    """Mistakes that no key makes alone. Told of the document itself, so that another mistake does not hide them."""
    smtp = document.get("smtp")
    if isinstance(smtp, dict) and smtp.get("password_env") and smtp.get("password_file"):
        yield "smtp: has both password_env and password_file; keep one"
    heartbeat = document.get("heartbeat")
    if isinstance(heartbeat, dict) and heartbeat.get("url") and heartbeat.get("url_env"):
        yield "heartbeat: has both url and url_env; keep one"
    if isinstance(heartbeat, dict) and not heartbeat.get("url") and not heartbeat.get("url_env"):
        yield "heartbeat: has neither url nor url_env; give it one of them, or take the table away"
    yield from _across_machines(document)
    tables = document.get("channel")
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(table, dict) and not table.get("feeds") and not table.get("site"):
            yield f"{_where(('channel', index), document)}: has neither feeds nor site; give it one of them"


def _across_machines(document: dict[str, Any]) -> Iterator[str]:
    """Mistakes of configs for more than one machine."""
    poll, store, report = ({**table} if isinstance(table := document.get(name), dict) else {} for name in _MACHINES)
    if poll.get("executor") == "dask" and not poll.get("scheduler"):
        yield 'poll: executor is "dask", but there is no scheduler; give its address, such as tcp://10.0.0.5:8786'
    if poll.get("scheduler") and poll.get("executor", "threads") == "threads":
        yield 'poll: has a scheduler, but executor is not "dask"; set executor = "dask", or take the scheduler away'
    if not store.get("share"):
        return
    if not str(store.get("url", "")).startswith("postgresql"):
        yield "store: has a share, but an SQLite store has one writer; take it away, or give the url of a PostgreSQL"
    if report.get("to") or report.get("reader"):
        yield (
            "store: has a share, so its report would be of that share alone, but report.to names readers; keep them in "
            "the config of all channels, which has no share"
        )


_MACHINES = ("poll", "store", "report")


def _duplicates(document: dict[str, Any]) -> Iterator[str]:
    """Ids that two channels share. Compared without case: they become file and anchor names."""
    tables = document.get("channel")
    seen: dict[str, int] = {}
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        identity = table.get("id") if isinstance(table, dict) else None
        if not isinstance(identity, str):
            continue
        first = seen.setdefault(identity.casefold(), index)
        if first != index:
            yield f"channel[{index + 1}].id: {identity!r} is also the id of channel[{first + 1}]; each needs its own"


def _sentence(detail: ErrorDetails, document: dict[str, Any]) -> str:
    where = _where(detail["loc"], document)
    found = detail["input"]
    if tuple(detail["loc"][:2]) == ("report", "notify"):  # an address there holds secrets
        return f'{where}: expected a list of addresses as Apprise writes them, such as ["json://127.0.0.1/path"]'
    if detail["loc"][0] == "heartbeat" and detail["type"] != "extra_forbidden":
        return f"{where}: {_HEARTBEAT.get(detail['loc'][-1], 'expected a table, [heartbeat], with url or url_env')}"
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key{_nearest(detail['loc'])}"
    if detail["type"] == "missing":
        return f"{where}: is missing; it must be given"
    if detail["type"] == "string_pattern_mismatch":
        return f"{where}: {_short(_without_password(found))} is not {PATTERNS[detail['loc'][-1]]}"
    if detail["type"] in ("address", "zone", "country", "language", "mail", "pause"):
        return f"{where}: {_short(found)} {detail['msg']}"
    if detail["type"].startswith("date"):
        return f"{where}: found {_short(found)}; expected a date without quotes, such as 2024-03-01"
    message = detail["msg"].replace("Input should be", "expected").replace("String should", "should")
    nearest = _closest(found, str(detail.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", "))
    return f"{where}: found {_short(found)}; {message}{nearest}"


def _where(location: Sequence[int | str], document: dict[str, Any]) -> str:
    """``channel[2].feeds[1] (debat)``: counted from one, with the channel's id where it has one."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    if len(location) >= 2 and location[0] == "channel" and isinstance(location[1], int):
        table = document["channel"][location[1]]
        identity = table.get("id") if isinstance(table, dict) else None
        if isinstance(identity, str):
            return f"{text} ({identity[:64]})"
    return text


TABLES: dict[str, type[_Table]] = {
    "organisation": OrganisationTable,
    "report": ReportTable,
    "smtp": SmtpTable,
    "store": StoreTable,
    "poll": PollTable,
    "heartbeat": HeartbeatTable,
    "channel": ChannelTable,
}


PATTERNS: dict[int | str, str] = {
    "id": "an id; expected 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', beginning with a letter or digit",
    "url": "a store; expected for example sqlite:///data/oximeter.db or postgresql+psycopg://user@host/name",
    "share": "a name; expected 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', beginning with a letter or digit",
    "scheduler": "a scheduler's address; expected for example tcp://10.0.0.5:8786",
}
"""What is expected of a key whose values have a pattern, in words."""


_HEARTBEAT: dict[int | str, str] = {
    "url": "what was found is no web address; expected one such as https://hc-ping.com/ and the check's own key",
    "url_env": "what was found is no name of a variable; expected one such as OXIMETER_HEARTBEAT",
}
"""What is expected of the heartbeat's keys. What was found is not said: it may be the secret."""


def _nearest(location: Sequence[int | str]) -> str:
    table: type[_Table] = ConfigFile if len(location) == 1 else TABLES[str(location[0])]
    if tuple(location[:2]) == ("report", "reader"):
        table = ReaderTable
    names = [field.alias or name for name, field in table.model_fields.items()]
    near = difflib.get_close_matches(str(location[-1]), names, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(names)}"


def _closest(found: object, expected: str) -> str:
    near = difflib.get_close_matches(str(found), expected.split(", "), n=1, cutoff=0.5) if expected else []
    return f"; did you mean {near[0]!r}?" if near else ""


def _without_password(value: object) -> object:
    """An address as it may be shown: without who logs in there, and how."""
    return re.sub(
        r"//[^/]*@|\?.*", lambda found: "//…@" if found[0].startswith("//") else "?…", str(value), flags=re.DOTALL
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
