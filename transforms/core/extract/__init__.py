"""Turn a fetched page, or a bare text, into an article.

The files in the order of the work; `page` drives them:

- `html_document` decodes and parses, `new_article` starts the article with its ids and links.
- What the page states: `jsonld`, `named_elements`, `metadata` with `headline`, `authors` and
  `page_dates`, which reads times by `time_formats`.
- What is no running text: `page_labels` and `captions`.
- The body: `rendered_blocks` lists what a browser would render, `body` extracts with Trafilatura;
  `alignment` finds the extracted among the rendered, `marked_article` and `recall` recover what
  was dropped, `named_boxes`, `paywall` and `foreign_blocks` find what is not the article's.
- The verdict: `page_kinds` with `walls`, and `language`.
- `plain_text` does all of it for a text without a page.
"""
