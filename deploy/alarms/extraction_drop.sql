-- Sites whose share of pages that yield a text fell by 20 points or more: the last day against the 28 days before.
WITH page AS (
  SELECT x.host,
         x.fetched_at > n.at - INTERVAL 1 DAY AS is_new,
         (a.body IS NOT NULL)::INT AS has_text
  FROM (SELECT max(fetched_at) AS at FROM fetches) n,
       fetches x LEFT JOIN articles a USING (article_id)
  WHERE x.kind = 'article'
    AND x.status = 'ok'
    AND coalesce(x.http_status, 200) < 300
    AND x.fetched_at > n.at - INTERVAL 29 DAY
)
SELECT host,
       count(*) FILTER (is_new) AS pages,
       round(avg(has_text) FILTER (NOT is_new), 2) AS rate_before,
       round(avg(has_text) FILTER (is_new), 2) AS rate_now
FROM page
GROUP BY host
HAVING pages >= 10
   AND count(*) FILTER (NOT is_new) >= 10
   AND avg(has_text) FILTER (NOT is_new) - avg(has_text) FILTER (is_new) >= 0.2
ORDER BY rate_now - rate_before, host;
