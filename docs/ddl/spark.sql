-- After new days have come: MSCK REPAIR TABLE <table> SYNC PARTITIONS.

CREATE TABLE IF NOT EXISTS `articles` (
  `article_id` STRING NOT NULL COMMENT 'hash of the canonical URL, else of the normalised URL; the same in all versions',
  `version` SMALLINT NOT NULL COMMENT 'number of this version in article_versions, from 1',
  `url` STRING NOT NULL COMMENT 'URL as linked',
  `canonical_url` STRING NOT NULL COMMENT 'URL of rel=canonical where it is plausible, else the normalised URL',
  `source_domain` STRING NOT NULL COMMENT 'registrable domain of the canonical URL',
  `feed_ids` ARRAY<STRING> NOT NULL COMMENT 'ids of the feeds that listed it; empty for archives',
  `title` STRING COMMENT 'headline',
  `standfirst` STRING COMMENT 'summary printed below the headline',
  `authors` ARRAY<STRING> NOT NULL COMMENT 'authors, in the order of the byline',
  `byline` STRING COMMENT 'byline as printed',
  `date_line` STRING COMMENT 'dateline, place and date at the start of the text: "KYIV, Oct 10"',
  `credit` STRING COMMENT 'news agency named in the credit line: "Reuters"',
  `captions` ARRAY<STRING> NOT NULL COMMENT 'captions, in page order',
  `published_at` TIMESTAMP COMMENT 'time of publication',
  `published_precision` STRING NOT NULL COMMENT 'second|minute|day|none',
  `published_basis` STRING NOT NULL COMMENT 'feed|jsonld|meta|time|url|printed|modified|first_seen',
  `published_date` DATE NOT NULL COMMENT 'UTC day of published_at, else of first_seen_at; the row\'s folder',
  `modified_at` TIMESTAMP COMMENT 'time of the last change, as the page states it',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'time of the first sighting',
  `seen_at` TIMESTAMP NOT NULL COMMENT 'fetch time of this version; for archives, the date of the record',
  `ingested_at` TIMESTAMP NOT NULL COMMENT 'time by the clock of the run that wrote the row',
  `language` STRING COMMENT 'language as detected, BCP-47',
  `language_score` FLOAT COMMENT 'confidence of the detection, 0 to 1',
  `section` STRING COMMENT 'section of the site, as the publisher names it',
  `tags` ARRAY<STRING> NOT NULL COMMENT 'tags given by the publisher',
  `image_url` STRING COMMENT 'URL of the lead image',
  `body` STRING COMMENT 'clean text, blank lines between paragraphs; null where the page has no article text',
  `word_count` INT NOT NULL COMMENT 'number of words in the body',
  `body_sha256` STRING COMMENT 'SHA-256 of the body',
  `fingerprint` BIGINT COMMENT 'near-duplicate hash of the body, 64 bits as a signed integer',
  `page_kind` STRING NOT NULL COMMENT 'article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|product|gallery|video|not_html|empty',
  `extraction_basis` STRING NOT NULL COMMENT 'source of the body: page|feed|text|jsonld|next_data|nuxt|apollo|state',
  `removed` ARRAY<STRUCT<`text`: STRING, `reason`: STRING, `at`: INT>> NOT NULL COMMENT 'blocks removed from the body, in page order',
  `removed_chars` INT NOT NULL COMMENT 'number of characters removed',
  `boilerplate_ratio` FLOAT COMMENT 'removed_chars / (removed_chars + length of body)',
  `flags` ARRAY<STRING> NOT NULL COMMENT 'charset_guessed, date_guessed, title_mismatch, truncated, ...',
  `duplicate_of` STRING COMMENT 'article_id of the earliest copy; null for that copy',
  `duplicate_kind` STRING COMMENT 'exact|near|syndicated',
  `story_id` STRING COMMENT 'id of its story',
  `event_count` INT NOT NULL COMMENT 'number of event mentions in it',
  `memory_version` STRING COMMENT 'version of site_blocks used to clean it; null for none',
  `next_revisit_at` TIMESTAMP COMMENT 'time of the next revisit; null where none is due',
  `raw_uri` STRING COMMENT 'location of the raw page: file, record and offset in _raw',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that wrote it',
  `updated_at` TIMESTAMP COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` STRING COMMENT 'id of the run that last changed this row',
  `body_markdown` STRING COMMENT 'the blocks of the body as Markdown: headings, lists, quotations, tables, code',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/articles'
COMMENT 'A row is one article: clean text, title, authors, dates, language, removed blocks, and of which article it is a copy';
MSCK REPAIR TABLE `articles`;

CREATE TABLE IF NOT EXISTS `article_versions` (
  `article_id` STRING NOT NULL COMMENT 'id of the article',
  `content_sha256` STRING NOT NULL COMMENT 'hash of title and body',
  `version` SMALLINT NOT NULL COMMENT 'rank by (seen_at, content_sha256), from 1',
  `published_date` DATE NOT NULL COMMENT 'published_date of the article; the row\'s folder',
  `seen_at` TIMESTAMP NOT NULL COMMENT 'time of the first fetch of this text',
  `title` STRING COMMENT 'headline of this version',
  `body` STRING COMMENT 'clean text of this version',
  `body_sha256` STRING COMMENT 'SHA-256 of the body',
  `title_changed` BOOLEAN NOT NULL COMMENT 'whether the title differs from the previous version\'s',
  `chars_added` INT NOT NULL COMMENT 'characters added since the previous version; 0 for the first',
  `chars_removed` INT NOT NULL COMMENT 'characters removed since the previous version; 0 for the first',
  `fetch_id` STRING COMMENT 'fetch_id of the request that returned it; null for archives',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that wrote it',
  `raw_uri` STRING COMMENT 'location of the raw page: file, record and offset in _raw',
  `updated_at` TIMESTAMP COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` STRING COMMENT 'id of the run that last changed this row',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/article_versions'
COMMENT 'A row is one version of an article\'s text';
MSCK REPAIR TABLE `article_versions`;

CREATE TABLE IF NOT EXISTS `event_mentions` (
  `mention_id` STRING NOT NULL COMMENT 'hash of article, type, mode, evidence and the trigger\'s position in the evidence',
  `event_id` STRING NOT NULL COMMENT 'id of the event that it reports',
  `article_id` STRING NOT NULL COMMENT 'id of the article that contains it',
  `event` SMALLINT NOT NULL COMMENT 'number of the event in the article',
  `source_domain` STRING NOT NULL COMMENT 'source_domain of the article',
  `published_at` TIMESTAMP NOT NULL COMMENT 'published_at of the article, else its first_seen_at',
  `published_date` DATE NOT NULL COMMENT 'published_date of the article; the row\'s folder',
  `seen_at` TIMESTAMP NOT NULL COMMENT 'seen_at of the article',
  `body_sha256` STRING NOT NULL COMMENT 'hash of the coded text, equal to body_sha256 of the article',
  `in_lede` BOOLEAN NOT NULL COMMENT 'whether it is in the first two paragraphs',
  `origin` STRING NOT NULL COMMENT 'independent origin: the credited agency, else the domain of the earliest copy',
  `type` STRING NOT NULL COMMENT 'PLOVER event type',
  `mode` STRING COMMENT 'PLOVER mode of the type',
  `quad` STRING NOT NULL COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` FLOAT NOT NULL COMMENT 'of the mode, or the type without one: -10 (conflict) to +10 (cooperation)',
  `contexts` ARRAY<STRING> NOT NULL COMMENT 'PLOVER contexts',
  `actor` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'actors, in text order',
  `recipient` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'recipients of the action, in text order',
  `actor_name` STRING COMMENT 'name of the first actor',
  `actor_country` STRING COMMENT 'country of the first actor',
  `actor_sector` STRING COMMENT 'sector of the first actor',
  `recipient_name` STRING COMMENT 'name of the first recipient',
  `recipient_country` STRING COMMENT 'country of the first recipient',
  `recipient_sector` STRING COMMENT 'sector of the first recipient',
  `location` STRING COMMENT 'name of the place, as written',
  `country` STRING COMMENT 'country of that place, never of the actor',
  `admin1` STRING COMMENT 'first-level region of that place',
  `lat` DOUBLE COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` DOUBLE COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` STRING NOT NULL COMMENT 'point|city|admin1|country|none',
  `date` DATE COMMENT 'when it happened; the first day of a period',
  `date_precision` STRING NOT NULL COMMENT 'day|week|month|year|none',
  `date_basis` STRING NOT NULL COMMENT 'explicit|relative|publication|none',
  `modality` STRING NOT NULL COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` STRING COMMENT 'who states the event; null where the article states it without a source',
  `claimant_country` STRING COMMENT 'country of the claimant',
  `claimant_sector` STRING COMMENT 'sector of the claimant',
  `via` STRING COMMENT 'intermediary that reported the claim',
  `dead` INT COMMENT 'number of people killed, as stated in the sentence',
  `injured` INT COMMENT 'number of people injured, as stated in the sentence',
  `size` INT COMMENT 'size of the crowd, force or seizure',
  `confidence` FLOAT NOT NULL COMMENT 'confidence in the coding, 0 to 1',
  `rule` STRING NOT NULL COMMENT 'name of the rule that coded it',
  `coder_version` STRING NOT NULL COMMENT 'version of the event rules',
  `evidence` STRING NOT NULL COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` STRING NOT NULL COMMENT 'title|body',
  `evidence_start` INT NOT NULL COMMENT 'offset of the evidence in that field',
  `evidence_end` INT NOT NULL COMMENT 'end offset, exclusive',
  `trigger` STRING NOT NULL COMMENT 'words that the rule matched',
  `trigger_start` INT NOT NULL COMMENT 'offset of the trigger in the same field',
  `trigger_end` INT NOT NULL COMMENT 'end offset, exclusive',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that wrote it',
  `cue` STRING COMMENT 'word that attributes the event to the claimant, where it is in the same sentence',
  `cue_start` INT COMMENT 'offset of the cue in the field named by evidence_field',
  `cue_end` INT COMMENT 'end offset of the cue, exclusive',
  `updated_at` TIMESTAMP COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` STRING COMMENT 'id of the run that last changed this row',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/event_mentions'
COMMENT 'A row is one mention of an event in an article, with its evidence and trigger words';
MSCK REPAIR TABLE `event_mentions`;

CREATE TABLE IF NOT EXISTS `sightings` (
  `url_key` STRING NOT NULL COMMENT 'hash of the normalised URL',
  `url` STRING NOT NULL COMMENT 'URL as first linked',
  `article_id` STRING COMMENT 'id of the article it leads to; null until known',
  `feed_ids` ARRAY<STRING> NOT NULL COMMENT 'ids of the feeds that linked to it',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'time of the first sighting',
  `last_seen_at` TIMESTAMP NOT NULL COMMENT 'time of the last sighting in a changed feed document',
  `published_date` DATE COMMENT 'published_date of the article; null where it is not in the lake',
  `bucket` STRING COMMENT 'the first hex digit of url_key'
)
USING PARQUET
PARTITIONED BY (`bucket`)
LOCATION 's3a://bucket/lake/sightings'
COMMENT 'A row is one link seen in feeds or archives, and the article it leads to';
MSCK REPAIR TABLE `sightings`;

CREATE TABLE IF NOT EXISTS `fetches` (
  `fetch_id` STRING NOT NULL COMMENT 'hash of run_id, kind, url, attempt, hop',
  `run_id` STRING NOT NULL COMMENT 'id of the run',
  `kind` STRING NOT NULL COMMENT 'feed|article|robots|sitemap',
  `fetched_at` TIMESTAMP NOT NULL COMMENT 'time the request began',
  `fetch_date` DATE NOT NULL COMMENT 'day of the run\'s clock; the row\'s folder',
  `feed_id` STRING COMMENT 'id of the feed, or of the feed that linked to the page',
  `article_id` STRING COMMENT 'id of the article extracted from the response',
  `url` STRING NOT NULL COMMENT 'URL as requested',
  `final_url` STRING COMMENT 'URL after redirects',
  `host` STRING NOT NULL COMMENT 'host of the requested URL',
  `status` STRING NOT NULL COMMENT 'ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped',
  `http_status` SMALLINT COMMENT 'status code of the last hop',
  `attempt` SMALLINT NOT NULL COMMENT 'number of the attempt, from 0',
  `duration_ms` INT COMMENT 'milliseconds from the request to the last byte',
  `bytes` BIGINT COMMENT 'size of the body, decompressed',
  `content_type` STRING COMMENT 'Content-Type header',
  `etag` STRING COMMENT 'ETag header',
  `last_modified` STRING COMMENT 'Last-Modified header',
  `body_sha256` STRING COMMENT 'SHA-256 of the body, decompressed',
  `items_seen` INT COMMENT 'number of entries in the feed document',
  `items_new` INT COMMENT 'number of those entries not seen before',
  `error_class` STRING COMMENT 'class or code of the failure',
  `error_message` STRING COMMENT 'error message, truncated to 500 characters',
  `raw_uri` STRING COMMENT 'location of the raw page: file, record and offset in _raw',
  `day` DATE COMMENT 'the date in fetch_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/fetches'
COMMENT 'A row is one request and its outcome; each hop of a redirect is a request';
MSCK REPAIR TABLE `fetches`;

CREATE TABLE IF NOT EXISTS `rejects` (
  `reject_id` STRING NOT NULL COMMENT 'hash of stage, key of the element, reason',
  `stage` STRING NOT NULL COMMENT 'feed_parse|archive|fetch|extract|clean|events|write',
  `reason` STRING NOT NULL COMMENT 'stable code, such as E_EXTRACT_EMPTY',
  `rejected_at` TIMESTAMP NOT NULL COMMENT 'time by the run\'s clock',
  `reject_date` DATE NOT NULL COMMENT 'day of the run\'s clock; the row\'s folder',
  `feed_id` STRING COMMENT 'id of the feed it came from',
  `article_id` STRING COMMENT 'id of the article, where known',
  `url` STRING COMMENT 'URL of the page or feed',
  `retryable` BOOLEAN NOT NULL COMMENT 'whether a retry may succeed',
  `attempt` SMALLINT NOT NULL COMMENT 'number of the attempt, from 0',
  `error_class` STRING COMMENT 'class of the error',
  `error_message` STRING COMMENT 'error message, truncated to 500 characters',
  `payload` STRING COMMENT 'JSON of the element, for replay',
  `payload_truncated` BOOLEAN NOT NULL COMMENT 'whether the payload was truncated',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that wrote it',
  `day` DATE COMMENT 'the date in reject_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/rejects'
COMMENT 'A row is one rejected feed or page, the reason, and whether a retry may succeed';
MSCK REPAIR TABLE `rejects`;

CREATE TABLE IF NOT EXISTS `site_blocks` (
  `site` STRING NOT NULL COMMENT 'registrable domain',
  `block_hash` STRING NOT NULL COMMENT 'hash of the zone and the block\'s normalised text',
  `sample` STRING NOT NULL COMMENT 'text of the block, truncated to 200 characters',
  `article_ids` ARRAY<STRING> NOT NULL COMMENT 'ids of articles that contain it, at most 16',
  `articles_seen` INT NOT NULL COMMENT 'length of article_ids; 16 means 16 or more',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'earliest seen_at of its articles',
  `last_seen_at` TIMESTAMP NOT NULL COMMENT 'latest seen_at of its articles',
  `verdict` STRING NOT NULL COMMENT 'boilerplate|body|undecided',
  `zone` STRING NOT NULL COMMENT 'position in its articles: edge|inside',
  `bucket` STRING COMMENT 'the first hex digit of the hash of site'
)
USING PARQUET
PARTITIONED BY (`bucket`)
LOCATION 's3a://bucket/lake/site_blocks'
COMMENT 'A row is one block of text of a site, the articles that contain it, and whether it is boilerplate';
MSCK REPAIR TABLE `site_blocks`;

CREATE TABLE IF NOT EXISTS `persons` (
  `name` STRING NOT NULL COMMENT 'full name, as written in articles',
  `surname` STRING NOT NULL COMMENT 'last word of the name',
  `fact_hash` STRING NOT NULL COMMENT 'hash of name, country and sector',
  `country` STRING NOT NULL COMMENT 'country for which the person acts, as articles state it',
  `sector` STRING COMMENT 'sector in which the person acts, as articles state it',
  `article_ids` ARRAY<STRING> NOT NULL COMMENT 'ids of the articles that state it, at most 16',
  `articles_seen` INT NOT NULL COMMENT 'length of article_ids; 16 means 16 or more',
  `first_date` DATE NOT NULL COMMENT 'publication date of the earliest of them',
  `last_date` DATE NOT NULL COMMENT 'publication date of the latest of them',
  `bucket` STRING COMMENT 'the first hex digit of the hash of name'
)
USING PARQUET
PARTITIONED BY (`bucket`)
LOCATION 's3a://bucket/lake/persons'
COMMENT 'A row is one fact about a person: country and sector, and the articles that state it';
MSCK REPAIR TABLE `persons`;

CREATE TABLE IF NOT EXISTS `events` (
  `event_id` STRING NOT NULL COMMENT 'hash of the first mention at the time the event was first seen',
  `previous_ids` ARRAY<STRING> NOT NULL COMMENT 'ids under which it, or an event merged into it, was published',
  `published_date` DATE NOT NULL COMMENT 'day of the first report; the row\'s folder',
  `first_published_at` TIMESTAMP NOT NULL COMMENT 'time of the first report',
  `last_published_at` TIMESTAMP NOT NULL COMMENT 'time of the last report',
  `type` STRING NOT NULL COMMENT 'PLOVER event type',
  `mode` STRING COMMENT 'PLOVER mode of the type',
  `quad` STRING NOT NULL COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` FLOAT NOT NULL COMMENT 'of the mode, or the type without one: -10 (conflict) to +10 (cooperation)',
  `contexts` ARRAY<STRING> NOT NULL COMMENT 'PLOVER contexts',
  `actor` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'actors, in text order',
  `recipient` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'recipients of the action, in text order',
  `actor_name` STRING COMMENT 'name of the first actor',
  `actor_country` STRING COMMENT 'country of the first actor',
  `actor_sector` STRING COMMENT 'sector of the first actor',
  `recipient_name` STRING COMMENT 'name of the first recipient',
  `recipient_country` STRING COMMENT 'country of the first recipient',
  `recipient_sector` STRING COMMENT 'sector of the first recipient',
  `location` STRING COMMENT 'name of the place, as written',
  `country` STRING COMMENT 'country of that place, never of the actor',
  `admin1` STRING COMMENT 'first-level region of that place',
  `lat` DOUBLE COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` DOUBLE COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` STRING NOT NULL COMMENT 'point|city|admin1|country|none',
  `date` DATE COMMENT 'when it happened; the first day of a period',
  `date_precision` STRING NOT NULL COMMENT 'day|week|month|year|none',
  `date_basis` STRING NOT NULL COMMENT 'explicit|relative|publication|none',
  `modality` STRING NOT NULL COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` STRING COMMENT 'who states the event; null where the article states it without a source',
  `claimant_country` STRING COMMENT 'country of the claimant',
  `claimant_sector` STRING COMMENT 'sector of the claimant',
  `via` STRING COMMENT 'intermediary that reported the claim',
  `dead` INT COMMENT 'number of people killed, as stated in the sentence',
  `injured` INT COMMENT 'number of people injured, as stated in the sentence',
  `size` INT COMMENT 'size of the crowd, force or seizure',
  `confidence` FLOAT NOT NULL COMMENT 'confidence in the coding, 0 to 1',
  `rule` STRING NOT NULL COMMENT 'name of the rule that coded it',
  `coder_version` STRING NOT NULL COMMENT 'version of the event rules',
  `evidence` STRING NOT NULL COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` STRING NOT NULL COMMENT 'title|body',
  `evidence_start` INT NOT NULL COMMENT 'offset of the evidence in that field',
  `evidence_end` INT NOT NULL COMMENT 'end offset, exclusive',
  `trigger` STRING NOT NULL COMMENT 'words that the rule matched',
  `trigger_start` INT NOT NULL COMMENT 'offset of the trigger in the same field',
  `trigger_end` INT NOT NULL COMMENT 'end offset, exclusive',
  `canonical_mention_id` STRING NOT NULL COMMENT 'id of the mention that the fields are from',
  `filled_from` ARRAY<STRUCT<`field`: STRING, `mention_id`: STRING>> NOT NULL COMMENT 'fields that are null in the canonical mention, with the mention that supplies each',
  `mention_count` INT NOT NULL COMMENT 'number of mentions with the event\'s modality',
  `article_count` INT NOT NULL COMMENT 'number of articles of those mentions',
  `source_count` INT NOT NULL COMMENT 'number of source domains of those mentions',
  `origin_count` INT NOT NULL COMMENT 'number of independent origins of those mentions',
  `claim_status` STRING NOT NULL COMMENT 'stated|claimed|both, over those mentions',
  `claimed_by` ARRAY<STRING> NOT NULL COMMENT 'claimants of those mentions, unless negated',
  `denied_by` ARRAY<STRING> NOT NULL COMMENT 'claimants of negated mentions, or the source_domain where there is none',
  `contradicted` BOOLEAN NOT NULL COMMENT 'whether it is both affirmed and denied',
  `first_source_domain` STRING NOT NULL COMMENT 'source domain of the first report',
  `story_id` STRING COMMENT 'story_id of the canonical mention\'s article',
  `headline` STRING COMMENT 'headline of the canonical mention\'s article',
  `sample_url` STRING NOT NULL COMMENT 'URL of the canonical mention\'s article',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that wrote it',
  `updated_at` TIMESTAMP COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` STRING COMMENT 'id of the run that last changed this row',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/events'
COMMENT 'A row is one event, merged from its mentions in all articles, with counts of articles, sources and independent origins';
MSCK REPAIR TABLE `events`;

CREATE TABLE IF NOT EXISTS `stories` (
  `story_id` STRING NOT NULL COMMENT 'hash of the first article at the time the story was first seen',
  `previous_ids` ARRAY<STRING> NOT NULL COMMENT 'ids under which it, or a story merged into it, was published',
  `story_date` DATE NOT NULL COMMENT 'UTC day of first_at; the row\'s folder',
  `first_at` TIMESTAMP NOT NULL COMMENT 'time of the first article',
  `last_at` TIMESTAMP NOT NULL COMMENT 'time of the last article',
  `updated_at` TIMESTAMP NOT NULL COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `headline` STRING COMMENT 'headline of the first article',
  `languages` ARRAY<STRING> NOT NULL COMMENT 'languages of its articles',
  `top_terms` ARRAY<STRING> NOT NULL COMMENT 'names and terms, highest-weighted first',
  `top_type` STRING COMMENT 'most frequent event type',
  `top_country` STRING COMMENT 'most frequent country of its events',
  `article_count` INT NOT NULL COMMENT 'number of articles',
  `source_count` INT NOT NULL COMMENT 'number of source domains',
  `origin_count` INT NOT NULL COMMENT 'number of independent origins',
  `event_count` INT NOT NULL COMMENT 'number of events',
  `first_source_domain` STRING NOT NULL COMMENT 'source domain of the first article',
  `first_article_id` STRING NOT NULL COMMENT 'id of the first article',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that wrote it',
  `updated_run_id` STRING COMMENT 'id of the run that last changed this row',
  `day` DATE COMMENT 'the date in story_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/stories'
COMMENT 'A row is one story: the articles that report the same news';
MSCK REPAIR TABLE `stories`;

CREATE TABLE IF NOT EXISTS `deleted_rows` (
  `table_name` STRING NOT NULL COMMENT 'articles|article_versions|event_mentions|events|stories',
  `row_key` STRING NOT NULL COMMENT 'key of the row; values of several columns are joined by /',
  `row_date` DATE NOT NULL COMMENT 'date of the row\'s folder, and of this row\'s',
  `replaced_by` STRING COMMENT 'id of the event or story that the row was merged into; null if there is none',
  `deleted_at` TIMESTAMP NOT NULL COMMENT 'time of the deletion, by the lake\'s clock; never decreases',
  `deleted_run_id` STRING NOT NULL COMMENT 'id of the run that deleted it',
  `day` DATE COMMENT 'the date in row_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/deleted_rows'
COMMENT 'A row is one row that was deleted from one of the tables with updated_at, and what replaced it';
MSCK REPAIR TABLE `deleted_rows`;

CREATE TABLE IF NOT EXISTS `feeds` (
  `feed_id` STRING NOT NULL COMMENT 'hash of the normalised feed URL',
  `feed_url` STRING NOT NULL COMMENT 'URL as configured',
  `title` STRING COMMENT 'title of the feed',
  `site_url` STRING COMMENT 'URL of the publisher\'s site',
  `source_domain` STRING NOT NULL COMMENT 'registrable domain of the feed URL',
  `country` STRING COMMENT 'country of the publisher',
  `language` STRING COMMENT 'language as declared',
  `folder` STRING COMMENT 'folder in the OPML list',
  `tags` ARRAY<STRING> NOT NULL COMMENT 'labels',
  `enabled` BOOLEAN NOT NULL COMMENT 'whether it is polled',
  `poll_interval_s` INT COMMENT 'seconds between polls',
  `next_due_at` TIMESTAMP COMMENT 'time before which it is not polled',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'time it was first configured',
  `last_fetch_at` TIMESTAMP COMMENT 'time of the last poll',
  `last_success_at` TIMESTAMP COMMENT 'time of the last response with status 200 or 304',
  `last_item_at` TIMESTAMP COMMENT 'time of the newest entry',
  `etag` STRING COMMENT 'ETag of the last response with status 200',
  `last_modified` STRING COMMENT 'Last-Modified of the last response with status 200',
  `body_sha256` STRING COMMENT 'SHA-256 of the last 200\'s body; decides whether it changed',
  `moved_to` STRING COMMENT 'target URL of a permanent redirect (301)',
  `moved_count` SMALLINT NOT NULL COMMENT 'consecutive polls redirected there; adopted after three',
  `consecutive_failures` INT NOT NULL COMMENT 'number of consecutive failed polls',
  `health` STRING NOT NULL COMMENT 'ok|slow|stale|failing|gone|disabled',
  `health_reason` STRING COMMENT 'reason for the health',
  `pending` ARRAY<STRUCT<`url`: STRING, `attempt`: SMALLINT, `not_before`: TIMESTAMP>> NOT NULL COMMENT 'retry queue: pages that the next run fetches first, sorted by url',
  `snapshot_at` TIMESTAMP NOT NULL COMMENT 'time by the run\'s clock',
  `run_id` STRING NOT NULL COMMENT 'id of the run that wrote this version of the row',
  `backoff_until` TIMESTAMP COMMENT 'time until which all feeds of its domain wait, after a 429, or a 503 with Retry-After',
  `last_full_at` TIMESTAMP COMMENT 'time of the last 200 with a body; a day later it is polled without validators',
  `item_gap_s` INT COMMENT 'typical seconds between its newest items',
  `requested_interval_s` INT COMMENT 'seconds between polls that the feed document requests',
  `skip_times` STRING COMMENT 'hours (GMT) and days without polls, as the document requests: `0 1 Saturday`',
  `all` STRING COMMENT 'always 0'
)
USING PARQUET
PARTITIONED BY (`all`)
LOCATION 's3a://bucket/lake/feeds'
COMMENT 'A row is one feed: its state, its health, its retry queue';
MSCK REPAIR TABLE `feeds`;

CREATE TABLE IF NOT EXISTS `runs` (
  `run_id` STRING NOT NULL COMMENT 'id of the run',
  `kind` STRING NOT NULL COMMENT 'scheduled|backfill|replay|rebuild|stream',
  `status` STRING NOT NULL COMMENT 'running|ok|partial|failed',
  `run_date` DATE NOT NULL COMMENT 'day of the run\'s clock; the row\'s folder',
  `started_at` TIMESTAMP NOT NULL COMMENT 'time the run started, by its clock',
  `ended_at` TIMESTAMP COMMENT 'time of its last commit',
  `window_start_at` TIMESTAMP COMMENT 'oldest publication time of its articles',
  `window_end_at` TIMESTAMP COMMENT 'newest publication time of its articles',
  `runner` STRING NOT NULL COMMENT 'Beam runner',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam',
  `config_sha256` STRING NOT NULL COMMENT 'hash of the options',
  `feeds` INT NOT NULL COMMENT 'number of feeds polled',
  `articles_new` INT NOT NULL COMMENT 'number of articles added to the lake',
  `articles_rejected` INT NOT NULL COMMENT 'number of rejects added to the lake',
  `events_new` INT NOT NULL COMMENT 'number of events added to the lake',
  `metrics` ARRAY<STRUCT<`name`: STRING, `value`: BIGINT>> NOT NULL COMMENT 'counters by name',
  `day` DATE COMMENT 'the date in run_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/runs'
COMMENT 'A row is one run: status, counts, counters';
MSCK REPAIR TABLE `runs`;

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
