CREATE OR REPLACE EXTERNAL TABLE `articles` (
  `article_id` STRING NOT NULL OPTIONS (description = 'hash of the canonical, else the normalised URL; the same over all versions'),
  `version` INT64 NOT NULL OPTIONS (description = 'number of this text in article_versions, from 1'),
  `url` STRING NOT NULL OPTIONS (description = 'as linked'),
  `canonical_url` STRING NOT NULL OPTIONS (description = 'rel=canonical where it can be trusted, else the normalised URL'),
  `source_domain` STRING NOT NULL OPTIONS (description = 'registrable domain of the canonical URL'),
  `feed_ids` ARRAY<STRING> OPTIONS (description = 'all feeds that carried it; empty for archives'),
  `title` STRING OPTIONS (description = 'headline'),
  `standfirst` STRING OPTIONS (description = 'the lines under the headline'),
  `authors` ARRAY<STRING> OPTIONS (description = 'authors in order of the byline'),
  `byline` STRING OPTIONS (description = 'byline as printed'),
  `date_line` STRING OPTIONS (description = 'place and date the text opens with: "KYIV, Oct 10"'),
  `credit` STRING OPTIONS (description = 'wire or agency of the credit line: "Reuters"'),
  `captions` ARRAY<STRING> OPTIONS (description = 'captions in page order'),
  `published_at` TIMESTAMP OPTIONS (description = 'time of publication'),
  `published_precision` STRING NOT NULL OPTIONS (description = 'second|minute|day|none'),
  `published_basis` STRING NOT NULL OPTIONS (description = 'feed|jsonld|meta|url|text|first_seen'),
  `published_date` DATE NOT NULL OPTIONS (description = 'UTC day of published_at, else of first_seen_at; the row\'s folder'),
  `modified_at` TIMESTAMP OPTIONS (description = 'the page\'s own word on its last change'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'first sight'),
  `seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'fetch of this version; an archive\'s own record date'),
  `ingested_at` TIMESTAMP NOT NULL OPTIONS (description = 'when the row was made'),
  `language` STRING OPTIONS (description = 'as detected, BCP-47'),
  `language_score` FLOAT64 OPTIONS (description = '0 to 1'),
  `section` STRING OPTIONS (description = 'the publisher\'s section'),
  `tags` ARRAY<STRING> OPTIONS (description = 'the publisher\'s tags'),
  `image_url` STRING OPTIONS (description = 'lead picture'),
  `body` STRING OPTIONS (description = 'clean text, blank line between paragraphs; null where the page has no article text'),
  `word_count` INT64 NOT NULL OPTIONS (description = 'words of the body'),
  `body_sha256` STRING OPTIONS (description = 'SHA-256 of the body'),
  `fingerprint` INT64 OPTIONS (description = 'near-duplicate hash of the body, its 64 bits read as signed'),
  `page_kind` STRING NOT NULL OPTIONS (description = 'article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|video|not_html|empty'),
  `extraction_basis` STRING NOT NULL OPTIONS (description = 'page|feed|text: what the body was taken from'),
  `removed` ARRAY<STRUCT<`text` STRING, `reason` STRING, `at` INT64>> OPTIONS (description = 'what was taken out, in order of the page'),
  `removed_chars` INT64 NOT NULL OPTIONS (description = 'characters taken out'),
  `boilerplate_ratio` FLOAT64 OPTIONS (description = 'removed_chars / (removed_chars + length of body)'),
  `flags` ARRAY<STRING> OPTIONS (description = 'date_guessed, date_refused, title_mismatch, truncated, ...'),
  `duplicate_of` STRING OPTIONS (description = 'article_id of the earliest copy, null on it'),
  `duplicate_kind` STRING OPTIONS (description = 'exact|near|syndicated'),
  `story_id` STRING OPTIONS (description = 'the story it belongs to'),
  `event_count` INT64 NOT NULL OPTIONS (description = 'event mentions in it'),
  `memory_version` STRING OPTIONS (description = 'which state of site_blocks cleaned it; null without'),
  `next_revisit_at` TIMESTAMP OPTIONS (description = 'when to fetch it again; null: no more'),
  `raw_uri` STRING OPTIONS (description = 'file, record and offset in _raw'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that made it')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one article: clean text, title, authors, dates, language, what was removed, whose copy it is',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/articles/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/articles',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `article_versions` (
  `article_id` STRING NOT NULL OPTIONS (description = 'the article'),
  `content_sha256` STRING NOT NULL OPTIONS (description = 'hash of title and body'),
  `version` INT64 NOT NULL OPTIONS (description = 'rank by (seen_at, content_sha256), from 1'),
  `published_date` DATE NOT NULL OPTIONS (description = 'the article\'s; the row\'s folder'),
  `seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'first fetch of this text'),
  `title` STRING OPTIONS (description = 'headline of this version'),
  `body` STRING OPTIONS (description = 'clean text of this version'),
  `body_sha256` STRING OPTIONS (description = 'SHA-256 of the body'),
  `title_changed` BOOL NOT NULL OPTIONS (description = 'against the version before; false for the first'),
  `chars_added` INT64 NOT NULL OPTIONS (description = 'against the version before; 0 for the first'),
  `chars_removed` INT64 NOT NULL OPTIONS (description = 'against the version before; 0 for the first'),
  `fetch_id` STRING OPTIONS (description = 'the fetch that brought it; null for archives'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that made it'),
  `raw_uri` STRING OPTIONS (description = 'file, record and offset in _raw')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one text of an article, as it changed',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/article_versions/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/article_versions',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `event_mentions` (
  `mention_id` STRING NOT NULL OPTIONS (description = 'hash of article, type, mode, evidence and the trigger\'s place in it'),
  `event_id` STRING NOT NULL OPTIONS (description = 'the event it reports'),
  `article_id` STRING NOT NULL OPTIONS (description = 'the article it stands in'),
  `event` INT64 NOT NULL OPTIONS (description = 'number of the event within the article'),
  `source_domain` STRING NOT NULL OPTIONS (description = 'of the article'),
  `published_at` TIMESTAMP NOT NULL OPTIONS (description = 'of the article, else its first_seen_at'),
  `published_date` DATE NOT NULL OPTIONS (description = 'of the article; the row\'s folder'),
  `seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'of the article'),
  `body_sha256` STRING NOT NULL OPTIONS (description = 'hash of the text coded, equal to the article\'s own'),
  `in_lede` BOOL NOT NULL OPTIONS (description = 'in the first two paragraphs'),
  `origin` STRING NOT NULL OPTIONS (description = 'for whom it counts: the wire credited, else the domain of the earliest copy'),
  `type` STRING NOT NULL OPTIONS (description = 'PLOVER event type'),
  `mode` STRING OPTIONS (description = 'PLOVER mode of the type'),
  `quad` STRING NOT NULL OPTIONS (description = 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict'),
  `score` FLOAT64 NOT NULL OPTIONS (description = 'the mode\'s, else the type\'s: -10 (conflict) to +10 (cooperation)'),
  `contexts` ARRAY<STRING> OPTIONS (description = 'PLOVER contexts'),
  `actor` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'who acts, in order of reading'),
  `recipient` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'who is acted upon, in order of reading'),
  `actor_name` STRING OPTIONS (description = 'name of the first actor'),
  `actor_country` STRING OPTIONS (description = 'country of the first actor'),
  `actor_sector` STRING OPTIONS (description = 'sector of the first actor'),
  `recipient_name` STRING OPTIONS (description = 'name of the first recipient'),
  `recipient_country` STRING OPTIONS (description = 'country of the first recipient'),
  `recipient_sector` STRING OPTIONS (description = 'sector of the first recipient'),
  `location` STRING OPTIONS (description = 'place as written'),
  `country` STRING OPTIONS (description = 'country of that place, never of the actor'),
  `admin1` STRING OPTIONS (description = 'first-level region of that place'),
  `lat` FLOAT64 OPTIONS (description = 'degrees north; null unless geo_precision is point or city'),
  `lon` FLOAT64 OPTIONS (description = 'degrees east; null unless geo_precision is point or city'),
  `geo_precision` STRING NOT NULL OPTIONS (description = 'point|city|admin1|country|none'),
  `date` DATE OPTIONS (description = 'when it happened: first day of the period'),
  `date_precision` STRING NOT NULL OPTIONS (description = 'day|week|month|year|none'),
  `date_basis` STRING NOT NULL OPTIONS (description = 'explicit|relative|publication|none'),
  `modality` STRING NOT NULL OPTIONS (description = 'actual|future|hypothetical|negated|historical'),
  `claimant` STRING OPTIONS (description = 'who says so; null where the article does in its own voice'),
  `claimant_country` STRING OPTIONS (description = 'country of the claimant'),
  `claimant_sector` STRING OPTIONS (description = 'sector of the claimant'),
  `via` STRING OPTIONS (description = 'who passed the claim on'),
  `dead` INT64 OPTIONS (description = 'people killed, as the sentence says'),
  `injured` INT64 OPTIONS (description = 'people injured, as the sentence says'),
  `size` INT64 OPTIONS (description = 'size of the crowd, force or haul'),
  `confidence` FLOAT64 NOT NULL OPTIONS (description = '0 to 1'),
  `rule` STRING NOT NULL OPTIONS (description = 'name of the rule that made it'),
  `coder_version` STRING NOT NULL OPTIONS (description = 'version of the event rules'),
  `evidence` STRING NOT NULL OPTIONS (description = 'exact substring of the article\'s title or body'),
  `evidence_field` STRING NOT NULL OPTIONS (description = 'title|body'),
  `evidence_start` INT64 NOT NULL OPTIONS (description = 'offset of the evidence in that field'),
  `evidence_end` INT64 NOT NULL OPTIONS (description = 'end of it, not included'),
  `trigger` STRING NOT NULL OPTIONS (description = 'the words that made the event'),
  `trigger_start` INT64 NOT NULL OPTIONS (description = 'offset of the trigger in the same field'),
  `trigger_end` INT64 NOT NULL OPTIONS (description = 'end of it, not included'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that made it'),
  `cue` STRING OPTIONS (description = 'the word by which the claimant is said to say so, where it is in the same sentence'),
  `cue_start` INT64 OPTIONS (description = 'in the field that evidence_field names'),
  `cue_end` INT64 OPTIONS (description = 'in the field that evidence_field names; not included')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one event as one place in one article tells it, with evidence and trigger words',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/event_mentions/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/event_mentions',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `sightings` (
  `url_key` STRING NOT NULL OPTIONS (description = 'hash of the normalised URL'),
  `url` STRING NOT NULL OPTIONS (description = 'as first linked'),
  `article_id` STRING OPTIONS (description = 'the article behind it; null until the page is known'),
  `feed_ids` ARRAY<STRING> OPTIONS (description = 'feeds that linked to it'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'first sight'),
  `last_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'newest sight in a changed feed document'),
  `published_date` DATE OPTIONS (description = 'day under which the article lies now; null when it is not in the lake')
)
WITH PARTITION COLUMNS (`bucket` STRING)
OPTIONS (
  description = 'A row is one link seen in feeds or archives, and the article it led to',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/sightings/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/sightings',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `fetches` (
  `fetch_id` STRING NOT NULL OPTIONS (description = 'hash of run_id, kind, url, attempt, hop'),
  `run_id` STRING NOT NULL OPTIONS (description = 'the run'),
  `kind` STRING NOT NULL OPTIONS (description = 'feed|article|robots|sitemap'),
  `fetched_at` TIMESTAMP NOT NULL OPTIONS (description = 'when the request began'),
  `fetch_date` DATE NOT NULL OPTIONS (description = 'day of the run\'s clock; the row\'s folder'),
  `feed_id` STRING OPTIONS (description = 'the feed, or the feed that linked to the page'),
  `article_id` STRING OPTIONS (description = 'the article that came of it'),
  `url` STRING NOT NULL OPTIONS (description = 'as asked'),
  `final_url` STRING OPTIONS (description = 'after redirects'),
  `host` STRING NOT NULL OPTIONS (description = 'of the URL asked'),
  `status` STRING NOT NULL OPTIONS (description = 'ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped'),
  `http_status` INT64 OPTIONS (description = 'status code of the last hop'),
  `attempt` INT64 NOT NULL OPTIONS (description = '0 for the first'),
  `duration_ms` INT64 OPTIONS (description = 'from request to last byte'),
  `bytes` INT64 OPTIONS (description = 'of the body, decompressed'),
  `content_type` STRING OPTIONS (description = 'as served'),
  `etag` STRING OPTIONS (description = 'as served'),
  `last_modified` STRING OPTIONS (description = 'as served'),
  `body_sha256` STRING OPTIONS (description = 'of the body, decompressed'),
  `items_seen` INT64 OPTIONS (description = 'entries in a feed\'s document'),
  `items_new` INT64 OPTIONS (description = 'entries of it never seen before'),
  `error_class` STRING OPTIONS (description = 'class or code of the failure'),
  `error_message` STRING OPTIONS (description = 'cut at 500 characters'),
  `raw_uri` STRING OPTIONS (description = 'file, record and offset in _raw')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one request and what came of it; each hop of a redirect is a request',
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
  `rejected_at` TIMESTAMP NOT NULL OPTIONS (description = 'the run\'s clock'),
  `reject_date` DATE NOT NULL OPTIONS (description = 'the run\'s clock; the row\'s folder'),
  `feed_id` STRING OPTIONS (description = 'the feed it came from'),
  `article_id` STRING OPTIONS (description = 'the article, where known'),
  `url` STRING OPTIONS (description = 'the page or feed'),
  `retryable` BOOL NOT NULL OPTIONS (description = 'whether trying again may help'),
  `attempt` INT64 NOT NULL OPTIONS (description = '0 for the first'),
  `error_class` STRING OPTIONS (description = 'class of the error'),
  `error_message` STRING OPTIONS (description = 'cut at 500 characters'),
  `payload` STRING OPTIONS (description = 'JSON of the element, for replay'),
  `payload_truncated` BOOL NOT NULL OPTIONS (description = 'payload was cut'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that made it')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one feed or page that was refused, the reason, and whether it is tried again',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/rejects/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/rejects',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `site_blocks` (
  `site` STRING NOT NULL OPTIONS (description = 'registrable domain'),
  `block_hash` STRING NOT NULL OPTIONS (description = 'hash of the zone and the block\'s normalised text'),
  `sample` STRING NOT NULL OPTIONS (description = 'its text, cut at 200 characters'),
  `article_ids` ARRAY<STRING> OPTIONS (description = 'the articles that prove it, at most 16'),
  `articles_seen` INT64 NOT NULL OPTIONS (description = 'length of that list: 16 means 16 or more'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'by seen_at of the articles'),
  `last_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'by seen_at of the articles'),
  `verdict` STRING NOT NULL OPTIONS (description = 'boilerplate|body|undecided'),
  `zone` STRING NOT NULL OPTIONS (description = 'where it stands in the articles that prove it: edge|inside')
)
WITH PARTITION COLUMNS (`bucket` STRING)
OPTIONS (
  description = 'A row is one block of text of a site, the articles that have it, and whether it is the site\'s boilerplate',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/site_blocks/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/site_blocks',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `persons` (
  `name` STRING NOT NULL OPTIONS (description = 'full name, as articles write it'),
  `surname` STRING NOT NULL OPTIONS (description = 'its last word'),
  `fact_hash` STRING NOT NULL OPTIONS (description = 'hash of name, country and sector'),
  `country` STRING NOT NULL OPTIONS (description = 'country that articles say the person acts for'),
  `sector` STRING OPTIONS (description = 'sector that articles say the person acts in'),
  `article_ids` ARRAY<STRING> OPTIONS (description = 'the articles that say so, at most 16'),
  `articles_seen` INT64 NOT NULL OPTIONS (description = 'length of that list: 16 means 16 or more'),
  `first_date` DATE NOT NULL OPTIONS (description = 'publication of the first of them'),
  `last_date` DATE NOT NULL OPTIONS (description = 'publication of the last of them')
)
WITH PARTITION COLUMNS (`bucket` STRING)
OPTIONS (
  description = 'A row is what articles say of one person: country and sector, and which articles say so',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/persons/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/persons',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `events` (
  `event_id` STRING NOT NULL OPTIONS (description = 'hash of the first mention when first seen'),
  `previous_ids` ARRAY<STRING> OPTIONS (description = 'ids under which it or what was merged into it was published'),
  `published_date` DATE NOT NULL OPTIONS (description = 'day of the first report; the row\'s folder'),
  `first_published_at` TIMESTAMP NOT NULL OPTIONS (description = 'first report'),
  `last_published_at` TIMESTAMP NOT NULL OPTIONS (description = 'last report'),
  `type` STRING NOT NULL OPTIONS (description = 'PLOVER event type'),
  `mode` STRING OPTIONS (description = 'PLOVER mode of the type'),
  `quad` STRING NOT NULL OPTIONS (description = 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict'),
  `score` FLOAT64 NOT NULL OPTIONS (description = 'the mode\'s, else the type\'s: -10 (conflict) to +10 (cooperation)'),
  `contexts` ARRAY<STRING> OPTIONS (description = 'PLOVER contexts'),
  `actor` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'who acts, in order of reading'),
  `recipient` ARRAY<STRUCT<`text` STRING, `name` STRING, `country` STRING, `sector` STRING, `start` INT64, `end` INT64>> OPTIONS (description = 'who is acted upon, in order of reading'),
  `actor_name` STRING OPTIONS (description = 'name of the first actor'),
  `actor_country` STRING OPTIONS (description = 'country of the first actor'),
  `actor_sector` STRING OPTIONS (description = 'sector of the first actor'),
  `recipient_name` STRING OPTIONS (description = 'name of the first recipient'),
  `recipient_country` STRING OPTIONS (description = 'country of the first recipient'),
  `recipient_sector` STRING OPTIONS (description = 'sector of the first recipient'),
  `location` STRING OPTIONS (description = 'place as written'),
  `country` STRING OPTIONS (description = 'country of that place, never of the actor'),
  `admin1` STRING OPTIONS (description = 'first-level region of that place'),
  `lat` FLOAT64 OPTIONS (description = 'degrees north; null unless geo_precision is point or city'),
  `lon` FLOAT64 OPTIONS (description = 'degrees east; null unless geo_precision is point or city'),
  `geo_precision` STRING NOT NULL OPTIONS (description = 'point|city|admin1|country|none'),
  `date` DATE OPTIONS (description = 'when it happened: first day of the period'),
  `date_precision` STRING NOT NULL OPTIONS (description = 'day|week|month|year|none'),
  `date_basis` STRING NOT NULL OPTIONS (description = 'explicit|relative|publication|none'),
  `modality` STRING NOT NULL OPTIONS (description = 'actual|future|hypothetical|negated|historical'),
  `claimant` STRING OPTIONS (description = 'who says so; null where the article does in its own voice'),
  `claimant_country` STRING OPTIONS (description = 'country of the claimant'),
  `claimant_sector` STRING OPTIONS (description = 'sector of the claimant'),
  `via` STRING OPTIONS (description = 'who passed the claim on'),
  `dead` INT64 OPTIONS (description = 'people killed, as the sentence says'),
  `injured` INT64 OPTIONS (description = 'people injured, as the sentence says'),
  `size` INT64 OPTIONS (description = 'size of the crowd, force or haul'),
  `confidence` FLOAT64 NOT NULL OPTIONS (description = '0 to 1'),
  `rule` STRING NOT NULL OPTIONS (description = 'name of the rule that made it'),
  `coder_version` STRING NOT NULL OPTIONS (description = 'version of the event rules'),
  `evidence` STRING NOT NULL OPTIONS (description = 'exact substring of the article\'s title or body'),
  `evidence_field` STRING NOT NULL OPTIONS (description = 'title|body'),
  `evidence_start` INT64 NOT NULL OPTIONS (description = 'offset of the evidence in that field'),
  `evidence_end` INT64 NOT NULL OPTIONS (description = 'end of it, not included'),
  `trigger` STRING NOT NULL OPTIONS (description = 'the words that made the event'),
  `trigger_start` INT64 NOT NULL OPTIONS (description = 'offset of the trigger in the same field'),
  `trigger_end` INT64 NOT NULL OPTIONS (description = 'end of it, not included'),
  `canonical_mention_id` STRING NOT NULL OPTIONS (description = 'the mention whose fields these are'),
  `filled_from` ARRAY<STRUCT<`field` STRING, `mention_id` STRING>> OPTIONS (description = 'fields that the canonical mention lacks, and the mention that has them'),
  `mention_count` INT64 NOT NULL OPTIONS (description = 'mentions with the event\'s own modality'),
  `article_count` INT64 NOT NULL OPTIONS (description = 'articles of those mentions'),
  `source_count` INT64 NOT NULL OPTIONS (description = 'source domains of those mentions'),
  `origin_count` INT64 NOT NULL OPTIONS (description = 'independent origins of those mentions'),
  `claim_status` STRING NOT NULL OPTIONS (description = 'stated|claimed|both: of the same mentions'),
  `claimed_by` ARRAY<STRING> OPTIONS (description = 'claimants of the same mentions, unless negated'),
  `denied_by` ARRAY<STRING> OPTIONS (description = 'claimants of negated mentions, or the source_domain that denies it'),
  `contradicted` BOOL NOT NULL OPTIONS (description = 'some say so, some deny it'),
  `first_source_domain` STRING NOT NULL OPTIONS (description = 'who reported it first'),
  `story_id` STRING OPTIONS (description = 'story of the canonical mention\'s article'),
  `headline` STRING OPTIONS (description = 'of the canonical mention\'s article'),
  `sample_url` STRING NOT NULL OPTIONS (description = 'of the canonical mention\'s article'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that made it')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one event: its mentions in all articles, with counts of articles, papers and independent origins',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/events/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/events',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `stories` (
  `story_id` STRING NOT NULL OPTIONS (description = 'hash of the first article when first seen'),
  `previous_ids` ARRAY<STRING> OPTIONS (description = 'ids under which it or what was merged into it was published'),
  `story_date` DATE NOT NULL OPTIONS (description = 'UTC day of first_at; the row\'s folder'),
  `first_at` TIMESTAMP NOT NULL OPTIONS (description = 'first article'),
  `last_at` TIMESTAMP NOT NULL OPTIONS (description = 'last article'),
  `updated_at` TIMESTAMP NOT NULL OPTIONS (description = 'when its newest article row was made'),
  `headline` STRING OPTIONS (description = 'of the first article'),
  `languages` ARRAY<STRING> OPTIONS (description = 'languages of its articles'),
  `top_terms` ARRAY<STRING> OPTIONS (description = 'names and terms, strongest first'),
  `top_type` STRING OPTIONS (description = 'most frequent event type'),
  `top_country` STRING OPTIONS (description = 'most frequent country of its events'),
  `article_count` INT64 NOT NULL OPTIONS (description = 'articles'),
  `source_count` INT64 NOT NULL OPTIONS (description = 'source domains'),
  `origin_count` INT64 NOT NULL OPTIONS (description = 'independent origins'),
  `event_count` INT64 NOT NULL OPTIONS (description = 'events'),
  `first_source_domain` STRING NOT NULL OPTIONS (description = 'who broke it'),
  `first_article_id` STRING NOT NULL OPTIONS (description = 'the first article'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam that made it')
)
WITH PARTITION COLUMNS (`day` DATE)
OPTIONS (
  description = 'A row is one story: articles that tell the same',
  format = 'PARQUET',
  uris = ['gs://bucket/lake/stories/*'],
  hive_partition_uri_prefix = 'gs://bucket/lake/stories',
  require_hive_partition_filter = FALSE,
  enable_list_inference = TRUE
);

CREATE OR REPLACE EXTERNAL TABLE `feeds` (
  `feed_id` STRING NOT NULL OPTIONS (description = 'hash of the normalised feed URL'),
  `feed_url` STRING NOT NULL OPTIONS (description = 'as configured'),
  `title` STRING OPTIONS (description = 'the feed\'s title'),
  `site_url` STRING OPTIONS (description = 'the publisher\'s site'),
  `source_domain` STRING NOT NULL OPTIONS (description = 'registrable domain of the feed URL'),
  `country` STRING OPTIONS (description = 'of the publisher'),
  `language` STRING OPTIONS (description = 'as declared'),
  `folder` STRING OPTIONS (description = 'OPML folder'),
  `tags` ARRAY<STRING> OPTIONS (description = 'labels'),
  `enabled` BOOL NOT NULL OPTIONS (description = 'polled at all'),
  `poll_interval_s` INT64 OPTIONS (description = 'seconds between polls'),
  `next_due_at` TIMESTAMP OPTIONS (description = 'not polled before'),
  `first_seen_at` TIMESTAMP NOT NULL OPTIONS (description = 'when it was first configured'),
  `last_fetch_at` TIMESTAMP OPTIONS (description = 'last poll'),
  `last_success_at` TIMESTAMP OPTIONS (description = 'last 200 or 304'),
  `last_item_at` TIMESTAMP OPTIONS (description = 'time of the newest entry'),
  `etag` STRING OPTIONS (description = 'of the last 200'),
  `last_modified` STRING OPTIONS (description = 'of the last 200'),
  `body_sha256` STRING OPTIONS (description = 'of the last 200; it decides, not the validators'),
  `moved_to` STRING OPTIONS (description = 'target of a 301'),
  `moved_count` INT64 NOT NULL OPTIONS (description = 'how often in a row; taken over after three'),
  `consecutive_failures` INT64 NOT NULL OPTIONS (description = 'polls failed in a row'),
  `health` STRING NOT NULL OPTIONS (description = 'ok|slow|stale|failing|gone|disabled'),
  `health_reason` STRING OPTIONS (description = 'why'),
  `pending` ARRAY<STRUCT<`url` STRING, `attempt` INT64, `not_before` TIMESTAMP>> OPTIONS (description = 'pages to retry, fetched first by the next run; sorted by url'),
  `snapshot_at` TIMESTAMP NOT NULL OPTIONS (description = 'the run\'s clock'),
  `run_id` STRING NOT NULL OPTIONS (description = 'run that made this version of the row'),
  `backoff_until` TIMESTAMP OPTIONS (description = 'all feeds of its domain wait until then: it answered 429, or 503 with Retry-After'),
  `last_full_at` TIMESTAMP OPTIONS (description = 'last 200 with a body; asked for without validators a day later'),
  `item_gap_s` INT64 OPTIONS (description = 'usual seconds between its newest items'),
  `requested_interval_s` INT64 OPTIONS (description = 'seconds between polls that its document asks for'),
  `skip_times` STRING OPTIONS (description = 'hours (GMT) and days when it asks not to be polled, such as `0 1 Saturday`')
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
  `run_id` STRING NOT NULL OPTIONS (description = 'the run'),
  `kind` STRING NOT NULL OPTIONS (description = 'scheduled|backfill|replay|rebuild|stream'),
  `status` STRING NOT NULL OPTIONS (description = 'running|ok|partial|failed'),
  `run_date` DATE NOT NULL OPTIONS (description = 'day of the run\'s clock; the row\'s folder'),
  `started_at` TIMESTAMP NOT NULL OPTIONS (description = 'the run\'s clock'),
  `ended_at` TIMESTAMP OPTIONS (description = 'end of its last commit'),
  `window_start_at` TIMESTAMP OPTIONS (description = 'oldest publication time in it'),
  `window_end_at` TIMESTAMP OPTIONS (description = 'newest publication time in it'),
  `runner` STRING NOT NULL OPTIONS (description = 'Beam runner'),
  `pipeline_version` STRING NOT NULL OPTIONS (description = 'version of newsbeam'),
  `config_sha256` STRING NOT NULL OPTIONS (description = 'hash of the options'),
  `feeds` INT64 NOT NULL OPTIONS (description = 'feeds polled'),
  `articles_new` INT64 NOT NULL OPTIONS (description = 'articles added to the lake'),
  `articles_rejected` INT64 NOT NULL OPTIONS (description = 'rejects added to the lake'),
  `events_new` INT64 NOT NULL OPTIONS (description = 'events added to the lake'),
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
