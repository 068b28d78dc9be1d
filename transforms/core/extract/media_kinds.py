"""Recognise pages that are a product, a video or a series of pictures, by their markup.

Such a page has a text too, of a few lines; a page with the paragraphs of an article is one,
whatever it sells or shows.
"""

from collections.abc import Set

from lxml import etree, html

from transforms.core.prose import word_count

# A shop's own words for one product run to a few paragraphs; more are a review.
MAX_PRODUCT_PARAGRAPHS = 8
# A video or gallery has a paragraph that says what there is to see, and perhaps a second one.
MAX_MEDIA_PARAGRAPHS = 2
# Beside a player without a type, a line is what the video is about, more is a news flash.
MAX_PLAYER_CHARS = 120
# Articles of a few paragraphs have up to three pictures with captions.
MIN_PICTURES = 5
# On average: captions tell what there is to see; pictures of teams and clients have names.
MIN_CAPTION_WORDS = 6
_PRODUCTS = etree.XPath(
    "count(//*[contains(@itemtype, 'schema.org/Product')]"
    "[.//*[@itemprop='price' or @itemprop='lowPrice' or @itemprop='priceCurrency']])"
)
_CART = etree.XPath(
    "count(//form[contains(@action, '/cart/add') or contains(@action, 'add-to-cart')"
    " or contains(@class, 'cart')]"
    "[.//button or .//input[@type='submit']]"
    "|//button[@name='add-to-cart' or contains(@class, 'add-to-cart')"
    " or contains(@class, 'addtocart') or contains(@class, 'add_to_cart')])"
)
_PRICE = etree.XPath(
    "boolean(//*[@itemprop='price' or contains(@class, 'price')]"
    "|//meta[contains(@property, 'price:amount')])"
)
_PLAYER = etree.XPath(
    "boolean((//video[not(@autoplay)]|//iframe[contains(@src, '/embed/')"
    " or contains(@src, 'player') or contains(@src, 'video')])"
    "[not(ancestor::nav or ancestor::aside or ancestor::footer or ancestor::header)])"
)
_PRODUCT_TYPES = frozenset({"Product", "ProductGroup", "IndividualProduct", "ProductModel"})
_GALLERY_TYPES = frozenset({"ImageGallery", "MediaGallery"})
# The product, video or pictures are then what the page is about, not the page.
_OTHER_TYPES = frozenset(
    {
        *("Review", "CriticReview", "Recipe", "HowTo", "FAQPage"),
        *("ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog"),
    }
)


def is_product(
    tree: html.HtmlElement, og_type: str, types: Set[str], paragraphs: int, *, short: bool
) -> bool:
    """Return whether a page offers one product: typed so, or with a price and one cart."""
    if paragraphs > MAX_PRODUCT_PARAGRAPHS or not _OTHER_TYPES.isdisjoint(types):
        return False
    if "product" in og_type or not _PRODUCT_TYPES.isdisjoint(types) or _PRODUCTS(tree) == 1:
        return True
    return short and _CART(tree) == 1 and _PRICE(tree)


def is_video(
    tree: html.HtmlElement, og_type: str, types: Set[str], paragraphs: int, chars: int
) -> bool:
    """Return whether a page is a video with a line or two about it."""
    if paragraphs > MAX_MEDIA_PARAGRAPHS or not _OTHER_TYPES.isdisjoint(types):
        return False
    if og_type.startswith("video") or "VideoObject" in types:
        return True
    return 0 < chars < MAX_PLAYER_CHARS and _PLAYER(tree)


def is_gallery(
    types: Set[str], paragraphs: int, body: str, captions: tuple[str, ...], *, claimed: bool
) -> bool:
    """Return whether a page is a series of pictures, whose captions are most of its text.

    A page that is `claimed` to be an article must have the type, and no paragraph.
    """
    if paragraphs > (0 if claimed else MAX_MEDIA_PARAGRAPHS):
        return False
    if not _GALLERY_TYPES.isdisjoint(types):
        return True
    words = sum(map(word_count, captions))
    is_series = len(captions) >= MIN_PICTURES and words >= MIN_CAPTION_WORDS * len(captions)
    return is_series and not claimed and sum(map(len, captions)) > len(body)
