-- Feeds with more than 100 pages to retry: their site refuses, or --deadline is too short.
SELECT feed_url, len(pending) AS owed, health, health_reason
FROM feeds
WHERE len(pending) > 100
ORDER BY owed DESC, feed_url;
