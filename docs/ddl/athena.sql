-- Rows of days before 2000-01-01 are not seen: `projection.day.range` starts there.

CREATE EXTERNAL TABLE IF NOT EXISTS `articles` (
  `article_id` string COMMENT 'hash of the canonical, else the normalised URL; the same over all versions',
  `version` smallint COMMENT 'number of this text in article_versions, from 1',
  `url` string COMMENT 'as linked',
  `canonical_url` string COMMENT 'rel=canonical where it can be trusted, else the normalised URL',
  `source_domain` string COMMENT 'registrable domain of the canonical URL',
  `feed_ids` array<string> COMMENT 'all feeds that carried it; empty for archives',
  `title` string COMMENT 'headline',
  `standfirst` string COMMENT 'the lines under the headline',
  `authors` array<string> COMMENT 'authors in order of the byline',
  `byline` string COMMENT 'byline as printed',
  `date_line` string COMMENT 'place and date the text opens with: "KYIV, Oct 10"',
  `credit` string COMMENT 'wire or agency of the credit line: "Reuters"',
  `captions` array<string> COMMENT 'captions in page order',
  `published_at` timestamp COMMENT 'time of publication',
  `published_precision` string COMMENT 'second|minute|day|none',
  `published_basis` string COMMENT 'feed|jsonld|meta|url|text|first_seen',
  `published_date` date COMMENT 'UTC day of published_at, else of first_seen_at; the row\'s folder',
  `modified_at` timestamp COMMENT 'the page\'s own word on its last change',
  `first_seen_at` timestamp COMMENT 'first sight',
  `seen_at` timestamp COMMENT 'fetch of this version; an archive\'s own record date',
  `ingested_at` timestamp COMMENT 'when the row was made',
  `language` string COMMENT 'as detected, BCP-47',
  `language_score` float COMMENT '0 to 1',
  `section` string COMMENT 'the publisher\'s section',
  `tags` array<string> COMMENT 'the publisher\'s tags',
  `image_url` string COMMENT 'lead picture',
  `body` string COMMENT 'clean text, blank line between paragraphs; null where the page has no article text',
  `word_count` int COMMENT 'words of the body',
  `body_sha256` string COMMENT 'SHA-256 of the body',
  `fingerprint` bigint COMMENT 'near-duplicate hash of the body, its 64 bits read as signed',
  `page_kind` string COMMENT 'article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|video|not_html|empty',
  `extraction_basis` string COMMENT 'page|feed|text: what the body was taken from',
  `removed` array<struct<`text`:string, `reason`:string, `at`:int>> COMMENT 'what was taken out, in order of the page',
  `removed_chars` int COMMENT 'characters taken out',
  `boilerplate_ratio` float COMMENT 'removed_chars / (removed_chars + length of body)',
  `flags` array<string> COMMENT 'date_guessed, date_refused, title_mismatch, truncated, ...',
  `duplicate_of` string COMMENT 'article_id of the earliest copy, null on it',
  `duplicate_kind` string COMMENT 'exact|near|syndicated',
  `story_id` string COMMENT 'the story it belongs to',
  `event_count` int COMMENT 'event mentions in it',
  `memory_version` string COMMENT 'which state of site_blocks cleaned it; null without',
  `next_revisit_at` timestamp COMMENT 'when to fetch it again; null: no more',
  `raw_uri` string COMMENT 'file, record and offset in _raw',
  `run_id` string COMMENT 'run that made this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that made it'
)
COMMENT 'A row is one article: clean text, title, authors, dates, language, what was removed, whose copy it is'
PARTITIONED BY (`day` string COMMENT 'the date in published_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/articles/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `article_versions` (
  `article_id` string COMMENT 'the article',
  `content_sha256` string COMMENT 'hash of title and body',
  `version` smallint COMMENT 'rank by (seen_at, content_sha256), from 1',
  `published_date` date COMMENT 'the article\'s; the row\'s folder',
  `seen_at` timestamp COMMENT 'first fetch of this text',
  `title` string COMMENT 'headline of this version',
  `body` string COMMENT 'clean text of this version',
  `body_sha256` string COMMENT 'SHA-256 of the body',
  `title_changed` boolean COMMENT 'against the version before; false for the first',
  `chars_added` int COMMENT 'against the version before; 0 for the first',
  `chars_removed` int COMMENT 'against the version before; 0 for the first',
  `fetch_id` string COMMENT 'the fetch that brought it; null for archives',
  `run_id` string COMMENT 'run that made this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that made it',
  `raw_uri` string COMMENT 'file, record and offset in _raw'
)
COMMENT 'A row is one text of an article, as it changed'
PARTITIONED BY (`day` string COMMENT 'the date in published_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/article_versions/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `event_mentions` (
  `mention_id` string COMMENT 'hash of article, type, mode, evidence and the trigger\'s place in it',
  `event_id` string COMMENT 'the event it reports',
  `article_id` string COMMENT 'the article it stands in',
  `event` smallint COMMENT 'number of the event within the article',
  `source_domain` string COMMENT 'of the article',
  `published_at` timestamp COMMENT 'of the article, else its first_seen_at',
  `published_date` date COMMENT 'of the article; the row\'s folder',
  `seen_at` timestamp COMMENT 'of the article',
  `body_sha256` string COMMENT 'hash of the text coded, equal to the article\'s own',
  `in_lede` boolean COMMENT 'in the first two paragraphs',
  `origin` string COMMENT 'for whom it counts: the wire credited, else the domain of the earliest copy',
  `type` string COMMENT 'PLOVER event type',
  `mode` string COMMENT 'PLOVER mode of the type',
  `quad` string COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` float COMMENT 'the mode\'s, else the type\'s: -10 (conflict) to +10 (cooperation)',
  `contexts` array<string> COMMENT 'PLOVER contexts',
  `actor` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'who acts, in order of reading',
  `recipient` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'who is acted upon, in order of reading',
  `actor_name` string COMMENT 'name of the first actor',
  `actor_country` string COMMENT 'country of the first actor',
  `actor_sector` string COMMENT 'sector of the first actor',
  `recipient_name` string COMMENT 'name of the first recipient',
  `recipient_country` string COMMENT 'country of the first recipient',
  `recipient_sector` string COMMENT 'sector of the first recipient',
  `location` string COMMENT 'place as written',
  `country` string COMMENT 'country of that place, never of the actor',
  `admin1` string COMMENT 'first-level region of that place',
  `lat` double COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` double COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` string COMMENT 'point|city|admin1|country|none',
  `date` date COMMENT 'when it happened: first day of the period',
  `date_precision` string COMMENT 'day|week|month|year|none',
  `date_basis` string COMMENT 'explicit|relative|publication|none',
  `modality` string COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` string COMMENT 'who says so; null where the article does in its own voice',
  `claimant_country` string COMMENT 'country of the claimant',
  `claimant_sector` string COMMENT 'sector of the claimant',
  `via` string COMMENT 'who passed the claim on',
  `dead` int COMMENT 'people killed, as the sentence says',
  `injured` int COMMENT 'people injured, as the sentence says',
  `size` int COMMENT 'size of the crowd, force or haul',
  `confidence` float COMMENT '0 to 1',
  `rule` string COMMENT 'name of the rule that made it',
  `coder_version` string COMMENT 'version of the event rules',
  `evidence` string COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` string COMMENT 'title|body',
  `evidence_start` int COMMENT 'offset of the evidence in that field',
  `evidence_end` int COMMENT 'end of it, not included',
  `trigger` string COMMENT 'the words that made the event',
  `trigger_start` int COMMENT 'offset of the trigger in the same field',
  `trigger_end` int COMMENT 'end of it, not included',
  `run_id` string COMMENT 'run that made this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that made it',
  `cue` string COMMENT 'the word by which the claimant is said to say so, where it is in the same sentence',
  `cue_start` int COMMENT 'in the field that evidence_field names',
  `cue_end` int COMMENT 'in the field that evidence_field names; not included'
)
COMMENT 'A row is one event as one place in one article tells it, with evidence and trigger words'
PARTITIONED BY (`day` string COMMENT 'the date in published_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/event_mentions/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `sightings` (
  `url_key` string COMMENT 'hash of the normalised URL',
  `url` string COMMENT 'as first linked',
  `article_id` string COMMENT 'the article behind it; null until the page is known',
  `feed_ids` array<string> COMMENT 'feeds that linked to it',
  `first_seen_at` timestamp COMMENT 'first sight',
  `last_seen_at` timestamp COMMENT 'newest sight in a changed feed document',
  `published_date` date COMMENT 'day under which the article lies now; null when it is not in the lake'
)
COMMENT 'A row is one link seen in feeds or archives, and the article it led to'
PARTITIONED BY (`bucket` string COMMENT 'the first hex digit of url_key')
STORED AS PARQUET
LOCATION 's3://bucket/lake/sightings/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.bucket.type' = 'enum',
  'projection.bucket.values' = '0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `fetches` (
  `fetch_id` string COMMENT 'hash of run_id, kind, url, attempt, hop',
  `run_id` string COMMENT 'the run',
  `kind` string COMMENT 'feed|article|robots|sitemap',
  `fetched_at` timestamp COMMENT 'when the request began',
  `fetch_date` date COMMENT 'day of the run\'s clock; the row\'s folder',
  `feed_id` string COMMENT 'the feed, or the feed that linked to the page',
  `article_id` string COMMENT 'the article that came of it',
  `url` string COMMENT 'as asked',
  `final_url` string COMMENT 'after redirects',
  `host` string COMMENT 'of the URL asked',
  `status` string COMMENT 'ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped',
  `http_status` smallint COMMENT 'status code of the last hop',
  `attempt` smallint COMMENT '0 for the first',
  `duration_ms` int COMMENT 'from request to last byte',
  `bytes` bigint COMMENT 'of the body, decompressed',
  `content_type` string COMMENT 'as served',
  `etag` string COMMENT 'as served',
  `last_modified` string COMMENT 'as served',
  `body_sha256` string COMMENT 'of the body, decompressed',
  `items_seen` int COMMENT 'entries in a feed\'s document',
  `items_new` int COMMENT 'entries of it never seen before',
  `error_class` string COMMENT 'class or code of the failure',
  `error_message` string COMMENT 'cut at 500 characters',
  `raw_uri` string COMMENT 'file, record and offset in _raw'
)
COMMENT 'A row is one request and what came of it; each hop of a redirect is a request'
PARTITIONED BY (`day` string COMMENT 'the date in fetch_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/fetches/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `rejects` (
  `reject_id` string COMMENT 'hash of stage, key of the element, reason',
  `stage` string COMMENT 'feed_parse|archive|fetch|extract|clean|events|write',
  `reason` string COMMENT 'stable code, such as E_EXTRACT_EMPTY',
  `rejected_at` timestamp COMMENT 'the run\'s clock',
  `reject_date` date COMMENT 'the run\'s clock; the row\'s folder',
  `feed_id` string COMMENT 'the feed it came from',
  `article_id` string COMMENT 'the article, where known',
  `url` string COMMENT 'the page or feed',
  `retryable` boolean COMMENT 'whether trying again may help',
  `attempt` smallint COMMENT '0 for the first',
  `error_class` string COMMENT 'class of the error',
  `error_message` string COMMENT 'cut at 500 characters',
  `payload` string COMMENT 'JSON of the element, for replay',
  `payload_truncated` boolean COMMENT 'payload was cut',
  `run_id` string COMMENT 'run that made this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that made it'
)
COMMENT 'A row is one feed or page that was refused, the reason, and whether it is tried again'
PARTITIONED BY (`day` string COMMENT 'the date in reject_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/rejects/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `site_blocks` (
  `site` string COMMENT 'registrable domain',
  `block_hash` string COMMENT 'hash of the zone and the block\'s normalised text',
  `sample` string COMMENT 'its text, cut at 200 characters',
  `article_ids` array<string> COMMENT 'the articles that prove it, at most 16',
  `articles_seen` int COMMENT 'length of that list: 16 means 16 or more',
  `first_seen_at` timestamp COMMENT 'by seen_at of the articles',
  `last_seen_at` timestamp COMMENT 'by seen_at of the articles',
  `verdict` string COMMENT 'boilerplate|body|undecided',
  `zone` string COMMENT 'where it stands in the articles that prove it: edge|inside'
)
COMMENT 'A row is one block of text of a site, the articles that have it, and whether it is the site\'s boilerplate'
PARTITIONED BY (`bucket` string COMMENT 'the first hex digit of the hash of site')
STORED AS PARQUET
LOCATION 's3://bucket/lake/site_blocks/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.bucket.type' = 'enum',
  'projection.bucket.values' = '0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `persons` (
  `name` string COMMENT 'full name, as articles write it',
  `surname` string COMMENT 'its last word',
  `fact_hash` string COMMENT 'hash of name, country and sector',
  `country` string COMMENT 'country that articles say the person acts for',
  `sector` string COMMENT 'sector that articles say the person acts in',
  `article_ids` array<string> COMMENT 'the articles that say so, at most 16',
  `articles_seen` int COMMENT 'length of that list: 16 means 16 or more',
  `first_date` date COMMENT 'publication of the first of them',
  `last_date` date COMMENT 'publication of the last of them'
)
COMMENT 'A row is what articles say of one person: country and sector, and which articles say so'
PARTITIONED BY (`bucket` string COMMENT 'the first hex digit of the hash of name')
STORED AS PARQUET
LOCATION 's3://bucket/lake/persons/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.bucket.type' = 'enum',
  'projection.bucket.values' = '0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `events` (
  `event_id` string COMMENT 'hash of the first mention when first seen',
  `previous_ids` array<string> COMMENT 'ids under which it or what was merged into it was published',
  `published_date` date COMMENT 'day of the first report; the row\'s folder',
  `first_published_at` timestamp COMMENT 'first report',
  `last_published_at` timestamp COMMENT 'last report',
  `type` string COMMENT 'PLOVER event type',
  `mode` string COMMENT 'PLOVER mode of the type',
  `quad` string COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` float COMMENT 'the mode\'s, else the type\'s: -10 (conflict) to +10 (cooperation)',
  `contexts` array<string> COMMENT 'PLOVER contexts',
  `actor` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'who acts, in order of reading',
  `recipient` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'who is acted upon, in order of reading',
  `actor_name` string COMMENT 'name of the first actor',
  `actor_country` string COMMENT 'country of the first actor',
  `actor_sector` string COMMENT 'sector of the first actor',
  `recipient_name` string COMMENT 'name of the first recipient',
  `recipient_country` string COMMENT 'country of the first recipient',
  `recipient_sector` string COMMENT 'sector of the first recipient',
  `location` string COMMENT 'place as written',
  `country` string COMMENT 'country of that place, never of the actor',
  `admin1` string COMMENT 'first-level region of that place',
  `lat` double COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` double COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` string COMMENT 'point|city|admin1|country|none',
  `date` date COMMENT 'when it happened: first day of the period',
  `date_precision` string COMMENT 'day|week|month|year|none',
  `date_basis` string COMMENT 'explicit|relative|publication|none',
  `modality` string COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` string COMMENT 'who says so; null where the article does in its own voice',
  `claimant_country` string COMMENT 'country of the claimant',
  `claimant_sector` string COMMENT 'sector of the claimant',
  `via` string COMMENT 'who passed the claim on',
  `dead` int COMMENT 'people killed, as the sentence says',
  `injured` int COMMENT 'people injured, as the sentence says',
  `size` int COMMENT 'size of the crowd, force or haul',
  `confidence` float COMMENT '0 to 1',
  `rule` string COMMENT 'name of the rule that made it',
  `coder_version` string COMMENT 'version of the event rules',
  `evidence` string COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` string COMMENT 'title|body',
  `evidence_start` int COMMENT 'offset of the evidence in that field',
  `evidence_end` int COMMENT 'end of it, not included',
  `trigger` string COMMENT 'the words that made the event',
  `trigger_start` int COMMENT 'offset of the trigger in the same field',
  `trigger_end` int COMMENT 'end of it, not included',
  `canonical_mention_id` string COMMENT 'the mention whose fields these are',
  `filled_from` array<struct<`field`:string, `mention_id`:string>> COMMENT 'fields that the canonical mention lacks, and the mention that has them',
  `mention_count` int COMMENT 'mentions with the event\'s own modality',
  `article_count` int COMMENT 'articles of those mentions',
  `source_count` int COMMENT 'source domains of those mentions',
  `origin_count` int COMMENT 'independent origins of those mentions',
  `claim_status` string COMMENT 'stated|claimed|both: of the same mentions',
  `claimed_by` array<string> COMMENT 'claimants of the same mentions, unless negated',
  `denied_by` array<string> COMMENT 'claimants of negated mentions, or the source_domain that denies it',
  `contradicted` boolean COMMENT 'some say so, some deny it',
  `first_source_domain` string COMMENT 'who reported it first',
  `story_id` string COMMENT 'story of the canonical mention\'s article',
  `headline` string COMMENT 'of the canonical mention\'s article',
  `sample_url` string COMMENT 'of the canonical mention\'s article',
  `run_id` string COMMENT 'run that made this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that made it'
)
COMMENT 'A row is one event: its mentions in all articles, with counts of articles, papers and independent origins'
PARTITIONED BY (`day` string COMMENT 'the date in published_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/events/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `stories` (
  `story_id` string COMMENT 'hash of the first article when first seen',
  `previous_ids` array<string> COMMENT 'ids under which it or what was merged into it was published',
  `story_date` date COMMENT 'UTC day of first_at; the row\'s folder',
  `first_at` timestamp COMMENT 'first article',
  `last_at` timestamp COMMENT 'last article',
  `updated_at` timestamp COMMENT 'when its newest article row was made',
  `headline` string COMMENT 'of the first article',
  `languages` array<string> COMMENT 'languages of its articles',
  `top_terms` array<string> COMMENT 'names and terms, strongest first',
  `top_type` string COMMENT 'most frequent event type',
  `top_country` string COMMENT 'most frequent country of its events',
  `article_count` int COMMENT 'articles',
  `source_count` int COMMENT 'source domains',
  `origin_count` int COMMENT 'independent origins',
  `event_count` int COMMENT 'events',
  `first_source_domain` string COMMENT 'who broke it',
  `first_article_id` string COMMENT 'the first article',
  `run_id` string COMMENT 'run that made this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that made it'
)
COMMENT 'A row is one story: articles that tell the same'
PARTITIONED BY (`day` string COMMENT 'the date in story_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/stories/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `feeds` (
  `feed_id` string COMMENT 'hash of the normalised feed URL',
  `feed_url` string COMMENT 'as configured',
  `title` string COMMENT 'the feed\'s title',
  `site_url` string COMMENT 'the publisher\'s site',
  `source_domain` string COMMENT 'registrable domain of the feed URL',
  `country` string COMMENT 'of the publisher',
  `language` string COMMENT 'as declared',
  `folder` string COMMENT 'OPML folder',
  `tags` array<string> COMMENT 'labels',
  `enabled` boolean COMMENT 'polled at all',
  `poll_interval_s` int COMMENT 'seconds between polls',
  `next_due_at` timestamp COMMENT 'not polled before',
  `first_seen_at` timestamp COMMENT 'when it was first configured',
  `last_fetch_at` timestamp COMMENT 'last poll',
  `last_success_at` timestamp COMMENT 'last 200 or 304',
  `last_item_at` timestamp COMMENT 'time of the newest entry',
  `etag` string COMMENT 'of the last 200',
  `last_modified` string COMMENT 'of the last 200',
  `body_sha256` string COMMENT 'of the last 200; it decides, not the validators',
  `moved_to` string COMMENT 'target of a 301',
  `moved_count` smallint COMMENT 'how often in a row; taken over after three',
  `consecutive_failures` int COMMENT 'polls failed in a row',
  `health` string COMMENT 'ok|slow|stale|failing|gone|disabled',
  `health_reason` string COMMENT 'why',
  `pending` array<struct<`url`:string, `attempt`:smallint, `not_before`:timestamp>> COMMENT 'pages to retry, fetched first by the next run; sorted by url',
  `snapshot_at` timestamp COMMENT 'the run\'s clock',
  `run_id` string COMMENT 'run that made this version of the row',
  `backoff_until` timestamp COMMENT 'all feeds of its domain wait until then: it answered 429, or 503 with Retry-After',
  `last_full_at` timestamp COMMENT 'last 200 with a body; asked for without validators a day later',
  `item_gap_s` int COMMENT 'usual seconds between its newest items',
  `requested_interval_s` int COMMENT 'seconds between polls that its document asks for',
  `skip_times` string COMMENT 'hours (GMT) and days when it asks not to be polled, such as `0 1 Saturday`'
)
COMMENT 'A row is one feed: its state, its health, its retry queue'
PARTITIONED BY (`all` string COMMENT 'always 0')
STORED AS PARQUET
LOCATION 's3://bucket/lake/feeds/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.all.type' = 'enum',
  'projection.all.values' = '0'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `runs` (
  `run_id` string COMMENT 'the run',
  `kind` string COMMENT 'scheduled|backfill|replay|rebuild|stream',
  `status` string COMMENT 'running|ok|partial|failed',
  `run_date` date COMMENT 'day of the run\'s clock; the row\'s folder',
  `started_at` timestamp COMMENT 'the run\'s clock',
  `ended_at` timestamp COMMENT 'end of its last commit',
  `window_start_at` timestamp COMMENT 'oldest publication time in it',
  `window_end_at` timestamp COMMENT 'newest publication time in it',
  `runner` string COMMENT 'Beam runner',
  `pipeline_version` string COMMENT 'version of newsbeam',
  `config_sha256` string COMMENT 'hash of the options',
  `feeds` int COMMENT 'feeds polled',
  `articles_new` int COMMENT 'articles added to the lake',
  `articles_rejected` int COMMENT 'rejects added to the lake',
  `events_new` int COMMENT 'events added to the lake',
  `metrics` array<struct<`name`:string, `value`:bigint>> COMMENT 'counters by name'
)
COMMENT 'A row is one run: status, counts, counters'
PARTITIONED BY (`day` string COMMENT 'the date in run_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/runs/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);
