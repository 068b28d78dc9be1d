-- After new days have come: MSCK REPAIR TABLE <table> SYNC PARTITIONS.

CREATE TABLE IF NOT EXISTS `articles` (
  `article_id` STRING NOT NULL COMMENT 'hash of the canonical, else the normalised URL; the same over all versions',
  `version` SMALLINT NOT NULL COMMENT 'number of this text in article_versions, from 1',
  `url` STRING NOT NULL COMMENT 'as linked',
  `canonical_url` STRING NOT NULL COMMENT 'rel=canonical where it can be trusted, else the normalised URL',
  `source_domain` STRING NOT NULL COMMENT 'registrable domain of the canonical URL',
  `feed_ids` ARRAY<STRING> NOT NULL COMMENT 'all feeds that carried it; empty for archives',
  `title` STRING COMMENT 'headline',
  `standfirst` STRING COMMENT 'the lines under the headline',
  `authors` ARRAY<STRING> NOT NULL COMMENT 'authors in order of the byline',
  `byline` STRING COMMENT 'byline as printed',
  `date_line` STRING COMMENT 'place and date the text opens with: "KYIV, Oct 10"',
  `credit` STRING COMMENT 'wire or agency of the credit line: "Reuters"',
  `captions` ARRAY<STRING> NOT NULL COMMENT 'captions in page order',
  `published_at` TIMESTAMP COMMENT 'time of publication',
  `published_precision` STRING NOT NULL COMMENT 'second|minute|day|none',
  `published_basis` STRING NOT NULL COMMENT 'feed|jsonld|meta|url|text|first_seen',
  `published_date` DATE NOT NULL COMMENT 'UTC day of published_at, else of first_seen_at; the row\'s folder',
  `modified_at` TIMESTAMP COMMENT 'the page\'s own word on its last change',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'first sight',
  `seen_at` TIMESTAMP NOT NULL COMMENT 'fetch of this version; an archive\'s own record date',
  `ingested_at` TIMESTAMP NOT NULL COMMENT 'when the row was made',
  `language` STRING COMMENT 'as detected, BCP-47',
  `language_score` FLOAT COMMENT '0 to 1',
  `section` STRING COMMENT 'the publisher\'s section',
  `tags` ARRAY<STRING> NOT NULL COMMENT 'the publisher\'s tags',
  `image_url` STRING COMMENT 'lead picture',
  `body` STRING COMMENT 'clean text, blank line between paragraphs; null where the page has no article text',
  `word_count` INT NOT NULL COMMENT 'words of the body',
  `body_sha256` STRING COMMENT 'SHA-256 of the body',
  `fingerprint` BIGINT COMMENT 'near-duplicate hash of the body, its 64 bits read as signed',
  `page_kind` STRING NOT NULL COMMENT 'article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|video|not_html|empty',
  `extraction_basis` STRING NOT NULL COMMENT 'page|feed|text: what the body was taken from',
  `removed` ARRAY<STRUCT<`text`: STRING, `reason`: STRING, `at`: INT>> NOT NULL COMMENT 'what was taken out, in order of the page',
  `removed_chars` INT NOT NULL COMMENT 'characters taken out',
  `boilerplate_ratio` FLOAT COMMENT 'removed_chars / (removed_chars + length of body)',
  `flags` ARRAY<STRING> NOT NULL COMMENT 'date_guessed, date_refused, title_mismatch, truncated, ...',
  `duplicate_of` STRING COMMENT 'article_id of the earliest copy, null on it',
  `duplicate_kind` STRING COMMENT 'exact|near|syndicated',
  `story_id` STRING COMMENT 'the story it belongs to',
  `event_count` INT NOT NULL COMMENT 'event mentions in it',
  `memory_version` STRING COMMENT 'which state of site_blocks cleaned it; null without',
  `next_revisit_at` TIMESTAMP COMMENT 'when to fetch it again; null: no more',
  `raw_uri` STRING COMMENT 'file, record and offset in _raw',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that made it',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/articles'
COMMENT 'A row is one article: clean text, title, authors, dates, language, what was removed, whose copy it is';
MSCK REPAIR TABLE `articles`;

CREATE TABLE IF NOT EXISTS `article_versions` (
  `article_id` STRING NOT NULL COMMENT 'the article',
  `content_sha256` STRING NOT NULL COMMENT 'hash of title and body',
  `version` SMALLINT NOT NULL COMMENT 'rank by (seen_at, content_sha256), from 1',
  `published_date` DATE NOT NULL COMMENT 'the article\'s; the row\'s folder',
  `seen_at` TIMESTAMP NOT NULL COMMENT 'first fetch of this text',
  `title` STRING COMMENT 'headline of this version',
  `body` STRING COMMENT 'clean text of this version',
  `body_sha256` STRING COMMENT 'SHA-256 of the body',
  `title_changed` BOOLEAN NOT NULL COMMENT 'against the version before; false for the first',
  `chars_added` INT NOT NULL COMMENT 'against the version before; 0 for the first',
  `chars_removed` INT NOT NULL COMMENT 'against the version before; 0 for the first',
  `fetch_id` STRING COMMENT 'the fetch that brought it; null for archives',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that made it',
  `raw_uri` STRING COMMENT 'file, record and offset in _raw',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/article_versions'
COMMENT 'A row is one text of an article, as it changed';
MSCK REPAIR TABLE `article_versions`;

CREATE TABLE IF NOT EXISTS `event_mentions` (
  `mention_id` STRING NOT NULL COMMENT 'hash of article, type, mode, evidence and the trigger\'s place in it',
  `event_id` STRING NOT NULL COMMENT 'the event it reports',
  `article_id` STRING NOT NULL COMMENT 'the article it stands in',
  `event` SMALLINT NOT NULL COMMENT 'number of the event within the article',
  `source_domain` STRING NOT NULL COMMENT 'of the article',
  `published_at` TIMESTAMP NOT NULL COMMENT 'of the article, else its first_seen_at',
  `published_date` DATE NOT NULL COMMENT 'of the article; the row\'s folder',
  `seen_at` TIMESTAMP NOT NULL COMMENT 'of the article',
  `body_sha256` STRING NOT NULL COMMENT 'hash of the text coded, equal to the article\'s own',
  `in_lede` BOOLEAN NOT NULL COMMENT 'in the first two paragraphs',
  `origin` STRING NOT NULL COMMENT 'for whom it counts: the wire credited, else the domain of the earliest copy',
  `type` STRING NOT NULL COMMENT 'PLOVER event type',
  `mode` STRING COMMENT 'PLOVER mode of the type',
  `quad` STRING NOT NULL COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` FLOAT NOT NULL COMMENT 'the mode\'s, else the type\'s: -10 (conflict) to +10 (cooperation)',
  `contexts` ARRAY<STRING> NOT NULL COMMENT 'PLOVER contexts',
  `actor` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'who acts, in order of reading',
  `recipient` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'who is acted upon, in order of reading',
  `actor_name` STRING COMMENT 'name of the first actor',
  `actor_country` STRING COMMENT 'country of the first actor',
  `actor_sector` STRING COMMENT 'sector of the first actor',
  `recipient_name` STRING COMMENT 'name of the first recipient',
  `recipient_country` STRING COMMENT 'country of the first recipient',
  `recipient_sector` STRING COMMENT 'sector of the first recipient',
  `location` STRING COMMENT 'place as written',
  `country` STRING COMMENT 'country of that place, never of the actor',
  `admin1` STRING COMMENT 'first-level region of that place',
  `lat` DOUBLE COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` DOUBLE COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` STRING NOT NULL COMMENT 'point|city|admin1|country|none',
  `date` DATE COMMENT 'when it happened: first day of the period',
  `date_precision` STRING NOT NULL COMMENT 'day|week|month|year|none',
  `date_basis` STRING NOT NULL COMMENT 'explicit|relative|publication|none',
  `modality` STRING NOT NULL COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` STRING COMMENT 'who says so; null where the article does in its own voice',
  `claimant_country` STRING COMMENT 'country of the claimant',
  `claimant_sector` STRING COMMENT 'sector of the claimant',
  `via` STRING COMMENT 'who passed the claim on',
  `dead` INT COMMENT 'people killed, as the sentence says',
  `injured` INT COMMENT 'people injured, as the sentence says',
  `size` INT COMMENT 'size of the crowd, force or haul',
  `confidence` FLOAT NOT NULL COMMENT '0 to 1',
  `rule` STRING NOT NULL COMMENT 'name of the rule that made it',
  `coder_version` STRING NOT NULL COMMENT 'version of the event rules',
  `evidence` STRING NOT NULL COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` STRING NOT NULL COMMENT 'title|body',
  `evidence_start` INT NOT NULL COMMENT 'offset of the evidence in that field',
  `evidence_end` INT NOT NULL COMMENT 'end of it, not included',
  `trigger` STRING NOT NULL COMMENT 'the words that made the event',
  `trigger_start` INT NOT NULL COMMENT 'offset of the trigger in the same field',
  `trigger_end` INT NOT NULL COMMENT 'end of it, not included',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that made it',
  `cue` STRING COMMENT 'the word by which the claimant is said to say so, where it is in the same sentence',
  `cue_start` INT COMMENT 'in the field that evidence_field names',
  `cue_end` INT COMMENT 'in the field that evidence_field names; not included',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/event_mentions'
COMMENT 'A row is one event as one place in one article tells it, with evidence and trigger words';
MSCK REPAIR TABLE `event_mentions`;

CREATE TABLE IF NOT EXISTS `sightings` (
  `url_key` STRING NOT NULL COMMENT 'hash of the normalised URL',
  `url` STRING NOT NULL COMMENT 'as first linked',
  `article_id` STRING COMMENT 'the article behind it; null until the page is known',
  `feed_ids` ARRAY<STRING> NOT NULL COMMENT 'feeds that linked to it',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'first sight',
  `last_seen_at` TIMESTAMP NOT NULL COMMENT 'newest sight in a changed feed document',
  `published_date` DATE COMMENT 'day under which the article lies now; null when it is not in the lake',
  `bucket` STRING COMMENT 'the first hex digit of url_key'
)
USING PARQUET
PARTITIONED BY (`bucket`)
LOCATION 's3a://bucket/lake/sightings'
COMMENT 'A row is one link seen in feeds or archives, and the article it led to';
MSCK REPAIR TABLE `sightings`;

CREATE TABLE IF NOT EXISTS `fetches` (
  `fetch_id` STRING NOT NULL COMMENT 'hash of run_id, kind, url, attempt, hop',
  `run_id` STRING NOT NULL COMMENT 'the run',
  `kind` STRING NOT NULL COMMENT 'feed|article|robots|sitemap',
  `fetched_at` TIMESTAMP NOT NULL COMMENT 'when the request began',
  `fetch_date` DATE NOT NULL COMMENT 'day of the run\'s clock; the row\'s folder',
  `feed_id` STRING COMMENT 'the feed, or the feed that linked to the page',
  `article_id` STRING COMMENT 'the article that came of it',
  `url` STRING NOT NULL COMMENT 'as asked',
  `final_url` STRING COMMENT 'after redirects',
  `host` STRING NOT NULL COMMENT 'of the URL asked',
  `status` STRING NOT NULL COMMENT 'ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped',
  `http_status` SMALLINT COMMENT 'status code of the last hop',
  `attempt` SMALLINT NOT NULL COMMENT '0 for the first',
  `duration_ms` INT COMMENT 'from request to last byte',
  `bytes` BIGINT COMMENT 'of the body, decompressed',
  `content_type` STRING COMMENT 'as served',
  `etag` STRING COMMENT 'as served',
  `last_modified` STRING COMMENT 'as served',
  `body_sha256` STRING COMMENT 'of the body, decompressed',
  `items_seen` INT COMMENT 'entries in a feed\'s document',
  `items_new` INT COMMENT 'entries of it never seen before',
  `error_class` STRING COMMENT 'class or code of the failure',
  `error_message` STRING COMMENT 'cut at 500 characters',
  `raw_uri` STRING COMMENT 'file, record and offset in _raw',
  `day` DATE COMMENT 'the date in fetch_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/fetches'
COMMENT 'A row is one request and what came of it; each hop of a redirect is a request';
MSCK REPAIR TABLE `fetches`;

CREATE TABLE IF NOT EXISTS `rejects` (
  `reject_id` STRING NOT NULL COMMENT 'hash of stage, key of the element, reason',
  `stage` STRING NOT NULL COMMENT 'feed_parse|archive|fetch|extract|clean|events|write',
  `reason` STRING NOT NULL COMMENT 'stable code, such as E_EXTRACT_EMPTY',
  `rejected_at` TIMESTAMP NOT NULL COMMENT 'the run\'s clock',
  `reject_date` DATE NOT NULL COMMENT 'the run\'s clock; the row\'s folder',
  `feed_id` STRING COMMENT 'the feed it came from',
  `article_id` STRING COMMENT 'the article, where known',
  `url` STRING COMMENT 'the page or feed',
  `retryable` BOOLEAN NOT NULL COMMENT 'whether trying again may help',
  `attempt` SMALLINT NOT NULL COMMENT '0 for the first',
  `error_class` STRING COMMENT 'class of the error',
  `error_message` STRING COMMENT 'cut at 500 characters',
  `payload` STRING COMMENT 'JSON of the element, for replay',
  `payload_truncated` BOOLEAN NOT NULL COMMENT 'payload was cut',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that made it',
  `day` DATE COMMENT 'the date in reject_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/rejects'
COMMENT 'A row is one feed or page that was refused, the reason, and whether it is tried again';
MSCK REPAIR TABLE `rejects`;

CREATE TABLE IF NOT EXISTS `site_blocks` (
  `site` STRING NOT NULL COMMENT 'registrable domain',
  `block_hash` STRING NOT NULL COMMENT 'hash of the zone and the block\'s normalised text',
  `sample` STRING NOT NULL COMMENT 'its text, cut at 200 characters',
  `article_ids` ARRAY<STRING> NOT NULL COMMENT 'the articles that prove it, at most 16',
  `articles_seen` INT NOT NULL COMMENT 'length of that list: 16 means 16 or more',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'by seen_at of the articles',
  `last_seen_at` TIMESTAMP NOT NULL COMMENT 'by seen_at of the articles',
  `verdict` STRING NOT NULL COMMENT 'boilerplate|body|undecided',
  `zone` STRING NOT NULL COMMENT 'where it stands in the articles that prove it: edge|inside',
  `bucket` STRING COMMENT 'the first hex digit of the hash of site'
)
USING PARQUET
PARTITIONED BY (`bucket`)
LOCATION 's3a://bucket/lake/site_blocks'
COMMENT 'A row is one block of text of a site, the articles that have it, and whether it is the site\'s boilerplate';
MSCK REPAIR TABLE `site_blocks`;

CREATE TABLE IF NOT EXISTS `persons` (
  `name` STRING NOT NULL COMMENT 'full name, as articles write it',
  `surname` STRING NOT NULL COMMENT 'its last word',
  `fact_hash` STRING NOT NULL COMMENT 'hash of name, country and sector',
  `country` STRING NOT NULL COMMENT 'country that articles say the person acts for',
  `sector` STRING COMMENT 'sector that articles say the person acts in',
  `article_ids` ARRAY<STRING> NOT NULL COMMENT 'the articles that say so, at most 16',
  `articles_seen` INT NOT NULL COMMENT 'length of that list: 16 means 16 or more',
  `first_date` DATE NOT NULL COMMENT 'publication of the first of them',
  `last_date` DATE NOT NULL COMMENT 'publication of the last of them',
  `bucket` STRING COMMENT 'the first hex digit of the hash of name'
)
USING PARQUET
PARTITIONED BY (`bucket`)
LOCATION 's3a://bucket/lake/persons'
COMMENT 'A row is what articles say of one person: country and sector, and which articles say so';
MSCK REPAIR TABLE `persons`;

CREATE TABLE IF NOT EXISTS `events` (
  `event_id` STRING NOT NULL COMMENT 'hash of the first mention when first seen',
  `previous_ids` ARRAY<STRING> NOT NULL COMMENT 'ids under which it or what was merged into it was published',
  `published_date` DATE NOT NULL COMMENT 'day of the first report; the row\'s folder',
  `first_published_at` TIMESTAMP NOT NULL COMMENT 'first report',
  `last_published_at` TIMESTAMP NOT NULL COMMENT 'last report',
  `type` STRING NOT NULL COMMENT 'PLOVER event type',
  `mode` STRING COMMENT 'PLOVER mode of the type',
  `quad` STRING NOT NULL COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` FLOAT NOT NULL COMMENT 'the mode\'s, else the type\'s: -10 (conflict) to +10 (cooperation)',
  `contexts` ARRAY<STRING> NOT NULL COMMENT 'PLOVER contexts',
  `actor` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'who acts, in order of reading',
  `recipient` ARRAY<STRUCT<`text`: STRING, `name`: STRING, `country`: STRING, `sector`: STRING, `start`: INT, `end`: INT>> NOT NULL COMMENT 'who is acted upon, in order of reading',
  `actor_name` STRING COMMENT 'name of the first actor',
  `actor_country` STRING COMMENT 'country of the first actor',
  `actor_sector` STRING COMMENT 'sector of the first actor',
  `recipient_name` STRING COMMENT 'name of the first recipient',
  `recipient_country` STRING COMMENT 'country of the first recipient',
  `recipient_sector` STRING COMMENT 'sector of the first recipient',
  `location` STRING COMMENT 'place as written',
  `country` STRING COMMENT 'country of that place, never of the actor',
  `admin1` STRING COMMENT 'first-level region of that place',
  `lat` DOUBLE COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` DOUBLE COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` STRING NOT NULL COMMENT 'point|city|admin1|country|none',
  `date` DATE COMMENT 'when it happened: first day of the period',
  `date_precision` STRING NOT NULL COMMENT 'day|week|month|year|none',
  `date_basis` STRING NOT NULL COMMENT 'explicit|relative|publication|none',
  `modality` STRING NOT NULL COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` STRING COMMENT 'who says so; null where the article does in its own voice',
  `claimant_country` STRING COMMENT 'country of the claimant',
  `claimant_sector` STRING COMMENT 'sector of the claimant',
  `via` STRING COMMENT 'who passed the claim on',
  `dead` INT COMMENT 'people killed, as the sentence says',
  `injured` INT COMMENT 'people injured, as the sentence says',
  `size` INT COMMENT 'size of the crowd, force or haul',
  `confidence` FLOAT NOT NULL COMMENT '0 to 1',
  `rule` STRING NOT NULL COMMENT 'name of the rule that made it',
  `coder_version` STRING NOT NULL COMMENT 'version of the event rules',
  `evidence` STRING NOT NULL COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` STRING NOT NULL COMMENT 'title|body',
  `evidence_start` INT NOT NULL COMMENT 'offset of the evidence in that field',
  `evidence_end` INT NOT NULL COMMENT 'end of it, not included',
  `trigger` STRING NOT NULL COMMENT 'the words that made the event',
  `trigger_start` INT NOT NULL COMMENT 'offset of the trigger in the same field',
  `trigger_end` INT NOT NULL COMMENT 'end of it, not included',
  `canonical_mention_id` STRING NOT NULL COMMENT 'the mention whose fields these are',
  `filled_from` ARRAY<STRUCT<`field`: STRING, `mention_id`: STRING>> NOT NULL COMMENT 'fields that the canonical mention lacks, and the mention that has them',
  `mention_count` INT NOT NULL COMMENT 'mentions with the event\'s own modality',
  `article_count` INT NOT NULL COMMENT 'articles of those mentions',
  `source_count` INT NOT NULL COMMENT 'source domains of those mentions',
  `origin_count` INT NOT NULL COMMENT 'independent origins of those mentions',
  `claim_status` STRING NOT NULL COMMENT 'stated|claimed|both: of the same mentions',
  `claimed_by` ARRAY<STRING> NOT NULL COMMENT 'claimants of the same mentions, unless negated',
  `denied_by` ARRAY<STRING> NOT NULL COMMENT 'claimants of negated mentions, or the source_domain that denies it',
  `contradicted` BOOLEAN NOT NULL COMMENT 'some say so, some deny it',
  `first_source_domain` STRING NOT NULL COMMENT 'who reported it first',
  `story_id` STRING COMMENT 'story of the canonical mention\'s article',
  `headline` STRING COMMENT 'of the canonical mention\'s article',
  `sample_url` STRING NOT NULL COMMENT 'of the canonical mention\'s article',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that made it',
  `day` DATE COMMENT 'the date in published_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/events'
COMMENT 'A row is one event: its mentions in all articles, with counts of articles, papers and independent origins';
MSCK REPAIR TABLE `events`;

CREATE TABLE IF NOT EXISTS `stories` (
  `story_id` STRING NOT NULL COMMENT 'hash of the first article when first seen',
  `previous_ids` ARRAY<STRING> NOT NULL COMMENT 'ids under which it or what was merged into it was published',
  `story_date` DATE NOT NULL COMMENT 'UTC day of first_at; the row\'s folder',
  `first_at` TIMESTAMP NOT NULL COMMENT 'first article',
  `last_at` TIMESTAMP NOT NULL COMMENT 'last article',
  `updated_at` TIMESTAMP NOT NULL COMMENT 'when its newest article row was made',
  `headline` STRING COMMENT 'of the first article',
  `languages` ARRAY<STRING> NOT NULL COMMENT 'languages of its articles',
  `top_terms` ARRAY<STRING> NOT NULL COMMENT 'names and terms, strongest first',
  `top_type` STRING COMMENT 'most frequent event type',
  `top_country` STRING COMMENT 'most frequent country of its events',
  `article_count` INT NOT NULL COMMENT 'articles',
  `source_count` INT NOT NULL COMMENT 'source domains',
  `origin_count` INT NOT NULL COMMENT 'independent origins',
  `event_count` INT NOT NULL COMMENT 'events',
  `first_source_domain` STRING NOT NULL COMMENT 'who broke it',
  `first_article_id` STRING NOT NULL COMMENT 'the first article',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam that made it',
  `day` DATE COMMENT 'the date in story_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/stories'
COMMENT 'A row is one story: articles that tell the same';
MSCK REPAIR TABLE `stories`;

CREATE TABLE IF NOT EXISTS `feeds` (
  `feed_id` STRING NOT NULL COMMENT 'hash of the normalised feed URL',
  `feed_url` STRING NOT NULL COMMENT 'as configured',
  `title` STRING COMMENT 'the feed\'s title',
  `site_url` STRING COMMENT 'the publisher\'s site',
  `source_domain` STRING NOT NULL COMMENT 'registrable domain of the feed URL',
  `country` STRING COMMENT 'of the publisher',
  `language` STRING COMMENT 'as declared',
  `folder` STRING COMMENT 'OPML folder',
  `tags` ARRAY<STRING> NOT NULL COMMENT 'labels',
  `enabled` BOOLEAN NOT NULL COMMENT 'polled at all',
  `poll_interval_s` INT COMMENT 'seconds between polls',
  `next_due_at` TIMESTAMP COMMENT 'not polled before',
  `first_seen_at` TIMESTAMP NOT NULL COMMENT 'when it was first configured',
  `last_fetch_at` TIMESTAMP COMMENT 'last poll',
  `last_success_at` TIMESTAMP COMMENT 'last 200 or 304',
  `last_item_at` TIMESTAMP COMMENT 'time of the newest entry',
  `etag` STRING COMMENT 'of the last 200',
  `last_modified` STRING COMMENT 'of the last 200',
  `body_sha256` STRING COMMENT 'of the last 200; it decides, not the validators',
  `moved_to` STRING COMMENT 'target of a 301',
  `moved_count` SMALLINT NOT NULL COMMENT 'how often in a row; taken over after three',
  `consecutive_failures` INT NOT NULL COMMENT 'polls failed in a row',
  `health` STRING NOT NULL COMMENT 'ok|slow|stale|failing|gone|disabled',
  `health_reason` STRING COMMENT 'why',
  `pending` ARRAY<STRUCT<`url`: STRING, `attempt`: SMALLINT, `not_before`: TIMESTAMP>> NOT NULL COMMENT 'pages to retry, fetched first by the next run; sorted by url',
  `snapshot_at` TIMESTAMP NOT NULL COMMENT 'the run\'s clock',
  `run_id` STRING NOT NULL COMMENT 'run that made this version of the row',
  `backoff_until` TIMESTAMP COMMENT 'all feeds of its domain wait until then: it answered 429, or 503 with Retry-After',
  `last_full_at` TIMESTAMP COMMENT 'last 200 with a body; asked for without validators a day later',
  `item_gap_s` INT COMMENT 'usual seconds between its newest items',
  `requested_interval_s` INT COMMENT 'seconds between polls that its document asks for',
  `skip_times` STRING COMMENT 'hours (GMT) and days when it asks not to be polled, such as `0 1 Saturday`',
  `all` STRING COMMENT 'always 0'
)
USING PARQUET
PARTITIONED BY (`all`)
LOCATION 's3a://bucket/lake/feeds'
COMMENT 'A row is one feed: its state, its health, its retry queue';
MSCK REPAIR TABLE `feeds`;

CREATE TABLE IF NOT EXISTS `runs` (
  `run_id` STRING NOT NULL COMMENT 'the run',
  `kind` STRING NOT NULL COMMENT 'scheduled|backfill|replay|rebuild|stream',
  `status` STRING NOT NULL COMMENT 'running|ok|partial|failed',
  `run_date` DATE NOT NULL COMMENT 'day of the run\'s clock; the row\'s folder',
  `started_at` TIMESTAMP NOT NULL COMMENT 'the run\'s clock',
  `ended_at` TIMESTAMP COMMENT 'end of its last commit',
  `window_start_at` TIMESTAMP COMMENT 'oldest publication time in it',
  `window_end_at` TIMESTAMP COMMENT 'newest publication time in it',
  `runner` STRING NOT NULL COMMENT 'Beam runner',
  `pipeline_version` STRING NOT NULL COMMENT 'version of newsbeam',
  `config_sha256` STRING NOT NULL COMMENT 'hash of the options',
  `feeds` INT NOT NULL COMMENT 'feeds polled',
  `articles_new` INT NOT NULL COMMENT 'articles added to the lake',
  `articles_rejected` INT NOT NULL COMMENT 'rejects added to the lake',
  `events_new` INT NOT NULL COMMENT 'events added to the lake',
  `metrics` ARRAY<STRUCT<`name`: STRING, `value`: BIGINT>> NOT NULL COMMENT 'counters by name',
  `day` DATE COMMENT 'the date in run_date'
)
USING PARQUET
PARTITIONED BY (`day`)
LOCATION 's3a://bucket/lake/runs'
COMMENT 'A row is one run: status, counts, counters';
MSCK REPAIR TABLE `runs`;
