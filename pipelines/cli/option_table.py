"""The table of options: each is defined here once, with its type, default, help and commands.

Derived from it are the commands' parameters (`commands.py`), the `--name=value` form
(`parameters.py`), the parameters of the flex template (`template.py`), and the keys of a
configuration file and of the environment (`config.py`). To add an option, add a row; `sets` passes
its value on to a field of `RunOptions` ("run.") or `WebOptions` ("web.") without further code.
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
"""The default of an option that must be set. Typer uses the ellipsis for this."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option, or positional argument, of one or more commands."""

    name: str
    """With `_` between words, such as `keep_raw`; the command line has `--keep-raw`."""
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
    """The field that takes the value, e.g. "run.keep_raw" or "web.contact"."""
    is_argument: bool = False
    template: tuple[str, ...] = ()
    """The tasks of the flex template that have it."""
    template_pattern: str | None = None
    """Regular expression for the template's value, where that of its kind is not enough."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of single commands."""
    helps: Mapping[str, str] = field(default_factory=dict)
    """Help of single commands."""
    only_words: tuple[str, ...] = ()
    """Commands that take it from the command line alone, not from the environment or a file."""

    @property
    def parameter(self) -> str:
        """The name of the Python parameter: `from_` for `from`, which is a keyword."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def word(self) -> str:
        """The option on the command line, e.g. `--keep-raw`."""
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
        """Return the default in a command; REQUIRED where the option must be set."""
        return self.defaults.get(command, self.default)

    def help_of(self, command: str) -> str:
        """Return the help text in a command."""
        return self.helps.get(command, self.help)

    def is_configurable(self, command: str) -> bool:
        """Return whether the environment and a file may set it for a command."""
        return not self.is_argument and command not in self.only_words


# Commands that run a job, those of them that fetch pages, and all that fetch something.
JOBS = ("ingest", "stream", "backfill", "rebuild", "replay")
_FETCHING = ("ingest", "stream", "backfill", "replay")
_ON_THE_WEB = (*_FETCHING, "extract", "events", "feeds parse", "feeds find")
_BOUNDED = ("ingest", "backfill", "rebuild", "replay")
_ON_FILES = ("extract", "events", "stories", "feeds parse")
_ON_LAKES = ("explain", "sql", "check", "upgrade", "doctor", "feeds check", "feeds export")
_ON_FOLDERS = ("demo", "explain", "replay", "sql")
"""Commands that read a lake with DuckDB, which reads no bucket here."""
_JSON = (*_BOUNDED, "demo", "sql", "check", "doctor", "feeds check", "feeds find", "config")
_EVERY_TASK = ("ingest", "revisit", "stream")
"""The tasks of the flex template, each one job."""

OPTIONS = (
    Option(
        name="feeds",
        kind=LIST,
        metavar="FILE-or-URL...",
        help=(
            "OPML or TOML lists, files with one link per line, folders of these, or feed URLs; can "
            "be repeated."
        ),
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
            **dict.fromkeys(_ON_FOLDERS, "The lake: a folder of this machine, not a bucket."),
            "doctor": "Also check this lake: that it can be written, and when its last run ended.",
            "feeds export": "Export the feeds of this lake.",
        },
        sets="run.lake",
        template=_EVERY_TASK,
        template_pattern="(gs|s3)://[^/]+/.+",
        # The demo writes invented newspapers, which must not get into the lake of real ones that
        # the environment or a configuration file sets.
        only_words=("demo",),
    ),
    Option(
        name="paths",
        kind=LIST,
        metavar="PATH...",
        help=(
            "Files, folders (all files in them), addresses (https://...), or `-` for standard "
            "input."
        ),
        commands=_ON_FILES,
        default=REQUIRED,
        is_argument=True,
        helps={"stories": "Files, folders (all files in them), or `-` for standard input."},
    ),
    Option(
        name="sources",
        kind=LIST,
        metavar="SOURCE...",
        help="WARC files; folders or globs of pages (.html, .txt, also with .gz); JSONL or Parquet "
        "files with the columns url and html or text; lists of URLs, sitemaps, feeds with their "
        "older pages, and CDX lists. Each is a local path, gs://, s3:// or a URL.",
        commands=("backfill",),
        default=REQUIRED,
        is_argument=True,
    ),
    Option(
        name="reference",
        kind=TEXT,
        metavar="URL-or-ID",
        help="An article's URL, or the id of an article, event or mention, or the start of an id.",
        commands=("explain",),
        default=REQUIRED,
        is_argument=True,
    ),
    Option(
        name="query",
        kind=TEXT,
        metavar="[QUERY]",
        help="Statements; without them, a shell opens, or standard input is read.",
        commands=("sql",),
        is_argument=True,
    ),
    Option(
        name="allow_files",
        kind=FLAG,
        help="Let queries read and write all files (COPY, ATTACH), not the lake's alone.",
        commands=("sql",),
        default=False,
        only_words=("sql",),
    ),
    Option(
        name="lists",
        kind=LIST,
        metavar="FILE-or-URL...",
        help="OPML or TOML lists, files with one link per line, folders of these, or feed URLs.",
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
        help="Tables to print; by default all.",
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
        help="Last day of publication, e.g. 2024-01-31.",
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
        help="Print what would change in each article, without changing anything.",
        commands=("rebuild",),
        default=False,
    ),
    Option(
        name="reason",
        kind=TEXT,
        metavar="CODE",
        help="Replay only rejects with this reason, e.g. E_FETCH_TIMEOUT.",
        commands=("replay",),
    ),
    Option(
        name="published_at",
        kind=TEXT,
        metavar="ISO-TIME",
        help="Publication time of pages and texts without a date.",
        commands=("extract", "events", "backfill"),
    ),
    Option(
        name="learn_sites",
        kind=FLAG,
        help="Learn each site's boilerplate from all its pages before cleaning any of them.",
        commands=("extract",),
        default=False,
    ),
    Option(
        name="batch_pages",
        kind=INTEGER,
        minimum=1,
        maximum=200_000,
        help=(
            "Pages per commit, and per job on engines other than the local one; memory use grows "
            "with it. [default: 4000]"
        ),
        commands=("backfill",),
    ),
    Option(
        name="every",
        kind=NUMBER,
        minimum=1,
        metavar="SECONDS",
        help="Seconds between checks for feeds that are due.",
        commands=("stream",),
        default=60.0,
        template=("stream",),
    ),
    Option(
        name="window",
        kind=INTEGER,
        minimum=1,
        metavar="SECONDS",
        help="Seconds between commits of a stream; each commit rewrites files.",
        commands=("stream",),
        default=300,
        sets="run.window_s",
        template=("stream",),
    ),
    Option(
        name="until",
        kind=TEXT,
        metavar="ISO-TIME",
        help="Stop polling at this time and end the stream; by default it never ends.",
        commands=("stream",),
        template=("stream",),
    ),
    Option(
        name="deadline",
        kind=NUMBER,
        minimum=0,
        metavar="SECONDS",
        help=(
            "Time of the whole run: fetching ends after 60% of it, reading and coding after 90%, "
            "and the merge follows. The next run does the remaining pages."
        ),
        commands=("ingest",),
        template=("ingest", "revisit"),
    ),
    Option(
        name="poll_now",
        kind=FLAG,
        help=(
            "Poll feeds that are not due yet too, except while their server has asked for a pause."
        ),
        commands=("ingest",),
        default=False,
    ),
    Option(
        name="revisit",
        kind=FLAG,
        help=(
            "Fetch articles again after 6 hours, a day and a week, to record how they have changed."
        ),
        commands=("ingest", "stream"),
        default=True,
        template=("stream",),
    ),
    Option(
        name="skip_if_running",
        kind=FLAG,
        help="If another run asks publishers for this lake, end with exit code 0 instead of "
        "waiting for it (an hour at most).",
        commands=("ingest", "stream", "replay"),
        default=False,
        sets="run.skip_if_running",
        template=_EVERY_TASK,
    ),
    Option(
        name="keep_raw",
        kind=FLAG,
        help="Keep fetched pages unchanged, as WARC files under `_raw` in the lake, for `rebuild`.",
        commands=_FETCHING,
        default=False,
        sets="run.keep_raw",
        template=_EVERY_TASK,
    ),
    Option(
        name="now",
        kind=TEXT,
        metavar="ISO-TIME",
        help="Time of the run's clock, to repeat a run exactly; by default the current time.",
        commands=(*_BOUNDED, "extract", "doctor"),
        template=("ingest", "revisit"),
    ),
    Option(
        name="run_id",
        kind=TEXT,
        metavar="NAME",
        help="Id of the run; by default its start time and a random suffix.",
        commands=JOBS,
        template=_EVERY_TASK,
    ),
    Option(
        name="connect_to",
        kind=TEXT,
        metavar="HOST:PORT",
        help="Open every connection to this address, whatever the URL; for tests and demos.",
        commands=_ON_THE_WEB,
        sets="web.connect_to",
    ),
    Option(
        name="spacing",
        kind=NUMBER,
        minimum=0,
        metavar="SECONDS",
        help="Seconds between requests to one domain.",
        commands=_ON_THE_WEB,
        default=1.0,
        sets="web.spacing_s",
        template=_EVERY_TASK,
    ),
    Option(
        name="user_agent",
        kind=TEXT,
        help="User-Agent header, by default newsbeam/0.1; should include a contact address.",
        commands=_ON_THE_WEB,
        sets="web.user_agent",
        template=_EVERY_TASK,
    ),
    Option(
        name="contact",
        kind=TEXT,
        metavar="URL-or-MAIL",
        help="Contact address for publishers, sent with every request.",
        commands=_ON_THE_WEB,
        sets="web.contact",
        template=_EVERY_TASK,
    ),
    Option(
        name="allow_net",
        kind=LIST,
        metavar="CIDR",
        help=(
            "A private network from which pages may be fetched, e.g. 10.1.0.0/16; can be repeated."
        ),
        commands=_ON_THE_WEB,
        sets="web.allow_net",
        template=_EVERY_TASK,
    ),
    Option(
        name="workers",
        kind=INTEGER,
        minimum=0,
        maximum=256,
        help=(
            "Number of processes that extract and code; by default one per core, up to 8 (in a "
            "template: 1). 0: do the work in Beam's own worker process."
        ),
        commands=(*JOBS, "demo", "extract", "events"),
        template=_EVERY_TASK,
    ),
    Option(
        name="runner",
        kind=TEXT,
        help=(
            "Beam runner; DirectRunner runs on this machine. A stream needs a runner of unbounded "
            "jobs."
        ),
        commands=JOBS,
        default="DirectRunner",
        sets="run.runner",
    ),
    Option(
        name="metrics_file",
        kind=TEXT,
        metavar="FILE",
        help="Write the run's metrics to this file, for Prometheus's node exporter.",
        commands=_BOUNDED,
    ),
    Option(
        name="force",
        kind=FLAG,
        help="Continue although files are missing; their rows are lost.",
        commands=("upgrade",),
        default=False,
    ),
    Option(
        name="max_age",
        kind=NUMBER,
        minimum=0,
        metavar="SECONDS",
        help="Time since the end of the last run up to which a lake counts as healthy.",
        commands=("doctor",),
        default=86_400.0,
    ),
    Option(
        name="dialect",
        kind=TEXT,
        help="Engine to print statements for; markdown prints a page that describes all columns.",
        commands=("ddl",),
        default=REQUIRED,
        choices=("bigquery", "athena", "spark", "duckdb", "markdown"),
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
        help="Dataset (BigQuery) or database (Athena, Spark) of the tables.",
        commands=("ddl",),
    ),
    Option(
        name="since",
        kind=TEXT,
        metavar="DAY",
        help="First day of the partitions that Athena searches. [default: 2000-01-01]",
        commands=("ddl",),
    ),
    Option(
        name="output",
        kind=TEXT,
        short="-o",
        metavar="FILE",
        help="Write the result to this file; by default, and with `-`, to standard output.",
        commands=(*_ON_FILES, "explain", "sql", "feeds import", "feeds export", "config"),
        helps={
            "sql": (
                "Write the rows to this file instead of printing them: .csv, .json (an array), "
                ".jsonl, .parquet or .xlsx. A file that is there is replaced."
            ),
            "explain": "Write an HTML page to this file instead of text to the terminal.",
            "config": "File that --init writes. [default: newsbeam.toml]",
        },
        only_words=("config",),
    ),
    Option(
        name="json",
        kind=FLAG,
        help="Print JSON for machines, one object per line.",
        commands=_JSON,
        default=False,
        only_words=("config",),
    ),
    Option(
        name="csv",
        kind=FLAG,
        help="Print CSV with a header.",
        commands=("sql",),
        default=False,
    ),
    Option(
        name="all",
        kind=FLAG,
        help="Print all rows of a table on a terminal, not the first and last ten alone.",
        commands=("sql",),
        default=False,
    ),
    Option(
        name="log_format",
        kind=TEXT,
        help="Format of standard error: text, or json with one line for each event of the run.",
        commands=_BOUNDED,
        default="text",
        choices=("text", "json"),
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
COMMANDS = frozenset[str]().union(*(option.commands for option in OPTIONS))
"""The names of all commands."""


def options_of(command: str) -> list[Option]:
    """Return the options of a command, in the order of the table."""
    return [option for option in OPTIONS if command in option.commands]


def template_options(task: str | None = None) -> list[Option]:
    """Return the flex template's options, for one task or for all of them."""
    if task is None:
        return [option for option in OPTIONS if option.template]
    return [option for option in OPTIONS if task in option.template]
