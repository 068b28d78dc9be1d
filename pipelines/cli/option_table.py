"""The one table of options: each stands here once, with its type, default, help and commands.

Made from it: the commands' parameters (`commands.py`), the `--name=value` form (`parameters.py`),
the parameters of the flex template (`template.py`), and what a configuration file and the
environment may say (`config.py`). To add an option, add a row; `sets` passes its value on to a
field of `RunOptions` ("run.") or `WebOptions` ("web.") without further code.
"""

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """The type of an option's value."""

    TEXT = auto()
    NUMBER = auto()
    INTEGER = auto()
    FLAG = auto()
    LIST = auto()


TEXT, NUMBER, INTEGER, FLAG, LIST = Kind
REQUIRED: Any = ...
"""The default of an option that has none."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option, or positional argument, of one or more commands."""

    name: str
    """With `_` between words; on the command line they are `--` and `-`."""
    kind: Kind
    help: str
    commands: tuple[str, ...]
    default: Any = None
    metavar: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    short: str | None = None
    sets: str | None = None
    """The field that the value is for: "run.keep_raw", "web.contact"."""
    is_argument: bool = False
    template: tuple[str, ...] = ()
    """The tasks of the flex template that have it."""
    template_pattern: str | None = None
    """What the template's value must look like, where its kind does not say."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of single commands."""
    helps: Mapping[str, str] = field(default_factory=dict)
    """Help of single commands."""
    only_words: tuple[str, ...] = ()
    """Commands that take it from the command line alone, not from the environment or a file."""

    @property
    def parameter(self) -> str:
        """The name of the Python parameter: `from` is a keyword."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def word(self) -> str:
        """The option as it is written on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def negation(self) -> str:
        """The word that unsets a flag."""
        return f"--no-{self.word.removeprefix('--')}"

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"NEWSBEAM_{self.name.upper()}"

    def default_of(self, command: str) -> Any:
        """Return the default in a command; REQUIRED where it has none."""
        return self.defaults.get(command, self.default)

    def help_of(self, command: str) -> str:
        """Return the help text in a command."""
        return self.helps.get(command, self.help)

    def is_configurable(self, command: str) -> bool:
        """Return whether the environment and a file may set it for a command."""
        return not self.is_argument and command not in self.only_words


# Commands that run a job, and those of them that fetch pages.
JOBS = ("ingest", "stream", "backfill", "rebuild", "replay")
_FETCHING = ("ingest", "stream", "backfill", "replay")
_BOUNDED = ("ingest", "backfill", "rebuild", "replay")
_ON_FILES = ("extract", "events", "stories", "feeds parse")
_ON_LAKES = ("explain", "sql", "check", "upgrade", "doctor", "feeds check", "feeds export")
_JSON = (*_BOUNDED, "demo", "sql", "check", "doctor", "feeds check", "feeds find", "config")
_EVERY_TASK = ("ingest", "revisit", "stream")
"""The tasks of the flex template, each one job."""

