"""Bytes to text, as the web does it: `decode` reads pages, feeds, lists and rows alike.

In the order in which to read them: `labels` (what a document says), `reading` (bytes by a charset),
`writing` (whether a text is one that people write), `detection` (a charset for bytes that say
nothing, or the wrong thing), `decoding` (the decision).
"""

from transforms.core.charsets.decoding import Decoded, decode, decode_marked
from transforms.core.charsets.reading import UnreadableError, without_controls

__all__ = ["Decoded", "UnreadableError", "decode", "decode_marked", "without_controls"]
