SELECT
    year,
    month,
    day,
    hour,
    count(*) AS events,
    max(ingested_at) AS newest_arrival,
    max(date_diff('second', created_datetime, ingested_at)) AS largest_delay_seconds
FROM events
GROUP BY year, month, day, hour
ORDER BY newest_arrival DESC
