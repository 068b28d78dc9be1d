-- Feeds without a new item for three times their usual gap, and for at least three hours.
SELECT f.feed_url,
       f.last_item_at,
       round(epoch(n.at - f.last_item_at) / 3600, 1) AS hours_silent,
       round(f.item_gap_s / 3600, 1) AS usual_gap_hours,
       f.health,
       f.health_reason
FROM feeds f, (SELECT max(started_at) AS at FROM runs WHERE kind IN ('scheduled', 'stream')) n
WHERE f.enabled
  AND f.item_gap_s IS NOT NULL
  AND epoch(n.at - f.last_item_at) > greatest(3 * f.item_gap_s, 10800)
ORDER BY hours_silent DESC, f.feed_url;
