"""Turn a fetched page, or a bare text, into an article.

The files in the order of the work; `page` drives them:

- `html_document` decodes (by `core/charsets`) and parses, `new_article` starts the article with
  its ids and links.
- `dialogs` takes out what lies over the page; `consent_words` knows requests for consent.
- What the page states: `jsonld`, `named_elements`, `metadata` with `headline`, `authors`,
  `bylines` and `tags`, and `page_dates`, which reads times by `core/dates`.
- What is not running text: `page_labels` and `captions`.
- The body: `rendered_blocks` lists what a browser would render, `body` extracts with Trafilatura;
  `alignment` finds the extracted among the rendered, `marked_article` and `recall` recover what
  was dropped, `named_boxes`, `link_lines`, `paywall` and `foreign_blocks` find what is not the
  article's.
- `hidden_text` finds a text that is in the page's scripts only: in JSON-LD, or in the state of an
  application, which `page_state` reads and `state_text` searches; `loose_json` reads both.
- The kind and the language: `page_kinds` with `walls`, `cards` and `media_kinds`, and `language`.
- `plain_text` extracts an article from a text without a page.

Measurements in the comments: "of 301 pages" means two sets with gold bodies, 181 pages of news and
120 of magazines, guides and blogs; a page changes if any field of its article does, and F1 is that
of the bodies' 4-word shingles, in points of 100. "Of 1,500 pages" counts the features of pages of
many sites and languages.
"""
