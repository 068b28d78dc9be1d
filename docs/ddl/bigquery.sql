CREATE OR REPLACE EXTERNAL TABLE `articles` (
  `article_id` STRING NOT NULL OPTIONS (description = 'hash of the canonical URL, else of the normalised URL; the same in all versions'),
  `version` INT64 NOT NULL OPTIONS (description = 'number of this version in article_versions, from 1'),
  `url` STRING NOT NULL OPTIONS (description = 'URL as linked'),
  `canonical_url` STRING NOT NULL OPTIONS (description = 'URL of rel=canonical where it is plausible, else the normalised URL'),
  `source_domain` STRING NOT NULL OPTIONS (description = 'registrable domain of the canonical URL'),
  `feed_ids` ARRAY<STRING> OPTIONS (description = 'ids of the feeds that listed it; empty for archives'),
  `title` STRING OPTIONS (description = 'headline'),
  `standfirst` STRING OPTIONS (description = 'summary printed below the headline'),
  `authors` ARRAY<STRING> OPTIONS (description = 'authors, in the order of the byline'),
  `byline` STRING OPTIONS (description = 'byline as printed'),
  `date_line` STRING OPTIONS (description = 'dateline, place and date at the start of the text: "KYIV, Oct 10"'),
  `credit` STRING OPTIONS (description = 'news agency named in the credit line: "Reuters"'),
  `captions` ARRAY<STRING> OPTIONS (description = 'captions, in page order'),
  `published_at` TIMESTAMP OPTIONS (description = 'time of publication'),
  `published_precision` STRING NOT NULL OPTIONS (description = 'second|minute|day|none'),
  `published_basis` STRING NOT NULL OPTIONS (description = 'feed|jsonld|meta|time|url|printed|modified|first_seen'),
  `published_date` DATE NOT NULL OPTIONS (description = 'UTC day of published_at, else of first_seen_at; the row\'s folder'),
  `modified_at` TIMESTAMP OPTIONS (description = 'time of the last change, as the page states it'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the first sighting'),
  `seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'fetch time of this version; for archives, the date of the record'),
  `ingested_at` TIMESTAMP NOT NULL OPTIONS (description = 'time by the clock of the run that wrote the row'),
  `language` STRING OPTIONS (description = 'language as detected, BCP-47'),
  `language_score` FLOAT64 OPTIONS (description = 'confidence of the detection, 0 to 1'),
  `section` STRING OPTIONS (description = 'section of the site, as the publisher names it'),
  `tags` ARRAY<STRING> OPTIONS (description = 'tags given by the publisher'),
  `image_url` STRING OPTIONS (description = 'URL of the lead image'),
  `body` STRING OPTIONS (description = 'clean text, blank lines between paragraphs; null where the page has no article text'),
  `word_count` INT64 NOT NULL OPTIONS (description = 'number of words in the body'),
  `body_sha256` STRING OPTIONS (description = 'SHA-256 of the body'),
  `fingerprint` INT64 OPTIONS (description = 'near-duplicate hash of the body, 64 bits as a signed integer'),
  `page_kind` STRING NOT NULL OPTIONS (description = 'article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|product|gallery|video|not_html|empty'),
  `extraction_basis` STRING NOT NULL OPTIONS (description = 'source of the body: page|feed|text|jsonld|next_data|nuxt|apollo|state'),
  `removed` ARRAY<STRUCT<`text` STRING, `reason` STRING, `at` INT64>> OPTIONS (description = 'blocks removed from the body, in page order'),
  `removed_chars` INT64 NOT NULL OPTIONS (description = 'number of characters removed'),
  `boilerplate_ratio` FLOAT64 OPTIONS (description = 'removed_chars / (removed_chars + length of body)'),
  `flags` ARRAY<STRING> OPTIONS (description = 'charset_guessed, date_guessed, title_mismatch, truncated, ...'),
  `duplicate_of` STRING OPTIONS (description = 'article_id of the earliest copy; null for that copy'),
  `duplicate_kind` STRING OPTIONS (description = 'exact|near|syndicated'),
  `story_id` STRING OPTIONS (description = 'id of its story'),
  `event_count` INT64 NOT NULL OPTIONS (description = 'number of event mentions in it'),
  `memory_version` STRING OPTIONS (description = 'version of site_blocks used to clean it; null for none'),
  `next_revisit_at` TIMESTAMP OPTIONS (description = 'time of the next revisit; null where none is due'),
  `raw_uri` STRING OPTIONS (description = 'location of the raw page: file, record and offset in _raw'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that wrote it'),
  `updated_at` TIMESTAMP OPTIONS (description = 'time of the last change of this row, by the lake\'s clock; never decreases'),
  `updated_run_id` STRING OPTIONS (description = 'id of the run that last changed this row'),
  `body_markdown` STRING OPTIONS (description = 'the blocks of the body as Markdown: headings, lists, quotations, tables, code')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one article: clean text, title, authors, dates, language, removed blocks, and of which article it is a copy',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/articles/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/articles',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `article_versions` (
  `article_id` STRING NOT NULL OPTIONS (description = 'id of the article'),
  `content_sha256` STRING NOT NULL OPTIONS (description = 'hash of title and body'),
  `version` INT64 NOT NULL OPTIONS (description = 'rank by (seen_at, content_sha256), from 1'),
  `published_date` DATE NOT NULL OPTIONS (description = 'published_date of the article; the row\'s folder'),
  `seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the first fetch of this text'),
  `title` STRING OPTIONS (description = 'headline of this version'),
  `body` STRING OPTIONS (description = 'clean text of this version'),
  `body_sha256` STRING OPTIONS (description = 'SHA-256 of the body'),
  `title_changed` BOOL NOT NULL OPTIONS (description = 'whether the title differs from the previous version\'s'),
  `chars_added` INT64 NOT NULL OPTIONS (description = 'characters added since the previous version; 0 for the first'),
  `chars_removed` INT64 NOT NULL OPTIONS (description = 'characters removed since the previous version; 0 for the first'),
  `fetch_id` STRING OPTIONS (description = 'fetch_id of the request that returned it; null for archives'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that wrote it'),
  `raw_uri` STRING OPTIONS (description = 'location of the raw page: file, record and offset in _raw'),
  `updated_at` TIMESTAMP OPTIONS (description = 'time of the last change of this row, by the lake\'s clock; never decreases'),
  `updated_run_id` STRING OPTIONS (description = 'id of the run that last changed this row')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one version of an article\'s text',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/article_versions/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/article_versions',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `event_mentions` (
  `mention_id` STRING NOT NULL OPTIONS (description = 'hash of article, type, mode, evidence and the trigger\'s position in the evidence'),
  `event_id` STRING NOT NULL OPTIONS (description = 'id of the event that it reports'),
  `article_id` STRING NOT NULL OPTIONS (description = 'id of the article that contains it'),
  `event` INT64 NOT NULL OPTIONS (description = 'number of the event in the article'),
  `source_domain` STRING NOT NULL OPTIONS (description = 'source_domain of the article'),
  `published_at` TIMESTAMP NOT NULL OPTIONS (description = 'published_at of the article, else its first_seen_at'),
  `published_date` DATE NOT NULL OPTIONS (description = 'published_date of the article; the row\'s folder'),
  `seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'seen_at of the article'),
  `body_sha256` STRING NOT NULL OPTIONS (description = 'hash of the coded text, equal to body_sha256 of the article'),
  `in_lede` BOOL NOT NULL OPTIONS (description = 'whether it is in the first two paragraphs'),
  `origin` STRING NOT NULL OPTIONS (description = 'independent origin: the credited agency, else the domain of the earliest copy'),
  `type` STRING NOT NULL OPTIONS (description = 'PLOVER event type'),
  `mode` STRING OPTIONS (description = 'PLOVER mode of the type'),
  `quad` STRING NOT NULL OPTIONS (description = 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict'),
  `score` FLOAT64 NOT NULL OPTIONS (description = 'of the mode, or the type without one: -10 (conflict) to +10 (cooperation)'),
  `contexts` ARRAY<STRING> OPTIONS (description = 'PLOVER contexts'),
  `actor` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'actors, in text order'),
  `recipient` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'recipients of the action, in text order'),
  `actor_name` STRING OPTIONS (description = 'name of the first actor'),
  `actor_country` STRING OPTIONS (description = 'country of the first actor'),
  `actor_sector` STRING OPTIONS (description = 'sector of the first actor'),
  `recipient_name` STRING OPTIONS (description = 'name of the first recipient'),
  `recipient_country` STRING OPTIONS (description = 'country of the first recipient'),
  `recipient_sector` STRING OPTIONS (description = 'sector of the first recipient'),
  `location` STRING OPTIONS (description = 'name of the place, as written'),
  `country` STRING OPTIONS (description = 'country of that place, never of the actor'),
  `admin1` STRING OPTIONS (description = 'first-level region of that place'),
  `lat` FLOAT64 OPTIONS (description = 'degrees north; null unless geo_precision is point or city'),
  `lon` FLOAT64 OPTIONS (description = 'degrees east; null unless geo_precision is point or city'),
  `geo_precision` STRING NOT NULL OPTIONS (description = 'point|city|admin1|country|none'),
  `date` DATE OPTIONS (description = 'when it happened; the first day of a period'),
  `date_precision` STRING NOT NULL OPTIONS (description = 'day|week|month|year|none'),
  `date_basis` STRING NOT NULL OPTIONS (description = 'explicit|relative|publication|none'),
  `modality` STRING NOT NULL OPTIONS (description = 'actual|future|hypothetical|negated|historical'),
  `claimant` STRING OPTIONS (description = 'who states the event; null where the article states it without a source'),
  `claimant_country` STRING OPTIONS (description = 'country of the claimant'),
  `claimant_sector` STRING OPTIONS (description = 'sector of the claimant'),
  `via` STRING OPTIONS (description = 'intermediary that reported the claim'),
  `dead` INT64 OPTIONS (description = 'number of people killed, as stated in the sentence'),
  `injured` INT64 OPTIONS (description = 'number of people injured, as stated in the sentence'),
  `size` INT64 OPTIONS (description = 'size of the crowd, force or seizure'),
  `confidence` FLOAT64 NOT NULL OPTIONS (description = 'confidence in the coding, 0 to 1'),
  `rule` STRING NOT NULL OPTIONS (description = 'name of the rule that coded it'),
  `coder_version` STRING NOT NULL OPTIONS (description = 'version of the event rules'),
  `evidence` STRING NOT NULL OPTIONS (description = 'exact substring of the article\'s title or body'),
  `evidence_field` STRING NOT NULL OPTIONS (description = 'title|body'),
  `evidence_start` INT64 NOT NULL OPTIONS (description = 'offset of the evidence in that field'),
  `evidence_end` INT64 NOT NULL OPTIONS (description = 'end offset, exclusive'),
  `trigger` STRING NOT NULL OPTIONS (description = 'words that the rule matched'),
  `trigger_start` INT64 NOT NULL OPTIONS (description = 'offset of the trigger in the same field'),
  `trigger_end` INT64 NOT NULL OPTIONS (description = 'end offset, exclusive'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that wrote it'),
  `cue` STRING OPTIONS (description = 'word that attributes the event to the claimant, where it is in the same sentence'),
  `cue_start` INT64 OPTIONS (description = 'offset of the cue in the field named by evidence_field'),
  `cue_end` INT64 OPTIONS (description = 'end offset of the cue, exclusive'),
  `updated_at` TIMESTAMP OPTIONS (description = 'time of the last change of this row, by the lake\'s clock; never decreases'),
  `updated_run_id` STRING OPTIONS (description = 'id of the run that last changed this row')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one mention of an event in an article, with its evidence and trigger words',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/event_mentions/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/event_mentions',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `sightings` (
  `url_key` STRING NOT NULL OPTIONS (description = 'hash of the normalised URL'),
  `url` STRING NOT NULL OPTIONS (description = 'URL as first linked'),
  `article_id` STRING OPTIONS (description = 'id of the article it leads to; null until known'),
  `feed_ids` ARRAY<STRING> OPTIONS (description = 'ids of the feeds that linked to it'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the first sighting'),
  `last_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the last sighting in a changed feed document'),
  `published_date` DATE OPTIONS (description = 'published_date of the article; null where it is not in the lake')
)
WITH PARTITION COLUMNS (`bucket` STRING)
OPTIONS (
  description = 'A row is one link seen in feeds or archives, and the article it leads to',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/sightings/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/sightings',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `fetches` (
  `fetch_id` STRING NOT NULL OPTIONS (description = 'hash of run_id, kind, url, attempt, hop'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run'),
  `kind` STRING NOT NULL OPTIONS (description = 'feed|article|robots|sitemap'),
  `fetched_at` TIMESTAMP NOT NULL OPTIONS (description = 'time the request began'),
  `fetch_date` DATE NOT NULL OPTIONS (description = 'day of the run\'s clock; the row\'s folder'),
  `feed_id` STRING OPTIONS (description = 'id of the feed, or of the feed that linked to the page'),
  `article_id` STRING OPTIONS (description = 'id of the article extracted from the response'),
  `url` STRING NOT NULL OPTIONS (description = 'URL as requested'),
  `final_url` STRING OPTIONS (description = 'URL after redirects'),
  `host` STRING NOT NULL OPTIONS (description = 'host of the requested URL'),
  `status` STRING NOT NULL OPTIONS (description = 'ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped'),
  `http_status` INT64 OPTIONS (description = 'status code of the last hop'),
  `attempt` INT64 NOT NULL OPTIONS (description = 'number of the attempt, from 0'),
  `duration_ms` INT64 OPTIONS (description = 'milliseconds from the request to the last byte'),
  `bytes` INT64 OPTIONS (description = 'size of the body, decompressed'),
  `content_type` STRING OPTIONS (description = 'Content-Type header'),
  `etag` STRING OPTIONS (description = 'ETag header'),
  `last_modified` STRING OPTIONS (description = 'Last-Modified header'),
  `body_sha256` STRING OPTIONS (description = 'SHA-256 of the body, decompressed'),
  `items_seen` INT64 OPTIONS (description = 'number of entries in the feed document'),
  `items_new` INT64 OPTIONS (description = 'number of those entries not seen before'),
  `error_class` STRING OPTIONS (description = 'class or code of the failure'),
  `error_message` STRING OPTIONS (description = 'error message, truncated to 500 characters'),
  `raw_uri` STRING OPTIONS (description = 'location of the raw page: file, record and offset in _raw')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one request and its outcome; each hop of a redirect is a request',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/fetches/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/fetches',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `rejects` (
  `reject_id` STRING NOT NULL OPTIONS (description = 'hash of stage, key of the element, reason'),
  `stage` STRING NOT NULL OPTIONS (description = 'feed_parse|archive|fetch|extract|clean|events|write'),
  `reason` STRING NOT NULL OPTIONS (description = 'stable code, such as E_EXTRACT_EMPTY'),
  `rejected_at` TIMESTAMP NOT NULL OPTIONS (description = 'time by the run\'s clock'),
  `reject_date` DATE NOT NULL OPTIONS (description = 'day of the run\'s clock; the row\'s folder'),
  `feed_id` STRING OPTIONS (description = 'id of the feed it came from'),
  `article_id` STRING OPTIONS (description = 'id of the article, where known'),
  `url` STRING OPTIONS (description = 'URL of the page or feed'),
  `retryable` BOOL NOT NULL OPTIONS (description = 'whether a retry may succeed'),
  `attempt` INT64 NOT NULL OPTIONS (description = 'number of the attempt, from 0'),
  `error_class` STRING OPTIONS (description = 'class of the error'),
  `error_message` STRING OPTIONS (description = 'error message, truncated to 500 characters'),
  `payload` STRING OPTIONS (description = 'JSON of the element, for replay'),
  `payload_truncated` BOOL NOT NULL OPTIONS (description = 'whether the payload was truncated'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that wrote it')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one rejected feed or page, the reason, and whether a retry may succeed',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/rejects/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/rejects',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `site_blocks` (
  `site` STRING NOT NULL OPTIONS (description = 'registrable domain'),
  `block_hash` STRING NOT NULL OPTIONS (description = 'hash of the zone and the block\'s normalised text'),
  `sample` STRING NOT NULL OPTIONS (description = 'text of the block, truncated to 200 characters'),
  `article_ids` ARRAY<STRING> OPTIONS (description = 'ids of articles that contain it, at most 16'),
  `articles_seen` INT64 NOT NULL OPTIONS (description = 'length of article_ids; 16 means 16 or more'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'earliest seen_at of its articles'),
  `last_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'latest seen_at of its articles'),
  `verdict` STRING NOT NULL OPTIONS (description = 'boilerplate|body|undecided'),
  `zone` STRING NOT NULL OPTIONS (description = 'position in its articles: edge|inside')
)
WITH PARTITION COLUMNS (`bucket` STRING)
OPTIONS (
  description = 'A row is one block of text of a site, the articles that contain it, and whether it is boilerplate',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/site_blocks/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/site_blocks',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `persons` (
  `name` STRING NOT NULL OPTIONS (description = 'full name, as written in articles'),
  `surname` STRING NOT NULL OPTIONS (description = 'last word of the name'),
  `fact_hash` STRING NOT NULL OPTIONS (description = 'hash of name, country and sector'),
  `country` STRING NOT NULL OPTIONS (description = 'country for which the person acts, as articles state it'),
  `sector` STRING OPTIONS (description = 'sector in which the person acts, as articles state it'),
  `article_ids` ARRAY<STRING> OPTIONS (description = 'ids of the articles that state it, at most 16'),
  `articles_seen` INT64 NOT NULL OPTIONS (description = 'length of article_ids; 16 means 16 or more'),
  `first_date` DATE NOT NULL OPTIONS (description = 'publication date of the earliest of them'),
  `last_date` DATE NOT NULL OPTIONS (description = 'publication date of the latest of them')
)
WITH PARTITION COLUMNS (`bucket` STRING)
OPTIONS (
  description = 'A row is one fact about a person: country and sector, and the articles that state it',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/persons/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/persons',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `events` (
  `event_id` STRING NOT NULL OPTIONS (description = 'hash of the first mention at the time the event was first seen'),
  `previous_ids` ARRAY<STRING> OPTIONS (description = 'ids under which it, or an event merged into it, was published'),
  `published_date` DATE NOT NULL OPTIONS (description = 'day of the first report; the row\'s folder'),
  `first_published_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the first report'),
  `last_published_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the last report'),
  `type` STRING NOT NULL OPTIONS (description = 'PLOVER event type'),
  `mode` STRING OPTIONS (description = 'PLOVER mode of the type'),
  `quad` STRING NOT NULL OPTIONS (description = 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict'),
  `score` FLOAT64 NOT NULL OPTIONS (description = 'of the mode, or the type without one: -10 (conflict) to +10 (cooperation)'),
  `contexts` ARRAY<STRING> OPTIONS (description = 'PLOVER contexts'),
  `actor` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'actors, in text order'),
  `recipient` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'recipients of the action, in text order'),
  `actor_name` STRING OPTIONS (description = 'name of the first actor'),
  `actor_country` STRING OPTIONS (description = 'country of the first actor'),
  `actor_sector` STRING OPTIONS (description = 'sector of the first actor'),
  `recipient_name` STRING OPTIONS (description = 'name of the first recipient'),
  `recipient_country` STRING OPTIONS (description = 'country of the first recipient'),
  `recipient_sector` STRING OPTIONS (description = 'sector of the first recipient'),
  `location` STRING OPTIONS (description = 'name of the place, as written'),
  `country` STRING OPTIONS (description = 'country of that place, never of the actor'),
  `admin1` STRING OPTIONS (description = 'first-level region of that place'),
  `lat` FLOAT64 OPTIONS (description = 'degrees north; null unless geo_precision is point or city'),
  `lon` FLOAT64 OPTIONS (description = 'degrees east; null unless geo_precision is point or city'),
  `geo_precision` STRING NOT NULL OPTIONS (description = 'point|city|admin1|country|none'),
  `date` DATE OPTIONS (description = 'when it happened; the first day of a period'),
  `date_precision` STRING NOT NULL OPTIONS (description = 'day|week|month|year|none'),
  `date_basis` STRING NOT NULL OPTIONS (description = 'explicit|relative|publication|none'),
  `modality` STRING NOT NULL OPTIONS (description = 'actual|future|hypothetical|negated|historical'),
  `claimant` STRING OPTIONS (description = 'who states the event; null where the article states it without a source'),
  `claimant_country` STRING OPTIONS (description = 'country of the claimant'),
  `claimant_sector` STRING OPTIONS (description = 'sector of the claimant'),
  `via` STRING OPTIONS (description = 'intermediary that reported the claim'),
  `dead` INT64 OPTIONS (description = 'number of people killed, as stated in the sentence'),
  `injured` INT64 OPTIONS (description = 'number of people injured, as stated in the sentence'),
  `size` INT64 OPTIONS (description = 'size of the crowd, force or seizure'),
  `confidence` FLOAT64 NOT NULL OPTIONS (description = 'confidence in the coding, 0 to 1'),
  `rule` STRING NOT NULL OPTIONS (description = 'name of the rule that coded it'),
  `coder_version` STRING NOT NULL OPTIONS (description = 'version of the event rules'),
  `evidence` STRING NOT NULL OPTIONS (description = 'exact substring of the article\'s title or body'),
  `evidence_field` STRING NOT NULL OPTIONS (description = 'title|body'),
  `evidence_start` INT64 NOT NULL OPTIONS (description = 'offset of the evidence in that field'),
  `evidence_end` INT64 NOT NULL OPTIONS (description = 'end offset, exclusive'),
  `trigger` STRING NOT NULL OPTIONS (description = 'words that the rule matched'),
  `trigger_start` INT64 NOT NULL OPTIONS (description = 'offset of the trigger in the same field'),
  `trigger_end` INT64 NOT NULL OPTIONS (description = 'end offset, exclusive'),
  `canonical_mention_id` STRING NOT NULL OPTIONS (description = 'id of the mention that the fields are from'),
  `filled_from` ARRAY<STRUCT<`field` STRING, `mention_id` STRING>> OPTIONS (description = 'fields that are null in the canonical mention, with the mention that supplies each'),
  `mention_count` INT64 NOT NULL OPTIONS (description = 'number of mentions with the event\'s modality'),
  `article_count` INT64 NOT NULL OPTIONS (description = 'number of articles of those mentions'),
  `source_count` INT64 NOT NULL OPTIONS (description = 'number of source domains of those mentions'),
  `origin_count` INT64 NOT NULL OPTIONS (description = 'number of independent origins of those mentions'),
  `claim_status` STRING NOT NULL OPTIONS (description = 'stated|claimed|both, over those mentions'),
  `claimed_by` ARRAY<STRING> OPTIONS (description = 'claimants of those mentions, unless negated'),
  `denied_by` ARRAY<STRING> OPTIONS (description = 'claimants of negated mentions, or the source_domain where there is none'),
  `contradicted` BOOL NOT NULL OPTIONS (description = 'whether it is both affirmed and denied'),
  `first_source_domain` STRING NOT NULL OPTIONS (description = 'source domain of the first report'),
  `story_id` STRING OPTIONS (description = 'story_id of the canonical mention\'s article'),
  `headline` STRING OPTIONS (description = 'headline of the canonical mention\'s article'),
  `sample_url` STRING NOT NULL OPTIONS (description = 'URL of the canonical mention\'s article'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that wrote it'),
  `updated_at` TIMESTAMP OPTIONS (description = 'time of the last change of this row, by the lake\'s clock; never decreases'),
  `updated_run_id` STRING OPTIONS (description = 'id of the run that last changed this row')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one event, merged from its mentions in all articles, with counts of articles, sources and independent origins',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/events/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/events',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `stories` (
  `story_id` STRING NOT NULL OPTIONS (description = 'hash of the first article at the time the story was first seen'),
  `previous_ids` ARRAY<STRING> OPTIONS (description = 'ids under which it, or a story merged into it, was published'),
  `story_date` DATE NOT NULL OPTIONS (description = 'UTC day of first_at; the row\'s folder'),
  `first_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the first article'),
  `last_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the last article'),
  `updated_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the last change of this row, by the lake\'s clock; never decreases'),
  `headline` STRING OPTIONS (description = 'headline of the first article'),
  `languages` ARRAY<STRING> OPTIONS (description = 'languages of its articles'),
  `top_terms` ARRAY<STRING> OPTIONS (description = 'names and terms, highest-weighted first'),
  `top_type` STRING OPTIONS (description = 'most frequent event type'),
  `top_country` STRING OPTIONS (description = 'most frequent country of its events'),
  `article_count` INT64 NOT NULL OPTIONS (description = 'number of articles'),
  `source_count` INT64 NOT NULL OPTIONS (description = 'number of source domains'),
  `origin_count` INT64 NOT NULL OPTIONS (description = 'number of independent origins'),
  `event_count` INT64 NOT NULL OPTIONS (description = 'number of events'),
  `first_source_domain` STRING NOT NULL OPTIONS (description = 'source domain of the first article'),
  `first_article_id` STRING NOT NULL OPTIONS (description = 'id of the first article'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that wrote it'),
  `updated_run_id` STRING OPTIONS (description = 'id of the run that last changed this row')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one story: the articles that report the same news',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/stories/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/stories',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `deleted_rows` (
  `table_name` STRING NOT NULL OPTIONS (description = 'articles|article_versions|event_mentions|events|stories'),
  `row_key` STRING NOT NULL OPTIONS (description = 'key of the row; values of several columns are joined by /'),
  `row_date` DATE NOT NULL OPTIONS (description = 'date of the row\'s folder, and of this row\'s'),
  `replaced_by` STRING OPTIONS (description = 'id of the event or story that the row was merged into; null if there is none'),
  `deleted_at` TIMESTAMP NOT NULL OPTIONS (description = 'time of the deletion, by the lake\'s clock; never decreases'),
  `deleted_run_id` STRING NOT NULL OPTIONS (description = 'id of the run that deleted it')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one row that was deleted from one of the tables with updated_at, and what replaced it',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/deleted_rows/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/deleted_rows',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `feeds` (
  `feed_id` STRING NOT NULL OPTIONS (description = 'hash of the normalised feed URL'),
  `feed_url` STRING NOT NULL OPTIONS (description = 'URL as configured'),
  `title` STRING OPTIONS (description = 'title of the feed'),
  `site_url` STRING OPTIONS (description = 'URL of the publisher\'s site'),
  `source_domain` STRING NOT NULL OPTIONS (description = 'registrable domain of the feed URL'),
  `country` STRING OPTIONS (description = 'country of the publisher'),
  `language` STRING OPTIONS (description = 'language as declared'),
  `folder` STRING OPTIONS (description = 'folder in the OPML list'),
  `tags` ARRAY<STRING> OPTIONS (description = 'labels'),
  `enabled` BOOL NOT NULL OPTIONS (description = 'whether it is polled'),
  `poll_interval_s` INT64 OPTIONS (description = 'seconds between polls'),
  `next_due_at` TIMESTAMP OPTIONS (description = 'time before which it is not polled'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'time it was first configured'),
  `last_fetch_at` TIMESTAMP OPTIONS (description = 'time of the last poll'),
  `last_success_at` TIMESTAMP OPTIONS (description = 'time of the last response with status 200 or 304'),
  `last_item_at` TIMESTAMP OPTIONS (description = 'time of the newest entry'),
  `etag` STRING OPTIONS (description = 'ETag of the last response with status 200'),
  `last_modified` STRING OPTIONS (description = 'Last-Modified of the last response with status 200'),
  `body_sha256` STRING OPTIONS (description = 'SHA-256 of the last 200\'s body; decides whether it changed'),
  `moved_to` STRING OPTIONS (description = 'target URL of a permanent redirect (301)'),
  `moved_count` INT64 NOT NULL OPTIONS (description = 'consecutive polls redirected there; adopted after three'),
  `consecutive_failures` INT64 NOT NULL OPTIONS (description = 'number of consecutive failed polls'),
  `health` STRING NOT NULL OPTIONS (description = 'ok|slow|stale|failing|gone|disabled'),
  `health_reason` STRING OPTIONS (description = 'reason for the health'),
  `pending` ARRAY<STRUCT<`url` STRING, `attempt` INT64, `not_before` TIMESTAMP>> OPTIONS (description = 'retry queue: pages that the next run fetches first, sorted by url'),
  `snapshot_at` TIMESTAMP NOT NULL OPTIONS (description = 'time by the run\'s clock'),
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run that wrote this version of the row'),
  `backoff_until` TIMESTAMP OPTIONS (description = 'time until which all feeds of its domain wait, after a 429, or a 503 with Retry-After'),
  `last_full_at` TIMESTAMP OPTIONS (description = 'time of the last 200 with a body; a day later it is polled without validators'),
  `item_gap_s` INT64 OPTIONS (description = 'typical seconds between its newest items'),
  `requested_interval_s` INT64 OPTIONS (description = 'seconds between polls that the feed document requests'),
  `skip_times` STRING OPTIONS (description = 'hours (GMT) and days without polls, as the document requests: `0 1 Saturday`')
)
WITH PARTITION COLUMNS (`all` STRING)
OPTIONS (
  description = 'A row is one feed: its state, its health, its retry queue',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/feeds/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/feeds',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `runs` (
  `run_id` STRING NOT NULL OPTIONS (description = 'id of the run'),
  `kind` STRING NOT NULL OPTIONS (description = 'scheduled|backfill|replay|rebuild|stream'),
  `status` STRING NOT NULL OPTIONS (description = 'running|ok|partial|failed'),
  `run_date` DATE NOT NULL OPTIONS (description = 'day of the run\'s clock; the row\'s folder'),
  `started_at` TIMESTAMP NOT NULL OPTIONS (description = 'time the run started, by its clock'),
  `ended_at` TIMESTAMP OPTIONS (description = 'time of its last commit'),
  `window_start_at` TIMESTAMP OPTIONS (description = 'oldest publication time of its articles'),
  `window_end_at` TIMESTAMP OPTIONS (description = 'newest publication time of its articles'),
  `runner` STRING NOT NULL OPTIONS (description = 'Beam runner'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam'),
  `config_sha256` STRING NOT NULL OPTIONS (description = 'hash of the options'),
  `feeds` INT64 NOT NULL OPTIONS (description = 'number of feeds polled'),
  `articles_new` INT64 NOT NULL OPTIONS (description = 'number of articles added to the lake'),
  `articles_rejected` INT64 NOT NULL OPTIONS (description = 'number of rejects added to the lake'),
  `events_new` INT64 NOT NULL OPTIONS (description = 'number of events added to the lake'),
  `metrics` ARRAY<STRUCT<`name` STRING, `value` INT64>> OPTIONS (description = 'counters by name')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one run: status, counts, counters',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/runs/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/runs',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE VIEW `changes` AS
SELECT 'articles' AS table_name, 'write' AS change, article_id AS row_key,
       published_date AS row_date, CAST(NULL AS STRING) AS replaced_by,
       updated_at, updated_run_id
FROM `articles`
UNION ALL
SELECT 'article_versions' AS table_name, 'write' AS change, article_id || '/' || content_sha256 AS row_key,
       published_date AS row_date, CAST(NULL AS STRING) AS replaced_by,
       updated_at, updated_run_id
FROM `article_versions`
UNION ALL
SELECT 'event_mentions' AS table_name, 'write' AS change, mention_id AS row_key,
       published_date AS row_date, CAST(NULL AS STRING) AS replaced_by,
       updated_at, updated_run_id
FROM `event_mentions`
UNION ALL
SELECT 'events' AS table_name, 'write' AS change, event_id AS row_key,
       published_date AS row_date, CAST(NULL AS STRING) AS replaced_by,
       updated_at, updated_run_id
FROM `events`
UNION ALL
SELECT 'stories' AS table_name, 'write' AS change, story_id AS row_key,
       story_date AS row_date, CAST(NULL AS STRING) AS replaced_by,
       updated_at, updated_run_id
FROM `stories`
UNION ALL
SELECT table_name, 'delete' AS change, row_key, row_date, replaced_by,
       deleted_at AS updated_at, deleted_run_id AS updated_run_id
FROM `deleted_rows`;
