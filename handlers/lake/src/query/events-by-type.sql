SELECT
    event_type,
    event_subtype,
    count(*) AS events,
    min(created_datetime) AS first_created,
    max(created_datetime) AS last_created
FROM events
GROUP BY event_type, event_subtype
ORDER BY events DESC, event_type, event_subtype
