"""Fetch the documents of one source, each once, and parse them in a separate process."""

from collections.abc import Callable
from typing import TypeVar

from transforms.core.archives.link_lists import documents, paged_feeds, sitemaps
from transforms.core.archives.link_lists.documents import Document, Kind, kind_of, unpack
from transforms.errors import FeedError, NewsbeamError
from transforms.links.rejects import error_reject, kind_reject
from transforms.processes import Processes, result_or_error
from transforms.records import Reject
from transforms.web import FetchRequest, WebError, WebOptions, shared_client

_ACCEPT = (
    "application/xml, text/xml, application/atom+xml, application/rss+xml, text/plain, "
    "application/json, */*;q=0.5"
)
_PRELOADED = (sitemaps.__name__, paged_feeds.__name__)

Parsed = TypeVar("Parsed")


class DocumentReader:
    """Fetches and parses documents.

    `is_over` is set once the run's deadline for requests has passed.
    """

    def __init__(self, web: WebOptions) -> None:
        self.is_over = False
        self._web = web
        self._processes: Processes | None = None
        self._fetched: set[str] = set()

    def fetch_once(self, url: str) -> Document | Reject | None:
        """Return the document at a URL, None if it was fetched before, by any URL."""
        if url in self._fetched:
            return None
        self._fetched.add(url)
        try:
            document = self._fetch(url)
        except WebError as error:
            if error.reason == "E_FETCH_DEADLINE":
                self.is_over = True
            return error_reject(error, url, url)
        # A redirect may lead to a document that was read by its own URL.
        final_url = document.url or url
        was_fetched = final_url != url and final_url in self._fetched
        self._fetched.add(final_url)
        return None if was_fetched else document

    def fetch_next(
        self, url: str | None, is_expected: Callable[[Kind], bool]
    ) -> Document | Reject | None:
        """Return the document in which another one continues; a reject for an unexpected kind."""
        document = self.fetch_once(url) if url else None
        if isinstance(document, Document):
            kind = kind_of(document.content)
            if not is_expected(kind):
                return kind_reject(document, kind)
        return document

    def parse(
        self, work: Callable[[Document], Parsed], document: Document, timeout_s: float
    ) -> Parsed | NewsbeamError:
        """Return the result of `work` on a document in another process.

        A document that hangs or kills its parser affects no other.
        """
        # Most sources need no parser, and a process takes a second to start.
        if self._processes is None:
            self._processes = Processes(1, _PRELOADED)
        result = self._processes.submit(work, document, timeout_s).result
        return result_or_error(result, FeedError, timeout_s)

    def _fetch(self, url: str) -> Document:
        request = FetchRequest(
            headers={"Accept": _ACCEPT},
            robots=True,
            # One byte more than is read shows that a document was cut.
            max_bytes=documents.MAX_BYTES + 1,
            truncate=True,
            deadline=self._web.deadline,
        )
        response = shared_client(self._web).get(url, request)
        unpacked = unpack(response.content)
        return Document(
            name=url,
            url=response.final_url,
            content=unpacked.content,
            content_type=response.headers.get("content-type"),
            fault=unpacked.fault,
        )