OPTIONS = (
    Option(
        name="feeds",
        kind=LIST,
        metavar="FILE-or-URL...",
        help="OPML or TOML lists, files with one link a line, or feed URLs; can be repeated.",
        commands=("ingest", "stream"),
        default=REQUIRED,
        template=("ingest", "stream"),
        template_pattern=r"((gs|s3|https?)://\S+)(\s+(gs|s3|https?)://\S+)*",
    ),
    Option(
        name="lake",
        kind=TEXT,
        metavar="DIR",
        help="The lake: a folder, gs://BUCKET/FOLDER or s3://BUCKET/FOLDER.",
        commands=(*JOBS, "demo", *_ON_LAKES),
        default=REQUIRED,
        defaults={"demo": "demo-lake", "doctor": None, "feeds export": None},
        helps={
            "doctor": "Check this lake too: can it be written, and when did its last run end?",
            "feeds export": "Export the feeds of this lake.",
        },
        sets="run.lake",
        template=_EVERY_TASK,
        template_pattern="(gs|s3)://[^/]+/.+",
        # The demo writes invented papers: it must not meet a lake that a file names for real ones.
        only_words=("demo",),
    ),
    Option(
        name="paths",
        kind=LIST,
        metavar="PATH...",
        help="Files, folders (all files in them), or `-` for standard input.",
        commands=_ON_FILES,
        default=REQUIRED,
        is_argument=True,
    ),
    Option(
        name="sources",
        kind=LIST,
        metavar="SOURCE...",
        help="WARC files, folders or globs of pages (.html, .txt, each also .gz), JSONL or "
        "Parquet with the columns "
        "url and html or text; lists of URLs, sitemaps, feeds with their older pages, "
        "CDX lists. Local, gs://, "
        "s3://, or URLs.",
        commands=("backfill",),
        default=REQUIRED,
        is_argument=True,
    ),
    Option(
        name="wanted",
        kind=TEXT,
        metavar="URL-or-ID",
        help="An article's URL, or the id of an article, event or mention, or the start of one.",
        commands=("explain",),
        default=REQUIRED,
        is_argument=True,
    ),
    Option(
        name="query",
        kind=TEXT,
        metavar="[QUERY]",
        help="One query; without it, queries are read from standard input.",
        commands=("sql",),
        is_argument=True,
    ),
    Option(
        name="lists",
        kind=LIST,
        metavar="FILE-or-URL...",
        help="OPML or TOML lists, files with one link a line, feed URLs.",
        commands=("feeds import", "feeds export"),
        is_argument=True,
    ),
    Option(
        name="url",
        kind=TEXT,
        metavar="URL",
        help="A site, or any page of it.",
        commands=("feeds find",),
        default=REQUIRED,
        is_argument=True,
    ),
    Option(
        name="tables",
        kind=LIST,
        metavar="[TABLE]...",
        help="Tables; all by default.",
        commands=("ddl",),
        is_argument=True,
    ),
    Option(
        name="from",
        kind=TEXT,
        metavar="DATE",
        help="First day of publication, e.g. 2024-01-31.",
        commands=("backfill", "rebuild"),
    ),
    Option(
        name="to",
        kind=TEXT,
        metavar="DATE",
        help="Last day of publication.",
        commands=("backfill", "rebuild"),
    ),
    Option(
        name="sites",
        kind=TEXT,
        metavar="LIST",
        help="Only these sites: names such as bbc.co.uk, separated by commas, or a file of them.",
        commands=("backfill", "rebuild"),
    ),
    Option(
        name="stage",
        kind=TEXT,
        help="Stage to start from: extract (from kept pages) or events (from stored texts).",
        commands=("rebuild",),
        default="extract",
        choices=("extract", "events"),
    ),
    Option(
        name="dry_run",
        kind=FLAG,
        help="Print what would change, article by article, and change nothing.",
        commands=("rebuild",),
        default=False,
    ),
    Option(
        name="reason",
        kind=TEXT,
        metavar="CODE",
        help="Only rejects with this reason, e.g. E_FETCH_TIMEOUT.",
        commands=("replay",),
    ),
    Option(
        name="published_at",
        kind=TEXT,
        metavar="ISO-TIME",
        help="Publication time of texts that carry no date.",
        commands=("extract", "events", "backfill"),
    ),
    Option(
        name="learn_sites",
        kind=FLAG,
        help="Learn each site's boilerplate from all its pages before any of them is cleaned.",
        commands=("extract",),
        default=False,
    ),
    Option(
        name="batch_pages",
        kind=INTEGER,
        minimum=1,
        maximum=200_000,
        help=(
            "Pages in one commit, and in one job where another engine runs it; memory grows "
            "with it. [default: 4000]"
        ),
        commands=("backfill",),
    ),
    Option(
        name="every",
        kind=NUMBER,
        minimum=1,
        metavar="SECONDS",
        help="Seconds between two checks for feeds that are due.",
        commands=("stream",),
        default=60.0,
        template=("stream",),
    ),
    Option(
        name="window",
        kind=INTEGER,
        minimum=1,
        metavar="SECONDS",
        help="Seconds between two commits of a stream; each commit rewrites files.",
        commands=("stream",),
        default=300,
        sets="run.window_s",
        template=("stream",),
    ),
    Option(
        name="until",
        kind=TEXT,
        metavar="ISO-TIME",
        help="End polling then, and end the stream; never by default.",
        commands=("stream",),
        template=("stream",),
    ),
    Option(
        name="deadline",
        kind=NUMBER,
        minimum=0,
        metavar="SECONDS",
        help="Stop fetching after so many seconds; unfetched pages are retried by the next run.",
        commands=("ingest",),
        template=("ingest", "revisit"),
    ),
    Option(
        name="revisit",
        kind=FLAG,
        help=(
            "Fetch articles again after 6 hours, a day and a week, to record what was "
            "changed in them."
        ),
        commands=("ingest", "stream"),
        default=True,
        template=("stream",),
    ),
    Option(
        name="keep_raw",
        kind=FLAG,
        help="Keep pages as they were fetched, as WARC under `_raw` in the lake, for `rebuild`.",
        commands=_FETCHING,
        default=False,
        sets="run.keep_raw",
        template=_EVERY_TASK,
    ),
    Option(
        name="now",
        kind=TEXT,
        metavar="ISO-TIME",
        help="The run's clock, to repeat a run exactly; the current time by default.",
        commands=(*_BOUNDED, "extract", "doctor"),
        template=("ingest", "revisit"),
    ),
    Option(
        name="run_id",
        kind=TEXT,
        metavar="NAME",
        help="The run's id; by default its time and a random suffix.",
        commands=JOBS,
        template=_EVERY_TASK,
    ),
    Option(
        name="connect_to",
        kind=TEXT,
        metavar="HOST:PORT",
        help="Send every connection there, whatever the URL: for tests and demos.",
        commands=(*_FETCHING, "feeds find"),
        sets="web.connect_to",
    ),
    Option(
        name="spacing",
        kind=NUMBER,
        minimum=0,
        metavar="SECONDS",
        help="Seconds between requests to one domain.",
        commands=(*_FETCHING, "feeds find"),
        default=1.0,
        sets="web.spacing_s",
        template=_EVERY_TASK,
    ),
    Option(
        name="user_agent",
        kind=TEXT,
        help="User agent that servers see, newsbeam/0.1 by default; name a contact address.",
        commands=(*_FETCHING, "feeds find"),
        sets="web.user_agent",
        template=_EVERY_TASK,
    ),
    Option(
        name="contact",
        kind=TEXT,
        metavar="URL-or-MAIL",
        help="Where publishers can complain; sent with every request.",
        commands=_FETCHING,
        sets="web.contact",
        template=_EVERY_TASK,
    ),
    Option(
        name="allow_net",
        kind=LIST,
        metavar="CIDR",
        help=(
            "A private network of your own that may be fetched from, e.g. 10.1.0.0/16; can "
            "be repeated."
        ),
        commands=_FETCHING,
        sets="web.allow_net",
        template=_EVERY_TASK,
    ),
    Option(
        name="workers",
        kind=INTEGER,
        minimum=0,
        maximum=256,
        help=(
            "Processes that extract and code, one a core by default (in a template: 1); 0: "
            "work in the worker itself."
        ),
        commands=(*JOBS, "demo", "extract", "events"),
        template=_EVERY_TASK,
    ),
    Option(
        name="runner",
        kind=TEXT,
        help=(
            "Beam runner; DirectRunner runs on this machine. A stream needs one that runs "
            "unbounded jobs."
        ),
        commands=JOBS,
        default="DirectRunner",
        sets="run.runner",
    ),
    Option(
        name="metrics_file",
        kind=TEXT,
        metavar="FILE",
        help="Write the run's counts to this file for Prometheus's node exporter.",
        commands=_BOUNDED,
    ),
    Option(
        name="force",
        kind=FLAG,
        help="Go on without files that are lost: their rows are gone.",
        commands=("upgrade",),
        default=False,
    ),
    Option(
        name="max_age",
        kind=NUMBER,
        minimum=0,
        metavar="SECONDS",
        help="Age of the last run's end up to which a lake is healthy.",
        commands=("doctor",),
        default=86_400.0,
    ),
    Option(
        name="dialect",
        kind=TEXT,
        help="Whose statements; markdown: a page of all columns.",
        commands=("ddl",),
        default=REQUIRED,
        choices=("bigquery", "athena", "spark", "markdown"),
    ),
    Option(
        name="location",
        kind=TEXT,
        metavar="ADDRESS",
        help="Where the lake is, e.g. gs://bucket/lake.",
        commands=("ddl",),
    ),
    Option(
        name="database",
        kind=TEXT,
        metavar="NAME",
        help="Dataset or database of the tables.",
        commands=("ddl",),
    ),
    Option(
        name="since",
        kind=TEXT,
        metavar="DAY",
        help="Athena: the first day it looks for. [default: 2000-01-01]",
        commands=("ddl",),
    ),
    Option(
        name="output",
        kind=TEXT,
        short="-o",
        metavar="FILE",
        help="Write the result to this file; `-`, the default, is standard output.",
        commands=(*_ON_FILES, "explain", "feeds import", "feeds export", "config"),
        helps={
            "explain": "Write a web page to this file, instead of text to the terminal.",
            "config": "With --init: the file to write. [default: newsbeam.toml]",
        },
        only_words=("config",),
    ),
    Option(
        name="json",
        kind=FLAG,
        help="Print for machines: one JSON object a line.",
        commands=_JSON,
        default=False,
        only_words=("config",),
    ),
    Option(
        name="init",
        kind=FLAG,
        help="Write a commented configuration file with all options, each at its default.",
        commands=("config",),
        default=False,
        only_words=("config",),
    ),
)
BY_NAME = {option.name: option for option in OPTIONS}
COMMANDS = frozenset(command for option in OPTIONS for command in option.commands)
"""The names of all commands."""


def options_of(command: str) -> list[Option]:
    """Return the options of a command, in the order of the table."""
    return [option for option in OPTIONS if command in option.commands]


def template_options(task: str | None = None) -> list[Option]:
    """Return the options that the flex template has, for a task or for any."""
    return [o for o in OPTIONS if (task in o.template if task else o.template)]
