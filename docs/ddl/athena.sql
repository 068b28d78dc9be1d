-- Rows of days before 2000-01-01 are not seen: `projection.day.range` starts there.

CREATE EXTERNAL TABLE IF NOT EXISTS `articles` (
  `article_id` string COMMENT 'hash of the canonical URL, else of the normalised URL; the same in all versions',
  `version` smallint COMMENT 'number of this version in article_versions, from 1',
  `url` string COMMENT 'URL as linked',
  `canonical_url` string COMMENT 'URL of rel=canonical where it is plausible, else the normalised URL',
  `source_domain` string COMMENT 'registrable domain of the canonical URL',
  `feed_ids` array<string> COMMENT 'ids of the feeds that listed it; empty for archives',
  `title` string COMMENT 'headline',
  `standfirst` string COMMENT 'summary printed below the headline',
  `authors` array<string> COMMENT 'authors, in the order of the byline',
  `byline` string COMMENT 'byline as printed',
  `date_line` string COMMENT 'dateline, place and date at the start of the text: "KYIV, Oct 10"',
  `credit` string COMMENT 'news agency named in the credit line: "Reuters"',
  `captions` array<string> COMMENT 'captions, in page order',
  `published_at` timestamp COMMENT 'time of publication',
  `published_precision` string COMMENT 'second|minute|day|none',
  `published_basis` string COMMENT 'feed|jsonld|meta|time|url|printed|modified|first_seen',
  `published_date` date COMMENT 'UTC day of published_at, else of first_seen_at; the row\'s folder',
  `modified_at` timestamp COMMENT 'time of the last change, as the page states it',
  `first_seen_at` timestamp COMMENT 'time of the first sighting',
  `seen_at` timestamp COMMENT 'fetch time of this version; for archives, the date of the record',
  `ingested_at` timestamp COMMENT 'time by the clock of the run that wrote the row',
  `language` string COMMENT 'language as detected, BCP-47',
  `language_score` float COMMENT 'confidence of the detection, 0 to 1',
  `section` string COMMENT 'section of the site, as the publisher names it',
  `tags` array<string> COMMENT 'tags given by the publisher',
  `image_url` string COMMENT 'URL of the lead image',
  `body` string COMMENT 'clean text, blank lines between paragraphs; null where the page has no article text',
  `word_count` int COMMENT 'number of words in the body',
  `body_sha256` string COMMENT 'SHA-256 of the body',
  `fingerprint` bigint COMMENT 'near-duplicate hash of the body, 64 bits as a signed integer',
  `page_kind` string COMMENT 'article|live_blog|paywall|consent_wall|challenge|login|soft_404|home|product|gallery|video|not_html|empty',
  `extraction_basis` string COMMENT 'source of the body: page|feed|text|jsonld|next_data|nuxt|apollo|state',
  `removed` array<struct<`text`:string, `reason`:string, `at`:int>> COMMENT 'blocks removed from the body, in page order',
  `removed_chars` int COMMENT 'number of characters removed',
  `boilerplate_ratio` float COMMENT 'removed_chars / (removed_chars + length of body)',
  `flags` array<string> COMMENT 'charset_guessed, date_guessed, title_mismatch, truncated, ...',
  `duplicate_of` string COMMENT 'article_id of the earliest copy; null for that copy',
  `duplicate_kind` string COMMENT 'exact|near|syndicated',
  `story_id` string COMMENT 'id of its story',
  `event_count` int COMMENT 'number of event mentions in it',
  `memory_version` string COMMENT 'version of site_blocks used to clean it; null for none',
  `next_revisit_at` timestamp COMMENT 'time of the next revisit; null where none is due',
  `raw_uri` string COMMENT 'location of the raw page: file, record and offset in _raw',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that wrote it',
  `updated_at` timestamp COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` string COMMENT 'id of the run that last changed this row',
  `body_markdown` string COMMENT 'the blocks of the body as Markdown: headings, lists, quotations, tables, code'
)
COMMENT 'A row is one article: clean text, title, authors, dates, language, removed blocks, and of which article it is a copy'
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
  `article_id` string COMMENT 'id of the article',
  `content_sha256` string COMMENT 'hash of title and body',
  `version` smallint COMMENT 'rank by (seen_at, content_sha256), from 1',
  `published_date` date COMMENT 'published_date of the article; the row\'s folder',
  `seen_at` timestamp COMMENT 'time of the first fetch of this text',
  `title` string COMMENT 'headline of this version',
  `body` string COMMENT 'clean text of this version',
  `body_sha256` string COMMENT 'SHA-256 of the body',
  `title_changed` boolean COMMENT 'whether the title differs from the previous version\'s',
  `chars_added` int COMMENT 'characters added since the previous version; 0 for the first',
  `chars_removed` int COMMENT 'characters removed since the previous version; 0 for the first',
  `fetch_id` string COMMENT 'fetch_id of the request that returned it; null for archives',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that wrote it',
  `raw_uri` string COMMENT 'location of the raw page: file, record and offset in _raw',
  `updated_at` timestamp COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` string COMMENT 'id of the run that last changed this row'
)
COMMENT 'A row is one version of an article\'s text'
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
  `mention_id` string COMMENT 'hash of article, type, mode, evidence and the trigger\'s position in the evidence',
  `event_id` string COMMENT 'id of the event that it reports',
  `article_id` string COMMENT 'id of the article that contains it',
  `event` smallint COMMENT 'number of the event in the article',
  `source_domain` string COMMENT 'source_domain of the article',
  `published_at` timestamp COMMENT 'published_at of the article, else its first_seen_at',
  `published_date` date COMMENT 'published_date of the article; the row\'s folder',
  `seen_at` timestamp COMMENT 'seen_at of the article',
  `body_sha256` string COMMENT 'hash of the coded text, equal to body_sha256 of the article',
  `in_lede` boolean COMMENT 'whether it is in the first two paragraphs',
  `origin` string COMMENT 'independent origin: the credited agency, else the domain of the earliest copy',
  `type` string COMMENT 'PLOVER event type',
  `mode` string COMMENT 'PLOVER mode of the type',
  `quad` string COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` float COMMENT 'of the mode, or the type without one: -10 (conflict) to +10 (cooperation)',
  `contexts` array<string> COMMENT 'PLOVER contexts',
  `actor` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'actors, in text order',
  `recipient` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'recipients of the action, in text order',
  `actor_name` string COMMENT 'name of the first actor',
  `actor_country` string COMMENT 'country of the first actor',
  `actor_sector` string COMMENT 'sector of the first actor',
  `recipient_name` string COMMENT 'name of the first recipient',
  `recipient_country` string COMMENT 'country of the first recipient',
  `recipient_sector` string COMMENT 'sector of the first recipient',
  `location` string COMMENT 'name of the place, as written',
  `country` string COMMENT 'country of that place, never of the actor',
  `admin1` string COMMENT 'first-level region of that place',
  `lat` double COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` double COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` string COMMENT 'point|city|admin1|country|none',
  `date` date COMMENT 'when it happened; the first day of a period',
  `date_precision` string COMMENT 'day|week|month|year|none',
  `date_basis` string COMMENT 'explicit|relative|publication|none',
  `modality` string COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` string COMMENT 'who states the event; null where the article states it without a source',
  `claimant_country` string COMMENT 'country of the claimant',
  `claimant_sector` string COMMENT 'sector of the claimant',
  `via` string COMMENT 'intermediary that reported the claim',
  `dead` int COMMENT 'number of people killed, as stated in the sentence',
  `injured` int COMMENT 'number of people injured, as stated in the sentence',
  `size` int COMMENT 'size of the crowd, force or seizure',
  `confidence` float COMMENT 'confidence in the coding, 0 to 1',
  `rule` string COMMENT 'name of the rule that coded it',
  `coder_version` string COMMENT 'version of the event rules',
  `evidence` string COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` string COMMENT 'title|body',
  `evidence_start` int COMMENT 'offset of the evidence in that field',
  `evidence_end` int COMMENT 'end offset, exclusive',
  `trigger` string COMMENT 'words that the rule matched',
  `trigger_start` int COMMENT 'offset of the trigger in the same field',
  `trigger_end` int COMMENT 'end offset, exclusive',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that wrote it',
  `cue` string COMMENT 'word that attributes the event to the claimant, where it is in the same sentence',
  `cue_start` int COMMENT 'offset of the cue in the field named by evidence_field',
  `cue_end` int COMMENT 'end offset of the cue, exclusive',
  `updated_at` timestamp COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` string COMMENT 'id of the run that last changed this row'
)
COMMENT 'A row is one mention of an event in an article, with its evidence and trigger words'
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
  `url` string COMMENT 'URL as first linked',
  `article_id` string COMMENT 'id of the article it leads to; null until known',
  `feed_ids` array<string> COMMENT 'ids of the feeds that linked to it',
  `first_seen_at` timestamp COMMENT 'time of the first sighting',
  `last_seen_at` timestamp COMMENT 'time of the last sighting in a changed feed document',
  `published_date` date COMMENT 'published_date of the article; null where it is not in the lake'
)
COMMENT 'A row is one link seen in feeds or archives, and the article it leads to'
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
  `run_id` string COMMENT 'id of the run',
  `kind` string COMMENT 'feed|article|robots|sitemap',
  `fetched_at` timestamp COMMENT 'time the request began',
  `fetch_date` date COMMENT 'day of the run\'s clock; the row\'s folder',
  `feed_id` string COMMENT 'id of the feed, or of the feed that linked to the page',
  `article_id` string COMMENT 'id of the article extracted from the response',
  `url` string COMMENT 'URL as requested',
  `final_url` string COMMENT 'URL after redirects',
  `host` string COMMENT 'host of the requested URL',
  `status` string COMMENT 'ok|not_modified|http_error|timeout|dns|tls|refused|robots|too_large|not_html|skipped',
  `http_status` smallint COMMENT 'status code of the last hop',
  `attempt` smallint COMMENT 'number of the attempt, from 0',
  `duration_ms` int COMMENT 'milliseconds from the request to the last byte',
  `bytes` bigint COMMENT 'size of the body, decompressed',
  `content_type` string COMMENT 'Content-Type header',
  `etag` string COMMENT 'ETag header',
  `last_modified` string COMMENT 'Last-Modified header',
  `body_sha256` string COMMENT 'SHA-256 of the body, decompressed',
  `items_seen` int COMMENT 'number of entries in the feed document',
  `items_new` int COMMENT 'number of those entries not seen before',
  `error_class` string COMMENT 'class or code of the failure',
  `error_message` string COMMENT 'error message, truncated to 500 characters',
  `raw_uri` string COMMENT 'location of the raw page: file, record and offset in _raw'
)
COMMENT 'A row is one request and its outcome; each hop of a redirect is a request'
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
  `rejected_at` timestamp COMMENT 'time by the run\'s clock',
  `reject_date` date COMMENT 'day of the run\'s clock; the row\'s folder',
  `feed_id` string COMMENT 'id of the feed it came from',
  `article_id` string COMMENT 'id of the article, where known',
  `url` string COMMENT 'URL of the page or feed',
  `retryable` boolean COMMENT 'whether a retry may succeed',
  `attempt` smallint COMMENT 'number of the attempt, from 0',
  `error_class` string COMMENT 'class of the error',
  `error_message` string COMMENT 'error message, truncated to 500 characters',
  `payload` string COMMENT 'JSON of the element, for replay',
  `payload_truncated` boolean COMMENT 'whether the payload was truncated',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that wrote it'
)
COMMENT 'A row is one rejected feed or page, the reason, and whether a retry may succeed'
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
  `sample` string COMMENT 'text of the block, truncated to 200 characters',
  `article_ids` array<string> COMMENT 'ids of articles that contain it, at most 16',
  `articles_seen` int COMMENT 'length of article_ids; 16 means 16 or more',
  `first_seen_at` timestamp COMMENT 'earliest seen_at of its articles',
  `last_seen_at` timestamp COMMENT 'latest seen_at of its articles',
  `verdict` string COMMENT 'boilerplate|body|undecided',
  `zone` string COMMENT 'position in its articles: edge|inside'
)
COMMENT 'A row is one block of text of a site, the articles that contain it, and whether it is boilerplate'
PARTITIONED BY (`bucket` string COMMENT 'the first hex digit of the hash of site')
STORED AS PARQUET
LOCATION 's3://bucket/lake/site_blocks/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.bucket.type' = 'enum',
  'projection.bucket.values' = '0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `persons` (
  `name` string COMMENT 'full name, as written in articles',
  `surname` string COMMENT 'last word of the name',
  `fact_hash` string COMMENT 'hash of name, country and sector',
  `country` string COMMENT 'country for which the person acts, as articles state it',
  `sector` string COMMENT 'sector in which the person acts, as articles state it',
  `article_ids` array<string> COMMENT 'ids of the articles that state it, at most 16',
  `articles_seen` int COMMENT 'length of article_ids; 16 means 16 or more',
  `first_date` date COMMENT 'publication date of the earliest of them',
  `last_date` date COMMENT 'publication date of the latest of them'
)
COMMENT 'A row is one fact about a person: country and sector, and the articles that state it'
PARTITIONED BY (`bucket` string COMMENT 'the first hex digit of the hash of name')
STORED AS PARQUET
LOCATION 's3://bucket/lake/persons/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.bucket.type' = 'enum',
  'projection.bucket.values' = '0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `events` (
  `event_id` string COMMENT 'hash of the first mention at the time the event was first seen',
  `previous_ids` array<string> COMMENT 'ids under which it, or an event merged into it, was published',
  `published_date` date COMMENT 'day of the first report; the row\'s folder',
  `first_published_at` timestamp COMMENT 'time of the first report',
  `last_published_at` timestamp COMMENT 'time of the last report',
  `type` string COMMENT 'PLOVER event type',
  `mode` string COMMENT 'PLOVER mode of the type',
  `quad` string COMMENT 'verbal_cooperation|material_cooperation|verbal_conflict|material_conflict',
  `score` float COMMENT 'of the mode, or the type without one: -10 (conflict) to +10 (cooperation)',
  `contexts` array<string> COMMENT 'PLOVER contexts',
  `actor` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'actors, in text order',
  `recipient` array<struct<`text`:string, `name`:string, `country`:string, `sector`:string, `start`:int, `end`:int>> COMMENT 'recipients of the action, in text order',
  `actor_name` string COMMENT 'name of the first actor',
  `actor_country` string COMMENT 'country of the first actor',
  `actor_sector` string COMMENT 'sector of the first actor',
  `recipient_name` string COMMENT 'name of the first recipient',
  `recipient_country` string COMMENT 'country of the first recipient',
  `recipient_sector` string COMMENT 'sector of the first recipient',
  `location` string COMMENT 'name of the place, as written',
  `country` string COMMENT 'country of that place, never of the actor',
  `admin1` string COMMENT 'first-level region of that place',
  `lat` double COMMENT 'degrees north; null unless geo_precision is point or city',
  `lon` double COMMENT 'degrees east; null unless geo_precision is point or city',
  `geo_precision` string COMMENT 'point|city|admin1|country|none',
  `date` date COMMENT 'when it happened; the first day of a period',
  `date_precision` string COMMENT 'day|week|month|year|none',
  `date_basis` string COMMENT 'explicit|relative|publication|none',
  `modality` string COMMENT 'actual|future|hypothetical|negated|historical',
  `claimant` string COMMENT 'who states the event; null where the article states it without a source',
  `claimant_country` string COMMENT 'country of the claimant',
  `claimant_sector` string COMMENT 'sector of the claimant',
  `via` string COMMENT 'intermediary that reported the claim',
  `dead` int COMMENT 'number of people killed, as stated in the sentence',
  `injured` int COMMENT 'number of people injured, as stated in the sentence',
  `size` int COMMENT 'size of the crowd, force or seizure',
  `confidence` float COMMENT 'confidence in the coding, 0 to 1',
  `rule` string COMMENT 'name of the rule that coded it',
  `coder_version` string COMMENT 'version of the event rules',
  `evidence` string COMMENT 'exact substring of the article\'s title or body',
  `evidence_field` string COMMENT 'title|body',
  `evidence_start` int COMMENT 'offset of the evidence in that field',
  `evidence_end` int COMMENT 'end offset, exclusive',
  `trigger` string COMMENT 'words that the rule matched',
  `trigger_start` int COMMENT 'offset of the trigger in the same field',
  `trigger_end` int COMMENT 'end offset, exclusive',
  `canonical_mention_id` string COMMENT 'id of the mention that the fields are from',
  `filled_from` array<struct<`field`:string, `mention_id`:string>> COMMENT 'fields that are null in the canonical mention, with the mention that supplies each',
  `mention_count` int COMMENT 'number of mentions with the event\'s modality',
  `article_count` int COMMENT 'number of articles of those mentions',
  `source_count` int COMMENT 'number of source domains of those mentions',
  `origin_count` int COMMENT 'number of independent origins of those mentions',
  `claim_status` string COMMENT 'stated|claimed|both, over those mentions',
  `claimed_by` array<string> COMMENT 'claimants of those mentions, unless negated',
  `denied_by` array<string> COMMENT 'claimants of negated mentions, or the source_domain where there is none',
  `contradicted` boolean COMMENT 'whether it is both affirmed and denied',
  `first_source_domain` string COMMENT 'source domain of the first report',
  `story_id` string COMMENT 'story_id of the canonical mention\'s article',
  `headline` string COMMENT 'headline of the canonical mention\'s article',
  `sample_url` string COMMENT 'URL of the canonical mention\'s article',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that wrote it',
  `updated_at` timestamp COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `updated_run_id` string COMMENT 'id of the run that last changed this row'
)
COMMENT 'A row is one event, merged from its mentions in all articles, with counts of articles, sources and independent origins'
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
  `story_id` string COMMENT 'hash of the first article at the time the story was first seen',
  `previous_ids` array<string> COMMENT 'ids under which it, or a story merged into it, was published',
  `story_date` date COMMENT 'UTC day of first_at; the row\'s folder',
  `first_at` timestamp COMMENT 'time of the first article',
  `last_at` timestamp COMMENT 'time of the last article',
  `updated_at` timestamp COMMENT 'time of the last change of this row, by the lake\'s clock; never decreases',
  `headline` string COMMENT 'headline of the first article',
  `languages` array<string> COMMENT 'languages of its articles',
  `top_terms` array<string> COMMENT 'names and terms, highest-weighted first',
  `top_type` string COMMENT 'most frequent event type',
  `top_country` string COMMENT 'most frequent country of its events',
  `article_count` int COMMENT 'number of articles',
  `source_count` int COMMENT 'number of source domains',
  `origin_count` int COMMENT 'number of independent origins',
  `event_count` int COMMENT 'number of events',
  `first_source_domain` string COMMENT 'source domain of the first article',
  `first_article_id` string COMMENT 'id of the first article',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `pipeline_version` string COMMENT 'version of newsbeam that wrote it',
  `updated_run_id` string COMMENT 'id of the run that last changed this row'
)
COMMENT 'A row is one story: the articles that report the same news'
PARTITIONED BY (`day` string COMMENT 'the date in story_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/stories/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `deleted_rows` (
  `table_name` string COMMENT 'articles|article_versions|event_mentions|events|stories',
  `row_key` string COMMENT 'key of the row; values of several columns are joined by /',
  `row_date` date COMMENT 'date of the row\'s folder, and of this row\'s',
  `replaced_by` string COMMENT 'id of the event or story that the row was merged into; null if there is none',
  `deleted_at` timestamp COMMENT 'time of the deletion, by the lake\'s clock; never decreases',
  `deleted_run_id` string COMMENT 'id of the run that deleted it'
)
COMMENT 'A row is one row that was deleted from one of the tables with updated_at, and what replaced it'
PARTITIONED BY (`day` string COMMENT 'the date in row_date')
STORED AS PARQUET
LOCATION 's3://bucket/lake/deleted_rows/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2000-01-01,NOW+2DAYS'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `feeds` (
  `feed_id` string COMMENT 'hash of the normalised feed URL',
  `feed_url` string COMMENT 'URL as configured',
  `title` string COMMENT 'title of the feed',
  `site_url` string COMMENT 'URL of the publisher\'s site',
  `source_domain` string COMMENT 'registrable domain of the feed URL',
  `country` string COMMENT 'country of the publisher',
  `language` string COMMENT 'language as declared',
  `folder` string COMMENT 'folder in the OPML list',
  `tags` array<string> COMMENT 'labels',
  `enabled` boolean COMMENT 'whether it is polled',
  `poll_interval_s` int COMMENT 'seconds between polls',
  `next_due_at` timestamp COMMENT 'time before which it is not polled',
  `first_seen_at` timestamp COMMENT 'time it was first configured',
  `last_fetch_at` timestamp COMMENT 'time of the last poll',
  `last_success_at` timestamp COMMENT 'time of the last response with status 200 or 304',
  `last_item_at` timestamp COMMENT 'time of the newest entry',
  `etag` string COMMENT 'ETag of the last response with status 200',
  `last_modified` string COMMENT 'Last-Modified of the last response with status 200',
  `body_sha256` string COMMENT 'SHA-256 of the last 200\'s body; decides whether it changed',
  `moved_to` string COMMENT 'target URL of a permanent redirect (301)',
  `moved_count` smallint COMMENT 'consecutive polls redirected there; adopted after three',
  `consecutive_failures` int COMMENT 'number of consecutive failed polls',
  `health` string COMMENT 'ok|slow|stale|failing|gone|disabled',
  `health_reason` string COMMENT 'reason for the health',
  `pending` array<struct<`url`:string, `attempt`:smallint, `not_before`:timestamp>> COMMENT 'retry queue: pages that the next run fetches first, sorted by url',
  `snapshot_at` timestamp COMMENT 'time by the run\'s clock',
  `run_id` string COMMENT 'id of the run that wrote this version of the row',
  `backoff_until` timestamp COMMENT 'time until which all feeds of its domain wait, after a 429, or a 503 with Retry-After',
  `last_full_at` timestamp COMMENT 'time of the last 200 with a body; a day later it is polled without validators',
  `item_gap_s` int COMMENT 'typical seconds between its newest items',
  `requested_interval_s` int COMMENT 'seconds between polls that the feed document requests',
  `skip_times` string COMMENT 'hours (GMT) and days without polls, as the document requests: `0 1 Saturday`'
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
  `run_id` string COMMENT 'id of the run',
  `kind` string COMMENT 'scheduled|backfill|replay|rebuild|stream',
  `status` string COMMENT 'running|ok|partial|failed',
  `run_date` date COMMENT 'day of the run\'s clock; the row\'s folder',
  `started_at` timestamp COMMENT 'time the run started, by its clock',
  `ended_at` timestamp COMMENT 'time of its last commit',
  `window_start_at` timestamp COMMENT 'oldest publication time of its articles',
  `window_end_at` timestamp COMMENT 'newest publication time of its articles',
  `runner` string COMMENT 'Beam runner',
  `pipeline_version` string COMMENT 'version of newsbeam',
  `config_sha256` string COMMENT 'hash of the options',
  `feeds` int COMMENT 'number of feeds polled',
  `articles_new` int COMMENT 'number of articles added to the lake',
  `articles_rejected` int COMMENT 'number of rejects added to the lake',
  `events_new` int COMMENT 'number of events added to the lake',
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

CREATE OR REPLACE VIEW "changes" AS
SELECT 'articles' AS table_name, 'write' AS change, article_id AS row_key,
       published_date AS row_date, CAST(NULL AS VARCHAR) AS replaced_by,
       updated_at, updated_run_id
FROM "articles"
UNION ALL
SELECT 'article_versions' AS table_name, 'write' AS change, article_id || '/' || content_sha256 AS row_key,
       published_date AS row_date, CAST(NULL AS VARCHAR) AS replaced_by,
       updated_at, updated_run_id
FROM "article_versions"
UNION ALL
SELECT 'event_mentions' AS table_name, 'write' AS change, mention_id AS row_key,
       published_date AS row_date, CAST(NULL AS VARCHAR) AS replaced_by,
       updated_at, updated_run_id
FROM "event_mentions"
UNION ALL
SELECT 'events' AS table_name, 'write' AS change, event_id AS row_key,
       published_date AS row_date, CAST(NULL AS VARCHAR) AS replaced_by,
       updated_at, updated_run_id
FROM "events"
UNION ALL
SELECT 'stories' AS table_name, 'write' AS change, story_id AS row_key,
       story_date AS row_date, CAST(NULL AS VARCHAR) AS replaced_by,
       updated_at, updated_run_id
FROM "stories"
UNION ALL
SELECT table_name, 'delete' AS change, row_key, row_date, replaced_by,
       deleted_at AS updated_at, deleted_run_id AS updated_run_id
FROM "deleted_rows";
