-- Sites whose last whole day has far more or fewer new articles than the same weekday of the eight weeks before:
-- off their median by more than four Poisson standard deviations and by more than half of it.
WITH last_day AS (SELECT max(fetch_date) - 1 AS day FROM fetches),
whole AS (
  SELECT source_domain, (l.day - first_seen_at::DATE) // 7 AS weeks_ago
  FROM articles, last_day l
  WHERE first_seen_at::DATE BETWEEN l.day - 56 AND l.day
    AND (l.day - first_seen_at::DATE) % 7 = 0
),
site AS (SELECT source_domain, max(weeks_ago) AS weeks FROM whole GROUP BY source_domain),
counted AS (
  SELECT s.source_domain, w.week, count(o.source_domain) AS n
  FROM site s
  JOIN range(0, 9) w(week) ON w.week <= s.weeks
  LEFT JOIN whole o ON o.source_domain = s.source_domain AND o.weeks_ago = w.week
  GROUP BY s.source_domain, w.week
),
band AS (
  SELECT source_domain,
         sum(n) FILTER (week = 0) AS articles,
         median(n) FILTER (week > 0) AS usual,
         count(*) FILTER (week > 0) AS weeks
  FROM counted
  GROUP BY source_domain
)
SELECT source_domain, day, articles, usual, weeks
FROM band, last_day
WHERE weeks >= 3
  AND abs(articles - usual) > greatest(4 * sqrt(greatest(usual, 1)), 0.5 * usual)
ORDER BY abs(articles - usual) / greatest(usual, 1) DESC, source_domain;
