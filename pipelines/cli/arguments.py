"""The options and arguments that mean the same in every command, as types."""

from typing import Annotated

import typer

Lake = Annotated[
    str, typer.Option("--lake", metavar="DIR", help="Folder of the lake; made if it is not there.")
]
StoredLake = Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="ISO-TIME",
        help="The run's clock, to repeat a run exactly. Else the time it is.",
    ),
]
RunId = Annotated[
    str | None,
    typer.Option("--run-id", metavar="NAME", help="The run's name. Else time and chance."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines: one JSON object a line.")]
Output = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="JSON lines go here; `-`, the default, is stdout."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=0,
        max=256,
        help="Processes that extract and code; 0: none beside the worker itself. Else one a core.",
    ),
]
PublishedAt = Annotated[
    str | None,
    typer.Option(
        "--published-at", metavar="ISO-TIME", help="When texts that carry no date were published."
    ),
]
ConnectTo = Annotated[
    str | None,
    typer.Option(
        "--connect-to",
        metavar="HOST:PORT",
        help="Send every connection there: for tests and demos.",
    ),
]
Spacing = Annotated[
    float, typer.Option("--spacing", min=0, help="Seconds between requests to one domain.")
]
UserAgent = Annotated[
    str | None,
    typer.Option(
        "--user-agent", help="Who servers are told is asking, else newsbeam/0.1; name your address."
    ),
]
Contact = Annotated[
    str | None,
    typer.Option(
        "--contact",
        metavar="URL-or-MAIL",
        help="Where publishers can complain; said in every request.",
    ),
]
AllowNet = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-net",
        metavar="CIDR",
        help="A network of your own that may be asked, e.g. 10.1.0.0/16.",
    ),
]
Runner = Annotated[str, typer.Option("--runner", help="Beam runner; DirectRunner runs here.")]
MetricsFile = Annotated[
    str | None,
    typer.Option(
        "--metrics-file",
        metavar="FILE",
        help="Write the run's counts there for Prometheus's node exporter.",
    ),
]
Paths = Annotated[
    list[str], typer.Argument(metavar="PATH...", help="Files, folders (all files in them), or `-`.")
]
FeedLists = Annotated[
    list[str],
    typer.Option(
        "--feeds",
        metavar="FILE-or-URL...",
        help="OPML or TOML lists, files with one link a line, or links of feeds; one or more, here and again.",
    ),
]
RevisitOption = Annotated[
    bool,
    typer.Option(
        help="Fetch articles again after 6 hours, a day and a week, to have what was changed."
    ),
]
KeepRaw = Annotated[
    bool,
    typer.Option(
        "--keep-raw",
        help="Keep the pages as they are, as WARC under `_raw` in the lake, for `rebuild`.",
    ),
]
