SELECT
    event_name,
    count(*) AS records,
    count(*) - count(DISTINCT event_uuid) AS copies,
    min(created_datetime) AS first_created,
    max(created_datetime) AS last_created
FROM programmes
GROUP BY event_name
ORDER BY records DESC, event_name
