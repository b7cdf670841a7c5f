SELECT
    event_uuid,
    count(*) AS copies,
    min(ingested_at) AS first_arrival,
    max(ingested_at) AS last_arrival
FROM events
GROUP BY event_uuid
HAVING count(*) > 1
ORDER BY copies DESC, event_uuid
LIMIT 100
