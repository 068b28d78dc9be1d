-- Feeds with more than 100 pages to retry: their site refuses requests, or --deadline is too short.
SELECT feed_url, len(pending) AS pages, health, health_reason
FROM feeds
WHERE len(pending) > 100
ORDER BY pages DESC, feed_url;
